// What a batch begins with: the same as its parts read one by one, in one answer of the server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultSettings } from '../../src/rules/settings.ts';
import { installPortal, leaseOptions, makeEvents, makeRecord, openTestDb, settlement } from './test-db.ts';

const { db } = await openTestDb();

test('a portal Baton does not know has defaults and nothing else', async () => {
  const none = { portal: undefined, pipelines: undefined, decided: new Map(), version: 0, settings: defaultSettings };
  assert.deepEqual(await db.readBatchStart('1', ['m:1:1']), none);
});

test('it is what the single statements read, of this portal alone, and of the settings the last ones saved', async () => {
  const [portalId, other] = [await installPortal(db), await installPortal(db)];
  const settings = { ...defaultSettings, mailbox: { ...defaultSettings.mailbox, evidence: 'off' as const } };
  await db.settings.saveSettings(portalId, { basedOn: 0, settings: defaultSettings, author: 'a' });
  assert.equal((await db.readBatchStart(portalId, [])).version, 1);
  await db.settings.saveSettings(portalId, { basedOn: 1, settings, author: 'a' });
  await db.pipelines.savePipelines(portalId, [{ id: '0', label: 'Support', stages: [] }]);
  await db.events.store(makeEvents(portalId, 1));
  const [batch] = await db.lanes.claimLanes(1, leaseOptions);
  assert.ok(batch);
  const record = makeRecord();
  await db.lanes.settle(batch.lease, settlement({ records: [record], done: batch.events }));
  const subjects = [record.subject, 'm:0:0'];
  const start = await db.readBatchStart(portalId, subjects);
  assert.equal(start.decided.get(record.subject)?.outcome, record.outcome);
  assert.deepEqual(start, {
    portal: await db.portals.findPortal(portalId),
    ...(await db.settings.getSettings(portalId)),
    pipelines: await db.pipelines.findPipelines(portalId),
    decided: await db.ticketMemory.findDecided(portalId, subjects),
  });
  assert.equal(start.version, 2);
  const elsewhere = await db.readBatchStart(other, subjects);
  assert.deepEqual([elsewhere.version, elsewhere.pipelines, elsewhere.decided.size], [0, undefined, 0]);
});
