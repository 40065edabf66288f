// CRM objects over HTTP: reads, writes, history, batches, merges and what is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRig, type Json } from './rig.ts';

const tickets = '/crm/objects/2026-09/tickets';

test('a read answers strings and nulls, leaves unknown names out and gives the defaults when none are asked for', async (t) => {
  const { portal, call, agentId } = await createRig(t);
  const { ticketId } = portal.createTicket({ userId: agentId, subject: 'One' });
  const asked = await call('GET', `${tickets}/${ticketId}?properties=hs_is_closed,closed_date,no_such_name`);
  assert.equal(asked.status, 200);
  assert.equal(asked.body.id, ticketId);
  assert.deepEqual(Object.keys(asked.body.properties).sort(), [
    'closed_date',
    'createdate',
    'hs_is_closed',
    'hs_lastmodifieddate',
    'hs_object_id',
  ]);
  assert.equal(asked.body.properties.hs_is_closed, 'false');
  assert.equal(asked.body.properties.closed_date, null);
  const plain = await call('GET', `${tickets}/${ticketId}`);
  assert.equal(plain.body.properties.hs_pipeline_stage, '1');
  assert.equal(plain.body.properties.hs_ticket_priority, null);
  assert.equal((await call('GET', `${tickets}/999999999`)).status, 404);
});

test('stage history tells a person, the app and a workflow apart, newest first', async (t) => {
  const { portal, call, agentId } = await createRig(t);
  const { ticketId } = portal.createTicket({ userId: agentId });
  await call('PATCH', `${tickets}/${ticketId}`, { properties: { hs_pipeline_stage: '3' } });
  portal.moveByWorkflow({ ticketId, stageId: '2' });
  const { body } = await call('GET', `${tickets}/${ticketId}?propertiesWithHistory=hs_pipeline_stage`);
  const history = body.propertiesWithHistory.hs_pipeline_stage as Json[];
  assert.deepEqual(
    history.map((entry) => [entry.value, entry.sourceType, entry.sourceId]),
    [
      ['2', 'AUTOMATION_PLATFORM', 'enrollmentId:1'],
      ['3', 'INTEGRATION', '2000001'],
      ['1', 'CRM_UI', `userId:${agentId}`],
    ],
  );
  assert.equal(history[2].updatedByUserId, Number(agentId));
});

test('entering and leaving a closed stage moves the closing dates', async (t) => {
  const { portal, agentId } = await createRig(t);
  const { ticketId } = portal.createTicket({ userId: agentId });
  portal.moveTicket({ ticketId, stageId: '4', userId: agentId });
  const closed = portal.ticket(ticketId).properties;
  assert.equal(closed.hs_is_closed, 'true');
  assert.equal(closed.hs_last_closed_date, closed.closed_date);
  assert.equal(closed.hs_date_exited_1, closed.hs_date_entered_4);
  portal.moveTicket({ ticketId, stageId: '3', userId: agentId });
  const open = portal.ticket(ticketId).properties;
  assert.equal(open.hs_is_closed, 'false');
  assert.equal(open.closed_date, undefined);
  assert.equal(open.hs_last_closed_date, closed.hs_last_closed_date);
});

