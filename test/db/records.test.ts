// Records as people read them: newest first, page by page, one portal at a time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomes } from '../../src/db/db.ts';
import type { NewRecord } from '../../src/db/new-records.ts';
import type { RecordQuery } from '../../src/db/records.ts';
import { type Reason, reasons } from '../../src/rules/decide.ts';
import { installPortal, leaseOptions, makeEvent, makeRecord, openTestDb, settlement } from './test-db.ts';

const { db } = await openTestDb();

async function settleRecords(portalId: string, records: NewRecord[]): Promise<void> {
  await db.events.store([makeEvent(portalId)]);
  const [batch] = await db.lanes.claimLanes(1, leaseOptions);
  assert.equal(batch?.lease.portalId, portalId);
  await db.lanes.settle(batch.lease, settlement({ records, done: batch.events }));
}

async function list(portalId: string, query: Partial<RecordQuery> = {}) {
  return db.records.listRecords(portalId, { limit: 50, ...query });
}

test('a record comes out as it went in', async () => {
  const portalId = await installPortal(db);
  const fresh = makeRecord({ replaces: '41', revision: 2, emailId: '9', error: 'HubSpot said no' });
  const { subject: _subject, revision: _revision, messageAt: _messageAt, ...kept } = fresh;
  await settleRecords(portalId, [fresh]);
  const { records, next } = await list(portalId);
  assert.equal(records.length, 1);
  const { id, at, ...read } = records[0] ?? assert.fail();
  assert.deepEqual(read, { ...kept, latencyMs: 1235, action: null });
  assert.match(id, /^\d+$/);
  assert.ok(at instanceof Date && Math.abs(at.getTime() - Date.now()) < 60_000);
  assert.equal(next, null);
});

test('a record without anything has nulls', async () => {
  const portalId = await installPortal(db);
  const nothing = {
    ticketId: null,
    threadId: null,
    messageId: null,
    messageAt: null,
    verdict: null,
    reason: null,
    fromStageId: null,
    toStageId: null,
    settingsVersion: null,
    latencyMs: null,
    evidence: [],
  };
  await settleRecords(portalId, [makeRecord(nothing)]);
  const [record] = (await list(portalId)).records;
  const { messageAt: _messageAt, ...readable } = nothing;
  assert.deepEqual({ ...record, ...readable }, record);
});

test('a text that PostgreSQL cannot keep is kept as far as it can', async () => {
  const portalId = await installPortal(db);
  const evidence = [{ check: 'channel' as const, passed: false, seen: 'a\0b\ud800c 😀' }];
  await settleRecords(portalId, [makeRecord({ evidence, error: 'x\0\udfffy', fromStageId: '1\0' })]);
  const [record] = (await list(portalId)).records;
  assert.deepEqual(record?.evidence, [{ check: 'channel', passed: false, seen: 'ab\ufffdc 😀' }]);
  assert.deepEqual([record?.error, record?.fromStageId], ['x\ufffdy', '1']);
});

test('records are paged newest first, each once, whatever comes in between', async () => {
  const portalId = await installPortal(db);
  const fresh = Array.from({ length: 7 }, () => makeRecord());
  await settleRecords(portalId, fresh);
  const seen: (string | null)[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await list(portalId, { limit: 3, after });
    seen.push(...page.records.map((record) => record.messageId));
    if (page.next === null) break;
    after = page.next;
    await settleRecords(portalId, [makeRecord()]);
  }
  assert.deepEqual(seen, fresh.map((record) => record.messageId).reverse());
});

test('a page that ends exactly at the last record has no next', async () => {
  const portalId = await installPortal(db);
  await settleRecords(portalId, [makeRecord(), makeRecord()]);
  assert.equal((await list(portalId, { limit: 2 })).next, null);
  assert.notEqual((await list(portalId, { limit: 1 })).next, null);
});

test('records are filtered by ticket and by outcome', async () => {
  const portalId = await installPortal(db);
  const dead = makeRecord({ ticketId: '21', outcome: 'dead' });
  await settleRecords(portalId, [makeRecord({ ticketId: '20' }), dead, makeRecord({ ticketId: '21' })]);
  const count = async (query: Parameters<typeof list>[1]) => (await list(portalId, query)).records.length;
  assert.deepEqual(
    [
      await count({ ticketId: '20' }),
      await count({ ticketId: '21' }),
      await count({ ticketId: '22' }),
      await count({ outcome: 'dead' }),
      await count({ ticketId: '20', outcome: 'dead' }),
      await count({ ticketId: "21' or 1=1 --" }),
    ],
    [1, 2, 0, 1, 0, 0],
  );
});

