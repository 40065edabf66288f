// What a HubSpot developer tries next on each path: single records, archives, pairs, parts of a portal, and what is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createReceiver } from './receiver.ts';
import { createRig, type Json } from './rig.ts';

const objects = '/crm/objects/2026-09';
const tickets = `${objects}/tickets`;
const conversations = '/conversations/conversations/2026-09';
const idsOf = (answer: { body: Json }) => answer.body.results.map((one: Json) => one.id);

test('an archived record is read and listed with archived=true only, a merged one not even then', async (t) => {
  const { portal, call, agentId } = await createRig(t);
  const [living = '', gone = '', merged = ''] = [1, 2, 3].map(() => portal.createTicket({ userId: agentId }).ticketId);
  portal.deleteTicket(gone);
  portal.mergeTickets({ primaryId: living, mergedId: merged, userId: agentId });
  assert.equal((await call('GET', `${tickets}/${gone}`)).status, 404);
  const archived = await call('GET', `${tickets}/${gone}?archived=true`);
  assert.deepEqual([archived.body.archived, typeof archived.body.archivedAt], [true, 'string']);
  assert.equal((await call('GET', `${tickets}/${merged}?archived=true`)).status, 404);
  assert.deepEqual(idsOf(await call('GET', tickets)), [living]);
  assert.deepEqual(idsOf(await call('GET', `${tickets}?archived=true`)), [gone]);
  const batch = { inputs: [{ id: gone }, { id: living }] };
  const some = await call('POST', `${tickets}/batch/read?archived=true`, batch);
  assert.deepEqual([some.status, idsOf(some)], [207, [gone]]);
});

test('a list pages by cursor and carries associations', async (t) => {
  const { portal, call, agentId } = await createRig(t);
  const ids = [1, 2, 3].map(() => portal.createTicket({ userId: agentId }).ticketId);
  const { contactId } = portal.addContact({ email: 'casey@customer.example' });
  portal.addContactToTicket({ ticketId: ids[2] ?? '', contactId });
  const first = await call('GET', `${tickets}?limit=2&associations=contacts`);
  assert.deepEqual(idsOf(first), ids.slice(0, 2));
  assert.equal(first.body.results[0].associations, undefined);
  const { after } = first.body.paging.next;
  const second = await call('GET', `${tickets}?limit=2&associations=contacts&after=${after}`);
  assert.deepEqual(idsOf(second), ids.slice(2));
  assert.equal(second.body.paging, undefined);
  assert.deepEqual(second.body.results[0].associations.contacts.results, [
    { id: contactId, type: 'ticket_to_contact' },
  ]);
  for (const query of ['limit=101', 'limit=0', 'after=x', 'limit=51&propertiesWithHistory=subject'])
    assert.equal((await call('GET', `${tickets}?${query}`)).status, 400, query);
});

test('a merge by the app is told as its own and leads the old id to the survivor', async (t) => {
  const { emulator, portal, call, agentId } = await createRig(t);
  const receiver = await createReceiver(t);
  emulator.setWebhookUrl(receiver.url);
  const [primaryId = '', mergedId = ''] = [1, 2].map(() => portal.createTicket({ userId: agentId }).ticketId);
  const merge = (body: unknown) => call('POST', `${tickets}/merge`, body);
  assert.equal((await merge({ primaryObjectId: primaryId })).status, 400);
  assert.equal((await merge({ primaryObjectId: primaryId, objectIdToMerge: primaryId })).status, 400);
  assert.equal((await merge({ primaryObjectId: primaryId, objectIdToMerge: '1' })).status, 404);
  assert.equal((await merge({ primaryObjectId: primaryId, objectIdToMerge: mergedId })).body.id, primaryId);
  assert.equal((await call('GET', `${tickets}/${mergedId}`)).body.id, primaryId);
  await emulator.webhooks.idle();
  const event = receiver.events().find((one) => one.subscriptionType === 'object.merge');
  assert.deepEqual([event?.changeSource, event?.sourceId], ['INTEGRATION', '2000001']);
});

test('an upsert finds by address, makes what it does not find, and reports what fails', async (t) => {
  const { portal, call } = await createRig(t);
  const { contactId } = portal.addContact({ email: 'casey@customer.example' });
  const input = (id: string, more = {}) => ({ idProperty: 'email', id, properties: { firstname: 'C' }, ...more });
  const inputs = [
    input('casey@customer.example'),
    input('new@customer.example'),
    input('no address', { objectWriteTraceId: 'a' }),
    { id: '1', properties: {} },
  ];
  const { status, body } = await call('POST', `${objects}/contacts/batch/upsert`, { inputs });
  assert.equal(status, 207);
  assert.deepEqual(
    body.results.map((one: Json) => [one.new, one.properties.firstname]),
    [
      [false, 'C'],
      [true, 'C'],
    ],
  );
  assert.equal(body.results[0].id, contactId);
  assert.deepEqual(
    body.errors.map((one: Json) => one.context),
    [{ ids: ['no address'], objectWriteTraceId: ['a'] }, { ids: ['1'] }],
  );
  const onTickets = { inputs: [{ idProperty: 'subject', id: 'x', properties: {} }] };
  assert.equal((await call('POST', `${tickets}/batch/upsert`, onTickets)).status, 207);
});

