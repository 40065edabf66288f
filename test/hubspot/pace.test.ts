// The pace of one portal, by a clock of the test's own.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Pace } from '../../src/hubspot/gateway.ts';
import { createPace } from '../../src/hubspot/pace.ts';

const start = Date.UTC(2026, 10, 22);

function startClock(t: TestContext): void {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: start });
}

/** Lets every settled promise run on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

/** Asks for `count` quick calls and notes at which ms each ran. */
function ask(pace: Pace, count: number, kind: 'read' | 'write' | 'search' = 'read'): number[] {
  const ranAt: number[] = [];
  for (let each = 0; each < count; each += 1) {
    void pace.run(kind, async () => ranAt.push(Date.now() - start));
  }
  return ranAt;
}

async function pass(t: TestContext, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    await settle();
    t.mock.timers.tick(100);
  }
  await settle();
}

test('a hundred calls run at once in turn, the next one when the first leaves the window of 10 s', async (t) => {
  startClock(t);
  const ranAt = ask(createPace(), 150);
  await pass(t, 9_900);
  assert.equal(ranAt.length, 100);
  await pass(t, 200);
  assert.equal(ranAt.length, 150);
  assert.equal(ranAt[100], 10_000);
});

test('no window of 10 s ever holds more than a hundred calls', async (t) => {
  startClock(t);
  const pace = createPace();
  const ranAt: number[] = [];
  for (let round = 0; round < 30; round += 1) {
    for (let each = 0; each < 20; each += 1) void pace.run('read', async () => ranAt.push(Date.now()));
    await pass(t, 700);
  }
  await pass(t, 40_000);
  assert.equal(ranAt.length, 600);
  for (const at of ranAt) assert.ok(ranAt.filter((other) => other >= at && other < at + 10_000).length <= 100);
});

test('searches keep to five a second, and calls behind them keep their turn', async (t) => {
  startClock(t);
  const pace = createPace();
  const searches = ask(pace, 7, 'search');
  const reads = ask(pace, 1);
  await pass(t, 900);
  assert.deepEqual([searches.length, reads.length], [5, 0]);
  await pass(t, 200);
  assert.deepEqual([searches.slice(5), reads], [[1_000, 1_000], [1_000]]);
});

test('four are in flight at most, and the rest start in the order they came', async () => {
  const pace = createPace();
  const order: number[] = [];
  const finish: (() => void)[] = [];
  const all = Array.from({ length: 7 }, (_, index) =>
    pace.run('read', () => {
      order.push(index);
      return new Promise<void>((resolve) => finish.push(resolve));
    }),
  );
  await settle();
  assert.deepEqual(order, [0, 1, 2, 3]);
  finish[2]?.();
  await settle();
  assert.deepEqual(order, [0, 1, 2, 3, 4]);
  for (let each = 0; each < 7; each += 1) {
    finish[each]?.();
    await settle();
  }
  await Promise.all(all);
  assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6]);
});

test('a call that fails gives its place back and its error on', async () => {
  const pace = createPace({ limits: { inFlight: 1 } });
  const failure = new Error('no');
  await assert.rejects(
    pace.run('read', () => {
      throw failure;
    }),
    failure,
  );
  assert.equal(await pace.run('read', async () => 'next'), 'next');
});

test('what was used travels with the lease', async (t) => {
  startClock(t);
  const first = createPace();
  ask(first, 60);
  await pass(t, 4_000);
  assert.equal(first.state().length, 60);
  const second = createPace({ used: first.state() });
  const ranAt = ask(second, 60);
  await pass(t, 5_900);
  assert.equal(ranAt.length, 40);
  await pass(t, 300);
  assert.equal(ranAt.length, 60);
  await pass(t, 20_000);
  assert.deepEqual(second.state(), []);
});

test('a window taken over from a dead worker counts as spent', async (t) => {
  startClock(t);
  const pace = createPace({ spent: true });
  const ranAt = ask(pace, 3);
  await pass(t, 9_900);
  assert.deepEqual(ranAt, []);
  await pass(t, 100);
  assert.deepEqual(ranAt, [10_000, 10_000, 10_000]);
});

test('stamps of a clock ahead of ours do not block for longer than the window', async (t) => {
  startClock(t);
  const pace = createPace({ used: Array.from({ length: 100 }, () => start + 3_600_000) });
  const ranAt = ask(pace, 1);
  await pass(t, 10_000);
  assert.deepEqual(ranAt, [10_000]);
});

test('one portal that waits does not hold up another', async (t) => {
  startClock(t);
  ask(createPace({ spent: true }), 5);
  const other = ask(createPace(), 5);
  await settle();
  assert.equal(other.length, 5);
});
