// The drill of docs/reliability.md on a disk that is really full: PostgreSQL on a small one, filled to its last byte while Baton works.
// Linux and root (for mount and setpriv), initdb and postgres on PATH. Run: `node scripts/with-node.mjs scripts/full-disk-drill.ts`.
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { listRoutes, type Route } from '../test/journeys/trouble-routes.ts';
import { findFreePort } from '../test/support/ports.ts';
import { type InstalledPortal, roomyLimits, type System, startSystem } from '../test/support/system.ts';

if (process.platform !== 'linux' || process.getuid?.() !== 0) {
  console.error('The drill mounts a small disk: run it on Linux, as root.');
  process.exit(1);
}

/** PostgreSQL refuses root. */
const uid = 65_534;
const diskMb = 160;
const leftBytes = 1 << 20;
const eventsPerDelivery = 100;
const refusedDeliveries = 30;

/** A PostgreSQL on a disk of its own; `walApart` keeps what it writes ahead on another one. Its own log lies outside. */
async function startDisk(walApart: boolean) {
  const folder = mkdtempSync(join(tmpdir(), 'baton-full-disk-'));
  const [disk, password] = [join(folder, 'disk'), randomBytes(16).toString('hex')];
  mkdirSync(disk);
  writeFileSync(join(folder, 'password'), password);
  for (const path of [folder, join(folder, 'password')]) chownSync(path, uid, uid);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMb}m,uid=${uid},mode=0700`, 'tmpfs', disk]);
  const as = ['--reuid', `${uid}`, '--regid', `${uid}`, '--clear-groups'];
  const cluster = join(disk, 'cluster');
  const made = ['-D', cluster, '-U', 'baton', '--auth=scram-sha-256', `--pwfile=${join(folder, 'password')}`];
  const wal = walApart ? [`--waldir=${join(folder, 'wal')}`] : [];
  execFileSync('setpriv', [...as, 'initdb', ...made, '--encoding=UTF8', '--locale=C', ...wal], {
    cwd: folder,
    stdio: 'ignore',
  });
  const port = await findFreePort();
  const options = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'log_error_verbosity=terse',
  ];
  const url = `postgres://baton:${password}@127.0.0.1:${port}/postgres`;
  const filler = join(disk, 'filler');
  let server: ChildProcess;

  async function answers(): Promise<boolean> {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined); // cut while the server starts: the next look tells
    return client.connect().then(
      () => client.end().then(() => true),
      () => false,
    );
  }

  async function startServer(): Promise<void> {
    const log = openSync(join(folder, 'log'), 'a');
    const args = [...as, 'postgres', '-D', cluster, ...options.flatMap((option) => ['-c', option])];
    server = spawn('setpriv', args, { stdio: ['ignore', log, log], cwd: folder });
    closeSync(log);
    await until('PostgreSQL answers', 60_000, answers);
  }
  await startServer();

  return {
    url,
    startServer,
    hasEnded: () => server.exitCode !== null || server.signalCode !== null,
    said: () => readFileSync(join(folder, 'log'), 'utf8').split('\n'),
    /** To the last byte, and then a little less: so some deliveries find room, until one of them does not. */
    fill(): void {
      const file = openSync(filler, 'a');
      for (const size of [1 << 20, 4_096, 1]) {
        try {
          for (const block = Buffer.alloc(size, 1); ; ) writeSync(file, block);
        } catch (error) {
          assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
        }
      }
      closeSync(file);
      truncateSync(filler, statSync(filler).size - leftBytes);
    },
    free: () => rmSync(filler),
    async remove(): Promise<void> {
      if (server.exitCode === null && server.signalCode === null) {
        const ended = new Promise((done) => server.once('exit', done));
        server.kill('SIGINT');
        await ended;
      }
      execFileSync('umount', [disk]);
      rmSync(folder, { recursive: true });
    },
  };
}

async function until(what: string, forMs: number, holds: () => boolean | Promise<boolean>): Promise<number> {
  const from = performance.now();
  while (!(await holds())) {
    assert.ok(performance.now() - from < forMs, `${what}: not within ${forMs} ms`);
    await wait(50);
  }
  return Math.round(performance.now() - from);
}

type Delivery = { occurredAt: number; body: string; status: number };
let lastEventId = 0;

/** A full delivery of events that are kept as they are; its own time tells its rows from all others. */
function makeDelivery(portalId: string): Delivery {
  const occurredAt = Date.now() - 3_600_000 + lastEventId;
  const events = Array.from({ length: eventsPerDelivery }, () => {
    lastEventId += 1;
    const ids = { eventId: lastEventId, portalId: Number(portalId), appId: 2_000_001, objectId: lastEventId };
    return { ...ids, subscriptionType: 'company.creation', occurredAt, attemptNumber: 0 };
  });
  return { occurredAt, body: JSON.stringify(events), status: 0 };
}

async function send(system: System, delivery: Delivery): Promise<number> {
  delivery.status = await system.deliver(delivery.body);
  assert.ok([204, 503].includes(delivery.status), `a delivery was answered ${delivery.status}`);
  return delivery.status;
}

/** Every row of a delivery that was taken, none of one that was refused. */
async function checkStored(system: System, deliveries: Delivery[]): Promise<void> {
  const { rows } = await system.sql.query<{ at: Date; count: number }>(
    `select (event ->> 'occurredAt')::timestamptz as at, count(*)::int from ignored_events group by 1`,
  );
  const counts = new Map(rows.map(({ at, count }) => [at.getTime(), count]));
  for (const { occurredAt, status } of deliveries) {
    assert.equal(counts.get(occurredAt) ?? 0, status === 204 ? eventsPerDelivery : 0);
  }
}

