// The fault plan: shares and times by the seed and the clock, partial batches, webhook mishaps, JSON over HTTP, repeated runs.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createReceiver } from './receiver.ts';
import { createRig } from './rig.ts';

const tickets = '/crm/objects/2026-09/tickets';

test('a partial fault fails some inputs of a batch with a 207 and handles the others', async (t) => {
  const { emulator, portal, call, agentId } = await createRig(t);
  const ids = [1, 2, 3].map(() => portal.createTicket({ userId: agentId }).ticketId);
  emulator.faults.add({ kind: 'partial', path: /tickets\/batch\/update/, inputs: 2, times: 1 });
  const inputs = ids.map((id) => ({ id, properties: { hs_pipeline_stage: '2' } }));
  const answer = await call('POST', `${tickets}/batch/update`, { inputs });
  assert.deepEqual([answer.status, answer.body.numErrors, answer.body.results.length], [207, 2, 1]);
  const failed = answer.body.errors.flatMap((error: { context: { ids: string[] } }) => error.context.ids);
  assert.deepEqual(
    ids.filter((id) => portal.stage(id) === '1'),
    ids.filter((id) => failed.includes(id)),
  );
  emulator.quirks.batchUpdate = 'refuse-any';
  emulator.faults.add({ kind: 'partial', times: 1 });
  assert.equal((await call('POST', `${tickets}/batch/update`, { inputs })).status, 400);
});

test('a fault holds between two moments of the clock only', async (t) => {
  const { emulator, call } = await createRig(t);
  emulator.clock.freeze();
  const from = emulator.clock.now() + 1_000;
  emulator.faults.add({ kind: 'status', status: 503, from, until: from + 1_000 });
  const get = async () => (await call('GET', '/crm/owners/2026-09')).status;
  assert.equal(await get(), 200);
  emulator.clock.advance(1_000);
  assert.equal(await get(), 503);
  emulator.clock.advance(1_000);
  assert.equal(await get(), 200);
  assert.deepEqual(emulator.faults.list(), []);
});

