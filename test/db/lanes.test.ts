// Leases: one worker a portal, in order, and nothing from a worker whose lease was taken over.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LeasedBatch } from '../../src/db/lanes.ts';
import {
  drain,
  expireLease,
  installPortal,
  leaseOptions,
  makeDue,
  makeEvent,
  makeEvents,
  makeRecord,
  openAnother,
  openTestDb,
  settlement,
} from './test-db.ts';

const { url, db, raw } = await openTestDb();
const { lanes } = db;

async function claimOne(portalId: string): Promise<LeasedBatch> {
  const batches = await lanes.claimLanes(100, leaseOptions);
  assert.deepEqual(
    batches.map(({ lease }) => lease.portalId),
    [portalId],
  );
  return batches[0] as LeasedBatch;
}

/** A portal with `count` events waiting, and nothing else due. */
async function portalWith(count: number): Promise<string> {
  const portalId = await installPortal(db);
  await db.events.store(makeEvents(portalId, count));
  return portalId;
}

const lost = { code: 'lease-lost' };
const intent = { subject: 's', ticketId: '1', fromStageId: '1', toStageId: '2', at: '2026-01-01T00:00:00.000Z' };

test('a portal is leased to one of many workers that ask at once', async () => {
  const others = [openAnother(url), openAnother(url)];
  for (let round = 0; round < 10; round += 1) {
    const portals = await Promise.all([1, 2, 3, 4, 5].map(() => portalWith(2)));
    const asked = [db, ...others].flatMap((each) => [each, each]);
    const claimed = (await Promise.all(asked.map((each) => each.lanes.claimLanes(3, leaseOptions)))).flat();
    const leased = claimed.map(({ lease }) => lease.portalId);
    assert.equal(new Set(leased).size, leased.length, 'none twice');
    claimed.push(...(await lanes.claimLanes(100, leaseOptions)));
    assert.deepEqual(claimed.map(({ lease }) => lease.portalId).sort(), portals.sort());
    for (const { lease, events } of claimed) await lanes.settle(lease, settlement({ done: events }));
  }
  await Promise.all(others.map((other) => other.close()));
});

test('events come oldest first, at most a batch of them, and the rest after it', async () => {
  const portalId = await installPortal(db);
  const events = makeEvents(portalId, 7);
  for (const event of events) await db.events.store([event]);
  const seen: string[][] = [];
  for (;;) {
    const [batch] = await lanes.claimLanes(1, { leaseMs: 60_000, batchSize: 3 });
    if (!batch) break;
    seen.push(batch.events.map((event) => event.key));
    await lanes.settle(batch.lease, settlement({ done: batch.events }));
  }
  const keys = events.map((event) => event.key);
  assert.deepEqual(seen, [keys.slice(0, 3), keys.slice(3, 6), keys.slice(6)]);
});

test('the portal that waits longest comes first, and a long backlog does not hold up the others', async () => {
  const [big, small] = [await portalWith(250), await portalWith(1)];
  const first = await lanes.claimLanes(1, leaseOptions);
  assert.deepEqual([first[0]?.lease.portalId, first[0]?.events.length], [big, 100]);
  const second = await lanes.claimLanes(5, leaseOptions);
  assert.deepEqual([second[0]?.lease.portalId, second.length], [small, 1]);
  for (const { lease, events } of [...first, ...second]) await lanes.settle(lease, settlement({ done: events }));
  assert.equal((await drain(db)).length, 150);
});

test('a lease that ends is taken over, and the new worker is told', async () => {
  const portalId = await portalWith(1);
  const first = await claimOne(portalId);
  assert.equal(first.lease.takenOver, false);
  assert.deepEqual(await lanes.claimLanes(10, leaseOptions), []);
  await expireLease(raw, portalId);
  const second = await claimOne(portalId);
  assert.equal(second.lease.takenOver, true);
  assert.deepEqual(second.events, first.events);
  await lanes.settle(second.lease, settlement());
  const third = await claimOne(portalId);
  assert.equal(third.lease.takenOver, false, 'a released lease is not taken over');
  await lanes.settle(third.lease, settlement({ done: third.events }));
});

