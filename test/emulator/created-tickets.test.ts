// Tickets an app creates for a conversation: every answer HubSpot may give about the thread, and the events it causes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultSubscriptions } from '../../src/emulator/subscriptions.ts';
import { createReceiver } from './receiver.ts';
import { createRig, type Json } from './rig.ts';

const tickets = '/crm/objects/2026-09/tickets';
const from = 'casey@customer.example';
const types = (associationTypeId: number) => [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId }];

function newTicket(associations: Array<[id: string, typeId: number]>) {
  return {
    properties: { subject: 'Made', hs_pipeline: '0', hs_pipeline_stage: '1' },
    associations: associations.map(([id, typeId]) => ({ to: { id }, types: types(typeId) })),
  };
}

for (const [right, wrong] of [
  [32, 278],
  [278, 32],
] as const)
  test(`where ${right} ties a ticket to a thread, ${wrong} is refused`, async (t) => {
    const { portal, call } = await createRig(t, { quirks: { threadAssociationTypeId: right } });
    const { threadId } = portal.receiveMessage({ from, text: 'Hi' });
    assert.equal((await call('POST', tickets, newTicket([[threadId, wrong]]))).status, 400);
    assert.equal(portal.listTickets().length, 0);
    const made = await call('POST', tickets, newTicket([[threadId, right]]));
    assert.equal(portal.thread(threadId).ticketId, made.body.id);
    const read = async (a: string, b: string, id: string) =>
      (await call('POST', `/crm/associations/2026-09/${a}/${b}/batch/read`, { inputs: [{ id }] })).body.results[0].to;
    const [there] = await read('tickets', 'conversation', made.body.id);
    assert.deepEqual([there.toObjectId, there.associationTypes[0].typeId], [threadId, right]);
    const [back] = await read('conversation', 'tickets', threadId);
    assert.deepEqual([back.toObjectId, back.associationTypes[0].typeId], [made.body.id, right - 1]);
    const thread = await call('GET', `/conversations/conversations/2026-09/threads/${threadId}?association=TICKET`);
    assert.equal(thread.body.threadAssociations.associatedTicketId, made.body.id);
  });

test('a portal that takes neither type makes no ticket with a thread', async (t) => {
  const { portal, call } = await createRig(t, { quirks: { threadAssociationTypeId: null } });
  const { threadId } = portal.receiveMessage({ from, text: 'Hi' });
  for (const typeId of [32, 278])
    assert.equal((await call('POST', tickets, newTicket([[threadId, typeId]]))).status, 400);
  assert.equal((await call('POST', tickets, newTicket([]))).status, 201);
});

test('a second ticket for a thread is refused, or made without the thread', async (t) => {
  const { emulator, portal, call } = await createRig(t);
  const { threadId } = portal.receiveMessage({ from, text: 'Hi' });
  const first = await call('POST', tickets, newTicket([[threadId, 32]]));
  assert.equal((await call('POST', tickets, newTicket([[threadId, 32]]))).status, 400);
  assert.equal(portal.listTickets().length, 1);
  emulator.quirks.secondTicketOfThread = 'ignore';
  const second = await call('POST', tickets, newTicket([[threadId, 32]]));
  assert.equal(second.status, 201);
  assert.deepEqual(portal.ticket(second.body.id).threadIds, []);
  assert.equal(portal.thread(threadId).ticketId, first.body.id);
  assert.equal((await call('POST', tickets, newTicket([['123456789', 32]]))).status, 400);
});

test('a thread joins a ticket later only where the associations API lets it, and never a second one', async (t) => {
  const { emulator, portal, call, agentId } = await createRig(t);
  const { threadId } = portal.receiveMessage({ from, text: 'Hi' });
  const [first = '', second = ''] = [1, 2].map(() => portal.createTicket({ userId: agentId }).ticketId);
  const tie = async (ticketId: string, name = 'conversation', typeId = 32) => {
    const inputs = [{ from: { id: ticketId }, to: { id: threadId }, types: types(typeId) }];
    return (await call('POST', `/crm/associations/2026-09/tickets/${name}/batch/create`, { inputs })).status;
  };
  assert.equal(await tie(first), 400);
  emulator.quirks.associatesThreadsLater = true;
  assert.deepEqual([await tie(first, 'conversations'), await tie(first, 'conversation', 278)], [400, 400]);
  assert.equal(portal.thread(threadId).ticketId, null);
  assert.deepEqual([await tie(first), await tie(first), await tie(second)], [201, 201, 400]);
  assert.equal(portal.thread(threadId).ticketId, first);
});

test('a follow-up ticket is tied to the one before by 452, from both sides', async (t) => {
  const { portal, call, agentId } = await createRig(t);
  const { contactId } = portal.addContact({ email: from });
  const { ticketId } = portal.createTicket({ userId: agentId });
  const made = await call(
    'POST',
    tickets,
    newTicket([
      [contactId, 16],
      [ticketId, 452],
    ]),
  );
  const path = '/crm/associations/2026-09/tickets/tickets/batch/read';
  const read = await call('POST', path, { inputs: [{ id: ticketId }, { id: made.body.id }] });
  assert.deepEqual(
    read.body.results.map((row: Json) => [row.from.id, row.to[0].toObjectId, row.to[0].associationTypes[0].typeId]),
    [
      [ticketId, made.body.id, 452],
      [made.body.id, ticketId, 452],
    ],
  );
  assert.deepEqual(portal.ticket(made.body.id).contactIds, [contactId]);
});

for (const announcesFirstStage of [false, true])
  test(`a created ticket sends its creation${announcesFirstStage ? ' and its first stage' : ' and no stage'}`, async (t) => {
    const { emulator, portal, call } = await createRig(t, {
      quirks: { announcesFirstStage, stampsOriginatingThread: true },
      webhooks: { subscriptions: defaultSubscriptions.filter((one) => one.objectType === 'ticket') },
    });
    const receiver = await createReceiver(t);
    emulator.setWebhookUrl(receiver.url);
    const { threadId } = portal.receiveMessage({ from, text: 'Hi' });
    const made = await call('POST', tickets, newTicket([[threadId, 32]]));
    await emulator.webhooks.idle();
    const stage = ['object.propertyChange', 'hs_pipeline_stage', '1'];
    assert.deepEqual(
      receiver.events().map((one: Json) => [one.subscriptionType, one.propertyName, one.propertyValue]),
      [['object.creation', undefined, undefined], ...(announcesFirstStage ? [stage] : [])],
    );
    for (const event of receiver.events())
      assert.deepEqual(
        [String(event.objectId), event.changeSource, event.sourceId],
        [made.body.id, 'INTEGRATION', '2000001'],
      );
    assert.equal(portal.ticket(made.body.id).properties.hs_conversations_originating_thread_id, threadId);
  });
