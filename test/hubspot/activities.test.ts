// Notes, tasks and set properties: sent as HubSpot's guides ask, once, and strict about what it would refuse.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectGateway } from './fake-hubspot.ts';

const at = new Date('2026-11-22T10:00:00Z');
const onTicket = (associationTypeId: number) => [
  { to: { id: '57' }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId }] },
];

test('a note and a task are made on the ticket', async (t) => {
  const { gateway, seen } = await connectGateway(t, (_, index) => ({ status: 201, body: { id: 7 + index } }));
  assert.equal(await gateway.createNote({ ticketId: '57', html: '<p>Hi</p>', at }), '7');
  assert.equal(await gateway.createTask({ ticketId: '57', subject: 'Call', dueAt: at, ownerId: '42' }), '8');
  assert.equal(await gateway.createTask({ ticketId: '57', subject: 'Call', dueAt: at, ownerId: null }), '9');
  const task = {
    hs_timestamp: '2026-11-22T10:00:00.000Z',
    hs_task_subject: 'Call',
    hs_task_status: 'NOT_STARTED',
    hs_task_type: 'TODO',
  };
  assert.deepEqual(
    seen.map(({ method, path, body }) => [method, path, JSON.parse(body)]),
    [
      [
        'POST',
        '/crm/objects/2026-09/notes',
        {
          properties: { hs_timestamp: '2026-11-22T10:00:00.000Z', hs_note_body: '<p>Hi</p>' },
          associations: onTicket(228),
        },
      ],
      [
        'POST',
        '/crm/objects/2026-09/tasks',
        { properties: { ...task, hubspot_owner_id: '42' }, associations: onTicket(230) },
      ],
      ['POST', '/crm/objects/2026-09/tasks', { properties: task, associations: onTicket(230) }],
    ],
  );
});

test('a note of 65,536 characters is made, a longer one refused unsent and by its length', async (t) => {
  const { gateway, seen } = await connectGateway(t, () => ({ status: 201, body: { id: '7' } }));
  await gateway.createNote({ ticketId: '57', html: 'a'.repeat(65_536), at });
  await assert.rejects(gateway.createNote({ ticketId: '57', html: 'a'.repeat(65_537), at }), {
    code: 'hubspot-refused',
    detail: 'The note has 65537 characters, HubSpot takes 65536. Shorten it.',
  });
  assert.equal(seen.length, 1);
});

test('a refusal tells HubSpot’s words and not the note’s, a lost answer is unknown', async (t) => {
  const html = '<p>The customer asked for a refund of their last order</p>';
  const message = `Association type 228 is not valid with ${html}`;
  const { gateway } = await connectGateway(t, () => ({ status: 400, body: { message } }));
  await assert.rejects(gateway.createNote({ ticketId: '57', html, at }), {
    code: 'hubspot-refused',
    detail: 'Association type 228 is not valid with (removed)',
  });
  for (const reply of [{ status: 504 }, { status: 201, body: { id: null } }]) {
    const lost = await connectGateway(t, () => reply);
    const { createNote, createTask } = lost.gateway;
    await assert.rejects(createNote({ ticketId: '57', html, at }), { code: 'hubspot-unknown-outcome' });
    await assert.rejects(createTask({ ticketId: '57', subject: 'Call', dueAt: at, ownerId: null }), {
      code: 'hubspot-unknown-outcome',
    });
    assert.equal(lost.seen.length, 2);
  }
});

test('properties of a ticket are set by a single call, which follows a merge', async (t) => {
  const { gateway, seen } = await connectGateway(t, () => ({ body: { id: '57' } }));
  await gateway.updateTicket('11', { hs_ticket_priority: 'HIGH', hubspot_owner_id: '' });
  assert.deepEqual(
    [seen[0]?.method, seen[0]?.path, JSON.parse(seen[0]?.body ?? '')],
    ['PATCH', '/crm/objects/2026-09/tickets/11', { properties: { hs_ticket_priority: 'HIGH', hubspot_owner_id: '' } }],
  );
});

test('setting a property fails by its cause', async (t) => {
  for (const [status, code] of [
    [400, 'hubspot-refused'],
    [404, 'hubspot-not-found'],
    [503, 'hubspot-unknown-outcome'],
  ] as const) {
    const { gateway, seen } = await connectGateway(t, () => ({ status, body: {} }));
    await assert.rejects(gateway.updateTicket('11', { hs_ticket_priority: 'HIGH' }), { code });
    assert.equal(seen.length, 1);
  }
});
