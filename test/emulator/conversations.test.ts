// Threads and messages: shapes, lists and their cursors, and what may be written.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Caller, createRig, type Json } from './rig.ts';

const base = '/conversations/conversations/2026-09';
const from = 'casey@customer.example';

async function listAll(call: Caller, path: string): Promise<{ rows: Json[]; pages: number[] }> {
  const rows: Json[] = [];
  const pages: number[] = [];
  let after = '';
  do {
    const { status, body } = await call('GET', `${path}${after && `&after=${encodeURIComponent(after)}`}`);
    assert.equal(status, 200);
    rows.push(...body.results);
    pages.push(body.results.length);
    after = body.paging?.next.after ?? '';
  } while (after !== '');
  return { rows, pages };
}

test('a new mail opens a thread with a whole-second message and a status change, and HubSpot makes its ticket', async (t) => {
  const { portal, call } = await createRig(t);
  portal.configure({ ticketsForNewConversations: true });
  const at = Date.parse('2026-11-20T11:09:16.512Z');
  const { threadId, messageId, ticketId } = portal.receiveMessage({ from, subject: 'Test', text: 'Hello', at });
  const { body } = await call('GET', `${base}/threads/${threadId}/messages?sort=createdAt`);
  assert.deepEqual(
    body.results.map((item: Json) => [item.type, item.createdAt]),
    [
      ['MESSAGE', '2026-11-20T11:09:16Z'],
      ['THREAD_STATUS_CHANGE', '2026-11-20T11:09:16.512Z'],
    ],
  );
  const [message] = body.results;
  assert.equal(message.id, messageId);
  assert.match(messageId, /^[0-9a-f]{8}-/);
  assert.equal(message.senders[0].actorId, `V-${portal.contactId(from)}`);
  const ticket = portal.ticket(ticketId ?? '');
  assert.equal(ticket.properties.hs_conversations_originating_thread_id, threadId);
  assert.equal(ticket.properties.hs_conversations_originating_message_id, messageId);
  assert.equal(ticket.properties.hs_num_associated_conversations, '1');
  assert.equal(ticket.properties.hs_last_message_from_visitor, 'true');
});

test('the ticket of a thread shows only when asked for', async (t) => {
  const { portal, call, agentId } = await createRig(t);
  const { threadId } = portal.receiveMessage({ from, text: 'Hello' });
  const { ticketId } = portal.createTicket({ userId: agentId, fromThreadId: threadId });
  const plain = await call('GET', `${base}/threads/${threadId}`);
  assert.equal('threadAssociations' in plain.body, false);
  const asked = await call('GET', `${base}/threads/${threadId}?association=TICKET`);
  assert.deepEqual(asked.body.threadAssociations, { associatedTicketId: ticketId });
  assert.equal((await call('GET', `${base}/threads/${threadId}?association=DEAL`)).status, 400);
  const byTicket = await call('GET', `${base}/threads?associatedTicketId=${ticketId}`);
  assert.equal(byTicket.body.results[0].id, threadId);
});

test('an agent answers with an undashed id and milliseconds, and takes the thread', async (t) => {
  const { portal, call, agentId } = await createRig(t);
  const { threadId } = portal.receiveMessage({ from, subject: 'Test', text: 'Hello' });
  const at = Date.parse('2030-01-01T00:00:00.699Z');
  const { messageId } = portal.sendMessage({ threadId, userId: agentId, text: 'Yes', at });
  assert.match(messageId, /^[0-9a-f]{32}$/);
  const { body } = await call('GET', `${base}/threads/${threadId}/messages/${messageId}`);
  assert.equal(body.createdAt, '2030-01-01T00:00:00.699Z');
  assert.equal(body.direction, 'OUTGOING');
  assert.deepEqual(body.status, { statusType: 'SENT' });
  assert.equal(body.subject, 'Re: Test');
  assert.equal(body.recipients[0].deliveryIdentifier.value, from);
  const thread = await call('GET', `${base}/threads/${threadId}`);
  assert.equal(thread.body.assignedTo, `A-${agentId}`);
  assert.equal(thread.body.latestMessageSentTimestamp, body.createdAt);
  portal.setMessageStatus({ threadId, messageId, status: 'FAILED' });
  const failed = await call('GET', `${base}/threads/${threadId}/messages/${messageId}`);
  assert.equal(failed.body.status.statusType, 'FAILED');
});

