// No event is left lying: whenever it commits, its lane becomes due and somebody hears of it.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import { createEvents } from '../../src/db/events.ts';
import { createLanes, laneSettings } from '../../src/db/lanes.ts';
import { createPool } from '../../src/db/pool.ts';
import { createLog } from '../../src/log.ts';
import {
  drain,
  installPortal,
  leaseOptions,
  makeEvent,
  makeEvents,
  makeRecord,
  openAnother,
  openTestDb,
  settlement,
} from './test-db.ts';

const { url, db, raw } = await openTestDb();

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, `in vain: ${what}`);
    await wait(5);
  }
}

async function waitsForLock(): Promise<boolean> {
  const { rowCount } = await raw.query(
    `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return (rowCount ?? 0) > 0;
}

type Statement = string | { text: string; statements?: Statement[] };
type Callback = (error: unknown, results?: unknown[]) => void;

/**
 * Lanes over a pool that stops before its `step`-th statement of a transaction for `meanwhile`. Answers also how many it saw.
 * Statements that go in one write are sent one by one, as the server runs them, so that something can come between.
 */
function createSteppedLanes(step: number, meanwhile: () => Promise<void>) {
  const pool = createPool(url, { max: 1, statementTimeoutMs: 5_000, settings: laneSettings, log: createLog('silent') });
  const seen: string[] = [];
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
    const oneByOne = async (statements: Statement[]): Promise<unknown[]> => {
      const results: unknown[] = [];
      for (const one of [`begin; set local baton.portal_id = 'all'`, ...statements, 'commit']) {
        results.push(await stepped(one));
      }
      return results.slice(1, -1);
    };
    const stepped = async (statement: Statement, ...rest: unknown[]): Promise<unknown> => {
      if (typeof statement === 'object' && statement.statements) {
        const done = rest.at(-1) as Callback;
        return oneByOne(statement.statements).then((results) => done(null, results), done);
      }
      const text = typeof statement === 'string' ? statement : statement.text;
      seen.push(text);
      if (seen.length === step) await meanwhile();
      return query(statement, ...rest);
    };
    client.query = stepped as unknown as pg.PoolClient['query'];
  });
  return { lanes: createLanes(pool), seen, close: () => pool.end() };
}

for (const [name, enter] of [
  ['an intake', (portalId: string) => db.events.store(makeEvents(portalId, 1))],
  ['a sweep', (_portalId: string, tick: Date) => db.sweeps.startSweep('messages', tick)],
] as const) {
  test(`${name} that comes at any point of a settlement is found afterwards`, async () => {
    let steps = 1;
    for (let step = 1; step <= steps; step += 1) {
      const portalId = await installPortal(db);
      await db.events.store(makeEvents(portalId, 4));
      const [batch] = await db.lanes.claimLanes(1, leaseOptions);
      const [one, two, three] = batch?.events ?? [];
      assert.ok(batch && one && two && three);
      let entered: Promise<unknown> | undefined;
      const stepped = createSteppedLanes(step, async () => {
        let done = false;
        entered = enter(portalId, new Date(step * 1_000)).then(() => {
          done = true;
        });
        // Either it went through, or it waits for the settlement.
        await until('the intake ends or waits', async () => done || (await waitsForLock()));
      });
      await stepped.lanes.settle(
        batch.lease,
        settlement({
          records: [makeRecord()],
          memory: [{ kind: 'own-thread', threadId: '5', ticketId: '6', source: 'originating' }],
          done: [one],
          dead: [{ event: two, errorCode: 'internal' }],
          later: [{ event: three, delayMs: 3_600_000, failed: true }],
          newEvents: [makeEvent(portalId, { kind: 'conversation' })],
        }),
      );
      await entered;
      steps = stepped.seen.length;
      await stepped.close();
      // The fourth, the own event, and what came in between.
      assert.equal((await drain(db)).length, 3, `before: ${stepped.seen[step - 1]}`);
      await db.portals.markUninstalled(portalId); // so that the next sweep is for the next portal alone
    }
    assert.ok(steps >= 10, `a settlement has ${steps} statements`);
  });
}

test('an intake that is not committed yet at any point of a settlement is found afterwards', async (t) => {
  const client = await raw.connect();
  t.after(() => client.release(true));
  // The statement of an intake, in a transaction that stays open.
  const held = createEvents(client as unknown as pg.Pool);
  let steps = 1;
  for (let step = 1; step <= steps; step += 1) {
    const portalId = await installPortal(db);
    await db.events.store(makeEvents(portalId, 1));
    const [batch] = await db.lanes.claimLanes(1, leaseOptions);
    assert.ok(batch);
    let settled = false;
    let committed: Promise<void> | undefined;
    const stepped = createSteppedLanes(step, async () => {
      let done = false;
      await client.query('begin');
      const stored = held.store(makeEvents(portalId, 1)).then(() => {
        done = true;
      });
      await until('the intake ends or waits', async () => done || (await waitsForLock()));
      committed = (async () => {
        await until('the settlement ends or waits', async () => settled || (await waitsForLock()));
        await stored;
        await client.query('commit');
      })();
    });
    await stepped.lanes.settle(batch.lease, settlement({ done: batch.events }));
    settled = true;
    await committed;
    steps = stepped.seen.length;
    await stepped.close();
    assert.equal((await drain(db)).length, 1, `before: ${stepped.seen[step - 1]}`);
  }
  assert.ok(steps >= 4, `a settlement has ${steps} statements`);
});

let notified = 0;
const listener = await db.lanes.listenForDue(() => {
  notified += 1;
});
after(() => listener.stop());

/** How often `work` notified: notifications come in the order of commits, so one of our own marks the end. */
async function countNotifications(work: () => Promise<unknown>): Promise<number> {
  const client = await raw.connect();
  try {
    let count = 0;
    const marked = new Promise<void>((resolve) => {
      client.on('notification', ({ payload }) => {
        if (payload === 'mark') resolve();
        else count += 1;
      });
    });
    await client.query('listen lane_due');
    await work();
    await raw.query(`select pg_notify('lane_due', 'mark')`);
    await marked;
    return count;
  } finally {
    client.release(true);
  }
}

test('an event for an idle portal is told at once, also of a portal never seen before', async () => {
  const portalId = await installPortal(db);
  assert.equal(await countNotifications(() => db.events.store(makeEvents(portalId, 3))), 1);
  await drain(db);
  assert.equal(await countNotifications(() => db.events.store(makeEvents(portalId, 3))), 1);
  await drain(db);
});

test('a duplicate and an ignored event wake nobody', async () => {
  const portalId = await installPortal(db);
  const events = makeEvents(portalId, 1);
  await db.events.store(events);
  await drain(db);
  assert.equal(await countNotifications(() => db.events.store(events)), 0);
  assert.equal(await countNotifications(() => db.events.store([makeEvent(portalId, { kind: 'ignored' })])), 0);
});

test('an event for a leased portal is not told: its worker looks again by itself', async () => {
  const portalId = await installPortal(db);
  await db.events.store(makeEvents(portalId, 1));
  const [batch] = await db.lanes.claimLanes(1, leaseOptions);
  assert.ok(batch);
  assert.equal(await countNotifications(() => db.events.store(makeEvents(portalId, 1))), 0);
  await db.lanes.settle(batch.lease, settlement({ done: batch.events }));
  assert.equal((await drain(db)).length, 1);
});

test('a claim that passed over a lane because a delivery held it is told when that delivery is in', async (t) => {
  const portalId = await installPortal(db);
  await db.events.store(makeEvents(portalId, 1));
  const holder = await raw.connect();
  t.after(() => holder.release(true));
  await holder.query('begin');
  await holder.query('select from lanes where portal_id = $1 for update', [portalId]);
  assert.deepEqual(await db.lanes.claimLanes(1, leaseOptions), [], 'passed over');
  const stored = db.events.store(makeEvents(portalId, 1));
  await until('the delivery waits', waitsForLock);
  assert.equal(
    await countNotifications(async () => {
      await holder.query('rollback');
      await stored;
    }),
    1,
  );
  assert.equal((await drain(db)).length, 2);
});

async function cutListeners(): Promise<number> {
  const { rowCount } = await raw.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query = 'listen lane_due'`,
  );
  return rowCount ?? 0;
}

test('a listener whose connection is cut listens again, and looks once for what it missed', async () => {
  const portalId = await installPortal(db);
  for (let round = 0; round < 2; round += 1) {
    const before = notified;
    assert.equal(await cutListeners(), 1);
    await until('looked after reconnecting', () => notified > before);
    const again = notified;
    await db.events.store(makeEvents(portalId, 1));
    await until('heard of the event', () => notified > again);
    await drain(db);
  }
});

test('a listener can be stopped while it is cut off, and the database closed after it', async () => {
  const other = openAnother(url);
  let heard = 0;
  const own = await other.lanes.listenForDue(() => {
    heard += 1;
  });
  assert.equal(heard, 1, 'looks once at the start');
  await cutListeners();
  await own.stop();
  await other.close();
  const nowhere = openAnother('postgres://baton@127.0.0.1:1/none');
  const cutOff = await nowhere.lanes.listenForDue(() => assert.fail('nothing to hear'));
  await cutOff.stop();
  await nowhere.close();
});
