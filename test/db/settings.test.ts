// Settings: every save a version of its own, on top of the one its author saw.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultSettings, type Settings, settingsSchema } from '../../src/rules/settings.ts';
import { installPortal, openAnother, openTestDb } from './test-db.ts';

const { url, db, raw } = await openTestDb();

function settingsWith(days: number): Settings {
  return settingsSchema.parse({ pipelines: { '0': { incoming: { enabled: true, stageId: '3', closed: { days } } } } });
}

test('a portal that never saved has version 0 and the defaults', async () => {
  const portalId = await installPortal(db);
  assert.deepEqual(await db.settings.getSettings(portalId), { version: 0, settings: defaultSettings });
  assert.deepEqual(await db.settings.listVersions(portalId, 10), []);
});

test('versions count up and are all kept, newest first', async () => {
  const portalId = await installPortal(db);
  for (const basedOn of [0, 1, 2]) {
    const saved = await db.settings.saveSettings(portalId, {
      basedOn,
      settings: settingsWith(basedOn + 1),
      author: '7',
    });
    assert.deepEqual(saved, { saved: true, version: basedOn + 1 });
  }
  assert.deepEqual(await db.settings.getSettings(portalId), { version: 3, settings: settingsWith(3) });
  const versions = await db.settings.listVersions(portalId, 2);
  assert.deepEqual(
    versions.map(({ version, settings, author }) => ({ version, settings, author })),
    [
      { version: 3, settings: settingsWith(3), author: '7' },
      { version: 2, settings: settingsWith(2), author: '7' },
    ],
  );
  assert.ok(versions[0]?.at instanceof Date);
});

test('a save based on another version than the one in force is refused, older or not yet there', async () => {
  const portalId = await installPortal(db);
  const save = (basedOn: number) =>
    db.settings.saveSettings(portalId, { basedOn, settings: settingsWith(9), author: '7' });
  await save(0);
  assert.deepEqual(await save(0), { saved: false, version: 1 });
  assert.deepEqual(await save(2), { saved: false, version: 1 });
  assert.deepEqual(await save(-1), { saved: false, version: 1 });
});

test('of many saves based on the same version exactly one wins', async () => {
  const portalId = await installPortal(db);
  const other = openAnother(url);
  for (let basedOn = 0; basedOn < 5; basedOn += 1) {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        (index % 2 ? db : other).settings.saveSettings(portalId, {
          basedOn,
          settings: settingsWith(index + 1),
          author: String(index),
        }),
      ),
    );
    const winners = answers.flatMap((answer, index) => (answer.saved ? [String(index)] : []));
    assert.equal(winners.length, 1);
    assert.deepEqual(new Set(answers.map(({ version }) => version)), new Set([basedOn + 1]));
    const [newest] = await db.settings.listVersions(portalId, 1);
    assert.deepEqual([newest?.version, newest?.author], [basedOn + 1, winners[0]]);
  }
  await other.close();
});

test('a key added since a version was saved has its default', async () => {
  const portalId = await installPortal(db);
  await raw.query(
    `insert into settings_versions (portal_id, version, settings, author) values ($1, 1, '{"paused": true}', '7')`,
    [portalId],
  );
  assert.deepEqual((await db.settings.getSettings(portalId)).settings, { ...defaultSettings, paused: true });
});

test('a reinstall keeps the settings', async () => {
  const portalId = await installPortal(db);
  await db.settings.saveSettings(portalId, { basedOn: 0, settings: settingsWith(2), author: '7' });
  await db.portals.markUninstalled(portalId);
  await installPortal(db, portalId);
  assert.equal((await db.settings.getSettings(portalId)).version, 1);
});

test("settings and pipelines are each portal's own", async () => {
  const [one, two] = [await installPortal(db), await installPortal(db)];
  await db.settings.saveSettings(one, { basedOn: 0, settings: settingsWith(5), author: '7' });
  const pipelines = [{ id: '0', label: "Support's", stages: [{ id: '1', label: 'New', closed: false }] }];
  await db.pipelines.savePipelines(one, pipelines);
  assert.equal((await db.settings.getSettings(two)).version, 0);
  assert.deepEqual(await db.settings.listVersions(two, 10), []);
  assert.equal(await db.pipelines.findPipelines(two), undefined);
  await db.pipelines.savePipelines(two, []);
  assert.deepEqual((await db.pipelines.findPipelines(one))?.pipelines, pipelines);
  assert.deepEqual((await db.pipelines.findPipelines(two))?.pipelines, []);
});

test('the versions since a moment begin with the one in force then', async () => {
  const portalId = await installPortal(db);
  for (const basedOn of [0, 1, 2, 3]) {
    await db.settings.saveSettings(portalId, { basedOn, settings: settingsWith(basedOn + 1), author: '7' });
    await raw.query(`update settings_versions set saved_at = $2 where portal_id = $1 and version = $3`, [
      portalId,
      new Date(1_000 * (basedOn + 1)),
      basedOn + 1,
    ]);
  }
  const since = async (ms: number, limit = 10) =>
    (await db.settings.listVersionsSince(portalId, new Date(ms), limit)).map(({ version }) => version);
  assert.deepEqual(await since(2_500), [4, 3, 2]);
  assert.deepEqual(await since(3_000), [4, 3]);
  assert.deepEqual(await since(9_000), [4]);
  assert.deepEqual(await since(500), [4, 3, 2, 1]);
  assert.deepEqual(await since(500, 2), [4, 3]);
  assert.deepEqual(await db.settings.listVersionsSince(await installPortal(db), new Date(), 10), []);
});
