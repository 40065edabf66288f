// The emulator's answers against recordings and printed examples, field by field, and the recorded conversation replayed.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Item } from '../../src/emulator/state.ts';
import { createReceiver } from './receiver.ts';
import { allScopes, createCaller, createRig, type Json, startEmulator } from './rig.ts';

const folder = new URL('../../../shared/hubspot/samples/', import.meta.url);

/** Undefined where the samples are not at hand: then the vectors below are the only ones. */
function readSample(name: string): Json | undefined {
  const url = new URL(name, folder);
  return existsSync(url) ? JSON.parse(readFileSync(url, 'utf8')) : undefined;
}

// Field names as recorded in 2023 and 2024: what every checkout knows of the shapes.
const known = {
  message:
    'archived attachments channelAccountId channelId client conversationsThreadId createdAt createdBy direction id recipients richText senders status subject text truncationStatus type updatedAt',
  event:
    'appId attemptNumber changeFlag eventId messageId messageType objectId occurredAt portalId subscriptionId subscriptionType',
};

const keys = (value: object) => Object.keys(value).sort();
const base = '/conversations/conversations/2026-09';
const recording = readSample('thread-messages.email.recorded-2024.json');

test('messages have exactly the recorded fields', async (t) => {
  const { portal, call, agentId } = await createRig(t);
  const { threadId } = portal.receiveMessage({ from: 'casey@customer.example', subject: 'Test', text: 'x' });
  portal.sendMessage({ threadId, userId: agentId, text: 'y' });
  const { body } = await call('GET', `${base}/threads/${threadId}/messages?sort=createdAt`);
  for (const item of body.results) {
    if (item.type === 'MESSAGE') assert.deepEqual(keys(item), known.message.split(' '));
    const recorded = recording?.results.find((one: Json) => one.type === item.type && one.direction === item.direction);
    if (!recorded) continue;
    assert.deepEqual(keys(item), keys(recorded), item.type);
    assert.deepEqual(keys(item.client), keys(recorded.client));
    assert.deepEqual(keys(item.senders[0]), keys(recorded.senders[0]));
    assert.equal(item.id.includes('-'), recorded.id.includes('-'), 'ids are dashed or not, as recorded');
    assert.equal(item.createdAt.length, recorded.createdAt.length, 'seconds or milliseconds, as recorded');
    assert.equal(item.status?.statusType, recorded.status?.statusType);
  }
});

test('a message event has exactly the recorded fields', async (t) => {
  const { emulator, portal } = await createRig(t);
  const receiver = await createReceiver(t);
  emulator.setWebhookUrl(receiver.url);
  portal.receiveMessage({ from: 'casey@customer.example', text: 'x' });
  await emulator.webhooks.idle();
  const event = receiver.events().find((one) => one.subscriptionType === 'conversation.newMessage');
  assert.deepEqual(keys(event), known.event.split(' '));
  const [recorded] = readSample('webhook.conversation.newMessage.recorded-2023.json') ?? [];
  if (recorded) {
    assert.deepEqual(keys(event), keys(recorded));
    for (const name of keys(recorded)) assert.equal(typeof event[name], typeof recorded[name], name);
  }
});