test('a mail composed on a ticket with the team address opens a thread of that ticket', async (t) => {
  const { portal, agentId } = await createRig(t);
  const { ticketId } = portal.createTicket({ userId: agentId });
  const { threadId } = portal.startThread({ ticketId, userId: agentId, to: from, subject: 'News', text: 'Hi' });
  const thread = portal.thread(threadId);
  assert.equal(thread.ticketId, ticketId);
  assert.equal(thread.items[0]?.direction, 'OUTGOING');
  assert.equal(portal.ticket(ticketId).properties.hs_conversations_originating_thread_id, undefined);
  const reply = portal.receiveMessage({ from, threadId, text: 'Thanks' });
  assert.equal(reply.ticketId, ticketId);
});

test('messages come newest first by default, in pages that may be shorter than asked', async (t) => {
  const { emulator, portal, call } = await createRig(t);
  const first = portal.receiveMessage({ from, text: '0', at: 1_800_000_000_000 });
  for (let index = 1; index < 8; index += 1)
    portal.receiveMessage({
      from,
      threadId: first.threadId,
      text: String(index),
      at: 1_800_000_000_000 + index * 1_000,
    });
  const path = `${base}/threads/${first.threadId}/messages`;
  const newest = await call('GET', `${path}?limit=1`);
  assert.equal(newest.body.results[0].text, '7');
  const whole = await listAll(call, `${path}?sort=createdAt&limit=5`);
  assert.deepEqual(whole.pages, [5, 4]);
  emulator.quirks.sparseMessagePages = true;
  const sparse = await listAll(call, `${path}?sort=createdAt&limit=5`);
  assert.deepEqual(sparse.pages, [2, 2, 2, 2, 1]);
  assert.deepEqual(sparse.rows, whole.rows);
  assert.equal((await call('GET', `${path}?limit=101`)).status, 400);
  assert.equal((await call('GET', `${path}?after=nonsense`)).status, 400);
});

test('within one second the list keeps the order of arrival, or puts incoming mail first', async (t) => {
  const { emulator, portal, call, agentId } = await createRig(t);
  const { ticketId } = portal.createTicket({ userId: agentId });
  const at = Date.parse('2026-11-20T11:09:16.200Z');
  const { threadId } = portal.startThread({ ticketId, userId: agentId, to: from, subject: 'S', text: 'out', at });
  portal.receiveMessage({ from, threadId, text: 'in', at: at + 500 });
  const texts = async () => {
    const { body } = await call('GET', `${base}/threads/${threadId}/messages?sort=createdAt`);
    return body.results.filter((item: Json) => item.type === 'MESSAGE').map((item: Json) => item.text);
  };
  assert.deepEqual(await texts(), ['out', 'in']);
  emulator.quirks.sameSecondOrder = 'createdAt';
  assert.deepEqual(await texts(), ['in', 'out']);
});

test('the list since a moment is sorted by latest message and paged without loss', async (t) => {
  const { emulator, portal, call } = await createRig(t);
  const start = 1_800_000_000_000;
  const ids = [3, 1, 2, 1].map(
    (second, index) =>
      portal.receiveMessage({ from: `c${index}@customer.example`, text: 'x', at: start + second * 1_000 }).threadId,
  );
  const since = (after: number) =>
    `${base}/threads?sort=latestMessageTimestamp&latestMessageTimestampAfter=${new Date(after).toISOString()}&limit=1`;
  const listed = (await listAll(call, since(start))).rows.map((row) => row.id);
  assert.deepEqual(listed, [ids[1], ids[3], ids[2], ids[0]]);
  assert.equal((await listAll(call, since(start + 1_000))).rows.length, 2);
  emulator.quirks.latestMessageAfterIsInclusive = true;
  assert.equal((await listAll(call, since(start + 1_000))).rows.length, 4);
  for (const query of ['sort=latestMessageTimestamp', 'latestMessageTimestampAfter=2026-01-01T00:00:00Z', 'limit=501'])
    assert.equal((await call('GET', `${base}/threads?${query}`)).status, 400);
  assert.equal((await call('GET', `${base}/threads?associatedContactId=1`)).status, 400);
});

