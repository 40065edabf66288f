// Gives each test file a real PostgreSQL database of its own, copied from a migrated template.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../src/db/embedded.ts';
import { createLogins, type Logins, loginsOf } from '../../src/db/logins.ts';
import { migrate } from '../../src/db/migrate.ts';
import { createLog } from '../../src/log.ts';

/** `url` is a superuser's, for what a test looks at or puts there itself. */
export type TestDatabase = { url: string; drop(): Promise<void> };

const migrations = fileURLToPath(new URL('../../migrations/', import.meta.url));
const rights = fileURLToPath(new URL('../../src/db/rights.ts', import.meta.url));
const loginName = 'baton_test';

export type TestServer = { url: string; stop(): Promise<void> /** For a process about to exit. */; stopAtOnce(): void };

/** A PostgreSQL in the temp folder, without durability; stopping removes it. */
export async function startTestServer(): Promise<TestServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'baton-test-'));
  const server = await startEmbeddedPostgres({ dataDir, log: createLog('silent'), fast: true });
  return {
    url: server.url,
    stop: () => server.stop().then(() => removeFolder(dataDir)),
    stopAtOnce() {
      process.kill(server.pid, 'SIGQUIT');
      removeFolder(dataDir);
    },
  };
}

/** Synchronous, for an exit. The server's children need a moment to go, and a folder they still write in is not removed, nor is it said. */
function removeFolder(folder: string): void {
  for (let attempt = 1; attempt <= 40; attempt += 1) {
    rmSync(folder, { recursive: true, force: true });
    if (!existsSync(folder)) return;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  }
  throw new Error(`${folder} cannot be removed`);
}

let ownServer: Promise<TestServer> | undefined;

/**
 * `npm test` names the run's server in DATABASE_URL; a test file run alone starts one. It ends with the process and not in
 * an `after`: those run in the order of their registration, so this one would come before the test file's own.
 */
async function findServer(): Promise<string> {
  if (process.env.DATABASE_URL) return process.env.DATABASE_URL;
  ownServer ??= startTestServer().then((server) => {
    process.once('exit', () => server.stopAtOnce());
    return server;
  });
  return (await ownServer).url;
}

async function withAdmin<T>(url: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

function nameDatabase(url: string, name: string): string {
  const named = new URL(url);
  named.pathname = `/${name}`;
  return named.href;
}

/** The URLs that the program's parts use for the same database: no superusers, with the least rights. */
export function asProgram(url: string): Logins {
  return loginsOf(url, loginName);
}

/** One template for each state of the migrations, made by whichever test process comes first. */
async function ensureTemplate(url: string, admin: pg.Client): Promise<string> {
  const hash = createHash('sha256');
  for (const file of readdirSync(migrations).sort()) hash.update(file).update(readFileSync(join(migrations, file)));
  hash.update(readFileSync(rights));
  const template = `baton_template_${hash.digest('hex').slice(0, 16)}`;
  await admin.query("select pg_advisory_lock(hashtext('baton test template'))");
  const { rowCount } = await admin.query('select from pg_database where datname = $1', [template]);
  if (rowCount === 0) {
    // Renamed when it is whole: a run killed in the middle must not leave half a template to the next one.
    await admin.query(`drop database if exists ${template}_unfinished with (force)`);
    await admin.query(`create database ${template}_unfinished`);
    await createLogins(url, loginName);
    await migrate(nameDatabase(url, `${template}_unfinished`));
    await untilUnused(() => admin.query(`alter database ${template}_unfinished rename to ${template}`));
  }
  await admin.query("select pg_advisory_unlock(hashtext('baton test template'))");
  return template;
}

/** A connection that was just closed counts as a user of the database (55006) until its backend is gone. */
async function untilUnused(change: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await change();
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== '55006' || attempt === 20) throw error;
      await sleep(50);
    }
  }
}

/** A migrated, empty database of the test's own. `drop` ends whatever is still connected to it. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const url = await findServer();
  const name = `baton_test_${randomBytes(8).toString('hex')}`;
  await withAdmin(url, async (admin) => {
    const template = await ensureTemplate(url, admin);
    await untilUnused(() => admin.query(`create database ${name} template ${template}`));
  });
  return {
    url: nameDatabase(url, name),
    drop: () => withAdmin(url, (admin) => dropDatabase(admin, name)),
  };
}

/**
 * A pool that has ended is not yet gone from the server; forced out, its last connection would throw in the test. So it has
 * a second to go. (Not by trying: PostgreSQL waits 5 s itself before it says that a database is in use.)
 */
async function dropDatabase(admin: pg.Client, name: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < 1000; waitedMs += 25) {
    const { rowCount } = await admin.query('select from pg_stat_activity where datname = $1', [name]);
    if (rowCount === 0) break;
    await sleep(25);
  }
  await admin.query(`drop database if exists ${name} with (force)`);
}