test('threads, sends and errors keep to the printed and recorded examples', async (t) => {
  const { portal, call, agentId } = await createRig(t);
  const { threadId } = portal.receiveMessage({ from: 'casey@customer.example', subject: 'TEST', text: 'x' });
  const { ticketId } = portal.createTicket({ userId: agentId, fromThreadId: threadId });
  portal.sendMessage({ threadId, userId: agentId, text: 'y' });
  portal.closeThread(threadId);
  const thread = (await call('GET', `${base}/threads/${threadId}?association=TICKET`)).body;
  const printed = readSample('doc.conversations.threads.association-ticket.json')?.results[0];
  assert.equal(thread.threadAssociations.associatedTicketId, ticketId);
  if (printed) assert.deepEqual(keys(thread), keys(printed));
  const refused = await call('PATCH', `/crm/objects/2026-09/tickets/${ticketId}`, {
    properties: { testproperty: '1' },
  });
  const validation = readSample('doc.error.400-validation.json');
  assert.equal(refused.body.errors[0].code, 'PROPERTY_DOESNT_EXIST');
  if (validation) {
    assert.deepEqual(keys(refused.body), keys(validation));
    assert.deepEqual(refused.body.errors, validation.errors);
    const list = (message: string) => JSON.parse(message.replace('Property values were not valid: ', ''))[0];
    assert.deepEqual(keys(list(refused.body.message)), keys(list(validation.message)));
  }
  const sample = readSample('thread-send.comment.recorded-2026.json');
  const comment = sample?.request.body ?? { type: 'COMMENT', text: 'Noted', senderActorId: 'A-1' };
  const posted = await call('POST', `${base}/threads/${threadId}/messages`, comment);
  assert.equal(posted.status, 201);
  for (const name of keys(sample?.responsePartial ?? {})) assert.ok(name in posted.body, name);
});

test('ticket and email properties have the recorded names', async (t) => {
  const { call } = await createRig(t);
  const names = async (type: string) =>
    (await call('GET', `/crm/properties/2026-09/${type}`)).body.results.map((one: Json) => one.name) as string[];
  const [tickets, emails] = [await names('tickets'), await names('emails')];
  assert.ok(tickets.includes('hs_conversations_originating_thread_id') && tickets.includes('closed_date'));
  assert.ok(emails.includes('hs_email_thread_id') && !tickets.includes('closedate'));
  const recordedTickets = readSample('property-names-and-labels.tickets.recorded-2026.json');
  const ui = readSample('ticket.created-in-ui.recorded-2023.json');
  if (recordedTickets && ui) {
    const all = [...Object.keys(recordedTickets.names), ...Object.keys(ui.properties)];
    assert.deepEqual(
      tickets.filter((name) => !all.includes(name)),
      [],
    );
  }
  const recordedEmails = readSample('property-names.emails.recorded-2025.json');
  if (recordedEmails)
    assert.deepEqual(
      emails.filter((name) => !recordedEmails.names.includes(name)),
      [],
    );
});

test('a conversation is replayed item by item, with its own ids and times, in several portals', async (t) => {
  const emulator = await startEmulator(t);
  const items: Item[] = recording?.results ?? [
    {
      id: 'c6f5237b-0000-47ed-9e3c-bced347064a3',
      conversationsThreadId: '8243595013',
      type: 'MESSAGE',
      direction: 'INCOMING',
      createdAt: '2024-10-21T11:09:16Z',
      createdBy: 'V-101',
      senders: [{ actorId: 'V-101', deliveryIdentifier: { type: 'HS_EMAIL_ADDRESS', value: 'c@customer.example' } }],
      recipients: [],
      channelId: '1002',
      channelAccountId: '779894945',
    },
  ];
  for (const portalId of ['41000001', '41000002']) {
    const portal = emulator.addPortal({ portalId });
    const { accessToken } = portal.install({ scopes: allScopes });
    const { threadId, ticketId } = portal.importThread({ items, append: 1 });
    assert.equal(threadId, items[0]?.conversationsThreadId);
    const { properties, contactIds } = portal.ticket(ticketId ?? '');
    assert.equal(properties.hs_conversations_originating_message_id, items[0]?.id);
    assert.ok(properties.createdate?.startsWith('2024-10-21T11:09'));
    assert.deepEqual(contactIds, ['101']);
    for (const item of items.slice(1)) portal.appendRecordedItem(threadId, item);
    const call = createCaller(emulator.url, accessToken);
    const { body } = await call('GET', `${base}/threads/${threadId}/messages?sort=createdAt`);
    assert.deepEqual(body.results, items);
    if (recording) assert.equal(portal.thread(threadId).assignedTo, 'A-8835724');
  }
});
