// Memory of web and worker once ten thousand portals have been told about: what either keeps of a portal shows here.
import { createHmac } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { openDb } from '../src/db/open-db.ts';
import { createLog } from '../src/log.ts';
import { openBenchPool } from './bench-server.ts';
import type { BenchParts } from './main.ts';
import { createSecrets, findFreePort, type Installation, publicUrlOf, startProgram } from './program.ts';
import { installStubPortals, startStub, stubPortals } from './stub.ts';

const portalIds = stubPortals(10_000);
const perDelivery = 100;
/** So many of them send an email too, which is read and moves its ticket. */
const mailing = 1_000;
const aimedMb = 200;
const settleTimeoutMs = 300_000;

let lastId = 800_000_000;

function makeElements(portalId: string, withEmail: boolean): object[] {
  lastId += 1;
  const shared = {
    portalId: Number(portalId),
    appId: 2_000_001,
    subscriptionId: 1,
    attemptNumber: 0,
    occurredAt: Date.now(),
  };
  const merge = {
    subscriptionType: 'object.merge',
    objectTypeId: '0-5',
    primaryObjectId: lastId,
    mergedObjectIds: [lastId - 1],
  };
  const email = { subscriptionType: 'object.creation', objectTypeId: '0-49', objectId: lastId, changeFlag: 'CREATED' };
  const elements = [{ ...shared, ...merge, eventId: lastId, newObjectId: lastId }];
  return withEmail ? [...elements, { ...shared, ...email, eventId: lastId + 1_000_000 }] : elements;
}

async function deliver(installation: Installation, elements: object[]): Promise<void> {
  const url = `${publicUrlOf(installation)}/webhooks/hubspot`;
  const body = JSON.stringify(elements);
  const at = String(Date.now());
  const mac = createHmac('sha256', installation.app.clientSecret).update(`POST${url}${body}${at}`).digest('base64');
  const headers = {
    'x-hubspot-signature-v3': mac,
    'x-hubspot-request-timestamp': at,
    'content-type': 'application/json',
  };
  const answer = await fetch(url, { method: 'POST', body, headers });
  await answer.arrayBuffer();
  if (answer.status !== 204) throw new Error(`a delivery was answered with ${answer.status}`);
}

/** Prints one line. */
export async function benchMemory({ server, print }: BenchParts): Promise<void> {
  const database = await server.createDatabase();
  const stub = await startStub();
  const secrets = createSecrets();
  const db = openDb({ databaseUrl: database.logins.both, tokenKeys: [secrets.tokenKey], log: createLog('silent') });
  const sql = openBenchPool(database, 1);
  await installStubPortals(db, sql, portalIds);
  await db.close();
  const installation = {
    ...secrets,
    databaseUrl: database.logins.both,
    hubspotUrl: stub.url,
    webPort: await findFreePort(),
  };
  const web = await startProgram('web', installation);
  const worker = await startProgram('worker', installation);
  let [webMb, workerMb] = [0, 0];
  const look = async () => {
    webMb = Math.max(webMb, await web.readResidentMb());
    workerMb = Math.max(workerMb, await worker.readResidentMb());
  };
  try {
    for (let from = 0; from < portalIds.length; from += perDelivery) {
      const some = portalIds.slice(from, from + perDelivery);
      await deliver(
        installation,
        some.flatMap((portalId, index) => makeElements(portalId, from + index < mailing)),
      );
      await look();
    }
    const giveUpAt = Date.now() + settleTimeoutMs;
    for (;;) {
      await look();
      const { rows } = await sql.query('select count(*)::int as waiting from inbox');
      if (rows[0].waiting === 0) break;
      if (Date.now() > giveUpAt) throw new Error(`${rows[0].waiting} events are still not settled`);
      await wait(200);
    }
    print({
      what: 'memory of ten thousand portals',
      figure: `memory of web and worker with ${portalIds.length} portals, at its highest`,
      measured: `web ${webMb} MB, worker ${workerMb} MB`,
      limit: '',
      ...{ webMb, workerMb, aim: `< ${aimedMb} MB each`, met: Math.max(webMb, workerMb) < aimedMb },
    });
  } finally {
    await Promise.all([web.stop(), worker.stop()]);
    await Promise.all([stub.stop(), sql.end()]);
    await database.drop();
  }
}
