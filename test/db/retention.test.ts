// Forgetting: what is kept for how long, and that nothing of an erased portal or thread is left in any table.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { erasureAfterDays } from '../../src/db/retention.ts';
import { installPortal, leaseOptions, makeEvent, makeRecord, openTestDb, settlement } from './test-db.ts';

const { db, raw } = await openTestDb();
const dayMs = 86_400_000;
const goOn = () => true;

/** Every table that holds rows of portals, with how many rows each has of this one. */
async function countRows(portalId: string): Promise<Record<string, number>> {
  const { rows: tables } = await raw.query<{ table_name: string }>(
    `select distinct table_name from information_schema.columns
     join information_schema.tables using (table_schema, table_name)
     where table_schema = 'public' and column_name = 'portal_id' and table_type = 'BASE TABLE' order by table_name`,
  );
  const counts: Record<string, number> = {};
  for (const { table_name: table } of tables) {
    const { rows } = await raw.query<{ count: number }>(
      `select count(*)::int as count from ${table} where portal_id = $1::bigint`,
      [portalId],
    );
    counts[table] = rows[0]?.count ?? 0;
  }
  return counts;
}

/** A portal with rows in every table there is: a table that erasure does not know is found by its leftover. */
async function fillEveryTable(): Promise<string> {
  const portalId = await installPortal(db);
  const { rows } = await raw.query<{ table_name: string; columns: string[]; types: string[]; needed: boolean[] }>(
    `select table_name, array_agg(column_name::text order by ordinal_position) as columns,
       array_agg(udt_name::text order by ordinal_position) as types,
       array_agg(is_nullable = 'NO' and column_default is null and is_identity = 'NO' order by ordinal_position) as needed
     from information_schema.columns join information_schema.tables using (table_schema, table_name)
     where table_schema = 'public' and table_type = 'BASE TABLE' and table_name not like 'seen\\__' escape '\\'
     group by table_name having bool_or(column_name = 'portal_id') order by table_name`,
  );
  const samples: Record<string, string> = {
    timestamptz: 'now()',
    jsonb: `'{}'`,
    text: `'x'`,
    uuid: 'gen_random_uuid()',
    bytea: `'\\x00'`,
    bool: 'true',
  };
  for (const { table_name: table, columns, types, needed } of rows) {
    if ((await countRows(portalId))[table]) continue;
    const chosen = columns.flatMap((name, index) =>
      needed[index] && name !== 'portal_id' ? [{ name, type: types[index] ?? '' }] : [],
    );
    const special: Record<string, string> = { source: `'created'`, applied_direction: `'INCOMING'`, kind: `'tied'` };
    const names = ['portal_id', ...chosen.map(({ name }) => name)].join(', ');
    const values = [portalId, ...chosen.map(({ name, type }) => special[name] ?? samples[type] ?? '1')].join(', ');
    await raw.query(`insert into ${table} (${names}) values (${values})`);
  }
  return portalId;
}

test('a portal is erased whole 30 days after its grant ended, and not before', async () => {
  const portalId = await fillEveryTable();
  const kept = await installPortal(db);
  await db.portals.markUninstalled(portalId);
  const filled = await countRows(portalId);
  const empty = Object.entries(filled).flatMap(([table, count]) => (count > 0 ? [] : [table]));
  assert.deepEqual(
    empty.filter((table) => table !== 'tokens' && !table.startsWith('seen_')),
    [],
  );
  const soon = new Date(Date.now() + (erasureAfterDays - 1) * dayMs);
  assert.equal(await db.retention.eraseEnded(soon, goOn), 0);
  assert.deepEqual(await countRows(portalId), filled);
  const then = new Date(Date.now() + (erasureAfterDays + 1) * dayMs);
  assert.equal(await db.retention.eraseEnded(then, () => false), 0);
  assert.equal(await db.retention.eraseEnded(then, goOn), 1);
  assert.deepEqual(
    Object.entries(await countRows(portalId)).filter(([, count]) => count > 0),
    [],
  );
  assert.equal((await countRows(kept)).portals, 1);
});

