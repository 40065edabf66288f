// The inbox's door: whole deliveries, each event once, whatever they hold and however many come at a time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatonError } from '../../src/errors.ts';
import {
  drain,
  installPortal,
  leaseOptions,
  makeEvent,
  makeEvents,
  openAnother,
  openTestDb,
  settlement,
} from './test-db.ts';

const { url, db, raw } = await openTestDb();

async function countWaiting(portalId: string): Promise<number> {
  const { rows } = await raw.query('select count(*)::int as count from inbox where portal_id = $1', [portalId]);
  return rows[0].count;
}

test('a delivery of several portals and kinds is stored whole', async () => {
  const [one, two] = [await installPortal(db), await installPortal(db)];
  const events = [...makeEvents(one, 3), ...makeEvents(two, 2), makeEvent(two, { kind: 'ignored' })];
  assert.deepEqual(await db.events.store(events), { stored: 6, duplicates: 0, notInstalled: 0 });
  assert.deepEqual([await countWaiting(one), await countWaiting(two)], [3, 2]);
  const { rows } = await raw.query('select portal_id, event from ignored_events');
  assert.deepEqual(
    rows.map((row) => [row.portal_id, row.event.key]),
    [[two, events[5]?.key]],
  );
  await drain(db);
});

test('an event comes out of the inbox as it went in', async () => {
  const portalId = await installPortal(db);
  const event = makeEvent(portalId, {
    kind: 'ticket-merged',
    subscriptionType: 'object.merge',
    threadId: null,
    messageId: 'with "quotes", back\\slashes, {braces}, NULL and 😀',
    ticketId: '9223372036854775807',
    mergedTicketIds: ['1', '2'],
    removed: true,
    stageId: '',
  });
  await db.events.store([event]);
  const [batch] = await db.lanes.claimLanes(1, leaseOptions);
  assert.ok(batch?.events[0]);
  const { id, runAt, attempts, receivedAt, intents, ...stored } = batch.events[0];
  assert.deepEqual(stored, event);
  assert.deepEqual(
    [typeof id, typeof runAt, attempts, receivedAt instanceof Date, intents],
    ['string', 'string', 0, true, []],
  );
  await db.lanes.settle(batch.lease, settlement({ done: batch.events }));
});

test('a repeated delivery is stored once', async () => {
  const portalId = await installPortal(db);
  const events = makeEvents(portalId, 5);
  assert.deepEqual(await db.events.store(events), { stored: 5, duplicates: 0, notInstalled: 0 });
  assert.deepEqual(await db.events.store(events), { stored: 0, duplicates: 5, notInstalled: 0 });
  assert.equal(await countWaiting(portalId), 5);
  assert.equal((await drain(db)).length, 5);
  assert.deepEqual(await db.events.store(events), { stored: 0, duplicates: 5, notInstalled: 0 }, 'after settling too');
});

test('an event that stands twice in one delivery is stored once', async () => {
  const portalId = await installPortal(db);
  const event = makeEvent(portalId);
  assert.deepEqual(await db.events.store([event, makeEvent(portalId), event]), {
    stored: 2,
    duplicates: 1,
    notInstalled: 0,
  });
  await drain(db);
});

test('the same key in two portals is two events', async () => {
  const [one, two] = [await installPortal(db), await installPortal(db)];
  const event = makeEvent(one);
  const { stored } = await db.events.store([event, { ...event, portalId: two }]);
  assert.equal(stored, 2);
  await drain(db);
});

test('an empty delivery stores nothing', async () => {
  assert.deepEqual(await db.events.store([]), { stored: 0, duplicates: 0, notInstalled: 0 });
});

test('events of portals that are not installed, revoked or uninstalled are dropped, and their keys stay free', async () => {
  const portalId = await installPortal(db);
  const [revoked, uninstalled] = [await installPortal(db), await installPortal(db)];
  const token = await db.tokens.findToken(revoked);
  await db.tokens.markRevoked(revoked, token?.generation ?? 0);
  await db.portals.markUninstalled(uninstalled);
  const own = makeEvent(portalId);
  const other = makeEvent(uninstalled);
  assert.deepEqual(await db.events.store([makeEvent('9223372036854775807'), own, makeEvent(revoked), other]), {
    stored: 1,
    duplicates: 0,
    notInstalled: 3,
  });
  assert.deepEqual(await drain(db), [own.key]);
  await installPortal(db, uninstalled);
  assert.equal((await db.events.store([other])).stored, 1);
  await drain(db);
});