test('every mix of ticket, outcome and reason finds exactly its records, newest first, page by page', async () => {
  const portalId = await installPortal(db);
  const causes: (Reason | null)[] = [null, 'paused', 'no-ticket', 'refused-by-hubspot'];
  const fresh: NewRecord[] = [];
  for (let round = 0; round < 3; round += 1) {
    for (const outcome of outcomes) {
      for (const reason of causes) {
        for (const ticketId of ['31', '32', null]) fresh.push(makeRecord({ outcome, reason, ticketId }));
      }
    }
  }
  await settleRecords(portalId, fresh);
  const newestFirst = fresh.toReversed();
  for (const ticketId of [undefined, '31']) {
    for (const outcome of [undefined, ...outcomes]) {
      for (const reason of [undefined, ...reasons]) {
        const wanted = newestFirst.filter(
          (record) =>
            (ticketId === undefined || record.ticketId === ticketId) &&
            (outcome === undefined || record.outcome === outcome) &&
            (reason === undefined || record.reason === reason),
        );
        const seen: (string | null)[] = [];
        let after: string | undefined;
        do {
          const page = await list(portalId, { ticketId, outcome, reason, after, limit: 50 });
          seen.push(...page.records.map(({ messageId }) => messageId));
          after = page.next ?? undefined;
        } while (after);
        assert.deepEqual(
          seen,
          wanted.map(({ messageId }) => messageId),
          `${ticketId} ${outcome} ${reason}`,
        );
      }
    }
  }
});

test('newer ones come newest first, and asking again with the newest goes on without a gap', async () => {
  const portalId = await installPortal(db);
  await settleRecords(portalId, [makeRecord()]);
  const [known] = (await list(portalId)).records;
  assert.deepEqual(await list(portalId, { newerThan: known?.id }), { records: [], next: null });
  const fresh = Array.from({ length: 7 }, (_, index) => makeRecord({ outcome: index % 2 ? 'failed' : 'done' }));
  await settleRecords(portalId, fresh);
  for (const outcome of [undefined, 'done'] as const) {
    const seen: (string | null)[] = [];
    let newest = known?.id;
    for (;;) {
      const { records } = await list(portalId, { newerThan: newest, outcome, limit: 2 });
      if (records.length === 0) break;
      assert.ok(records.length <= 2);
      newest = records[0]?.id;
      seen.unshift(...records.map(({ messageId }) => messageId));
    }
    const wanted = fresh.filter((record) => outcome === undefined || record.outcome === outcome);
    assert.deepEqual(seen, wanted.map(({ messageId }) => messageId).reverse());
  }
});

test('the same subject and revision is recorded once, a higher revision counts', async () => {
  const portalId = await installPortal(db);
  const first = makeRecord({ reason: 'no-ticket', decision: 'stay', verdict: null });
  await settleRecords(portalId, [first]);
  await settleRecords(portalId, [{ ...first, reason: 'stale' }]);
  assert.deepEqual(
    (await list(portalId)).records.map((record) => record.reason),
    ['no-ticket'],
  );
  const [known] = (await list(portalId)).records;
  await settleRecords(portalId, [{ ...first, revision: 2, replaces: known?.id ?? null, reason: 'already-there' }]);
  const decided = await db.ticketMemory.findDecided(portalId, [first.subject, 'm:1:unknown']);
  assert.deepEqual([...decided.keys()], [first.subject]);
  const { id, at, ...rest } = decided.get(first.subject) ?? assert.fail();
  assert.ok(Math.abs(Date.now() - at.getTime()) < 60_000);
  assert.deepEqual(rest, {
    subject: first.subject,
    revision: 2,
    verdict: null,
    decision: 'stay',
    reason: 'already-there',
    outcome: 'done',
    ticketId: '10',
    messageAt: first.messageAt,
  });
  const [newest] = (await list(portalId)).records;
  assert.deepEqual([newest?.id, newest?.replaces], [id, known?.id]);
});

test("another portal's ids find nothing", async () => {
  const [one, two] = [await installPortal(db), await installPortal(db)];
  const record = makeRecord({ ticketId: '77' });
  await settleRecords(one, [record, makeRecord()]);
  const { records } = await list(one);
  const [first] = records;
  assert.deepEqual(await list(two), { records: [], next: null });
  assert.deepEqual(await list(two, { ticketId: '77' }), { records: [], next: null });
  assert.deepEqual(await list(two, { after: String(BigInt(first?.id ?? 0) + 1n) }), { records: [], next: null });
  assert.equal((await db.ticketMemory.findDecided(two, [record.subject])).size, 0);
  assert.equal((await db.sweeps.findNewestRecorded(two, ['1'])).size, 0);
});
