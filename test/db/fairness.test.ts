// One portal with a thousand times the share of every other: theirs are claimed before it is through, and soon.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installPortal, leaseOptions, makeEvents, openTestDb, settlement } from './test-db.ts';

const { db } = await openTestDb();

test('one portal sending a thousand times its share takes turns with the others, even where one lane is all there is', async () => {
  const loud = await installPortal(db);
  for (let part = 0; part < 10; part += 1) await db.events.store(makeEvents(loud, 1_000));
  const [first] = await db.lanes.claimLanes(1, leaseOptions);
  assert.equal(first?.lease.portalId, loud);
  assert.equal(first?.events.length, leaseOptions.batchSize);

  const quiet: string[] = [];
  for (let number = 0; number < 10; number += 1) quiet.push(await installPortal(db));
  for (const portalId of quiet) await db.events.store(makeEvents(portalId, 10));
  await db.lanes.settle(first.lease, settlement({ done: first.events }));
  const order: string[] = [];
  const waitingOf = new Map(quiet.map((portalId) => [portalId, 10]));
  while (waitingOf.size > 0) {
    const [batch] = await db.lanes.claimLanes(1, leaseOptions);
    assert.ok(batch);
    order.push(batch.lease.portalId);
    waitingOf.delete(batch.lease.portalId);
    await db.lanes.settle(batch.lease, settlement({ done: batch.events }));
    assert.ok(order.length <= 120, 'a quiet portal waited for all that the loud one had');
  }
  const loudTurns = order.filter((portalId) => portalId === loud).length;
  assert.ok(loudTurns <= 1, `${loudTurns} batches of the loud portal came before the last of the others`);
});