test('a delivery that comes ten times at once is stored once', async () => {
  const [one, two] = [await installPortal(db), await installPortal(db)];
  const other = openAnother(url);
  for (let round = 0; round < 10; round += 1) {
    const events = [...makeEvents(one, 10), ...makeEvents(two, 10)];
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => (index % 2 ? db : other).events.store(events)),
    );
    assert.equal(
      answers.reduce((sum, { stored }) => sum + stored, 0),
      20,
    );
    assert.equal((await drain(db)).length, 20);
  }
  await other.close();
});

test('deliveries that share keys and portals in opposite order never wait for each other in a circle', async (t) => {
  const portals = await Promise.all([1, 2, 3, 4].map(() => installPortal(db)));
  // Every row takes its time, so that each delivery is in the middle of its own when the others come.
  await raw.query(
    'create function dawdle() returns trigger language plpgsql as $$ begin perform pg_sleep(0.003); return new; end $$',
  );
  for (const table of ['seen', 'lanes']) {
    await raw.query(`create trigger dawdle before insert on ${table} for each row execute function dawdle()`);
    t.after(() => raw.query(`drop trigger dawdle on ${table}`));
  }
  const other = openAnother(url);
  t.after(() => other.close());
  for (let round = 0; round < 8; round += 1) {
    const events = portals.flatMap((portalId) => makeEvents(portalId, 3));
    const mixed = [...events].sort((a, b) => a.key.slice(-1).localeCompare(b.key.slice(-1)));
    const deliveries = [events, [...events].reverse(), mixed, [...mixed].reverse(), events.slice(5)];
    const settled = drain(other); // a worker that finishes at the same time takes the same locks
    const answers = await Promise.all(deliveries.map((delivery) => db.events.store(delivery)));
    assert.equal(
      answers.reduce((sum, { stored }) => sum + stored, 0),
      events.length,
    );
    await settled;
  }
  await drain(db);
});

test('a delivery that fails in the middle leaves nothing behind, and can be repeated', async () => {
  const portalId = await installPortal(db);
  const events = [...makeEvents(portalId, 3), makeEvent(portalId, { kind: 'ignored' })];
  // The last thing the statement writes is the lane: refuse it there.
  await raw.query(`create function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$`);
  await raw.query('create trigger refuse before insert on lanes for each row execute function refuse()');
  await assert.rejects(db.events.store(events), /refused/);
  await raw.query('drop trigger refuse on lanes');
  const left = await Promise.all(
    ['seen', 'inbox', 'ignored_events', 'lanes'].map(async (table) => {
      const { rows } = await raw.query(`select count(*)::int as count from ${table} where portal_id = $1`, [portalId]);
      return rows[0].count;
    }),
  );
  assert.deepEqual(left, [0, 0, 0, 0]);
  assert.equal((await db.events.store(events)).stored, 4);
  await drain(db);
});

test('an unreachable database is named as such', async () => {
  const nowhere = openAnother('postgres://baton:secret@127.0.0.1:1/none');
  await assert.rejects(nowhere.events.store(makeEvents('1', 1)), (error) => {
    assert.ok(error instanceof BatonError);
    assert.equal(error.code, 'database-unavailable');
    assert.ok(!error.message.includes('secret'));
    return true;
  });
  await nowhere.close();
});

test('a database that is too slow is named as such, and the connection is usable again', async (t) => {
  const portalId = await installPortal(db);
  const blocker = await raw.connect();
  t.after(() => blocker.release(true));
  await blocker.query('begin');
  await blocker.query('lock table inbox in access exclusive mode');
  const startedAt = Date.now();
  await assert.rejects(db.events.store(makeEvents(portalId, 1)), { code: 'database-unavailable' });
  assert.ok(Date.now() - startedAt < 4_900, "within HubSpot's 5 s");
  await blocker.query('rollback');
  assert.equal((await db.events.store(makeEvents(portalId, 1))).stored, 1);
  await drain(db);
});

test('a delivery of 10,000 events is stored in time, also by a plan made for short ones', async () => {
  const portalId = await installPortal(db);
  const size = 10_000; // comparing each with each other would take 10 s
  const makeIgnored = (count: number) =>
    makeEvents(portalId, count).map((event) => ({ ...event, kind: 'ignored' as const }));
  // From the sixth time on PostgreSQL may keep a plan that was made for short lists.
  for (let round = 0; round < 10; round += 1) await db.events.store(makeIgnored(1));
  assert.deepEqual(await db.events.store(makeIgnored(size)), { stored: size, duplicates: 0, notInstalled: 0 });
});
