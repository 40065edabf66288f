// What died is put back when a person says so: once, whole, awake, and of one portal alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/crm.ts';
import type { NewRecord } from '../../src/db/new-records.ts';
import { installPortal, leaseOptions, makeDue, makeEvent, makeRecord, openTestDb, settlement } from './test-db.ts';

const { db, raw } = await openTestDb();
const intent = { subject: 'm:1:a', ticketId: '1', fromStageId: '1', toStageId: '2', at: '2026-11-22T10:00:00Z' };

/** The events of a portal die, with these records. */
async function letDie(portalId: string, events: Event[], records: NewRecord[]): Promise<void> {
  await db.events.store(events);
  await makeDue(raw, portalId);
  const batches = await db.lanes.claimLanes(100, leaseOptions);
  const batch = batches.find(({ lease }) => lease.portalId === portalId);
  assert.equal(batch?.events.length, events.length);
  const [first] = batch.events;
  assert.ok(first);
  await db.lanes.planMoves(batch.lease, [{ event: first, intents: [intent] }], 60_000);
  const dead = batch.events.map((event) => ({ event, errorCode: 'internal' }));
  await db.lanes.settle(batch.lease, settlement({ dead, records }));
}

/** A message's event and the record of its end. */
function makeDeath(portalId: string, messageId: string, fields: Partial<NewRecord> = {}): [Event, NewRecord] {
  const event = makeEvent(portalId, { threadId: '70', messageId });
  const subject = `m:70:${messageId}`;
  return [event, makeRecord({ subject, threadId: '70', messageId, outcome: 'dead', decision: 'stay', ...fields })];
}

async function findDeadIds(portalId: string): Promise<string[]> {
  const { records } = await db.records.listRecords(portalId, { outcome: 'dead', limit: 100 });
  return records.map(({ id }) => id).reverse();
}

async function countInbox(portalId: string): Promise<number> {
  const { rows } = await raw.query('select count(*)::int as count from inbox where portal_id = $1', [portalId]);
  return rows[0].count;
}