test('a worker whose lease was taken over can neither plan nor settle nor renew', async () => {
  const portalId = await portalWith(2);
  const late = await claimOne(portalId);
  await expireLease(raw, portalId);
  const next = await claimOne(portalId);
  const [event] = late.events;
  assert.ok(event);
  await assert.rejects(lanes.renewLease(late.lease, 60_000), lost);
  await assert.rejects(lanes.planMoves(late.lease, [{ event, intents: [intent] }], 60_000), lost);
  await assert.rejects(lanes.planMoves(late.lease, [], 60_000), lost);
  const everything = settlement({
    records: [makeRecord({ subject: 'm:late:1' })],
    done: late.events,
    memory: [{ kind: 'own-thread', threadId: '1', ticketId: '2', source: 'originating' }],
    newEvents: [makeEvent(portalId)],
    pace: [1],
  });
  await assert.rejects(lanes.settle(late.lease, everything), lost);
  // The other one's lease stands, and nothing was written.
  await lanes.renewLease(next.lease, 60_000);
  assert.deepEqual((await db.records.listRecords(portalId, { limit: 1 })).records, []);
  const { rows } = await raw.query('select count(*)::int as count from own_threads where portal_id = $1', [portalId]);
  assert.equal(rows[0].count, 0);
  await lanes.settle(next.lease, settlement());
  const third = await claimOne(portalId);
  assert.deepEqual(third.events, next.events);
  assert.deepEqual(third.lease.pace, []);
  await lanes.settle(third.lease, settlement({ done: third.events }));
});

test('a released lease is worth nothing any more', async () => {
  const portalId = await portalWith(1);
  const { lease, events } = await claimOne(portalId);
  await lanes.settle(lease, settlement({ done: events }));
  await assert.rejects(lanes.settle(lease, settlement()), lost);
  await assert.rejects(lanes.renewLease(lease, 60_000), lost);
  await assert.rejects(lanes.planMoves(lease, [], 60_000), lost);
});

test('a lease that ended but was not taken over can still be renewed and settled', async () => {
  const portalId = await portalWith(1);
  const { lease, events } = await claimOne(portalId);
  await expireLease(raw, portalId);
  await lanes.renewLease(lease, 60_000);
  assert.deepEqual(await lanes.claimLanes(10, leaseOptions), [], 'renewed: not to be had');
  await expireLease(raw, portalId);
  await lanes.settle(lease, settlement({ done: events }));
  assert.deepEqual(await drain(db), []);
});

test('planned moves are found by the next worker, with those of earlier tries', async () => {
  const portalId = await portalWith(2);
  const first = await claimOne(portalId);
  const [one, two] = first.events;
  assert.ok(one && two);
  await lanes.planMoves(
    first.lease,
    [
      { event: one, intents: [intent] },
      { event: two, intents: [intent, intent] },
    ],
    60_000,
  );
  await expireLease(raw, portalId);
  const second = await claimOne(portalId);
  const later = { ...intent, subject: 'later' };
  await lanes.planMoves(second.lease, [{ event: one, intents: [later] }], 60_000);
  await lanes.settle(second.lease, settlement());
  const third = await claimOne(portalId);
  assert.deepEqual(
    third.events.map((event) => event.intents),
    [
      [intent, later],
      [intent, intent],
    ],
  );
  await lanes.settle(third.lease, settlement({ done: third.events }));
});

test('planning prolongs the lease', async () => {
  const portalId = await portalWith(1);
  const { lease, events } = await claimOne(portalId);
  await expireLease(raw, portalId);
  await lanes.planMoves(lease, [], 60_000);
  assert.deepEqual(await lanes.claimLanes(10, leaseOptions), []);
  await lanes.settle(lease, settlement({ done: events }));
});

test('an event put off comes back when its time has come, and only a failure counts as an attempt', async () => {
  const portalId = await portalWith(3);
  const { lease, events } = await claimOne(portalId);
  const [failed, waiting, open] = events;
  assert.ok(failed && waiting && open);
  const later = [
    { event: failed, delayMs: 3_600_000, failed: true },
    { event: waiting, delayMs: 60_000.4, failed: false },
  ];
  await lanes.settle(lease, settlement({ later, done: [open] }));
  assert.deepEqual(await lanes.claimLanes(10, leaseOptions), []);
  const { rows } = await raw.query(
    `select extract(epoch from due_at - now())::float as wait from lanes where portal_id = $1`,
    [portalId],
  );
  assert.ok(rows[0].wait > 50 && rows[0].wait <= 60, `due in ${rows[0].wait} s`);
  await makeDue(raw, portalId);
  const again = await claimOne(portalId);
  assert.deepEqual(
    again.events.map((event) => [event.key, event.attempts]).sort(),
    [
      [failed.key, 1],
      [waiting.key, 0],
    ].sort(),
  );
  await lanes.settle(again.lease, settlement({ done: again.events }));
});