test('writes of unknown, read-only and impossible values are refused and change nothing', async (t) => {
  const { portal, call, agentId } = await createRig(t);
  const { ticketId } = portal.createTicket({ userId: agentId });
  const code = async (properties: Record<string, unknown>) => {
    const { status, body } = await call('PATCH', `${tickets}/${ticketId}`, { properties });
    assert.equal(status, 400);
    assert.equal(body.category, 'VALIDATION_ERROR');
    assert.match(body.message, /^Property values were not valid: \[/);
    return body.errors[0].code;
  };
  assert.equal(await code({ testproperty: 'x', subject: 'changed' }), 'PROPERTY_DOESNT_EXIST');
  assert.equal(await code({ hs_pipeline_stage: '99' }), 'INVALID_OPTION');
  assert.equal(await code({ hs_conversations_originating_thread_id: '5' }), 'READ_ONLY_VALUE');
  assert.equal(await code({ hubspot_owner_id: 'nobody' }), 'INVALID_LONG');
  assert.notEqual(portal.ticket(ticketId).properties.subject, 'changed');
});

test('a stage of another pipeline is refused unless the pipeline is written with it', async (t) => {
  const { portal, call, agentId } = await createRig(t);
  const { ticketId } = portal.createTicket({ userId: agentId });
  const second = { id: '77', label: 'Second', stages: [{ id: '901', label: 'Begun', ticketState: 'OPEN' as const }] };
  portal.configure({ pipelines: [...portal.look().pipelines, second] });
  const alone = await call('PATCH', `${tickets}/${ticketId}`, { properties: { hs_pipeline_stage: '901' } });
  assert.equal(alone.status, 400);
  const both = { properties: { hs_pipeline: '77', hs_pipeline_stage: '901' } };
  assert.equal((await call('PATCH', `${tickets}/${ticketId}`, both)).status, 200);
  assert.equal(portal.stage(ticketId), '901');
});

test('required properties of a stage refuse the move from 2026-09 on, and not before', async (t) => {
  const { portal, call, agentId } = await createRig(t);
  portal.configure({ requiredForStage: { '4': ['hs_resolution'] } });
  const { ticketId } = portal.createTicket({ userId: agentId });
  const properties = { hs_pipeline_stage: '4' };
  assert.equal((await call('PATCH', `${tickets}/${ticketId}`, { properties })).status, 400);
  assert.equal((await call('PATCH', `/crm/objects/2026-03/tickets/${ticketId}`, { properties })).status, 200);
});

test('batch read takes 100 ids, 50 with history, and reports missing ones in a 207', async (t) => {
  const { portal, call, agentId } = await createRig(t);
  const ids = [1, 2, 3].map(() => portal.createTicket({ userId: agentId }).ticketId);
  const deleted = ids[2] ?? '';
  portal.deleteTicket(deleted);
  const read = (list: string[], history: string[] = []) =>
    call('POST', `${tickets}/batch/read`, {
      inputs: list.map((id) => ({ id })),
      properties: ['hs_pipeline_stage'],
      propertiesWithHistory: history,
    });
  const some = await read([...ids, '123456789']);
  assert.equal(some.status, 207);
  assert.deepEqual(some.body.results.map((one: Json) => one.id).sort(), ids.slice(0, 2).sort());
  assert.equal(some.body.numErrors, 1);
  assert.equal(some.body.errors[0].category, 'OBJECT_NOT_FOUND');
  assert.deepEqual(some.body.errors[0].context.ids, [deleted, '123456789']);
  const all = await read(ids.slice(0, 2), ['hs_pipeline_stage']);
  assert.equal(all.status, 200);
  assert.equal(all.body.results[0].propertiesWithHistory.hs_pipeline_stage.length, 1);
  const many = (count: number) => Array.from({ length: count }, (_, index) => String(500_000_000 + index));
  assert.equal((await read(many(100))).status, 207);
  assert.equal((await read(many(101))).status, 400);
  assert.equal((await read(many(50), ['hs_pipeline_stage'])).status, 207);
  const tooMany = await read(many(51), ['hs_pipeline_stage']);
  assert.match(tooMany.body.message, /property histories is 50/);
});

test('one invalid input of a batch update refuses all, or only itself, as the portal is set', async (t) => {
  const { emulator, portal, call, agentId } = await createRig(t);
  const ids = [1, 2].map(() => portal.createTicket({ userId: agentId }).ticketId);
  const [good = '', bad = ''] = ids;
  const inputs = [
    { id: good, properties: { hs_pipeline_stage: '2' } },
    { id: bad, properties: { hs_pipeline_stage: '99' } },
  ];
  assert.equal((await call('POST', `${tickets}/batch/update`, { inputs })).status, 400);
  assert.equal(portal.stage(good), '1');
  emulator.quirks.batchUpdate = 'partial';
  const partial = await call('POST', `${tickets}/batch/update`, { inputs });
  assert.equal(partial.status, 207);
  assert.deepEqual(
    partial.body.results.map((one: Json) => one.id),
    [good],
  );
  assert.deepEqual(partial.body.errors[0].context.ids, [bad]);
  assert.equal(portal.stage(good), '2');
  const twice = [inputs[0], inputs[0]];
  assert.equal((await call('POST', `${tickets}/batch/update`, { inputs: twice })).status, 400);
  emulator.quirks.batchUpdate = 'refuse-any';
  const gone = [{ id: '123456789', properties: { hs_pipeline_stage: '2' } }];
  assert.equal((await call('POST', `${tickets}/batch/update`, { inputs: gone })).status, 400);
});

test('the id of a merged ticket leads to the survivor by GET and PATCH, and to nothing in batches', async (t) => {
  const { portal, call, agentId } = await createRig(t);
  const [primaryId = '', mergedId = ''] = [1, 2].map(() => portal.createTicket({ userId: agentId }).ticketId);
  const { threadId } = portal.receiveMessage({ from: 'c@customer.example', subject: 'Hi', text: 'Hi' });
  const { ticketId: third } = portal.createTicket({ userId: agentId, fromThreadId: threadId });
  portal.mergeTickets({ primaryId, mergedId, userId: agentId });
  portal.mergeTickets({ primaryId, mergedId: third, userId: agentId });
  const read = await call('GET', `${tickets}/${mergedId}?properties=hs_merged_object_ids`);
  assert.equal(read.body.id, primaryId);
  assert.equal(read.body.properties.hs_merged_object_ids, `${mergedId};${third}`);
  assert.equal(portal.thread(threadId).ticketId, primaryId);
  const patched = await call('PATCH', `${tickets}/${mergedId}`, { properties: { hs_pipeline_stage: '3' } });
  assert.equal(patched.body.id, primaryId);
  assert.equal(portal.stage(primaryId), '3');
  const inputs = [{ id: mergedId, properties: { hs_pipeline_stage: '2' } }];
  const batch = await call('POST', `${tickets}/batch/update`, { inputs });
  assert.equal(batch.status, 207);
  assert.deepEqual(batch.body.results, []);
  assert.equal(portal.stage(primaryId), '3');
});

test('a ticket is created with its contact and its thread, once', async (t) => {
  const { portal, call } = await createRig(t);
  const { threadId } = portal.receiveMessage({ from: 'c@customer.example', subject: 'Hi', text: 'Hi' });
  const contactId = portal.contactId('c@customer.example') ?? '';
  const types = (associationTypeId: number) => [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId }];
  const body = {
    properties: { subject: 'Made', hs_pipeline: '0', hs_pipeline_stage: '1' },
    associations: [
      { to: { id: contactId }, types: types(16) },
      { to: { id: threadId }, types: types(32) },
    ],
  };
  const made = await call('POST', tickets, body);
  assert.equal(made.status, 201);
  assert.equal(made.body.properties.hs_object_source, 'INTEGRATION');
  assert.equal(made.body.properties.hs_object_source_id, '2000001');
  const ticket = portal.ticket(made.body.id);
  assert.deepEqual([ticket.threadIds, ticket.contactIds], [[threadId], [contactId]]);
  assert.equal(ticket.properties.hs_conversations_originating_thread_id, undefined);
  assert.equal((await call('POST', tickets, body)).status, 400);
  assert.equal(portal.look().tickets.length, 1);
  assert.equal((await call('POST', tickets, { properties: { subject: 'No stage' }, associations: [] })).status, 400);
});

