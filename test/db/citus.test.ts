// Whether the schema could be spread over machines by portal_id as it is: what Citus asks of tables and statements (docs/scaling.md).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { overPortals } from './over-portals.ts';
import { openTestDb } from './test-db.ts';

const { raw } = await openTestDb();
const scaling = readFileSync(fileURLToPath(new URL('../../docs/scaling.md', import.meta.url)), 'utf8');

/** Rows of no portal: these stay on one machine, or are copied whole to each (Citus' local and reference tables). */
const undistributed = ['migrations', 'sessions', 'sweep_ticks'];
/** Partitions are distributed with their table. */
const isDistributed = `c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
  and c.relname <> all ('{${undistributed}}')`;

test('every table but those named has portal_id, as bigint and never null', async () => {
  const { rows } = await raw.query<{ name: string }>(
    `select c.relname as name from pg_class c where ${isDistributed} and not exists (
       select from pg_attribute a where a.attrelid = c.oid and a.attname = 'portal_id' and a.attnotnull
         and a.atttypid = 'bigint'::regtype
     )`,
  );
  assert.deepEqual(rows, []);
});

test('every primary and unique key holds portal_id: no machine can watch over the rows of another', async () => {
  const { rows } = await raw.query<{ key: string }>(
    `select i.indexrelid::regclass::text as key
     from pg_index i join pg_class c on c.oid = i.indrelid
     where ${isDistributed} and (i.indisunique or i.indisexclusion) and not exists (
       select from pg_attribute a where a.attrelid = c.oid and a.attname = 'portal_id' and a.attnum = any (i.indkey)
     )`,
  );
  assert.deepEqual(rows, []);
  const { rows: without } = await raw.query<{ name: string }>(
    `select c.relname as name from pg_class c
     where ${isDistributed} and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)`,
  );
  assert.deepEqual(without, [], 'without a primary key a shard cannot be moved while it is written to');
});

test('every foreign key goes from portal_id to portal_id', async () => {
  const { rows } = await raw.query<{ definition: string }>(
    `select pg_get_constraintdef(f.oid) as definition from pg_constraint f
     where f.contype = 'f' and f.connamespace = 'public'::regnamespace`,
  );
  assert.ok(rows.length > 0);
  for (const { definition } of rows)
    assert.match(definition, /^FOREIGN KEY \((.*, )?portal_id(, .*)?\) REFERENCES \w+\((.*, )?portal_id/);
});

test('numbers given by the database are bigint, the width in which each machine has a range of its own', async () => {
  const { rows } = await raw.query<{ type: string }>(
    `select distinct format_type(atttypid, null) as type from pg_attribute where attidentity <> '' and attnum > 0`,
  );
  assert.deepEqual(rows, [{ type: 'bigint' }]);
});

test('no trigger, no rule and no view stands on a table', async () => {
  const { rows } = await raw.query(
    `select tgname as name from pg_trigger where not tgisinternal
     union all select rulename from pg_rewrite r join pg_class c on c.oid = r.ev_class
       where c.relnamespace = 'public'::regnamespace`,
  );
  assert.deepEqual(rows, []);
});

test('each statement over all portals stands in docs/scaling.md with how it would run', () => {
  const missing = Object.keys(overPortals).filter((name) => !scaling.includes(`\`${name}\``));
  assert.deepEqual(missing, []);
  for (const table of undistributed) assert.ok(scaling.includes(`\`${table}\``), `${table} is named`);
});
