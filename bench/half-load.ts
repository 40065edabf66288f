// Half load: how long a delivery waits for its 204 when deliveries come at half the rate the web process can take.
import { setTimeout as wait } from 'node:timers/promises';
import { openDb } from '../src/db/open-db.ts';
import { createLog } from '../src/log.ts';
import { openBenchPool } from './bench-server.ts';
import { type Delivery, eventsPerDelivery, makeDeliveries } from './deliveries.ts';
import type { BenchParts } from './main.ts';
import { quantile, round } from './numbers.ts';
import { createSecrets, findFreePort, publicUrlOf, startProgram } from './program.ts';
import { installStubPortals, stubPortals } from './stub.ts';

const connections = 8;
const fullLoad = 400;
const halfLoad = 300;
const portalIds = stubPortals(20);
const aimedMs = 100;

async function post(url: string, { body, headers }: Delivery): Promise<number> {
  const at = performance.now();
  const { 'content-length': _length, ...rest } = headers;
  const answer = await fetch(url, { method: 'POST', headers: rest, body: new Uint8Array(body) });
  await answer.arrayBuffer();
  if (answer.status !== 204) throw new Error(`a delivery was answered with ${answer.status}`);
  return performance.now() - at;
}

/** As fast as the answers come; answers deliveries a second. */
async function measureRate(url: string, deliveries: Delivery[]): Promise<number> {
  const waiting = [...deliveries];
  const startedAt = performance.now();
  const work = async () => {
    for (let delivery = waiting.pop(); delivery; delivery = waiting.pop()) await post(url, delivery);
  };
  await Promise.all(Array.from({ length: connections }, work));
  return (deliveries.length / (performance.now() - startedAt)) * 1_000;
}

/** At a steady pace, whatever the answers take: a slow answer must not make the load lighter. */
async function measureAnswers(url: string, deliveries: Delivery[], perSecond: number): Promise<number[]> {
  const startedAt = performance.now();
  const answers: Promise<number>[] = [];
  for (const [number, delivery] of deliveries.entries()) {
    const dueMs = startedAt + (number / perSecond) * 1_000 - performance.now();
    if (dueMs > 0) await wait(dueMs);
    answers.push(post(url, delivery));
  }
  return Promise.all(answers);
}

/** Prints one line. */
export async function benchHalfLoad({ server, print }: BenchParts): Promise<void> {
  const database = await server.createDatabase();
  const secrets = createSecrets();
  const hubspotUrl = `http://127.0.0.1:${await findFreePort()}`;
  const installation = { ...secrets, databaseUrl: database.logins.both, hubspotUrl, webPort: await findFreePort() };
  const db = openDb({ databaseUrl: database.logins.both, tokenKeys: [secrets.tokenKey], log: createLog('silent') });
  const sql = openBenchPool(database, 1);
  await installStubPortals(db, sql, portalIds);
  await Promise.all([db.close(), sql.end()]);
  const web = await startProgram('web', installation);
  try {
    const url = `${publicUrlOf(installation)}/webhooks/hubspot`;
    const make = (count: number) => makeDeliveries(count, portalIds, { secret: secrets.app.clientSecret, url });
    await measureRate(url, make(fullLoad / 4)); // warms both sides up
    const rate = await measureRate(url, make(fullLoad));
    const ms = await measureAnswers(url, make(halfLoad), rate / 2);
    const [p50, p99] = [quantile(ms, 0.5), quantile(ms, 0.99)];
    print({
      what: 'acknowledgement at half load',
      figure: `acknowledgement at half of what ${connections} connections reach`,
      measured: `p50 ${round(p50, 1)} ms, p99 ${round(p99, 1)} ms`,
      limit: `${round((rate / 2) * eventsPerDelivery)} of ${round(rate * eventsPerDelivery)} events/s`,
      ...{ p50Ms: round(p50, 1), p99Ms: round(p99, 1), aim: `p99 < ${aimedMs} ms`, met: p99 < aimedMs },
    });
  } finally {
    await web.stop();
    await database.drop();
  }
}