test('batch create is partial only when every input carries its own objectWriteTraceId', async (t) => {
  const { portal, call } = await createRig(t);
  const good = { properties: { subject: 'Good', hs_pipeline_stage: '1' } };
  const bad = { properties: { missing: '1' } };
  assert.equal((await call('POST', `${tickets}/batch/create`, { inputs: [good, bad] })).status, 400);
  assert.equal(portal.look().tickets.length, 0);
  const traced = [
    { ...good, objectWriteTraceId: 'a' },
    { ...bad, objectWriteTraceId: 'b' },
  ];
  const partial = await call('POST', `${tickets}/batch/create`, { inputs: traced });
  assert.equal(partial.status, 207);
  assert.equal(partial.body.results.length, 1);
  assert.deepEqual(partial.body.errors[0].context.objectWriteTraceId, ['b']);
});

test('the API has no other versions, and unknown paths are remembered', async (t) => {
  const { emulator, call } = await createRig(t);
  for (const path of ['/crm/v3/objects/tickets', '/crm/objects/2025-09/tickets', '/crm/v4/objects/tickets'])
    assert.equal((await call('GET', path)).status, 404);
  assert.equal((await call('GET', '/crm/objects/2026-03/tickets')).status, 200);
  assert.deepEqual(
    emulator.unknownRequests.map((request) => request.path),
    ['/crm/v3/objects/tickets', '/crm/objects/2025-09/tickets', '/crm/v4/objects/tickets'],
  );
});

test('pipelines, properties and owners describe the portal', async (t) => {
  const { call, agentId } = await createRig(t);
  const pipelines = await call('GET', '/crm/pipelines/2026-09/tickets');
  assert.deepEqual(
    pipelines.body.results[0].stages.map((stage: Json) => [stage.id, stage.label, stage.metadata.ticketState]),
    [
      ['1', 'New', 'OPEN'],
      ['2', 'Waiting on contact', 'OPEN'],
      ['3', 'Waiting on us', 'OPEN'],
      ['4', 'Closed', 'CLOSED'],
    ],
  );
  const properties = await call('GET', '/crm/properties/2026-09/tickets');
  const stage = properties.body.results.find((one: Json) => one.name === 'hs_pipeline_stage');
  assert.deepEqual(
    stage.options.map((option: Json) => option.value),
    ['1', '2', '3', '4'],
  );
  const owners = await call('GET', '/crm/owners/2026-09?limit=1');
  assert.equal(owners.body.results[0].userId, Number(agentId));
  assert.notEqual(owners.body.results[0].id, agentId);
});

test('two portals share no id, and a token of one sees nothing of the other', async (t) => {
  const { emulator, portal, call, agentId } = await createRig(t);
  const other = emulator.addPortal({ portalId: '41000002' });
  const otherAgent = other.look().users[0]?.userId ?? '';
  const { ticketId } = portal.createTicket({ userId: agentId });
  const foreign = other.createTicket({ userId: otherAgent });
  assert.notEqual(ticketId, foreign.ticketId);
  assert.equal((await call('GET', `${tickets}/${foreign.ticketId}`)).status, 404);
  const inputs = [{ id: foreign.ticketId, properties: { hs_pipeline_stage: '4' } }];
  assert.equal((await call('POST', `${tickets}/batch/update`, { inputs })).status, 207);
  assert.equal(other.stage(foreign.ticketId), '1');
});