test('a dead event leaves the inbox with its attempts, its error and its intents', async () => {
  const portalId = await portalWith(2);
  const first = await claimOne(portalId);
  const [event, other] = first.events;
  assert.ok(event && other);
  await lanes.planMoves(first.lease, [{ event, intents: [intent] }], 60_000);
  await lanes.settle(
    first.lease,
    settlement({
      dead: [{ event, errorCode: 'hubspot-refused' }],
      done: [other],
      records: [makeRecord({ outcome: 'dead' })],
    }),
  );
  assert.deepEqual(await drain(db), []);
  const { rows } = await raw.query('select * from dead_events where portal_id = $1', [portalId]);
  assert.equal(rows.length, 1);
  assert.deepEqual(
    [rows[0].attempts, rows[0].error_code, rows[0].event.key, rows[0].intents],
    [1, 'hubspot-refused', event.key, [intent]],
  );
  assert.equal(await db.deadEvents.countDead(portalId), 1);
});

test('a paused portal rests, whatever comes in, and goes on afterwards', async () => {
  const portalId = await portalWith(1);
  const { lease } = await claimOne(portalId);
  await lanes.settle(lease, settlement({ pausedForMs: 60_000, pace: [5, 6.4] }));
  await db.events.store(makeEvents(portalId, 1));
  assert.deepEqual(await lanes.claimLanes(10, leaseOptions), []);
  await raw.query('update lanes set paused_until = now() where portal_id = $1', [portalId]);
  const after = await claimOne(portalId);
  assert.equal(after.events.length, 2);
  assert.deepEqual(after.lease.pace, [5, 6]);
  await lanes.settle(after.lease, settlement({ done: after.events }));
});

test("Baton's own events are due at once, each key once, and a second sweep is not queued behind the first", async () => {
  const portalId = await portalWith(1);
  const first = await claimOne(portalId);
  const look = makeEvent(portalId, { kind: 'conversation', subscriptionType: 'baton.sweep' });
  const sweep = makeEvent(portalId, { kind: 'sweep' });
  const newEvents = [look, sweep, makeEvent(portalId, { kind: 'sweep' })];
  await lanes.settle(first.lease, settlement({ done: first.events, newEvents }));
  const second = await claimOne(portalId);
  assert.deepEqual(
    second.events.map((event) => event.key),
    [look.key, sweep.key],
  );
  await lanes.settle(second.lease, settlement({ done: second.events, newEvents: [look] }));
  assert.deepEqual(await drain(db), [], 'the key of an own event is remembered');
});

test('a settlement that fails leaves everything as it was, and the lease with its worker', async () => {
  const portalId = await portalWith(2);
  const { lease, events } = await claimOne(portalId);
  const broken = makeRecord({ latencyMs: 1e30 });
  await assert.rejects(
    lanes.settle(lease, settlement({ records: [makeRecord(), broken], done: events, pace: [1] })),
    /invalid input syntax for type bigint/,
  );
  assert.deepEqual((await db.records.listRecords(portalId, { limit: 5 })).records, []);
  await lanes.settle(lease, settlement({ records: [makeRecord()], done: events }));
  assert.equal((await db.records.listRecords(portalId, { limit: 5 })).records.length, 1);
});

test('settling one portal touches no other, whatever ids it names', async () => {
  const [one, two] = [await portalWith(1), await portalWith(1)];
  const batches = await lanes.claimLanes(10, leaseOptions);
  const own = batches.find(({ lease }) => lease.portalId === one);
  const other = batches.find(({ lease }) => lease.portalId === two);
  assert.ok(own?.events[0] && other?.events[0]);
  const foreign = other.events[0];
  await assert.rejects(lanes.planMoves(own.lease, [{ event: foreign, intents: [intent] }], 60_000), lost);
  await lanes.settle(
    own.lease,
    settlement({ done: [...own.events, foreign], dead: [{ event: foreign, errorCode: 'internal' }] }),
  );
  await lanes.settle(other.lease, settlement());
  const [left, ...none] = await lanes.claimLanes(10, leaseOptions);
  assert.deepEqual(none, []);
  assert.deepEqual(left?.events, [foreign]);
  assert.equal(await db.deadEvents.countDead(one), 0);
  await lanes.settle(left?.lease ?? own.lease, settlement({ done: [foreign] }));
});
