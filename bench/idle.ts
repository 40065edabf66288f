// Idle: what portals where nothing happens cost, in HubSpot calls a day and in statements a poll.
import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import { openDb } from '../src/db/open-db.ts';
import { createLog } from '../src/log.ts';
import { at, installedAt, mailRules, makeWorld, sweep, withNotes } from '../test/worker/swept-portal.ts';
import { type BenchServer, openBenchPool } from './bench-server.ts';
import type { BenchParts } from './main.ts';
import { round } from './numbers.ts';
import { createSecrets, findFreePort, startProgram } from './program.ts';
import { installStubPortals, stubPortals } from './stub.ts';

const counts = [10, 1_000];
const measuredMs = 12_000;
const aimedCalls = 300;
const dayMinutes = 24 * 60;
const pollMs = 1_000;

/** Every transaction of the worker is one statement while nothing is due. A backend tells of its own at most once a second. */
async function countTransactions(sql: pg.Pool): Promise<number> {
  const { rows } = await sql.query(
    `select (xact_commit + xact_rollback)::int as count from pg_stat_database where datname = current_database()`,
  );
  return rows[0].count;
}

async function measurePolls(server: BenchServer, portals: number): Promise<number> {
  const database = await server.createDatabase();
  const secrets = createSecrets();
  const db = openDb({ databaseUrl: database.logins.both, tokenKeys: [secrets.tokenKey], log: createLog('silent') });
  const sql = openBenchPool(database, 1);
  await installStubPortals(db, sql, stubPortals(portals));
  await db.close();
  const hubspotUrl = `http://127.0.0.1:${await findFreePort()}`;
  const webPort = await findFreePort();
  const never = '0 0 1 1 *';
  const worker = await startProgram('worker', {
    ...secrets,
    databaseUrl: database.logins.both,
    hubspotUrl,
    webPort,
    sweepSchedule: never,
  });
  try {
    await wait(3_000); // what a start asks once
    const before = await countTransactions(sql);
    await wait(measuredMs);
    // Two of them are this bench's own.
    return ((await countTransactions(sql)) - before - 1) / (measuredMs / pollMs);
  } finally {
    await worker.stop();
    await sql.end();
    await database.drop();
  }
}

/** A second day of sweeps with every automation on: the first reads what was before. */
async function countCalls(): Promise<number> {
  const pipelines = { '0': { ...mailRules.pipelines['0'], ...withNotes('a').pipelines['0'] } };
  const world = makeWorld({ saves: [[installedAt, { pipelines }]] });
  for (let minute = 0; minute < 2 * dayMinutes; minute += 5) {
    if (minute === dayMinutes) world.calls = 0;
    await sweep(world, at(minute));
  }
  return world.calls;
}

/** Prints a line for calls and one for statements. */
export async function benchIdle({ server, print }: BenchParts): Promise<void> {
  const calls = await countCalls();
  print({
    what: 'idle portal',
    figure: 'HubSpot calls of an idle portal in a day',
    ...{ measured: `${calls}`, limit: '0', aim: `<= ${aimedCalls}`, met: calls <= aimedCalls },
  });
  const [few = 0, many = 0] = [await measurePolls(server, counts[0] ?? 0), await measurePolls(server, counts[1] ?? 0)];
  print({
    what: 'idle polls',
    figure: `statements a poll with ${counts[1]} idle portals`,
    measured: `${round(many, 1)}`,
    limit: `${round(few, 1)} with ${counts[0]} portals`,
    aim: 'no query per portal',
    met: many < few + 2,
  });
}
