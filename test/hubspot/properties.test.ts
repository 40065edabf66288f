// Properties by name, for whatever object, and the list an admin may choose from.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObjectName } from '../../src/hubspot/gateway.ts';
import { connectGateway, type Seen } from './fake-hubspot.ts';

const bodyOf = (seen: Seen | undefined) => JSON.parse(seen?.body ?? '');

test('properties of any object are read by name, null where there is nothing', async (t) => {
  const { gateway, seen } = await connectGateway(t, () => ({
    status: 207,
    body: {
      results: [
        { id: 57, properties: { subject: 'Hi', count: 5, flag: false, empty: '', hs_object_id: '57' } },
        { id: '58', properties: {} },
      ],
      errors: [{ category: 'OBJECT_NOT_FOUND', context: { ids: ['59'] } }],
    },
  }));
  const names = ['subject', 'count', 'flag', 'empty', 'no_such', 'subject'];
  const read = await gateway.readProperties('tickets', ['57', '58', '59'], names);
  assert.deepEqual(Object.fromEntries(read), {
    57: { subject: 'Hi', count: '5', flag: 'false', empty: null, no_such: null },
    58: { subject: null, count: null, flag: null, empty: null, no_such: null },
  });
  assert.deepEqual(bodyOf(seen[0]).properties, names.slice(0, 5));
  for (const type of ['emails', 'contacts', 'notes', 'tasks'] satisfies ObjectName[]) {
    await gateway.readProperties(type, ['57'], ['hs_timestamp']);
    assert.equal(seen.at(-1)?.path, `/crm/objects/2026-09/${type}/batch/read`);
  }
});

test('more names than one call holds are put together, without names the ids alone are told', async (t) => {
  const { gateway, seen } = await connectGateway(t, (each) => {
    const { properties } = bodyOf(each) as { properties: string[] };
    const values = Object.fromEntries(properties.map((name) => [name, `value of ${name}`]));
    return { body: { results: [{ id: '57', properties: { ...values, hs_object_id: '57' } }] } };
  });
  const names = Array.from({ length: 230 }, (_, index) => `p${index}`);
  const values = (await gateway.readProperties('tickets', ['57'], names)).get('57') ?? {};
  assert.deepEqual([Object.keys(values).length, values.p0, values.p229], [230, 'value of p0', 'value of p229']);
  assert.deepEqual(
    seen.map((each) => bodyOf(each).properties.length),
    [100, 100, 30],
  );
  assert.deepEqual(Object.fromEntries(await gateway.readProperties('tickets', ['57'], [])), { 57: {} });
  assert.equal((await gateway.readProperties('tickets', [], names)).size, 0);
  assert.equal(seen.length, 4);
});

test('a property named like a part of every object is not found by accident', async (t) => {
  const { gateway } = await connectGateway(t, () => ({ body: { results: [{ id: '57', properties: {} }] } }));
  const read = await gateway.readProperties('tickets', ['57'], ['constructor', 'toString']);
  assert.deepEqual(Object.entries(read.get('57') ?? {}), [
    ['constructor', null],
    ['toString', null],
  ]);
});

test('what an admin may set is listed by label, without what only HubSpot writes', async (t) => {
  const property = (name: string, label: string | null, more: object = {}) => ({
    name,
    label,
    type: 'string',
    options: [],
    modificationMetadata: { readOnlyValue: false },
    ...more,
  });
  const options = [
    { value: 'HIGH', label: 'High', hidden: false, displayOrder: 1 },
    { value: 'OLD', label: 'Old', hidden: true },
    { value: 'LOW' },
  ];
  const results = [
    property('zone', 'Zone'),
    property('hs_ticket_priority', 'Priority', { type: 'enumeration', options }),
    property('unnamed', null, { options: undefined, modificationMetadata: undefined }),
    property('hs_num_notes', 'Notes', { modificationMetadata: { readOnlyValue: true } }),
    property('sum', 'Sum', { calculated: true }),
    property('internal', 'Internal', { hidden: true }),
    property('gone', 'Gone', { archived: true }),
    property('hs_pipeline', 'Pipeline'),
    property('hs_pipeline_stage', 'Status'),
    { label: 'Without a name' },
  ];
  const { gateway, seen, log } = await connectGateway(t, () => ({ body: { results } }));
  assert.deepEqual(await gateway.listTicketProperties(), [
    {
      name: 'hs_ticket_priority',
      label: 'Priority',
      type: 'enumeration',
      options: [
        { value: 'HIGH', label: 'High' },
        { value: 'LOW', label: 'LOW' },
      ],
    },
    { name: 'unnamed', label: 'unnamed', type: 'string', options: [] },
    { name: 'zone', label: 'Zone', type: 'string', options: [] },
  ]);
  assert.deepEqual([seen[0]?.method, seen[0]?.path], ['GET', '/crm/properties/2026-09/tickets']);
  assert.match(log.lines.at(-1) ?? '', /"count":1,"message":"left out of a list: unreadable"/);
});
