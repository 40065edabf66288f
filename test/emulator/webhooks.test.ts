// Deliveries: signature, batches, retries, concurrency, disorder, and which event says what.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Signature } from '@hubspot/api-client';
import type { WebhookSettings } from '../../src/emulator/webhooks.ts';
import { type Answering, createReceiver } from './receiver.ts';
import { app, createRig } from './rig.ts';

async function createSubscribed(t: TestContext, webhooks: Partial<WebhookSettings> = {}, answering?: Answering) {
  const receiver = await createReceiver(t, answering);
  const settings = { batchWindowMs: 2, retryBaseMs: 1, ...webhooks };
  const rig = await createRig(t, { webhookUrl: receiver.url, webhooks: settings });
  return { ...rig, receiver };
}

const from = 'casey@customer.example';

test("a delivery carries HubSpot's v3 and v1 signatures, by the official client", async (t) => {
  const { emulator, portal, receiver } = await createSubscribed(t);
  portal.receiveMessage({ from, text: 'Zoë — café' });
  await emulator.webhooks.idle();
  const [delivery] = receiver.deliveries;
  assert.ok(delivery);
  const { clientSecret } = app;
  const shared = { clientSecret, requestBody: delivery.raw, url: receiver.url, method: 'POST' };
  const v3 = {
    ...shared,
    signatureVersion: 'v3',
    signature: delivery.headers['x-hubspot-signature-v3'] ?? '',
    timestamp: Number(delivery.headers['x-hubspot-request-timestamp']),
  };
  assert.equal(Signature.isValid(v3), true);
  assert.equal(Signature.isValid({ ...v3, requestBody: `${delivery.raw} ` }), false);
  const v1 = { ...shared, signatureVersion: 'v1', signature: delivery.headers['x-hubspot-signature'] ?? '' };
  assert.equal(Signature.isValid(v1), true);
  assert.equal(delivery.headers['x-hubspot-signature-version'], 'v1');
});

test('a message event names thread and message, and neither direction nor text', async (t) => {
  const { emulator, portal, receiver } = await createSubscribed(t);
  const { threadId, messageId } = portal.receiveMessage({ from, text: 'private words' });
  await emulator.webhooks.idle();
  const [creation, message] = receiver.events();
  assert.deepEqual(
    { ...message, eventId: 0, occurredAt: 0, subscriptionId: 0 },
    {
      eventId: 0,
      subscriptionId: 0,
      portalId: 41000001,
      appId: 2000001,
      occurredAt: 0,
      subscriptionType: 'conversation.newMessage',
      objectId: Number(threadId),
      messageId,
      messageType: 'MESSAGE',
      changeFlag: 'NEW_MESSAGE',
      attemptNumber: 0,
    },
  );
  assert.equal(creation.subscriptionType, 'conversation.creation');
  assert.equal(receiver.deliveries[0]?.raw.includes('private'), false);
});

test('system items send nothing, comments send messageType COMMENT', async (t) => {
  const { emulator, portal, receiver, agentId } = await createSubscribed(t);
  const { threadId } = portal.receiveMessage({ from, text: 'x' });
  portal.sendMessage({ threadId, userId: agentId, text: 'y' });
  portal.comment({ threadId, userId: agentId, text: 'z' });
  await emulator.webhooks.idle();
  assert.equal(portal.thread(threadId).items.length, 5);
  const types = receiver.events().filter((event) => event.subscriptionType === 'conversation.newMessage');
  assert.deepEqual(
    types.map((event) => event.messageType),
    ['MESSAGE', 'MESSAGE', 'COMMENT'],
  );
});

