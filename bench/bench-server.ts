// The PostgreSQL a bench runs on: the one DATABASE_URL names, or an embedded one with every durable setting on.
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { readEnvironment } from '../src/config.ts';
import { startEmbeddedPostgres } from '../src/db/embedded.ts';
import { createLogins, type Logins } from '../src/db/logins.ts';
import { migrate } from '../src/db/migrate.ts';
import { createLog } from '../src/log.ts';

/** `url` is for a bench's own statements; what is measured uses the logins, which PostgreSQL holds to their rights as in production. */
export type BenchDatabase = { url: string; logins: Logins; drop(): Promise<void> };
export type BenchServer = {
  /** The server's process; undefined when it is not ours. */
  pid: number | undefined;
  /** What decides how a commit costs, for the report. */
  describe(): Promise<Record<string, string>>;
  /** Migrated and empty. */
  createDatabase(): Promise<BenchDatabase>;
  close(): Promise<void>;
};

/** Not in the temp folder: that may be memory, where a commit costs nothing. */
async function startEmbedded() {
  const folder = resolve('.data');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const dataDir = mkdtempSync(join(folder, 'bench-'));
  const remove = () => rmSync(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  const postgres = await startEmbeddedPostgres({ dataDir, log: createLog('silent') }).catch((error) => {
    remove();
    throw error;
  });
  return { url: postgres.url, pid: postgres.pid, close: () => postgres.stop().then(remove) };
}

/**
 * A few connections for a bench's own statements. One that has been closed may still be there when its database is dropped,
 * and says so by an event that would end the bench; a connection that breaks earlier fails the statement it is used for.
 */
export function openBenchPool(database: BenchDatabase, max: number): pg.Pool {
  const pool = new pg.Pool({ connectionString: database.url, max });
  pool.on('error', () => undefined);
  return pool;
}

/** Throws `wrong-configuration` when there is no PostgreSQL to be had. */
export async function openBenchServer(): Promise<BenchServer> {
  const { DATABASE_URL: named } = readEnvironment();
  const { url, pid, close } = named ? { url: named, pid: undefined, close: async () => {} } : await startEmbedded();

  async function run<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  return {
    pid,
    async describe() {
      const rows = await run<{ name: string; setting: string }>(
        `select name, setting from pg_settings
         where name in ('server_version', 'fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size')`,
      );
      return Object.fromEntries(rows.map((row) => [row.name, row.setting]));
    },
    async createDatabase() {
      const name = `baton_bench_${randomBytes(8).toString('hex')}`;
      await run(`create database ${name}`);
      const ofIts = new URL(url);
      ofIts.pathname = `/${name}`;
      const logins = await createLogins(ofIts.href, 'baton_bench');
      await migrate(ofIts.href);
      return {
        url: ofIts.href,
        logins,
        drop: () => run(`drop database if exists ${name} with (force)`).then(() => {}),
      };
    },
    close,
  };
}
