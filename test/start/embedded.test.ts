// The embedded PostgreSQL: starts, keeps its data, shuts its door, and survives every way of being killed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/db/embedded.ts';
import { createLog } from '../../src/log.ts';

const folder = mkdtempSync(join(tmpdir(), 'baton-embedded-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const log = createLog('silent');

const start = (name: string): Promise<EmbeddedPostgres> =>
  startEmbeddedPostgres({ dataDir: join(folder, name), log, fast: true });

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function readServerPid(name: string): number {
  return Number(readFileSync(join(folder, name, 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0]);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

test('a second start finds the data of the first, and stopping twice is harmless', async () => {
  const first = await start('again');
  await query(first.url, 'create table kept (id int)');
  await first.stop();
  await first.stop();
  const second = await start('again');
  assert.deepEqual(await query(second.url, "select tablename from pg_tables where tablename = 'kept'"), [
    { tablename: 'kept' },
  ]);
  await second.stop();
});

test('only the password opens the server, and no other address reaches it', async () => {
  const server = await start('door');
  const wrong = new URL(server.url);
  wrong.password = 'postgres';
  await assert.rejects(query(wrong.href, 'select 1'), { code: '28P01' });
  const settings = await query(
    server.url,
    "select name, setting from pg_settings where name in ('listen_addresses', 'unix_socket_directories') order by name",
  );
  assert.deepEqual(settings, [
    { name: 'listen_addresses', setting: '127.0.0.1' },
    { name: 'unix_socket_directories', setting: '' },
  ]);
  await server.stop();
});

test("rows and parameters of a failed statement stay out of the server's log", async () => {
  const server = await start('discreet');
  const text = 'casey@customer.example';
  await query(server.url, 'create table secrets (address text primary key)');
  await query(server.url, `insert into secrets values ('${text}')`);
  await assert.rejects(query(server.url, `insert into secrets values ('${text}')`), { code: '23505' });
  await server.stop();
  const logged = readFileSync(join(folder, 'discreet', 'cluster.log'), 'utf8');
  assert.match(logged, /duplicate key/);
  assert.ok(!logged.includes(text));
});

/** A program that starts the server, says so, and waits to be killed. */
async function startElsewhere(name: string): Promise<ReturnType<typeof spawn>> {
  const source = `
    import { startEmbeddedPostgres } from ${JSON.stringify(new URL('../../src/db/embedded.ts', import.meta.url).href)};
    import { createLog } from ${JSON.stringify(new URL('../../src/log.ts', import.meta.url).href)};
    await startEmbeddedPostgres({ dataDir: ${JSON.stringify(join(folder, name))}, log: createLog('silent'), fast: true });
    console.log('started');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout ?? child, 'data');
  return child;
}

test('when its program is killed the server ends by itself', async () => {
  const child = await startElsewhere('killed');
  const pid = readServerPid('killed');
  child.kill('SIGKILL');
  for (let waited = 0; isAlive(pid) && waited < 10_000; waited += 50) await sleep(50);
  assert.ok(!isAlive(pid));
  await (await start('killed')).stop();
});

if (process.platform === 'linux') {
  test('a server left behind is stopped by the next start', async () => {
    const child = await startElsewhere('orphan');
    const pid = readServerPid('orphan');
    // The guard that would end it is killed first, so that the server really is left behind.
    const guards = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ').map(Number);
    for (const guard of guards.filter((one) => one !== pid)) process.kill(guard, 'SIGKILL');
    child.kill('SIGKILL');
    await once(child, 'exit');
    await sleep(200);
    assert.ok(isAlive(pid));
    const next = await start('orphan');
    assert.ok(!isAlive(pid));
    assert.deepEqual(await query(next.url, 'select 1 as one'), [{ one: 1 }]);
    await next.stop();
  });
}

test('a server killed with its program recovers', async () => {
  const child = await startElsewhere('crash');
  const pid = readServerPid('crash');
  process.kill(pid, 'SIGKILL');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const next = await start('crash');
  assert.deepEqual(await query(next.url, 'select 1 as one'), [{ one: 1 }]);
  await next.stop();
});

test("a pid file that points at somebody else's process stops nothing and nobody", async () => {
  await (await start('stale')).stop();
  const stranger = spawn('sleep', ['60']);
  const file = join(folder, 'stale', 'cluster', 'postmaster.pid');
  writeFileSync(file, `${stranger.pid}\n${join(folder, 'stale', 'cluster')}\n1\n5432\n\n127.0.0.1\n1 1\nready\n`);
  await (await start('stale')).stop();
  assert.ok(isAlive(stranger.pid ?? 0));
  stranger.kill();
});

test('a setup cut short is begun anew', async () => {
  mkdirSync(join(folder, 'half', 'cluster-unfinished', 'base'), { recursive: true });
  await (await start('half')).stop();
  assert.ok(!existsSync(join(folder, 'half', 'cluster-unfinished')));
});

test("a folder that holds somebody else's cluster is left alone", async () => {
  mkdirSync(join(folder, 'foreign', 'cluster'), { recursive: true });
  writeFileSync(join(folder, 'foreign', 'cluster', 'PG_VERSION'), '13\n');
  await assert.rejects(start('foreign'), { code: 'wrong-configuration', message: /DATABASE_URL/ });
});

if (process.platform === 'linux' && process.getuid?.() === 0) {
  /** As in a container that forbids user namespaces: `unshare` is not found. */
  async function withoutNamespaces<T>(work: () => Promise<T>): Promise<T> {
    const found = (name: string) => ['/usr/bin', '/bin'].map((place) => join(place, name)).find(existsSync) ?? name;
    const programs = mkdtempSync(join(tmpdir(), 'baton-path-'));
    for (const name of ['test', 'chown']) symlinkSync(found(name), join(programs, name));
    chmodSync(programs, 0o755);
    const path = process.env.PATH;
    process.env.PATH = programs;
    try {
      return await work();
    } finally {
      process.env.PATH = path;
      rmSync(programs, { recursive: true });
    }
  }

  async function findHome(url: string): Promise<{ home: string; uid: number }> {
    const [row] = (await query(url, 'show data_directory')) as { data_directory: string }[];
    const home = row?.data_directory ?? '';
    const [pid] = readFileSync(join(home, 'postmaster.pid'), 'utf8').split('\n');
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return { home, uid: Number(/^Uid:\t(\d+)/m.exec(status)?.[1]) };
  }

  test('root without user namespaces runs the server as nobody, on the same data, and back', async () => {
    chmodSync(folder, 0o755);
    const before = await start('nobody');
    await query(before.url, 'create table kept (id int)');
    await before.stop();
    await withoutNamespaces(async () => {
      const server = await start('nobody');
      assert.deepEqual(await findHome(server.url), { home: join(folder, 'nobody', 'cluster'), uid: 65534 });
      assert.deepEqual(await query(server.url, 'select * from kept'), []);
      await server.stop();
    });
    const back = await start('nobody');
    assert.deepEqual(await query(back.url, 'select * from kept'), []);
    await back.stop();
  });

  test('where nobody cannot reach the folder, the data lies in the temp folder and is found again', async () => {
    chmodSync(folder, 0o700);
    await withoutNamespaces(async () => {
      const first = await start('hidden');
      const { home, uid } = await findHome(first.url);
      assert.equal(uid, 65534);
      assert.ok(!home.startsWith(folder));
      await query(first.url, 'create table kept (id int)');
      await first.stop();
      const second = await start('hidden');
      assert.deepEqual(await query(second.url, 'select * from kept'), []);
      await second.stop();
      rmSync(dirname(dirname(home)), { recursive: true });
    });
  });
}
