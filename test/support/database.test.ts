// The databases tests stand on: migrated, apart from each other, gone after drop.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { migrationNames } from '../../src/db/migrate.ts';
import { createTestDatabase } from './database.ts';

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('two databases of one run are migrated and share nothing', async () => {
  const [one, two] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  const applied = await query(one.url, 'select name from migrations order by name');
  assert.deepEqual(
    applied.map((row) => row.name),
    migrationNames,
  );
  await query(one.url, 'create table only_here (id int)');
  assert.deepEqual(await query(two.url, "select 1 from pg_tables where tablename = 'only_here'"), []);
  await Promise.all([one.drop(), two.drop()]);
});

test('a dropped database is gone even while somebody is connected to it', async () => {
  const database = await createTestDatabase();
  const client = new pg.Client({ connectionString: database.url });
  client.on('error', () => undefined);
  await client.connect();
  await database.drop();
  await assert.rejects(query(database.url, 'select 1'), { code: '3D000' });
  await client.end().catch(() => undefined);
});