/** Asks every route; answers how many said what, by what they need of the database. Nothing may be a 5xx but 503. */
async function askRoutes(routes: Route[], usual: Map<string, number>): Promise<Record<string, Record<string, number>>> {
  const tally: Record<string, Record<string, number>> = {};
  for (const route of routes) {
    const answer = await route.ask();
    await answer.body?.cancel();
    const asUsual = answer.status === usual.get(route.name);
    // A form that was saved once answers differently the second time.
    assert.ok(
      asUsual || answer.status === 503 || (route.needs === 'writing' && answer.status < 500),
      `${route.name}: ${answer.status}`,
    );
    if (route.needs === 'nothing') assert.ok(asUsual, `${route.name}: ${answer.status}`);
    const kind = route.path === '/ready' ? 'ready' : route.needs;
    const word = answer.status === 503 ? '503' : 'as usual';
    tally[kind] = { ...tally[kind], [word]: (tally[kind]?.[word] ?? 0) + 1 };
  }
  return tally;
}

/** Until the disk has refused some: each must be taken or refused as a whole. */
async function deliverOnto(system: System, acme: InstalledPortal): Promise<Delivery[]> {
  const sent: Delivery[] = [];
  for (let refused = 0; refused < refusedDeliveries; ) {
    assert.ok(sent.length < 1_000, 'a full disk takes no end of deliveries');
    const delivery = makeDelivery(acme.id);
    sent.push(delivery);
    if ((await send(system, delivery)) === 503) refused += 1;
  }
  await checkStored(system, sent);
  return sent;
}

async function askUsual(routes: Route[]): Promise<Map<string, number>> {
  const usual = new Map<string, number>();
  for (const route of routes) {
    const answer = await route.ask();
    await answer.body?.cancel();
    usual.set(route.name, answer.status);
  }
  return usual;
}

/** What the routes say once PostgreSQL has met the full disk in a checkpoint, as it does every five minutes. */
async function lookAfterCheckpoint(system: System, routes: Route[], usual: Map<string, number>) {
  await system.sql.query('checkpoint').catch((error: { code?: string; message: string }) => {
    assert.match(`${error.code} ${error.message}`, /53100|57P0|terminated/);
  });
  await wait(5_000); // does PostgreSQL come back by itself?
  return askRoutes(routes, usual);
}

/** All of what was refused is taken now, nothing of it twice, and each ticket was moved once. */
async function checkRecovered(system: System, acme: InstalledPortal, sent: Delivery[], ticketIds: string[]) {
  for (const delivery of sent) if (delivery.status === 503) assert.equal(await send(system, delivery), 204);
  for (const delivery of sent) assert.equal(await send(system, delivery), 204, 'a repetition is taken, and not stored');
  await system.settled(120_000);
  await checkStored(system, sent);
  for (const ticketId of ticketIds) {
    assert.equal(acme.portal.stage(ticketId), '2');
    assert.deepEqual(acme.ownMoves(ticketId), ['2']);
  }
}

async function drill({ walApart, checkpoint }: { walApart: boolean; checkpoint: boolean }): Promise<void> {
  const disk = await startDisk(walApart);
  // What test/support/database.ts takes for the run's server.
  process.env.DATABASE_URL = disk.url;
  const system = await startSystem({ limits: { leaseMs: 6_000 }, emulator: { limits: roomyLimits } });
  system.sql.on('error', () => undefined); // PostgreSQL ends all connections when it ends itself
  try {
    const acme = await system.install({ portalId: '59600001', ticketsForNewConversations: true });
    const opened = Array.from({ length: 20 }, (_, number) =>
      acme.portal.receiveMessage({ from: `customer-${number}@customer.example`, text: 'It is broken.' }),
    );
    await system.settled();
    const ticketIds = opened.map(({ ticketId }) => ticketId as string);
    const routes = await listRoutes({ system, acme, ticketId: ticketIds[0] as string });
    const usual = await askUsual(routes);
    disk.fill();
    for (const { threadId } of opened) acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Which one?' });
    const sent = await deliverOnto(system, acme);
    const refused = sent.filter(({ status }) => status === 503);
    const whileFull = await askRoutes(routes, usual);
    const afterCheckpoint = checkpoint ? await lookAfterCheckpoint(system, routes, usual) : undefined;
    const ended = disk.hasEnded();
    disk.free();
    if (ended) await disk.startServer();
    const takes = async () => (await send(system, refused[0] as Delivery)) === 204;
    const recoveredMs = await until('a delivery is taken again', 60_000, takes);
    await checkRecovered(system, acme, sent, ticketIds);
    const recovered = await askRoutes(routes, usual);
    const count = (pattern: RegExp) => disk.said().filter((line) => pattern.test(line)).length;
    const log = { noSpace: count(/ERROR: .*No space left/), panics: count(/PANIC: .*No space left/) };
    const counts = { taken: sent.length - refused.length, refused: refused.length };
    const result = {
      walApart,
      ...counts,
      whileFull,
      afterCheckpoint,
      ...log,
      startedByHand: ended,
      recoveredMs,
      recovered,
    };
    console.log(JSON.stringify({ drill: 'full disk', ...result }));
  } catch (error) {
    console.error(error, disk.said().slice(-10).join('\n'));
    process.exitCode = 1;
  } finally {
    if (disk.hasEnded()) await disk.startServer();
    await system.stop();
    await disk.remove();
  }
}

await drill({ walApart: false, checkpoint: false });
await drill({ walApart: true, checkpoint: true });
await drill({ walApart: false, checkpoint: true });
