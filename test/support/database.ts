// Gives each test file a real PostgreSQL database of its own, copied from a migrated template.
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../src/db/embedded.ts';
import { migrate } from '../../src/db/migrate.ts';
import { createLog } from '../../src/log.ts';

export type TestDatabase = { url: string; drop(): Promise<void> };

const migrations = fileURLToPath(new URL('../../migrations/', import.meta.url));

/** A PostgreSQL in the temp folder, without durability; `stop` removes it. */
export async function startTestServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'baton-test-'));
  const server = await startEmbeddedPostgres({ dataDir, log: createLog('silent'), fast: true });
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

let serverUrl: Promise<string> | undefined;

/** `npm test` names the run's server in DATABASE_URL; a test file run alone starts one and stops it at its end. */
function findServer(): Promise<string> {
  if (process.env.DATABASE_URL) return Promise.resolve(process.env.DATABASE_URL);
  serverUrl ??= startTestServer().then((server) => {
    stopAtTheEnd = server.stop;
    return server.url;
  });
  return serverUrl;
}

let stopAtTheEnd: (() => Promise<void>) | undefined;
let stopped = false;
// Runs before a file's own `after`, which was registered later: a `drop` there finds the server gone, database and all.
after(async () => {
  stopped = stopAtTheEnd !== undefined;
  await stopAtTheEnd?.();
});

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

/** One template for each state of the migrations, made by whichever test process comes first. */
async function ensureTemplate(url: string, admin: pg.Client): Promise<string> {
  const hash = createHash('sha256');
  for (const file of readdirSync(migrations).sort()) hash.update(file).update(readFileSync(join(migrations, file)));
  const template = `baton_template_${hash.digest('hex').slice(0, 16)}`;
  await admin.query("select pg_advisory_lock(hashtext('baton test template'))");
  const { rowCount } = await admin.query('select from pg_database where datname = $1', [template]);
  if (rowCount === 0) {
    // Renamed when it is whole: a run killed in the middle must not leave half a template to the next one.
    await admin.query(`drop database if exists ${template}_unfinished with (force)`);
    await admin.query(`create database ${template}_unfinished`);
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
    drop: async () => {
      if (stopped) return;
      await withAdmin(url, (admin) => admin.query(`drop database if exists ${name} with (force)`));
    },
  };
}