test('a mail from the ticket record sends creation and association; a later association comes on its own', async (t) => {
  const { emulator, portal, receiver, agentId } = await createSubscribed(t);
  const { ticketId } = portal.createTicket({ userId: agentId });
  const { contactId } = portal.addContact({ email: from });
  await emulator.webhooks.idle();
  const seen = receiver.events().length;
  const mail = { from: 'ticket', ticketId, userId: agentId, to: from, subject: 'S', text: 'T' } as const;
  const { emailId } = portal.sendMailboxEmail({ ...mail, associateAfterMs: 40, status: 'SENDING' });
  portal.setEmailStatus({ emailId, status: 'SENT' });
  assert.deepEqual(portal.ticket(ticketId).emailIds, []);
  await emulator.webhooks.idle();
  assert.deepEqual(portal.ticket(ticketId).emailIds, [emailId]);
  const events = receiver.events().slice(seen);
  const creation = events.find((event) => event.subscriptionType === 'object.creation');
  assert.deepEqual([creation.objectId, creation.objectTypeId], [Number(emailId), '0-49']);
  const status = events.find((event) => event.subscriptionType === 'object.propertyChange');
  assert.deepEqual([status.propertyName, status.propertyValue], ['hs_email_status', 'SENT']);
  const ties = events.filter((event) => event.subscriptionType === 'object.associationChange');
  assert.deepEqual(
    ties.map((event) => [event.fromObjectTypeId, event.toObjectTypeId, event.toObjectId, event.associationTypeId]),
    [
      ['0-49', '0-1', Number(contactId), 198],
      ['0-49', '0-5', Number(ticketId), 224],
    ],
  );
  assert.ok(ties[1].occurredAt >= ties[0].occurredAt + 30);
  assert.equal(ties[1].associationRemoved, false);
});

test("the app's own stage write echoes back as INTEGRATION with the app id", async (t) => {
  const { emulator, portal, receiver, agentId, call } = await createSubscribed(t);
  const { ticketId } = portal.createTicket({ userId: agentId });
  const inputs = [{ id: ticketId, properties: { hs_pipeline_stage: '2' } }];
  await call('POST', '/crm/objects/2026-09/tickets/batch/update', { inputs });
  await call('POST', '/crm/objects/2026-09/tickets/batch/update', { inputs });
  await emulator.webhooks.idle();
  const changes = receiver.events().filter((event) => event.propertyName === 'hs_pipeline_stage');
  assert.equal(changes.length, 1);
  const { objectTypeId, propertyValue, changeSource, sourceId } = changes[0];
  assert.deepEqual([objectTypeId, propertyValue, changeSource, sourceId], ['0-5', '2', 'INTEGRATION', '2000001']);
});

test('merge, deletion and erasure have their own events', async (t) => {
  const { emulator, portal, receiver, agentId } = await createSubscribed(t);
  const [primaryId = '', mergedId = ''] = [1, 2].map(() => portal.createTicket({ userId: agentId }).ticketId);
  const { contactId } = portal.addContact({ email: from });
  portal.mergeTickets({ primaryId, mergedId, userId: agentId });
  portal.deleteTicket(primaryId);
  portal.eraseContact(contactId);
  await emulator.webhooks.idle();
  const find = (type: string) => receiver.events().find((event) => event.subscriptionType === type);
  assert.equal(find('object.merge').primaryObjectId, Number(primaryId));
  assert.deepEqual(find('object.merge').mergedObjectIds, [Number(mergedId)]);
  assert.equal(find('object.deletion').objectId, Number(primaryId));
  assert.equal(find('contact.privacyDeletion').objectId, Number(contactId));
});

test('only installed portals with the scope are told, of what is subscribed', async (t) => {
  const subscriptions = [
    { subscriptionType: 'ticket.creation' },
    { subscriptionType: 'conversation.newMessage' },
    { subscriptionType: 'ticket.propertyChange', propertyName: 'subject', active: false },
  ];
  const { emulator, portal, receiver, agentId } = await createSubscribed(t, { subscriptions });
  const silent = emulator.addPortal({ portalId: '41000002' });
  silent.receiveMessage({ from, text: 'x' });
  const narrow = emulator.addPortal({ portalId: '41000003' });
  narrow.install({ scopes: ['oauth', 'tickets'] });
  narrow.receiveMessage({ from, text: 'x' });
  const { ticketId } = portal.createTicket({ userId: agentId });
  portal.uninstall();
  portal.createTicket({ userId: agentId });
  await emulator.webhooks.idle();
  assert.equal(receiver.events().length, 1);
  const [event] = receiver.events();
  assert.deepEqual([event.subscriptionType, event.objectId], ['ticket.creation', Number(ticketId)]);
  assert.equal('objectTypeId' in event, false);
});

test('events wait while held, and go out in batches of at most 100 once released', async (t) => {
  const { emulator, portal, receiver, agentId } = await createSubscribed(t);
  emulator.webhooks.hold();
  for (let index = 0; index < 250; index += 1) portal.createTicket({ userId: agentId });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(receiver.deliveries.length, 0);
  emulator.webhooks.release();
  await emulator.webhooks.idle();
  assert.deepEqual(
    receiver.deliveries.map((delivery) => delivery.events.length).sort((a, b) => a - b),
    [50, 100, 100],
  );
});

