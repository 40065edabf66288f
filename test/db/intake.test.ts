// The inbox's door: whole deliveries, each event once, whatever they hold and however many come at a time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Event } from '../../src/crm.ts';
import { BatonError } from '../../src/errors.ts';
import { readDelivery } from '../../src/hubspot/events.ts';
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

test('deliveries that share keys and portals in opposite order never wait for each other in a circle', async () => {
  const portals = await Promise.all([1, 2, 3, 4].map(() => installPortal(db)));
  const other = openAnother(url);
  for (let round = 0; round < 40; round += 1) {
    const events = portals.flatMap((portalId) => makeEvents(portalId, 6));
    const shuffled = [...events].sort((a, b) => a.key.slice(-1).localeCompare(b.key.slice(-1)));
    const deliveries = [events, [...events].reverse(), shuffled, [...shuffled].reverse(), events.slice(5)];
    const settled = drain(other); // a worker that finishes at the same time takes the same locks
    const answers = await Promise.all(
      deliveries.map((delivery, index) => (index % 2 ? db : other).events.store(delivery)),
    );
    assert.equal(
      answers.reduce((sum, { stored }) => sum + stored, 0),
      24,
    );
    await settled;
  }
  await drain(db);
  await other.close();
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

test('a database that is too slow is named as such, and the connection is usable again', async () => {
  const portalId = await installPortal(db);
  const blocker = await raw.connect();
  await blocker.query('begin');
  await blocker.query('lock table inbox in access exclusive mode');
  const startedAt = Date.now();
  await assert.rejects(db.events.store(makeEvents(portalId, 1)), { code: 'database-unavailable' });
  assert.ok(Date.now() - startedAt < 4_900, "within HubSpot's 5 s");
  await blocker.query('rollback');
  blocker.release();
  assert.equal((await db.events.store(makeEvents(portalId, 1))).stored, 1);
  await drain(db);
});

/** Whatever JSON can say, mixed with what HubSpot says, so that much of it gets through the parser. */
const hostileText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '\0',
    'a\0b',
    '\ud800',
    'x\udfff',
    '{}',
    '"',
    '\\',
    "'; drop table inbox; --",
    'NULL',
    'x'.repeat(200),
    '\u2028',
  ),
);
const hostileId = fc.oneof(
  { arbitrary: fc.nat(), weight: 20 },
  fc.constantFrom<unknown>(
    '9223372036854775807',
    '9223372036854775808',
    '0',
    '-1',
    1e308,
    2 ** 53,
    2 ** 63,
    1.5,
    '٣',
    null,
  ),
  hostileText,
);
const hostileElement = (portalId: string) =>
  fc.record({
    portalId: fc.constantFrom<unknown>(portalId, Number(portalId), '9223372036854775807'),
    subscriptionType: fc.oneof(
      fc.constantFrom(
        'conversation.newMessage',
        'object.creation',
        'object.merge',
        'ticket.propertyChange',
        'object.associationChange',
        'contact.privacyDeletion',
      ),
      hostileText,
    ),
    occurredAt: fc.oneof(
      { arbitrary: fc.nat(), weight: 5 },
      fc.constantFrom<unknown>(253402300799999, '0', 8.64e15, -1, '99999999999999999999'),
    ),
    objectTypeId: fc.constantFrom('0-5', '0-49', 'x'),
    objectId: hostileId,
    eventId: hostileId,
    messageId: hostileText,
    messageType: hostileText,
    propertyName: fc.constantFrom('hs_pipeline_stage', 'hs_email_status'),
    propertyValue: hostileText,
    primaryObjectId: hostileId,
    newObjectId: hostileId,
    mergedObjectIds: fc.array(hostileId, { maxLength: 5 }),
    fromObjectTypeId: fc.constantFrom('0-5', '0-49'),
    toObjectTypeId: fc.constantFrom('0-5', '0-49'),
    fromObjectId: hostileId,
    toObjectId: hostileId,
    changeSource: hostileText,
    sourceId: hostileText,
  });

test('whatever the parser lets through can be stored and read back', async () => {
  const portalId = await installPortal(db);
  let read = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(hostileElement(portalId), { minLength: 10, maxLength: 30 }), async (elements) => {
      const { events } = readDelivery(elements);
      const { stored, duplicates, notInstalled } = await db.events.store(events);
      assert.equal(stored + duplicates + notInstalled, events.length);
      const wanted = new Map(events.map((event: Event) => [event.key, event]));
      for (const { lease, events: waiting } of await db.lanes.claimLanes(10, leaseOptions)) {
        for (const { id: _id, runAt: _runAt, attempts: _a, receivedAt: _at, intents: _i, ...event } of waiting) {
          assert.deepEqual(event, wanted.get(event.key));
          read += 1;
        }
        await db.lanes.settle(lease, settlement({ done: waiting }));
      }
    }),
    { numRuns: 60 },
  );
  assert.ok(read > 50, `only ${read} events were read back`);
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
