// Latency: from a message's delivery to its ticket's written status, at growing rates, next to what the HubSpot calls themselves take.
import { createHmac } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type Db, openDb } from '../src/db/open-db.ts';
import { createLog } from '../src/log.ts';
import { type BenchDatabase, openBenchPool } from './bench-server.ts';
import type { BenchParts } from './main.ts';
import { quantile, round } from './numbers.ts';
import { createSecrets, findFreePort, type Installation, publicUrlOf, startProgram } from './program.ts';
import { installStubPortals, type Stub, startStub, stubPortals } from './stub.ts';

/** A message in turn for each of the portals, `perDelivery` of them in one POST, as HubSpot gathers what happens at once. */
const loads = [
  { messagesPerSecond: 1, seconds: 12, perDelivery: 1 },
  { messagesPerSecond: 100, seconds: 10, perDelivery: 2 },
  { messagesPerSecond: 1_000, seconds: 5, perDelivery: 20 },
];
const portalIds = stubPortals(1_000);
/** What a read of HubSpot takes from a European machine, about: with answers at once every other time would look long. */
const callMs = 100;
const aimedRatio = 1.5;
const aimedP99Ms = 1_000;
const drainTimeoutMs = 120_000;

type Load = (typeof loads)[number];
type Sides = { installation: Installation; stub: Stub };

// Ends in 1: the thread's agent wrote one message (stub-hubspot.ts).
let lastThreadId = 5_000_001;

type Sent = { ticketId: string; at: number };

function makeMessages(stub: Stub, count: number, from: number) {
  return Array.from({ length: count }, (_, index) => {
    lastThreadId += 10;
    const portalId = portalIds[(from + index) % portalIds.length] as string;
    const threadId = String(lastThreadId);
    stub.tell({ tell: 'threads', portalId, threadIds: [threadId] });
    const ids = { eventId: lastThreadId, subscriptionId: 2_371_671, portalId: Number(portalId), appId: 2_000_001 };
    const message = {
      objectId: lastThreadId,
      messageId: `${threadId}-1`,
      messageType: 'MESSAGE',
      changeFlag: 'NEW_MESSAGE',
    };
    return {
      ...ids,
      ...message,
      subscriptionType: 'conversation.newMessage',
      attemptNumber: 0,
      occurredAt: Date.now(),
    };
  });
}

async function deliver({ installation, stub }: Sides, count: number, from: number): Promise<Sent[]> {
  const url = `${publicUrlOf(installation)}/webhooks/hubspot`;
  const messages = makeMessages(stub, count, from);
  const body = JSON.stringify(messages);
  const at = Date.now();
  const mac = createHmac('sha256', installation.app.clientSecret).update(`POST${url}${body}${at}`).digest('base64');
  const headers = {
    'content-type': 'application/json',
    'x-hubspot-signature-v3': mac,
    'x-hubspot-request-timestamp': String(at),
  };
  const answer = await fetch(url, { method: 'POST', body, headers });
  await answer.arrayBuffer();
  if (answer.status !== 204) throw new Error(`a delivery was answered with ${answer.status}`);
  return messages.map(({ objectId }) => ({ ticketId: `9${objectId}`, at }));
}

/** At a steady pace whatever the answers take: a slow answer must not make the load lighter. */
async function write(sides: Sides, { messagesPerSecond, seconds, perDelivery }: Load): Promise<Sent[]> {
  const deliveries: Promise<Sent[]>[] = [];
  const startedAt = Date.now();
  for (let number = 0; number < (messagesPerSecond * seconds) / perDelivery; number += 1) {
    const dueAt = startedAt + (number * perDelivery * 1_000) / messagesPerSecond;
    if (dueAt > Date.now()) await wait(dueAt - Date.now());
    deliveries.push(deliver(sides, perDelivery, number * perDelivery));
  }
  return (await Promise.all(deliveries)).flat();
}

async function measure(sides: Sides, load: Load) {
  sides.stub.tell({ tell: 'clear' });
  const sent = await write(sides, load);
  const written = new Map<string, { at: number; callsMs: number }>();
  const giveUpAt = Date.now() + drainTimeoutMs;
  let calls = 0;
  while (written.size < sent.length) {
    if (Date.now() > giveUpAt)
      throw new Error(`${sent.length - written.size} of ${sent.length} messages were never written`);
    await wait(200);
    const report = await sides.stub.report();
    calls = report.calls;
    for (const [ticketId, at, callsMs] of report.writes)
      if (!written.has(ticketId)) written.set(ticketId, { at, callsMs });
  }
  const ms = sent.map(({ ticketId, at }) => (written.get(ticketId)?.at ?? Number.NaN) - at);
  const callsMs = sent.map(({ ticketId }) => written.get(ticketId)?.callsMs ?? Number.NaN);
  const [p50, p99, limit] = [quantile(ms, 0.5), quantile(ms, 0.99), quantile(callsMs, 0.5)];
  return { messages: sent.length, p50, p99, limit, callsPerMessage: round(calls / sent.length, 2) };
}

async function installPortals(db: Db, database: BenchDatabase): Promise<void> {
  const sql = openBenchPool(database, 1);
  await installStubPortals(db, sql, portalIds);
  await sql.end();
}

/** Prints a line for each rate. */
export async function benchLatency({ server, print }: BenchParts): Promise<void> {
  const database = await server.createDatabase();
  const stub = await startStub();
  const secrets = createSecrets();
  const installation: Installation = {
    ...secrets,
    databaseUrl: database.logins.both,
    hubspotUrl: stub.url,
    webPort: await findFreePort(),
  };
  const db = openDb({ databaseUrl: database.logins.both, tokenKeys: [secrets.tokenKey], log: createLog('silent') });
  await installPortals(db, database);
  await db.close();
  stub.tell({ tell: 'delay', delayMs: callMs });
  const web = await startProgram('web', installation);
  const worker = await startProgram('worker', installation);
  const sides = { installation, stub };
  try {
    await measure(sides, { messagesPerSecond: 50, seconds: 2, perDelivery: 2 }); // warms everything up
    for (const load of loads) {
      const { p50, p99, limit, ...detail } = await measure(sides, load);
      const ratio = round(p50 / limit, 2);
      print({
        what: 'message to written status',
        figure: `message to written status at ${load.messagesPerSecond} a second over ${portalIds.length} portals`,
        measured: `p50 ${round(p50)} ms (${ratio} times), p99 ${round(p99)} ms`,
        limit: `${round(limit)} ms: the calls' own times together`,
        ...{ ...load, ...detail, p50Ms: round(p50), p99Ms: round(p99), ratio, callMs },
        aim: `p50 < ${aimedRatio} times, p99 < ${aimedP99Ms} ms`,
        met: ratio < aimedRatio && p99 < aimedP99Ms,
      });
    }
  } finally {
    await Promise.all([web.stop(), worker.stop()]);
    await stub.stop();
    await database.drop();
  }
}