test('any answer but 2xx is tried again with a fresh signature and a higher attemptNumber', async (t) => {
  const answers = [500, 404, 302, 204];
  const { emulator, portal, receiver } = await createSubscribed(t, {}, (_, count) => answers[count - 1] ?? 204);
  portal.receiveMessage({ from, text: 'x' });
  await emulator.webhooks.idle();
  assert.deepEqual(
    receiver.deliveries.map((delivery) => delivery.events[0].attemptNumber),
    [0, 1, 2, 3],
  );
  const ids = new Set(receiver.events().map((event) => event.eventId));
  assert.equal(ids.size, 2);
  for (const delivery of receiver.deliveries) {
    const timestamp = Number(delivery.headers['x-hubspot-request-timestamp']);
    assert.ok(Math.abs(delivery.at - timestamp) < 3_000);
  }
});

test('after the eleventh failure the events are gone', async (t) => {
  const { emulator, portal, receiver } = await createSubscribed(t, { retryBaseMs: 0.01 }, () => 401);
  portal.receiveMessage({ from, text: 'x' });
  await emulator.webhooks.idle();
  assert.equal(receiver.deliveries.length, 11);
  assert.equal(emulator.webhooks.counts.givenUp, 1);
});

test('an answer after the deadline counts as none', async (t) => {
  const slow: Answering = async (_, count) => {
    if (count === 1) await new Promise((resolve) => setTimeout(resolve, 600));
    return 204;
  };
  const { emulator, portal, receiver } = await createSubscribed(t, { deadlineMs: 200 }, slow);
  portal.receiveMessage({ from, text: 'x' });
  await emulator.webhooks.idle();
  assert.equal(emulator.webhooks.deliveries()[0]?.status, null);
  assert.equal(emulator.webhooks.deliveries().at(-1)?.status, 204);
  assert.equal(receiver.deliveries.length, emulator.webhooks.deliveries().length);
});

test('at most ten deliveries of a portal are under way at once', async (t) => {
  let open = 0;
  let most = 0;
  const { emulator, portal, agentId } = await createSubscribed(t, { batchSize: 1 }, async () => {
    open += 1;
    most = Math.max(most, open);
    await new Promise((resolve) => setTimeout(resolve, 30));
    open -= 1;
    return 204;
  });
  for (let index = 0; index < 40; index += 1) portal.createTicket({ userId: agentId });
  await emulator.webhooks.idle();
  assert.equal(most, 10);
});

test('duplicates, losses and disorder follow the seed', async (t) => {
  const run = async () => {
    const settings = { duplicateRate: 0.3, lossRate: 0.2, shuffles: true };
    const { emulator, portal, receiver, agentId } = await createSubscribed(t, settings);
    for (let index = 0; index < 60; index += 1) portal.createTicket({ userId: agentId });
    await emulator.webhooks.idle();
    const seen = receiver.events().map((event) => event.objectId as number);
    assert.equal(seen.length, 60 - emulator.webhooks.counts.lost + emulator.webhooks.counts.duplicated);
    return { seen, posts: receiver.deliveries.map((delivery) => delivery.events.length).sort() };
  };
  const [first, second] = [await run(), await run()];
  // Which of two POSTs under way arrives first is the network's affair; what is in them is the seed's.
  assert.deepEqual(first.posts, second.posts);
  assert.deepEqual(first.seen.toSorted(), second.seen.toSorted());
  assert.equal(first.posts.length, 2, 'some come again in a POST of their own');
  const [once, rest] = [new Set(first.seen), first.seen.length - new Set(first.seen).size];
  assert.ok(once.size < 60, 'some are lost');
  assert.ok(rest > Math.min(...first.posts), 'some come twice in one POST');
  assert.notDeepEqual(
    first.seen,
    first.seen.toSorted((a, b) => a - b),
  );
});

test('ids beyond 2^53 keep every digit', async (t) => {
  const { emulator, portal, receiver, agentId } = await createSubscribed(t);
  portal.createTicket({ userId: agentId, ticketId: '9223372036854775807' });
  await emulator.webhooks.idle();
  assert.match(receiver.deliveries[0]?.raw ?? '', /"objectId":9223372036854775807,/);
});
