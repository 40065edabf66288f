// Contacts, notes and tasks that an app makes, and what HubSpot refuses about them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRig, type Json } from './rig.ts';

const objects = '/crm/objects/2026-09';
const types = (associationTypeId: number) => [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId }];

test('an address belongs to one contact, as primary or as additional address', async (t) => {
  const { emulator, portal, call } = await createRig(t);
  const make = (properties: Json) => call('POST', `${objects}/contacts`, { properties, associations: [] });
  const made = await make({ email: 'Casey@Customer.example', firstname: 'Casey' });
  assert.equal(made.status, 201);
  assert.equal(made.body.properties.email, 'casey@customer.example');
  const { contactId } = portal.addContact({ email: 'a@customer.example', additionalEmails: ['b@customer.example'] });
  for (const [email, id] of [
    ['CASEY@customer.example', made.body.id],
    ['b@customer.example', contactId],
  ]) {
    const refused = await make({ email });
    assert.equal(refused.status, 409);
    assert.equal(refused.body.category, 'CONFLICT');
    assert.equal(refused.body.message, `Contact already exists. Existing ID: ${id}`);
  }
  const patch = (email: string) => call('PATCH', `${objects}/contacts/${contactId}`, { properties: { email } });
  assert.equal((await patch('casey@customer.example')).status, 409);
  assert.equal((await patch('A@customer.example')).status, 200, 'its own address is no conflict');
  const inputs = [{ properties: { email: 'new@customer.example' } }, { properties: { email: 'New@customer.example' } }];
  assert.equal((await call('POST', `${objects}/contacts/batch/create`, { inputs })).status, 409);
  assert.equal(portal.look().contacts.length, 2);
  const find = async (id: string) =>
    (await call('POST', `${objects}/contacts/batch/read`, { inputs: [{ id }], properties: [], idProperty: 'email' }))
      .body.results.length;
  assert.deepEqual([await find('A@customer.example'), await find('b@customer.example')], [1, 0]);
  emulator.quirks.findsAdditionalAddresses = true;
  assert.equal(await find('b@customer.example'), 1);
});

test('a contact needs a name or a valid address', async (t) => {
  const { call } = await createRig(t);
  const make = (properties: Json) => call('POST', `${objects}/contacts`, { properties });
  const refused = await make({ email: 'casey@nowhere' });
  assert.equal(refused.status, 400);
  assert.equal(refused.body.errors[0].code, 'INVALID_EMAIL');
  assert.equal((await make({ phone: '1' })).status, 400);
  assert.equal((await make({ lastname: 'Customer' })).status, 201);
});

test('a note and a task hang on their ticket, seen from both sides', async (t) => {
  const { portal, call, agentId } = await createRig(t);
  const { ticketId } = portal.createTicket({ userId: agentId });
  const ownerId = portal.look().users[0]?.ownerId;
  const onTicket = (id: number) => [{ to: { id: ticketId }, types: types(id) }];
  const at = '2026-11-22T10:00:00.000Z';
  const note = { hs_timestamp: at, hs_note_body: '<p>Called back</p>' };
  const task = {
    hs_timestamp: at,
    hs_task_subject: 'Call Casey',
    hs_task_status: 'NOT_STARTED',
    hs_task_type: 'TODO',
    hubspot_owner_id: ownerId,
  };
  const noted = await call('POST', `${objects}/notes`, { properties: note, associations: onTicket(228) });
  const tasked = await call('POST', `${objects}/tasks`, { properties: task, associations: onTicket(230) });
  assert.deepEqual([noted.status, tasked.status], [201, 201]);
  const ticket = portal.ticket(ticketId);
  assert.deepEqual(
    [ticket.notes, ticket.tasks].map((list) => list.map(({ id }) => id)),
    [[noted.body.id], [tasked.body.id]],
  );
  assert.equal(ticket.notes[0]?.properties.hs_note_body, note.hs_note_body);
  assert.equal(ticket.tasks[0]?.properties.hs_task_subject, task.hs_task_subject);
  for (const [type, id, typeId] of [
    ['notes', noted.body.id, 227],
    ['tasks', tasked.body.id, 229],
  ]) {
    const read = await call('POST', `/crm/associations/2026-09/tickets/${type}/batch/read`, {
      inputs: [{ id: ticketId }],
    });
    assert.deepEqual(
      read.body.results[0].to.map((row: Json) => [row.toObjectId, row.associationTypes[0].typeId]),
      [[id, typeId]],
    );
  }
});

test('notes and tasks without a time, with a wrong option, a user for an owner or too long a text are refused', async (t) => {
  const { portal, call, agentId } = await createRig(t);
  const { ticketId } = portal.createTicket({ userId: agentId });
  const hs_timestamp = '2026-11-22T10:00:00Z';
  const make = async (type: string, properties: Json, associations: Json = []) => {
    const { status, body } = await call('POST', `${objects}/${type}`, { properties, associations });
    return status === 400 ? (body.errors?.[0].code ?? 'VALIDATION_ERROR') : status;
  };
  assert.equal(await make('notes', { hs_note_body: 'x' }), 'MISSING_REQUIRED_PROPERTY');
  assert.equal(await make('tasks', { hs_task_subject: 'x' }), 'MISSING_REQUIRED_PROPERTY');
  assert.equal(await make('notes', { hs_timestamp: 'tomorrow' }), 'INVALID_DATE');
  assert.equal(await make('tasks', { hs_timestamp, hs_task_status: 'OPEN' }), 'INVALID_OPTION');
  assert.equal(await make('tasks', { hs_timestamp, hubspot_owner_id: agentId }), 'INVALID_OWNER_ID');
  assert.equal(await make('notes', { hs_timestamp, hs_note_body: 'x'.repeat(65_537) }), 'VALUE_TOO_LONG');
  assert.equal(await make('notes', { hs_timestamp, hs_note_body: 'x'.repeat(65_536) }), 201);
  const on = (id: string, typeId: number) => [{ to: { id }, types: types(typeId) }];
  assert.equal(await make('notes', { hs_timestamp }, on(ticketId, 230)), 'VALIDATION_ERROR', 'that type is for tasks');
  assert.equal(await make('notes', { hs_timestamp }, on('123456789', 228)), 'VALIDATION_ERROR');
  const owned = await call('PATCH', `${objects}/tickets/${ticketId}`, { properties: { hubspot_owner_id: agentId } });
  assert.equal(owned.body.errors[0].code, 'INVALID_OWNER_ID');
});
