// Brings the database to the schema this program was written for, and says whether it is there.
import { readdirSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg, { type Pool } from 'pg';
import { BatonError } from '../errors.ts';
import { grantRights } from './rights.ts';

const directory = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Names of the migrations this program knows, in order: `0001_portals`, ... */
export const migrationNames = readdirSync(directory)
  .filter((file) => file.endsWith('.sql'))
  .map((file) => file.slice(0, -4))
  .sort();

/** A table's lock was not to be had in time, or two waited for each other: what was begun is undone, and may be tried again. */
const lockCodes = new Set(['55P03', '40P01']);
/** Everything else waits behind a migration that waits for a lock, HubSpot's deliveries too: 3 s is what they can bear. */
const lockTimeoutMs = 3_000;
const tries = 10;

/**
 * Runs what is missing, in one transaction, beside programs at work, and grants web and worker their rights; several at once wait for each other. Gives way to them when a
 * lock is not to be had, ten times. Throws `schema-ahead` for a database of a later release, and what PostgreSQL says.
 */
export async function migrate(databaseUrl: string): Promise<void> {
  for (let left = tries - 1; ; left -= 1) {
    try {
      return await migrateOnce(databaseUrl);
    } catch (error) {
      if (left === 0 || !lockCodes.has(String((error as { code?: unknown }).code))) throw error;
      await wait(500);
    }
  }
}

async function migrateOnce(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, options: `-c lock_timeout=${lockTimeoutMs}` });
  client.on('error', () => undefined); // a connection that breaks fails the statement under way
  await client.connect();
  try {
    // A migration that changes rows changes those of all portals, and their owner sees none by itself.
    await client.query("set baton.portal_id = 'all'");
    // Beside the runner's own lock: two that grant at once would fail.
    await client.query("select pg_advisory_lock(hashtext('baton migrate'))");
    if ((await readApplied(client)).some((name) => !migrationNames.includes(name)))
      throw new BatonError('schema-ahead');
    await runner({
      dbClient: client,
      dir: directory,
      direction: 'up',
      migrationsTable: 'migrations',
      advisoryLockMode: 'wait',
      log: () => {},
    });
    await grantRights(client);
  } finally {
    await client.end();
  }
}

async function readApplied(sql: Pick<pg.Client, 'query'>): Promise<string[]> {
  const { rows } = await sql
    .query<{ name: string }>('select name from migrations order by name')
    .catch((error: { code?: string }) => {
      if (error.code === '42P01') return { rows: [] }; // no such table: nothing was ever migrated
      throw error;
    });
  return rows.map(({ name }) => name);
}

/** Throws `schema-behind` or `schema-ahead` when the database was migrated for another program than this one. */
export async function checkSchema(pool: Pool): Promise<void> {
  const applied = new Set(await readApplied(pool));
  if (migrationNames.some((name) => !applied.has(name))) throw new BatonError('schema-behind');
  if (applied.size > migrationNames.length) throw new BatonError('schema-ahead');
}
