// Signs of other automations among a portal's latest records: what is counted, and how little is read for it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { insertRecords } from '../../src/db/new-records.ts';
import type { Reason } from '../../src/rules/decide.ts';
import { installPortal, makeRecord, openTestDb } from './test-db.ts';

const { db, raw } = await openTestDb();
const weekAgo = () => new Date(Date.now() - 7 * 86_400_000);

async function addRecords(portalId: string, reasons: [reason: Reason, fromStageId: string | null][]): Promise<void> {
  const records = reasons.map(([reason, fromStageId]) => makeRecord({ reason, fromStageId }));
  await insertRecords(raw, portalId, records);
}

test('creations and moves by others are counted, moves by the stage they led to, the most first', async () => {
  const portalId = await installPortal(db);
  const other = await installPortal(db);
  await addRecords(other, [['moved-by-automation', '2']]);
  await addRecords(portalId, [
    ['ticket-exists', null],
    ['first-message', '1'],
    ['paused', '2'],
    ['moved-by-automation', '3'],
    ['moved-by-automation', '2'],
    ['moved-by-automation', '2'],
  ]);
  const { creations, moves } = await db.rivals.countRivals(portalId, weekAgo());
  assert.equal(creations, 2);
  assert.deepEqual(
    moves.map(({ stageId, count }) => [stageId, count]),
    [
      ['2', 2],
      ['3', 1],
    ],
  );
  assert.ok(moves.every(({ lastAt }) => lastAt > weekAgo()));
  await raw.query("update records set at = now() - interval '8 days' where portal_id = $1", [portalId]);
  assert.deepEqual(await db.rivals.countRivals(portalId, weekAgo()), { creations: 0, moves: [] });
});

test('only the latest 1,000 records of a portal are looked at, however many there are', async () => {
  const portalId = await installPortal(db);
  await addRecords(portalId, [['ticket-exists', null]]);
  await addRecords(
    portalId,
    Array.from({ length: 999 }, () => ['paused', null] as [Reason, null]),
  );
  assert.equal((await db.rivals.countRivals(portalId, weekAgo())).creations, 1);
  await addRecords(portalId, [['paused', null]]);
  assert.equal((await db.rivals.countRivals(portalId, weekAgo())).creations, 0);
});
