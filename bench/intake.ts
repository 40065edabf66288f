// Intake: deliveries acknowledged by the real web process, next to raw inserts of the same rows into the same database, to Baton's own
// statement alone, and to the least that a server can do: what lies between that and the raw insert is HTTP on the same processors.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { type Db, openDb } from '../src/db/open-db.ts';
import { createLog } from '../src/log.ts';
import { openBenchPool } from './bench-server.ts';
import { type Delivery, eventsPerDelivery, makeDeliveries } from './deliveries.ts';
import type { LeastIntakeOrder } from './least-intake.ts';
import type { BenchParts } from './main.ts';
import { median, quantile, round } from './numbers.ts';
import { createSecrets, findFreePort, type Installation, publicUrlOf, startProgram } from './program.ts';

/** Rounds are many and short, so that what else the machine does meets both sides alike. */
const loads = [
  { connections: 8, rounds: 7, deliveries: 240 },
  { connections: 1, rounds: 7, deliveries: 80 },
];
const portalIds = Array.from({ length: 20 }, (_, index) => String(61_000_001 + index));
const aimedRatio = 0.85;
const aimedMb = 200;

type Sides = { installation: Installation; db: Db; sql: pg.Pool; url: string; leastUrl: string };
type Round = { intakeMs: number; answersMs: number[]; storeMs: number; rawMs: number; leastMs: number };

