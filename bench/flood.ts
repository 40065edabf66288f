// Flood: the memory of the web process, and what it answers, while many senders deliver to a database that has stalled.
import { Agent, request } from 'node:http';
import { openBenchPool } from './bench-server.ts';
import { type Delivery, makeDeliveries } from './deliveries.ts';
import type { BenchParts } from './main.ts';
import { createSecrets, findFreePort, type Installation, publicUrlOf, startProgram } from './program.ts';

const load = { connections: 400, seconds: 20 };
const portalIds = ['65000001'];
/** What Heroku's smallest machine has. */
const aimedMb = 400;

function post(url: string, agent: Agent, { body, headers }: Delivery): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

/** Prints a line; the tables are locked for as long as it takes, as by a migration that went wrong. */
export async function benchFlood({ server, print }: BenchParts): Promise<void> {
  const database = await server.createDatabase();
  const [webPort, nobodysPort] = [await findFreePort(), await findFreePort()];
  const hubspotUrl = `http://127.0.0.1:${nobodysPort}`;
  const installation: Installation = { ...createSecrets(), databaseUrl: database.logins.web, hubspotUrl, webPort };
  const sql = openBenchPool(database, 1);
  const web = await startProgram('web', installation);
  const agent = new Agent({ keepAlive: true, maxSockets: load.connections });
  try {
    const url = `${publicUrlOf(installation)}/webhooks/hubspot`;
    // Large ones: 100 events each, the most of HubSpot's.
    const deliveries = makeDeliveries(200, portalIds, { secret: installation.app.clientSecret, url });
    const startMb = await web.readResidentMb();
    const locker = await sql.connect();
    await locker.query('begin; lock table portals, seen, inbox in access exclusive mode');
    const statuses: Record<string, number> = {};
    let next = 0;
    let largestMb = startMb;
    const endAt = Date.now() + load.seconds * 1_000;
    const send = async (): Promise<void> => {
      while (Date.now() < endAt) {
        next += 1;
        const status = await post(url, agent, deliveries[next % deliveries.length] as Delivery);
        statuses[status] = (statuses[status] ?? 0) + 1;
      }
    };
    const watch = async (): Promise<void> => {
      while (Date.now() < endAt) {
        largestMb = Math.max(largestMb, await web.readResidentMb());
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    };
    await Promise.all([...Array.from({ length: load.connections }, send), watch()]);
    await locker.query('rollback');
    locker.release();
    const after = await post(url, agent, deliveries[0] as Delivery);
    const met = largestMb < aimedMb && Object.keys(statuses).join() === '503' && after === 204;
    const aim = `< ${aimedMb} MB, 503 alone, 204 after`;
    print({ what: 'a stalled database', ...load, statuses, startMb, largestMb, after, aim, met });
  } finally {
    agent.destroy();
    await web.stop();
    await sql.end();
    await database.drop();
  }
}