test('the event of one dead record goes back with its tries before it and its intents kept, and a worker is told at once', async () => {
  const portalId = await installPortal(db);
  const [event, record] = makeDeath(portalId, 'a');
  const [otherEvent, otherRecord] = makeDeath(portalId, 'b');
  await letDie(portalId, [event, otherEvent], [record, otherRecord]);
  const [first = ''] = await findDeadIds(portalId);
  let told = false;
  const listener = await db.lanes.listenForDue(() => {
    told = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  told = false;
  assert.equal(await db.deadEvents.retryRecord(portalId, first), 1);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(told, true);
  await listener.stop();
  assert.equal(await db.deadEvents.countDead(portalId), 1);
  const batch = (await db.lanes.claimLanes(100, leaseOptions)).find(({ lease }) => lease.portalId === portalId);
  assert.ok(batch);
  assert.deepEqual(
    batch.events.map(({ key, messageId, attempts, intents }) => ({ key, messageId, attempts, intents })),
    [{ key: event.key, messageId: 'a', attempts: 0, intents: [intent] }],
  );
  await db.lanes.settle(batch.lease, settlement({ done: batch.events }));
});

test('once only, however often and by however many it is asked at the same time', async () => {
  const portalId = await installPortal(db);
  const deaths = Array.from({ length: 30 }, (_, index) => makeDeath(portalId, `m${index}`));
  await letDie(
    portalId,
    deaths.map(([event]) => event),
    deaths.map(([, record]) => record),
  );
  const [first = ''] = await findDeadIds(portalId);
  const answers = await Promise.all([
    db.deadEvents.retryRecord(portalId, first),
    db.deadEvents.retryRecord(portalId, first),
    db.deadEvents.retryAll(portalId),
    db.deadEvents.retryAll(portalId),
  ]);
  assert.equal(
    answers.reduce((sum, each) => sum + each),
    30,
  );
  assert.equal(await countInbox(portalId), 30);
  assert.equal(await db.deadEvents.countDead(portalId), 0);
  assert.equal(await db.deadEvents.retryAll(portalId), 0);
});

test("another portal's record and another portal's dead events stay as they are", async () => {
  const [one, two] = [await installPortal(db), await installPortal(db)];
  for (const portalId of [one, two]) {
    const [event, record] = makeDeath(portalId, 'same');
    await letDie(portalId, [event], [record]);
  }
  const [theirs = ''] = await findDeadIds(two);
  assert.equal(await db.deadEvents.retryRecord(one, theirs), 0);
  assert.deepEqual(await db.deadEvents.findRetryable(one, [theirs]), new Set());
  assert.equal(await db.deadEvents.retryAll(one), 1);
  assert.deepEqual([await db.deadEvents.countDead(one), await db.deadEvents.countDead(two)], [0, 1]);
  assert.equal(await countInbox(two), 0);
});

test('a record finds its events by message, by the look at its thread, by email, by ticket and by call; one that did not die finds none', async () => {
  const portalId = await installPortal(db);
  const look = makeEvent(portalId, { kind: 'conversation', threadId: '71', messageId: null });
  const email = makeEvent(portalId, { kind: 'email', emailId: '99', threadId: null, messageId: null });
  const entry = makeEvent(portalId, { kind: 'ticket-stage', ticketId: '33', threadId: null, messageId: null });
  const call = makeEvent(portalId, { kind: 'workflow-notification', ticketId: '34', threadId: null, messageId: null });
  const other = makeEvent(portalId, { threadId: '72', messageId: 'x' });
  const dead = { outcome: 'dead', decision: 'stay' } as const;
  await letDie(
    portalId,
    [look, email, entry, call, other],
    [
      makeRecord({ subject: 'm:71:q', threadId: '71', messageId: 'q', ...dead }),
      makeRecord({ subject: 'e:99', emailId: '99', threadId: null, messageId: null, ...dead }),
      makeRecord({ subject: 's:33:1:1790000000000:a1', ticketId: '33', threadId: null, messageId: null, ...dead }),
      makeRecord({ subject: `w:34:${call.key}`, ticketId: '34', threadId: null, messageId: null, ...dead }),
      makeRecord({ subject: 'w:34:another-call', ticketId: '34', threadId: null, messageId: null, ...dead }),
      makeRecord({ subject: 'm:71:other-thread', threadId: '79', messageId: 'z', ...dead }),
      makeRecord({ subject: 'm:72:x', threadId: '72', messageId: 'x', outcome: 'failed' }),
    ],
  );
  const { records } = await db.records.listRecords(portalId, { limit: 100 });
  const ids = records.map(({ id }) => id).reverse();
  const retryable = await db.deadEvents.findRetryable(portalId, ids);
  assert.deepEqual(
    ids.map((id) => retryable.has(id)),
    [true, true, true, true, false, false, false],
  );
  const retried: number[] = [];
  for (const id of ids) retried.push(await db.deadEvents.retryRecord(portalId, id));
  assert.deepEqual(retried, [1, 1, 1, 1, 0, 0, 0]);
  assert.equal(await db.deadEvents.countDead(portalId), 1);
});

test('all that is dead goes back in pieces, and is counted no further than the page needs', async () => {
  const portalId = await installPortal(db);
  const event = JSON.stringify({
    key: '0',
    kind: 'message',
    subscriptionType: 'x',
    occurredAt: '2026-11-22T10:00:00Z',
  });
  await raw.query(
    `insert into dead_events (portal_id, id, attempts, error_code, event, intents)
     select $1, n, 15, 'internal', $2, '[]' from generate_series(1, 12000) n`,
    [portalId, event],
  );
  assert.equal(await db.deadEvents.countDead(portalId), 1_001);
  assert.equal(await db.deadEvents.retryAll(portalId), 12_000);
  assert.equal(await countInbox(portalId), 12_000);
  assert.equal(await db.deadEvents.countDead(portalId), 0);
});

test('a retry and a settlement of the same portal at the same time never wait for each other in a circle', async () => {
  const portalId = await installPortal(db);
  for (let round = 0; round < 10; round += 1) {
    const [event, record] = makeDeath(portalId, `r${round}`);
    await letDie(portalId, [event], [record]);
    await db.events.store([makeEvent(portalId, { threadId: '70', messageId: `w${round}` })]);
    const batch = (await db.lanes.claimLanes(100, leaseOptions)).find(({ lease }) => lease.portalId === portalId);
    assert.ok(batch);
    await Promise.all([
      db.deadEvents.retryAll(portalId),
      db.lanes.settle(
        batch.lease,
        settlement({ done: batch.events, memory: [{ kind: 'thread-erased', threadId: '70' }] }),
      ),
    ]);
    assert.equal(await db.deadEvents.countDead(portalId), 0);
    await raw.query('delete from inbox where portal_id = $1', [portalId]);
  }
});