/** Runs `act` on each delivery, `connections` at a time; answers how long all and each of them took. */
async function race(deliveries: Delivery[], connections: number, act: (delivery: Delivery) => Promise<void>) {
  const waiting = [...deliveries];
  const answersMs: number[] = [];
  const startedAt = performance.now();
  const work = async () => {
    for (let delivery = waiting.pop(); delivery; delivery = waiting.pop()) {
      const sentAt = performance.now();
      await act(delivery);
      answersMs.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  return { totalMs: performance.now() - startedAt, answersMs };
}

function post(url: string, agent: Agent, { body, headers }: Delivery): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.once('end', () => {
        if (answer.statusCode === 204) resolve();
        else reject(new Error(`a delivery was answered with ${answer.statusCode}`));
      });
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

/**
 * The two rows that Baton keeps of an event, its key and its place in the inbox, inserted as they are: nothing is asked for duplicates
 * or portals, no lane is touched, nobody is notified. One array a column, and lines: faster than a list of values.
 */
const insertRaw = {
  name: 'insert-raw',
  text: `with keys as (
           insert into raw_seen (slot, portal_id, key)
           select * from unnest($1::smallint[], $2::bigint[], $3::uuid[])
         )
         insert into raw_inbox (portal_id, run_at, event)
         select portal_id, now(), line::jsonb
         from unnest($2::bigint[], string_to_array($4, E'\\n')) as t (portal_id, line)`,
};

async function insert(sql: pg.Pool, { rows }: Delivery): Promise<void> {
  await sql.query({ ...insertRaw, values: [rows.slots, rows.portalIds, rows.keys, rows.events.join('\n')] });
}

async function startLeastIntake(order: LeastIntakeOrder) {
  const child = fork(fileURLToPath(new URL('./least-intake.ts', import.meta.url)), {
    execArgv: ['--max-semi-space-size=8', '--max-old-space-size=384'],
  });
  const exited = once(child, 'exit');
  child.send(order);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    url: `http://127.0.0.1:${port}`,
    async stop(): Promise<void> {
      child.disconnect();
      await exited;
    },
  };
}

/** Deliveries by each way, from empty tables. The statement alone has its own: those of the web process are known by then. */
async function runRound(sides: Sides, connections: number, count: number): Promise<Round> {
  const { installation, db, sql, url, leastUrl } = sides;
  const signing = { secret: installation.app.clientSecret, url };
  const deliveries = makeDeliveries(count, portalIds, signing);
  const others = makeDeliveries(count, portalIds, signing);
  await sql.query('truncate seen, inbox, lanes, raw_seen, raw_inbox');
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const intake = await race(deliveries, connections, (delivery) => post(url, agent, delivery));
  const raw = await race(deliveries, connections, (delivery) => insert(sql, delivery));
  await checkStored(sql, count * eventsPerDelivery);
  await sql.query('truncate seen, inbox, lanes, raw_seen, raw_inbox');
  const least = await race(deliveries, connections, (delivery) => post(leastUrl, agent, delivery));
  agent.destroy();
  await sql.query('truncate raw_seen, raw_inbox');
  const store = await race(others, connections, async ({ parsed }) => void (await db.events.store(parsed)));
  const { totalMs: intakeMs, answersMs } = intake;
  return { intakeMs, answersMs, storeMs: store.totalMs, rawMs: raw.totalMs, leastMs: least.totalMs };
}

/** A rate of what was not stored would be worth nothing. */
async function checkStored(sql: pg.Pool, expected: number): Promise<void> {
  const { rows } = await sql.query(
    'select (select count(*) from inbox)::int as inbox, (select count(*) from raw_inbox)::int as raw',
  );
  if (rows[0].inbox === expected && rows[0].raw === expected) return;
  throw new Error(`of ${expected} events ${rows[0].inbox} were stored, and ${rows[0].raw} inserted`);
}

async function measure(sides: Sides, load: (typeof loads)[number]): Promise<Record<string, unknown>> {
  const { connections, deliveries } = load;
  await runRound(sides, connections, deliveries); // warms both sides up
  const rounds: Round[] = [];
  for (let number = 0; number < load.rounds; number += 1) rounds.push(await runRound(sides, connections, deliveries));
  const perSecond = (ms: number) => (deliveries / ms) * 1_000;
  const intake = median(rounds.map((one) => perSecond(one.intakeMs)));
  // Round by round: two sides a second apart share what the machine was doing.
  const ratio = median(rounds.map((one) => one.rawMs / one.intakeMs));
  const leastRatio = median(rounds.map((one) => one.rawMs / one.leastMs));
  const rawEventsPerSecond = round(median(rounds.map((one) => perSecond(one.rawMs))) * eventsPerDelivery);
  const answersMs = rounds.flatMap((one) => one.answersMs);
  return {
    connections,
    rounds: load.rounds,
    deliveriesPerSecond: round(intake),
    eventsPerSecond: round(intake * eventsPerDelivery),
    p50Ms: round(quantile(answersMs, 0.5), 1),
    p99Ms: round(quantile(answersMs, 0.99), 1),
    rawEventsPerSecond,
    ratio: round(ratio, 2),
    leastRatio: round(leastRatio, 2),
    toLeast: round(median(rounds.map((one) => one.leastMs / one.intakeMs)), 2),
    figure: `intake, ${connections} connections`,
    measured: `${round(intake * eventsPerDelivery)} events/s, ratio ${round(ratio, 2)}`,
    limit: `${rawEventsPerSecond} events/s by raw insert; the least a server can do has ratio ${round(leastRatio, 2)}`,
    statementRatio: round(median(rounds.map((one) => one.rawMs / one.storeMs)), 2),
    aim: `ratio >= ${aimedRatio}`,
    met: ratio >= aimedRatio,
  };
}

async function installPortals(db: Db): Promise<void> {
  for (const portalId of portalIds) {
    await db.portals.install({
      portalId,
      userId: '77',
      domain: 'company.example',
      uiDomain: 'app.hubspot.com',
      timeZone: 'Europe/Paris',
      scopes: ['tickets'],
      // Intake calls nobody, so no token is ever used.
      accessToken: 'unused',
      refreshToken: 'unused',
      expiresAt: new Date(Date.now() + 3_600_000),
    });
  }
}

/** Prints a line for each load and one for memory. */
export async function benchIntake({ server, print }: BenchParts): Promise<void> {
  const database = await server.createDatabase();
  const [webPort, nobodysPort] = [await findFreePort(), await findFreePort()];
  const hubspotUrl = `http://127.0.0.1:${nobodysPort}`;
  const installation: Installation = { ...createSecrets(), databaseUrl: database.logins.web, hubspotUrl, webPort };
  const db = openDb({
    databaseUrl: database.logins.both,
    tokenKeys: [installation.tokenKey],
    log: createLog('silent'),
  });
  await installPortals(db);
  const sql = openBenchPool(database, Math.max(...loads.map((load) => load.connections)));
  await sql.query('create table raw_inbox (like inbox including all)');
  await sql.query('create table raw_seen (like seen including all)');
  const web = await startProgram('web', installation);
  const url = `${publicUrlOf(installation)}/webhooks/hubspot`;
  const least = await startLeastIntake({
    databaseUrl: database.url,
    secret: installation.app.clientSecret,
    url,
    connections: 8,
  });
  try {
    print({ what: 'database', ...(await server.describe()) });
    const sides = { installation, db, sql, url, leastUrl: least.url };
    for (const load of loads) print({ what: 'acknowledged', ...(await measure(sides, load)) });
    const residentMb = await web.readResidentMb();
    print({ what: 'memory', webMb: residentMb, aim: `< ${aimedMb} MB`, met: residentMb < aimedMb });
  } finally {
    await least.stop();
    await web.stop();
    await Promise.all([sql.end(), db.close()]);
    await database.drop();
  }
}
