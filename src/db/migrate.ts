// Brings the database to the schema this program was written for, and says whether it is there.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { BatonError } from '../errors.ts';
import { grantRights } from './rights.ts';

const directory = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Names of the migrations this program knows, in order: `0001_portals`, ... */
export const migrationNames = readdirSync(directory)
  .filter((file) => file.endsWith('.sql'))
  .map((file) => file.slice(0, -4))
  .sort();

/**
 * Runs what is missing, in one transaction, and grants the parts of the program their rights; several at once wait for each other.
 * Throws what PostgreSQL says.
 */
export async function migrate(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    // A migration that changes rows changes those of all portals, and their owner sees none by itself.
    await client.query("set baton.portal_id = 'all'");
    // Beside the runner's own lock: two that grant at once would fail.
    await client.query("select pg_advisory_lock(hashtext('baton migrate'))");
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

/** Throws `schema-behind` or `schema-ahead` when the database was migrated for another program than this one. */
export async function checkSchema(pool: pg.Pool): Promise<void> {
  const { rows } = await pool
    .query<{ name: string }>('select name from migrations order by name')
    .catch((error: { code?: string }) => {
      if (error.code === '42P01') return { rows: [] }; // no such table: nothing was ever migrated
      throw error;
    });
  const applied = new Set(rows.map((row) => row.name));
  if (migrationNames.some((name) => !applied.has(name))) throw new BatonError('schema-behind');
  if (applied.size > migrationNames.length) throw new BatonError('schema-ahead');
}
