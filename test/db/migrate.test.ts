// The schema: brought up once however many ask, and refused when it is another program's.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { migrate, migrationNames } from '../../src/db/migrate.ts';
import { createTestDatabase } from '../support/database.ts';
import { installPortal, openAnother, openTestDb } from './test-db.ts';

const { url, db, raw } = await openTestDb();

/** An empty database on the same server. */
async function createEmptyDatabase(): Promise<string> {
  const { url: migrated, drop } = await createTestDatabase();
  after(drop);
  const client = new pg.Client({ connectionString: migrated });
  await client.connect();
  await client.query('drop schema public cascade; create schema public');
  await client.end();
  return migrated;
}

test('a migrated database is ready, and migrating again changes nothing', async () => {
  await db.checkReady();
  const portalId = await installPortal(db);
  await migrate(url);
  await db.checkReady();
  assert.ok(await db.portals.findPortal(portalId));
});

test('an empty database is behind until it is migrated, and several that migrate at once do it once', async () => {
  const empty = await createEmptyDatabase();
  const own = openAnother(empty);
  await assert.rejects(own.checkReady(), { code: 'schema-behind' });
  await Promise.all([migrate(empty), migrate(empty), migrate(empty)]);
  await own.checkReady();
  await installPortal(own);
  await own.close();
});

test('a database that lacks the last migration is behind, one that has a further is ahead', async () => {
  const last = migrationNames.at(-1);
  await raw.query('delete from migrations where name = $1', [last]);
  await assert.rejects(db.checkReady(), { code: 'schema-behind' });
  await raw.query('insert into migrations (name, run_on) values ($1, now())', [last]);
  await db.checkReady();
  await raw.query(`insert into migrations (name, run_on) values ('9999_later', now())`);
  await assert.rejects(db.checkReady(), { code: 'schema-ahead' });
  await raw.query(`delete from migrations where name = '9999_later'`);
  await db.checkReady();
});

test('a database out of reach is neither behind nor ahead', async () => {
  const nowhere = openAnother('postgres://baton@127.0.0.1:1/none');
  await assert.rejects(nowhere.checkReady(), { code: 'database-unavailable' });
  await nowhere.close();
});

test('a database of a later release is refused, and nothing of it is touched', async () => {
  await raw.query(`insert into migrations (name, run_on) values ('9999_later', now())`);
  await assert.rejects(migrate(url), { code: 'schema-ahead' });
  await raw.query(`delete from migrations where name = '9999_later'`);
  await migrate(url);
});

test('a migration that waits for a lock gives way to programs at work, and gets through when it is free', async () => {
  const holder = await raw.connect();
  const until = async (waiting: number) => {
    const giveUpAt = Date.now() + 20_000;
    for (;;) {
      const { rows } = await raw.query(
        `select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      if (rows[0].count === waiting) return;
      assert.ok(Date.now() < giveUpAt, `never ${waiting} waiting`);
      await wait(20);
    }
  };
  await holder.query('begin; lock table migrations in access exclusive mode');
  const migrating = migrate(url);
  await until(1);
  await until(0);
  await holder.query('rollback');
  holder.release();
  await migrating;
});

test('migrations are numbered without gaps', () => {
  assert.deepEqual(
    migrationNames.map((name) => Number(name.slice(0, 4))),
    migrationNames.map((_, index) => index + 1),
  );
});