test('faults are ordered, listed and removed over HTTP; a wrong one is refused in words', async (t) => {
  const { emulator, call } = await createRig(t);
  const ask = (method: string, path: string, body?: unknown) =>
    fetch(emulator.url + path, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  const made = await ask('POST', '/emulator/faults', { kind: 'status', status: 502, path: '/owners/' });
  assert.equal(made.status, 201);
  const { id } = (await made.json()) as { id: string };
  assert.equal((await call('GET', '/crm/owners/2026-09')).status, 502);
  const { faults } = (await (await ask('GET', '/emulator/faults')).json()) as { faults: Array<{ id: string }> };
  assert.deepEqual(
    faults.map((fault) => fault.id),
    [id],
  );
  assert.equal((await ask('DELETE', `/emulator/faults/${id}`)).status, 204);
  assert.equal((await ask('DELETE', `/emulator/faults/${id}`)).status, 404);
  assert.equal((await call('GET', '/crm/owners/2026-09')).status, 200);
  const wrong = await ask('POST', '/emulator/faults', { kind: 'explode' });
  assert.equal(wrong.status, 400);
  assert.match(((await wrong.json()) as { error: string }).error, /kind must be one of status, hang/);
});

test('webhook events are lost, repeated and delayed where ordered', async (t) => {
  const receiver = await createReceiver(t);
  const { emulator, portal } = await createRig(t, { webhookUrl: receiver.url });
  emulator.clock.freeze();
  emulator.faults.add({ kind: 'webhook-loss', event: 'conversation.creation' });
  emulator.faults.add({ kind: 'webhook-duplicate', event: 'conversation.newMessage', times: 1 });
  emulator.faults.add({ kind: 'webhook-delay', ms: 60_000, event: 'conversation.newMessage' });
  const { threadId } = portal.receiveMessage({ from: 'c@customer.example', text: 'x' });
  assert.deepEqual([emulator.webhooks.counts.lost, emulator.webhooks.counts.duplicated], [1, 1]);
  emulator.clock.advance(60_000);
  await emulator.webhooks.idle();
  const heard = receiver.events().filter((event) => String(event.objectId) === threadId);
  assert.deepEqual(
    heard.map((event) => event.subscriptionType),
    ['conversation.newMessage', 'conversation.newMessage'],
  );
});

test('webhook events come out of their order where ordered, each of them once', async (t) => {
  const receiver = await createReceiver(t);
  const { emulator, portal, agentId } = await createRig(t, { webhookUrl: receiver.url, seed: 3 });
  const { threadId } = portal.receiveMessage({ from: 'c@customer.example', text: 'x' });
  await emulator.webhooks.idle();
  const comment = () => portal.comment({ threadId, userId: agentId, text: 'y' }).messageId;
  const heard = () => receiver.events().flatMap((event) => event.messageId ?? []);
  const first = heard().length;
  const orderly = Array.from({ length: 12 }, comment);
  await emulator.webhooks.idle();
  assert.deepEqual(heard().slice(first), orderly);
  emulator.faults.add({ kind: 'webhook-disorder', event: 'conversation.newMessage' });
  const mixed = Array.from({ length: 12 }, comment);
  await emulator.webhooks.idle();
  const came = heard().slice(first + 12);
  assert.notDeepEqual(came, mixed);
  assert.deepEqual(came.toSorted(), mixed.toSorted());
});

test('a disorder with ms holds each event back for less than that, by the clock', async (t) => {
  const receiver = await createReceiver(t);
  const { emulator, portal, agentId } = await createRig(t, { webhookUrl: receiver.url });
  emulator.clock.freeze();
  const { threadId } = portal.receiveMessage({ from: 'c@customer.example', text: 'x' });
  await emulator.webhooks.idle();
  emulator.faults.add({ kind: 'webhook-disorder', event: 'conversation.newMessage', ms: 60_000 });
  const sent = Array.from({ length: 8 }, () => portal.comment({ threadId, userId: agentId, text: 'y' }).messageId);
  const heard = () =>
    receiver
      .events()
      .flatMap((event) => event.messageId ?? [])
      .slice(1);
  emulator.clock.advance(30_000);
  while (heard().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  emulator.clock.advance(30_000);
  await emulator.webhooks.idle();
  assert.notDeepEqual(heard(), sent);
  assert.deepEqual(heard().toSorted(), sent.toSorted());
});

/** Everything that one scripted run gives out. */
async function runScript(t: TestContext, seed: number) {
  const receiver = await createReceiver(t);
  const { emulator, portal, call, agentId } = await createRig(t, { seed, webhookUrl: receiver.url });
  emulator.clock.freeze(Date.UTC(2026, 10, 22));
  emulator.webhooks.hold();
  Object.assign(emulator.webhooks.settings, { lossRate: 0.2, duplicateRate: 0.3, shuffles: true });
  emulator.webhooks.settings.maxInFlightPerPortal = 1;
  emulator.faults.add({ kind: 'status', status: 503, probability: 0.5 });
  const answers: number[] = [];
  for (let index = 0; index < 12; index += 1) {
    const { threadId } = portal.receiveMessage({ from: `c${index}@customer.example`, text: 'x' });
    portal.sendMessage({ threadId, userId: agentId, text: 'y' });
    answers.push((await call('GET', '/crm/owners/2026-09')).status);
  }
  emulator.webhooks.release();
  await emulator.webhooks.idle();
  return { answers, events: receiver.deliveries.map((delivery) => delivery.raw) };
}

test('the same seed and the same calls give the same ids, losses, repeats and order', async (t) => {
  const [first, again, other] = [await runScript(t, 7), await runScript(t, 7), await runScript(t, 8)];
  assert.deepEqual(again, first);
  assert.notDeepEqual(other, first);
});