test('a pair is associated by default, by type and in batches, listed from both sides and removed', async (t) => {
  const { portal, call, agentId } = await createRig(t);
  const { ticketId } = portal.createTicket({ userId: agentId });
  const { contactId } = portal.addContact({ email: 'casey@customer.example' });
  const pair = `${tickets}/${ticketId}/associations`;
  const listed = async () => (await call('GET', `${pair}/contacts`)).body.results.map((row: Json) => row.toObjectId);
  const made = await call('PUT', `${pair}/default/contacts/${contactId}`);
  assert.deepEqual(
    made.body.results.map((one: Json) => one.associationSpec.associationTypeId),
    [16, 15],
  );
  assert.deepEqual(await listed(), [contactId]);
  const back = await call('GET', `${objects}/contacts/${contactId}/associations/tickets`);
  assert.deepEqual(back.body.results[0].associationTypes, [{ category: 'HUBSPOT_DEFINED', typeId: 15, label: null }]);
  assert.equal((await call('DELETE', `${pair}/contacts/${contactId}`)).status, 204);
  assert.deepEqual(await listed(), []);
  const wrong = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 15 }];
  assert.equal((await call('PUT', `${pair}/contacts/${contactId}`, wrong)).status, 400);
  assert.equal((await call('PUT', `${pair}/default/contacts/1`)).status, 400);
  assert.equal((await call('PUT', `${pair}/default/conversation/1`)).status, 400);
  assert.equal((await call('GET', `${tickets}/1/associations/contacts`)).status, 404);
  const many = { inputs: Array.from({ length: 101 }, () => ({ from: { id: ticketId }, to: [{ id: contactId }] })) };
  assert.equal((await call('POST', '/crm/associations/2026-09/tickets/contacts/batch/archive', many)).status, 400);
});

test('pipelines, stages, properties and owners are read one by one', async (t) => {
  const { portal, call, agentId } = await createRig(t);
  const pipelines = '/crm/pipelines/2026-09/tickets';
  assert.deepEqual(idsOf(await call('GET', `${pipelines}/0/stages`)), ['1', '2', '3', '4']);
  assert.equal((await call('GET', `${pipelines}/0/stages/4`)).body.metadata.isClosed, 'true');
  for (const path of ['7', '7/stages', '0/stages/9'])
    assert.equal((await call('GET', `${pipelines}/${path}`)).status, 404);
  const properties = '/crm/properties/2026-09/tickets';
  assert.equal((await call('GET', `${properties}/hs_is_closed`)).body.fieldType, 'booleancheckbox');
  assert.equal((await call('GET', `${properties}/nothing`)).status, 404);
  const owners = '/crm/owners/2026-09';
  const ownerId = portal.look().users[0]?.ownerId;
  assert.equal((await call('GET', `${owners}/${ownerId}`)).body.userId, Number(agentId));
  assert.equal((await call('GET', `${owners}/${agentId}?idProperty=userId`)).body.id, ownerId);
  assert.equal((await call('GET', `${owners}/${agentId}`)).status, 404);
  assert.equal((await call('GET', `${owners}/${ownerId}?idProperty=email`)).status, 400);
});

test('channels, accounts, inboxes, actors and original content are read one by one', async (t) => {
  const { portal, call, agentId } = await createRig(t);
  const { threadId, messageId } = portal.receiveMessage({ from: 'casey@customer.example', text: 'Hello' });
  const thread = (await call('GET', `${conversations}/threads/${threadId}`)).body;
  const account = await call('GET', `${conversations}/channel-accounts/${thread.originalChannelAccountId}`);
  assert.equal(account.body.inboxId, thread.inboxId);
  assert.equal((await call('GET', `${conversations}/inboxes/${thread.inboxId}`)).body.type, 'INBOX');
  assert.deepEqual((await call('GET', `${conversations}/channels/1002`)).body, { id: '1002', name: 'EMAIL' });
  assert.equal((await call('GET', `${conversations}/actors/A-${agentId}`)).body.type, 'AGENT');
  for (const path of ['channel-accounts/1', 'inboxes/1', 'channels/1', 'actors/A-1'])
    assert.equal((await call('GET', `${conversations}/${path}`)).status, 404, path);
  const content = await call('GET', `${conversations}/threads/${threadId}/messages/${messageId}/original-content`);
  assert.equal(content.body.text, 'Hello');
});

