// Workers: the same backlog worked off by 1, 2 and 4 worker processes on one PostgreSQL, as dynos would (docs/scaling.md).
import type pg from 'pg';
import { openDb } from '../src/db/open-db.ts';
import { createLog } from '../src/log.ts';
import { openBenchPool } from './bench-server.ts';
import { checkRecords, waitUntilEmpty } from './drain.ts';
import type { BenchParts } from './main.ts';
import { round } from './numbers.ts';
import { readProcessorMs } from './processor.ts';
import { createSecrets, findFreePort, type Installation, startProgram } from './program.ts';
import { installStubPortals, type Stub, startStub, stubPortals } from './stub.ts';

const portals = 1_000;
/** 20 a portal: three batches' calls at most, far from HubSpot's limit, which the programs keep as in production. */
const events = 20_000;
const counts = [1, 2, 4];

/** Evenly over all portals, and due only once the workers stand ready. */
const insertBacklog = `
  insert into inbox (portal_id, run_at, event)
  select $2::bigint + n % $3::bigint, now(), jsonb_build_object(
    'key', md5(n::text || $4), 'kind', 'email', 'subscriptionType', 'object.creation',
    'occurredAt', to_char(now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'emailId', ($4::bigint + n)::text
  )
  from generate_series(1, $1::integer) as n`;

type Sides = { installation: Installation; sql: pg.Pool; stub: Stub; serverPid: number | undefined };

async function measure({ installation, sql, stub, serverPid }: Sides, workers: number, turn: number) {
  await sql.query('truncate inbox, lanes, records, tickets');
  await sql.query(insertBacklog, [events, stubPortals(1)[0], portals, String(2_000_000_000 + turn * events)]);
  await sql.query('analyze inbox');
  await sql.query('checkpoint');
  const programs = await Promise.all(Array.from({ length: workers }, () => startProgram('worker', installation)));
  try {
    const before = { postgresMs: readProcessorMs(serverPid) ?? Number.NaN, ...(await stub.report()) };
    const at = performance.now();
    await sql.query('insert into lanes (portal_id, due_at) select distinct portal_id, now() from inbox');
    await sql.query(`select pg_notify('lane_due', '')`);
    await waitUntilEmpty(sql);
    const ms = performance.now() - at;
    const after = { postgresMs: readProcessorMs(serverPid) ?? Number.NaN, ...(await stub.report()) };
    await checkRecords(sql, events);
    const { rows } = await sql.query('select sum(fence)::int as leases from lanes');
    return {
      eventsPerSecond: Math.round(events / (ms / 1_000)),
      leases: rows[0].leases as number,
      postgresUs: ((after.postgresMs - before.postgresMs) / events) * 1_000,
      calls: after.calls - before.calls,
    };
  } finally {
    await Promise.all(programs.map((program) => program.stop()));
  }
}

/** Prints a line for each number of workers. */
export async function benchWorkers({ server, print }: BenchParts): Promise<void> {
  const database = await server.createDatabase();
  const stub = await startStub();
  const sql = openBenchPool(database, 2);
  const secrets = createSecrets();
  const db = openDb({
    databaseUrl: database.logins.both,
    tokenKeys: [secrets.tokenKey],
    log: createLog('silent'),
  });
  await installStubPortals(db, sql, stubPortals(portals));
  await db.close();
  const installation: Installation = {
    ...secrets,
    databaseUrl: database.logins.worker,
    hubspotUrl: stub.url,
    webPort: await findFreePort(),
    sweepSchedule: '0 0 1 1 *',
  };
  const sides = { installation, sql, stub, serverPid: server.pid };
  try {
    await measure(sides, 1, 0); // warms PostgreSQL up
    let first: number | undefined;
    for (const [index, workers] of counts.entries()) {
      const { eventsPerSecond, leases, postgresUs, calls } = await measure(sides, workers, index + 1);
      first ??= eventsPerSecond;
      print({
        what: 'workers',
        workers,
        eventsPerSecond,
        toOne: round(eventsPerSecond / first, 2),
        // More than one for each portal: its events were claimed in several turns.
        leasesPerPortal: round(leases / portals, 2),
        postgresUsPerEvent: round(postgresUs, 1),
        callsPerEvent: round(calls / events, 3),
      });
    }
  } finally {
    await Promise.all([sql.end(), stub.stop()]);
    await database.drop();
  }
}