test('a message cannot be read before its lag is over', async (t) => {
  let now = Date.now();
  const { portal, call } = await createRig(t, { now: () => now, quirks: { messageLagMs: 5_000 } });
  const { threadId, messageId } = portal.receiveMessage({ from, text: 'x', at: now + 1_000 });
  const path = `${base}/threads/${threadId}/messages/${messageId}`;
  assert.equal((await call('GET', path)).status, 404);
  now += 7_000;
  assert.equal((await call('GET', path)).status, 200);
});

test('archived threads leave the list and the plain read; spam is a flag', async (t) => {
  const { portal, call } = await createRig(t);
  const { threadId } = portal.receiveMessage({ from, text: 'x' });
  portal.markSpam(threadId);
  assert.equal((await call('GET', `${base}/threads/${threadId}`)).body.spam, true);
  assert.equal((await call('DELETE', `${base}/threads/${threadId}`)).status, 204);
  assert.equal((await call('GET', `${base}/threads/${threadId}`)).status, 404);
  assert.deepEqual((await call('GET', `${base}/threads`)).body.results, []);
  const archived = await call('GET', `${base}/threads?archived=true`);
  assert.equal(archived.body.results[0].id, threadId);
});

test('an app sends as an agent through a channel account, and comments as itself', async (t) => {
  const { emulator, portal, call, agentId } = await createRig(t);
  const { threadId } = portal.receiveMessage({ from, subject: 'S', text: 'x' });
  const account = portal.look().channelAccounts[0];
  const send = (changes: Record<string, unknown>) =>
    call('POST', `${base}/threads/${threadId}/messages`, {
      type: 'MESSAGE',
      text: 'We have it.',
      senderActorId: `A-${agentId}`,
      channelId: '1002',
      channelAccountId: account?.id,
      recipients: [{ recipientField: 'TO', deliveryIdentifiers: [{ type: 'HS_EMAIL_ADDRESS', value: from }] }],
      ...changes,
    });
  const sent = await send({});
  assert.equal(sent.status, 201);
  assert.equal(sent.body.createdBy, `A-${agentId}`);
  assert.equal(sent.body.direction, 'OUTGOING');
  assert.equal(sent.body.client.clientType, 'HUBSPOT');
  emulator.quirks.apiMessageClientType = 'INTEGRATION';
  assert.equal((await send({})).body.client.integrationAppId, 2000001);
  for (const changes of [
    { senderActorId: 'V-1' },
    { recipients: [] },
    { channelAccountId: '1' },
    { text: '' },
    { type: 'NOTE' },
  ])
    assert.equal((await send(changes)).status, 400);
  const comment = await send({ type: 'COMMENT' });
  assert.equal(comment.body.createdBy, 'I-2000001');
  assert.deepEqual(comment.body.senders, [{ actorId: 'I-2000001' }]);
  assert.deepEqual(comment.body.recipients, []);
});

test('a thread takes status and archived, nothing else', async (t) => {
  const { portal, call } = await createRig(t);
  const { threadId } = portal.receiveMessage({ from, text: 'x' });
  const path = `${base}/threads/${threadId}`;
  assert.equal((await call('PATCH', path, { status: 'CLOSED' })).body.status, 'CLOSED');
  assert.equal((await call('PATCH', path, { inboxId: '1' })).status, 400);
  assert.equal((await call('PATCH', path, { status: 'DONE' })).status, 400);
  portal.receiveMessage({ from, threadId, text: 'again' });
  assert.equal((await call('GET', path)).body.status, 'OPEN');
});

test('channel accounts, inboxes and actors tell who is who', async (t) => {
  const { portal, call, agentId } = await createRig(t);
  const { contactId } = portal.addContact({ email: from, name: 'Casey Customer' });
  const accounts = await call('GET', `${base}/channel-accounts`);
  assert.equal(accounts.body.results[0].channelId, '1002');
  const inboxes = await call('GET', `${base}/inboxes`);
  assert.equal(inboxes.body.results[0].id, accounts.body.results[0].inboxId);
  const inputs = [`A-${agentId}`, `V-${contactId}`, 'V-999'];
  const actors = await call('POST', `${base}/actors/batch/read`, { inputs });
  assert.deepEqual(
    actors.body.results.map((actor: Json) => [actor.id, actor.type]),
    [
      [`A-${agentId}`, 'AGENT'],
      [`V-${contactId}`, 'VISITOR'],
    ],
  );
});
