// The clock that can be moved: dates, token life, later tasks and retries follow it, in order, by method and over HTTP.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createReceiver } from './receiver.ts';
import { allScopes, createCaller, createRig } from './rig.ts';

const hourMs = 3_600_000;

test('moving the clock makes a later ticket due, at its own moment', async (t) => {
  const { emulator, portal } = await createRig(t);
  portal.configure({ ticketsForNewConversations: hourMs });
  emulator.clock.freeze(Date.UTC(2026, 10, 22, 12));
  const { threadId } = portal.receiveMessage({ from: 'c@customer.example', text: 'x' });
  emulator.clock.advance(hourMs - 1);
  assert.equal(portal.thread(threadId).ticketId, null);
  emulator.clock.advance(10 * hourMs);
  const { ticketId } = portal.thread(threadId);
  assert.ok(ticketId);
  assert.equal(portal.ticket(ticketId).properties.createdate, '2026-11-22T13:00:00.000Z');
});

test('a token ends when the clock has passed its life, and a stopped clock stands still', async (t) => {
  const { emulator, portal } = await createRig(t);
  emulator.clock.freeze();
  const call = createCaller(emulator.url, portal.install({ scopes: allScopes }).accessToken);
  const before = emulator.clock.now();
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(emulator.clock.now(), before);
  emulator.clock.advance(1_800_000 - 1);
  assert.equal((await call('GET', '/crm/owners/2026-09')).status, 200);
  emulator.clock.advance(1);
  assert.equal((await call('GET', '/crm/owners/2026-09')).body.category, 'EXPIRED_AUTHENTICATION');
  emulator.clock.run();
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(emulator.clock.now() > before + 1_800_000);
});

test('a retry of a webhook waits for the clock, not for real time', async (t) => {
  const receiver = await createReceiver(t, (_delivery, count) => (count === 1 ? 500 : 204));
  const { emulator, portal } = await createRig(t, { webhookUrl: receiver.url, webhooks: { retryBaseMs: hourMs } });
  emulator.clock.freeze();
  portal.receiveMessage({ from: 'c@customer.example', text: 'x' });
  while (emulator.webhooks.counts.failed === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  emulator.clock.advance(2 * hourMs);
  await emulator.webhooks.idle();
  assert.equal(receiver.deliveries.length, 2);
  assert.equal(receiver.events().at(-1)?.attemptNumber, 1);
});

test('other programs of the machine read and move the clock over HTTP; nonsense is refused in words', async (t) => {
  const { emulator } = await createRig(t);
  const post = async (body: unknown) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${emulator.url}/emulator/clock`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const set = await post({ at: '2030-01-01T00:00:00Z', frozen: true });
  assert.deepEqual(set, {
    status: 200,
    body: { now: Date.UTC(2030, 0, 1), at: '2030-01-01T00:00:00.000Z', frozen: true },
  });
  await post({ advanceMs: hourMs });
  assert.equal(emulator.clock.now(), Date.UTC(2030, 0, 1, 1));
  const refused = await post({ advanceMs: 'soon' });
  assert.deepEqual([refused.status, refused.body.error], [400, 'emulator: advanceMs must be whole milliseconds']);
  assert.equal((await post({})).status, 400);
});

test('a clock moved backward takes dates back, and what waits, waits longer by as much', async (t) => {
  const { emulator, portal } = await createRig(t);
  const noon = Date.UTC(2026, 10, 22, 12);
  portal.configure({ ticketsForNewConversations: hourMs });
  emulator.clock.freeze(noon);
  const { threadId } = portal.receiveMessage({ from: 'c@customer.example', text: 'x' });
  emulator.clock.advance(-2 * hourMs);
  const earlier = portal.receiveMessage({ from: 'c@customer.example', text: 'y' });
  assert.equal(portal.thread(earlier.threadId).items[0]?.createdAt, '2026-11-22T10:00:00Z');
  emulator.clock.advance(hourMs);
  assert.ok(portal.thread(earlier.threadId).ticketId, 'what began to wait after the move waits its own hour');
  emulator.clock.set(noon + hourMs - 1);
  assert.equal(portal.thread(threadId).ticketId, null);
  emulator.clock.advance(1);
  const { ticketId } = portal.thread(threadId);
  assert.equal(portal.ticket(ticketId ?? '').properties.createdate, '2026-11-22T13:00:00.000Z');
});

test('a clock moved backward lengthens the life of a token and the wait of a retry', async (t) => {
  const receiver = await createReceiver(t, (_delivery, count) => (count === 1 ? 500 : 204));
  const { emulator, portal } = await createRig(t, { webhookUrl: receiver.url, webhooks: { retryBaseMs: hourMs } });
  emulator.clock.freeze();
  const call = createCaller(emulator.url, portal.install({ scopes: allScopes }).accessToken);
  portal.receiveMessage({ from: 'c@customer.example', text: 'x' });
  while (emulator.webhooks.counts.failed === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  emulator.clock.advance(-5 * hourMs);
  emulator.clock.advance(5 * hourMs);
  assert.equal((await call('GET', '/crm/owners/2026-09')).status, 200);
  assert.equal(receiver.deliveries.length, 1);
  emulator.clock.advance(2 * hourMs);
  assert.equal((await call('GET', '/crm/owners/2026-09')).status, 401);
  await emulator.webhooks.idle();
  assert.equal(receiver.deliveries.length, 2);
});

test('limits that go by the clock count right after it was moved backward', async (t) => {
  const { emulator, call } = await createRig(t, { limits: { requestsPerTenSeconds: 2, byClock: true } });
  emulator.clock.freeze();
  const get = async () => (await call('GET', '/crm/pipelines/2026-09/tickets')).status;
  assert.deepEqual([await get(), await get(), await get()], [200, 200, 429]);
  emulator.clock.advance(10_000);
  assert.equal(await get(), 200);
  emulator.clock.advance(-5_000);
  assert.deepEqual([await get(), await get()], [200, 429]);
  emulator.clock.advance(10_000);
  assert.equal(await get(), 200, 'the call of before the move is still counted, the one of after it no more');
  assert.equal(await get(), 429);
});