test('a portal that comes back in time keeps its settings', async () => {
  const portalId = await installPortal(db);
  const { settings } = await db.settings.getSettings(portalId);
  await db.settings.saveSettings(portalId, { basedOn: 0, settings: { ...settings, paused: true }, author: '7' });
  await db.portals.markUninstalled(portalId);
  await installPortal(db, portalId);
  assert.equal(await db.retention.eraseEnded(new Date(Date.now() + 365 * dayMs), goOn), 0);
  assert.equal((await db.settings.getSettings(portalId)).settings.paused, true);
});

test('records older than the portal’s limit are deleted, in pieces, and the younger ones stay', async () => {
  const [portalId, patient] = [await installPortal(db), await installPortal(db)];
  await raw.query('update portals set retention_days = 400 where portal_id = $1::bigint', [patient]);
  for (const each of [portalId, patient]) {
    await raw.query(
      `insert into records (portal_id, subject, at, trigger, evidence, decision, outcome)
       select $1::bigint, 'm:1:' || n, now() - (case when n <= 12000 then 91 else 89 end) * interval '1 day', 'message', '[]', 'stay', 'skipped'
       from generate_series(1, 12010) n`,
      [each],
    );
  }
  assert.equal(await db.retention.forgetOld(new Date(), goOn), 12_000);
  assert.equal((await countRows(portalId)).records, 10);
  assert.equal((await countRows(patient)).records, 12_010);
});

test('what died, was planned or is remembered of a ticket goes with the records, ignored events after a week', async () => {
  const portalId = await fillEveryTable();
  await db.retention.forgetOld(new Date(Date.now() + 6 * dayMs), goOn);
  assert.equal((await countRows(portalId)).ignored_events, 1);
  await db.retention.forgetOld(new Date(Date.now() + 8 * dayMs), goOn);
  assert.equal((await countRows(portalId)).ignored_events, 0);
  assert.equal((await countRows(portalId)).dead_events, 1);
  await db.retention.forgetOld(new Date(Date.now() + 91 * dayMs), goOn);
  const { records, dead_events, planned_actions, tickets, settings_versions, own_threads } = await countRows(portalId);
  assert.deepEqual([records, dead_events, planned_actions, tickets], [0, 0, 0, 0]);
  assert.deepEqual([settings_versions, own_threads], [1, 1]);
});

test('an erased thread leaves its number in no table', async () => {
  const portalId = await installPortal(db);
  const threadId = '987650123';
  await db.events.store([
    { ...makeEvent(portalId), kind: 'message', threadId, messageId: 'm1' },
    { ...makeEvent(portalId), kind: 'ignored', threadId },
    { ...makeEvent(portalId), kind: 'thread-erased', threadId },
    { ...makeEvent(portalId), kind: 'message', threadId: '111', messageId: 'm2' },
  ]);
  const [batch] = await db.lanes.claimLanes(1, leaseOptions);
  assert.ok(batch);
  const mine = batch.events.filter((event) => event.threadId === threadId);
  await db.plannedActions.plan(batch.lease, [{ subject: 's:1:1:1:a', kind: 'send-notification', threadId }], 30_000);
  const at = new Date();
  await db.lanes.settle(
    batch.lease,
    settlement({
      done: mine.filter(({ kind }) => kind === 'thread-erased'),
      records: [
        makeRecord({ subject: `m:${threadId}:m1`, threadId }),
        makeRecord({ subject: 'm:111:m2', threadId: '111' }),
      ],
      memory: [
        { kind: 'own-thread', threadId, ticketId: '5', source: 'originating' },
        { kind: 'applied', ticketId: '5', at, subject: `m:${threadId}:m1`, threadId, direction: 'INCOMING' },
        { kind: 'thread-erased', threadId },
      ],
    }),
  );
  for (const table of [
    'records',
    'own_threads',
    'planned_actions',
    'tickets',
    'inbox',
    'ignored_events',
    'dead_events',
  ]) {
    const { rows } = await raw.query(`select from ${table} t where t::text like '%${threadId}%'`);
    assert.equal(rows.length, 0, table);
  }
  assert.equal((await countRows(portalId)).records, 1);
  assert.equal((await countRows(portalId)).tickets, 1);
});
