// Sweeps and forgetting: a tick runs once, one sweep a portal waits, and keys are kept for as long as a repetition may come.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seenSlot } from '../../src/db/events.ts';
import {
  drain,
  installPortal,
  leaseOptions,
  makeEvent,
  makeRecord,
  openAnother,
  openTestDb,
  settlement,
} from './test-db.ts';

const { url, db, raw } = await openTestDb();
const dayMs = 86_400_000;

test('a tick gives every installed portal one sweep, however many processes ask', async () => {
  const portals = await Promise.all([1, 2, 3].map(() => installPortal(db)));
  const gone = await installPortal(db);
  await db.portals.markUninstalled(gone);
  const others = [openAnother(url), openAnother(url)];
  for (let round = 1; round <= 5; round += 1) {
    const tick = new Date(round * 1_000);
    const asked = [db, ...others, db, ...others].map((each) => each.sweeps.startSweep('messages', tick));
    assert.deepEqual((await Promise.all(asked)).sort(), [0, 0, 0, 0, 0, 3]);
    const batches = await db.lanes.claimLanes(10, leaseOptions);
    assert.deepEqual(batches.map(({ lease }) => lease.portalId).sort(), [...portals].sort());
    for (const { lease, events } of batches) {
      assert.deepEqual(
        events.map(({ kind, subscriptionType, occurredAt }) => ({ kind, subscriptionType, occurredAt })),
        [{ kind: 'sweep', subscriptionType: 'messages', occurredAt: tick }],
      );
      await db.lanes.settle(lease, settlement({ done: events }));
    }
  }
  await Promise.all(others.map((other) => other.close()));
});

test('a portal whose last sweep still waits gets no second one', async () => {
  assert.equal(await db.sweeps.startSweep('messages', new Date(100_000)), 3);
  assert.equal(await db.sweeps.startSweep('messages', new Date(101_000)), 0);
  assert.equal((await drain(db)).length, 3);
  assert.equal(await db.sweeps.startSweep('messages', new Date(102_000)), 3);
  await drain(db);
});

test('sweeps, deliveries and a worker at the same time never wait for each other in a circle', async () => {
  const portals = (await db.portals.listInstalled()).map(({ id }) => id);
  for (let round = 0; round < 30; round += 1) {
    const events = portals.map((portalId) => makeEvent(portalId));
    await Promise.all([
      db.sweeps.startSweep('messages', new Date(200_000 + round * 1_000)),
      db.sweeps.startSweep('emails', new Date(200_000 + round * 1_000)),
      db.events.store(events),
      db.events.store(events.reverse()),
      drain(db),
    ]);
  }
  await drain(db);
  const { rows } = await raw.query('select count(*)::int as count from inbox');
  assert.equal(rows[0].count, 0);
});

test('ticks of the past are forgotten, later ones kept', async () => {
  await db.sweeps.startSweep('ticks', new Date(500_000));
  await db.sweeps.startSweep('ticks', new Date(600_000));
  await db.sweeps.forgetTicks(new Date(600_000));
  const { rows } = await raw.query(`select tick from sweep_ticks where sweep = 'ticks'`);
  assert.deepEqual(rows, [{ tick: new Date(600_000) }]);
  await drain(db);
});

test('the newest recorded message of each thread is found, whatever was recorded last', async () => {
  const portalId = await installPortal(db);
  await db.events.store([makeEvent(portalId)]);
  const batches = await db.lanes.claimLanes(10, leaseOptions);
  const own = batches.find(({ lease }) => lease.portalId === portalId);
  assert.ok(own);
  const at = (threadId: string, ms: number | null) =>
    makeRecord({ threadId, messageAt: ms === null ? null : new Date(ms) });
  const records = [at('1', 2_000), at('1', 9_000), at('1', 5_000), at('1', null), at('2', 3_000), at('3', null)];
  await db.lanes.settle(own.lease, settlement({ done: own.events, records }));
  const newest = await db.sweeps.findNewestRecorded(portalId, ['1', '2', '3', '4']);
  assert.deepEqual([...newest].sort(), [
    ['1', new Date(9_000)],
    ['2', new Date(3_000)],
  ]);
});

test('the slot of a key is the day it occurred, also before 1970', () => {
  assert.deepEqual(
    [0, 1, 7, 8, 9, 20_000, -1].map((day) => seenSlot(new Date(day * dayMs))),
    [0, 1, 7, 0, 1, 0, 7],
  );
  assert.equal(seenSlot(new Date(dayMs - 1)), 0);
});

test('keys of the last three days and of tomorrow are remembered, others forgotten', async () => {
  const portalId = await installPortal(db);
  const now = new Date('2026-11-22T12:00:00Z');
  const offsets = [-5, -4, -3, -2, -1, 0, 1, 2];
  const events = offsets.map((days) => makeEvent(portalId, { occurredAt: new Date(now.getTime() + days * dayMs) }));
  await db.events.store(events);
  await drain(db);
  await db.events.forgetSeen(now);
  const again = await Promise.all(events.map((event) => db.events.store([event])));
  assert.deepEqual(
    again.map(({ duplicates }) => duplicates),
    [0, 0, 1, 1, 1, 1, 1, 0],
  );
  await drain(db);
});

test('forgetting while deliveries come in loses none of them', async () => {
  const portalId = await installPortal(db);
  let stored = 0;
  for (let day = 0; day < 10; day += 1) {
    const events = Array.from({ length: 8 }, (_, index) =>
      makeEvent(portalId, { occurredAt: new Date((day + index) * dayMs) }),
    );
    const answers = await Promise.all([
      ...events.map((event) => db.events.store([event])),
      db.events.forgetSeen(new Date(day * dayMs)),
      db.events.forgetSeen(new Date((day + 4) * dayMs)),
    ]);
    stored += answers.reduce((sum, answer) => sum + (answer?.stored ?? 0), 0);
  }
  assert.equal(stored, 80);
  assert.equal((await drain(db)).length, 80);
});

test('the watermarks of a portal are its own, one a sweep', async () => {
  const [portalId, other] = [await installPortal(db), await installPortal(db)];
  await db.events.store([makeEvent(portalId), makeEvent(other)]);
  for (const { lease, events } of await db.lanes.claimLanes(10, leaseOptions)) {
    const ms = lease.portalId === portalId ? 1_000 : 2_000;
    const memory = ['emails', 'runs'].map((sweep) => ({ kind: 'swept', sweep, reachedAt: new Date(ms) }) as const);
    await db.lanes.settle(lease, settlement({ done: events, memory }));
  }
  assert.deepEqual(
    await db.sweeps.findWatermarks(portalId),
    new Map([
      ['emails', new Date(1_000)],
      ['runs', new Date(1_000)],
    ]),
  );
});