test('a thread is assigned to an agent and freed again, with an item and an event each', async (t) => {
  const subscriptions = [{ subscriptionType: 'conversation.propertyChange', propertyName: 'assignedTo' }];
  const { emulator, portal, call, agentId } = await createRig(t, { webhooks: { subscriptions, batchWindowMs: 1 } });
  const receiver = await createReceiver(t);
  emulator.setWebhookUrl(receiver.url);
  const { threadId } = portal.receiveMessage({ from: 'casey@customer.example', text: 'Hello' });
  const path = `${conversations}/threads/${threadId}/assignee`;
  assert.equal((await call('PUT', path, { actorId: 'A-1' })).status, 400);
  assert.equal((await call('PUT', path, { actorId: `A-${agentId}` })).body.assignedTo, `A-${agentId}`);
  await emulator.webhooks.idle();
  assert.equal((await call('DELETE', path)).status, 204);
  assert.equal((await call('GET', `${conversations}/threads/${threadId}`)).body.assignedTo, undefined);
  await emulator.webhooks.idle();
  assert.deepEqual(
    receiver.events().map((one) => one.propertyValue),
    [`A-${agentId}`, ''],
  );
  const { body } = await call('GET', `${conversations}/threads/${threadId}/messages?sort=createdAt`);
  assert.equal(body.results.filter((one: Json) => one.type === 'ASSIGNMENT').length, 2);
});

test('an erased contact is gone for good and told of twice', async (t) => {
  const subscriptions = ['contact.deletion', 'contact.privacyDeletion'].map((subscriptionType) => ({
    subscriptionType,
  }));
  const { emulator, portal, call } = await createRig(t, { webhooks: { subscriptions } });
  const receiver = await createReceiver(t);
  emulator.setWebhookUrl(receiver.url);
  const { contactId } = portal.addContact({ email: 'casey@customer.example' });
  const erase = (body: unknown) => call('POST', `${objects}/contacts/gdpr-delete`, body);
  assert.equal((await erase({})).status, 400);
  assert.equal((await erase({ objectId: 'casey@customer.example', idProperty: 'email' })).status, 204);
  assert.equal((await call('GET', `${objects}/contacts/${contactId}?archived=true`)).status, 404);
  assert.equal((await erase({ objectId: contactId })).status, 404);
  await emulator.webhooks.idle();
  assert.deepEqual(
    receiver
      .events()
      .map((one) => one.subscriptionType)
      .sort(),
    ['contact.deletion', 'contact.privacyDeletion'],
  );
});

test('search finds by words of a query and refuses operators without their operands', async (t) => {
  const { portal, call, agentId } = await createRig(t, { limits: { searchesPerSecond: 100 } });
  const { ticketId } = portal.createTicket({ userId: agentId, subject: 'The printer burns' });
  portal.createTicket({ userId: agentId, subject: 'The scanner is cold' });
  const search = (body: Json) => call('POST', `${tickets}/search`, body);
  assert.deepEqual(idsOf(await search({ query: 'burn print' })), [ticketId]);
  assert.deepEqual(idsOf(await search({ query: 'printer cold' })), []);
  assert.equal((await search({ query: 'the' })).body.total, 2);
  const filter = (operator: string, more = {}) => ({
    filterGroups: [{ filters: [{ propertyName: 'subject', operator, ...more }] }],
  });
  for (const operator of ['EQ', 'BETWEEN', 'IN', 'NOT_IN', 'CONTAINS_TOKEN', 'LIKE'])
    assert.equal((await search(filter(operator))).status, 400, operator);
  assert.equal((await search(filter('BETWEEN', { value: '1' }))).status, 400);
  assert.equal((await search(filter('NOT_HAS_PROPERTY'))).body.total, 0);
});

test('a known path with another method answers 405, and conversations have no 2026-03', async (t) => {
  const { emulator, call } = await createRig(t);
  assert.equal((await call('PUT', tickets)).status, 405);
  assert.equal((await call('GET', '/conversations/conversations/2026-03/threads')).status, 404);
  assert.deepEqual(
    emulator.unknownRequests.map(({ method, path }) => `${method} ${path}`),
    [`PUT ${tickets}`, 'GET /conversations/conversations/2026-03/threads'],
  );
});

test('new paths ask for the scopes of what they touch', async (t) => {
  const { portal, call, agentId } = await createRig(t);
  const { ticketId } = portal.createTicket({ userId: agentId });
  portal.restrictScopes(['oauth', 'tickets']);
  const status = async (method: string, path: string, body?: unknown) => (await call(method, path, body)).status;
  assert.equal(await status('GET', `${tickets}/${ticketId}/associations/tickets`), 200);
  assert.equal(await status('GET', `${tickets}/${ticketId}/associations/contacts`), 403);
  assert.equal(await status('PUT', `${tickets}/${ticketId}/associations/default/contacts/1`), 403);
  assert.equal(await status('GET', '/crm/owners/2026-09/1'), 403);
  assert.equal(await status('GET', `${conversations}/channels`), 403);
  assert.equal(await status('POST', `${objects}/contacts/gdpr-delete`, { objectId: '1' }), 403);
  assert.equal(await status('GET', '/crm/properties/2026-09/contacts/email'), 403);
});
