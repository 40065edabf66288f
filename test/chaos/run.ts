// A chaos run: a platform of web and worker processes, portals full of people, trouble at random moments, and the reckoning at the end.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { createLogins } from '../../src/db/logins.ts';
import { migrate } from '../../src/db/migrate.ts';
import { createEmulator } from '../../src/emulator/emulator.ts';
import { createRandom } from '../../src/emulator/random.ts';
import { findFreePort } from '../support/ports.ts';
import { roomyLimits } from '../support/system.ts';
import { type Difference, findDifferences, type Outcome } from './differences.ts';
import { openChaosPortal } from './portals.ts';
import { createPlatform, startDatabase, startRelay } from './processes.ts';
import { createStory } from './story.ts';
import { createTrouble } from './trouble.ts';

export type ChaosOptions = {
  seed: number;
  /** How long people act and things go wrong; what was begun is then brought to its end. */
  seconds: number;
  portals: number;
  /** Things people do in a second, in all portals together. */
  deedsPerSecond: number;
  webs: number;
  workers: number;
  /** Orders of faults in HubSpot and on its webhooks in a second; each hits a few times. */
  ordersPerSecond: number;
  /** One strike at processes, database, tokens or clock every so often. */
  strikeEveryMs: number;
  say?: (line: string) => void;
};

export type ChaosReport = {
  seed: number;
  seconds: number;
  deeds: Record<string, number>;
  /** Webhook events that HubSpot delivered, repetitions included. */
  events: number;
  faults: Record<string, number>;
  outcome: Omit<Outcome, 'differences'>;
  differences: Difference[];
  /** How long it took until nothing waited any more. */
  settleSeconds: number;
  /** Events that died, of any portal. */
  dead: number;
};

const settleTimeoutMs = 900_000;

/** The customer's own server that `post-webhook` tells: ids of what came, by portal and ticket. */
async function startReceiver() {
  const delivered = new Map<string, Set<string>>();
  const server = createServer(async (request, answer) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const { data } = JSON.parse(body) as { data: { portalId: string; ticketId: string } };
    const key = `${data.portalId} ${data.ticketId}`;
    const ids = delivered.get(key) ?? new Set();
    delivered.set(key, ids.add(String(request.headers['webhook-id'])));
    answer.writeHead(204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  return { url, delivered, close: () => new Promise((done) => server.close(done)) };
}

async function startRunning(options: ChaosOptions) {
  const database = await startDatabase();
  const logins = await createLogins(database.url, 'baton_chaos');
  await migrate(database.url);
  const ports = await Promise.all(Array.from({ length: options.webs }, findFreePort));
  let turn = 0;
  const balancer = await startRelay(() => {
    turn += 1;
    return { host: '127.0.0.1', port: ports[turn % ports.length] as number };
  });
  const publicUrl = `http://127.0.0.1:${balancer.port}`;
  const app = { clientId: 'chaos', clientSecret: randomBytes(16).toString('hex'), appId: '2000001' };
  const emulator = await createEmulator({
    ...app,
    seed: options.seed,
    webhookUrl: `${publicUrl}/webhooks/hubspot`,
    // HubSpot repeats a delivery for a day; a run has minutes.
    webhooks: { batchWindowMs: 50, retryBaseMs: 200 },
    limits: roomyLimits,
  });
  const platform = createPlatform();
  const environment = {
    DATABASE_URL: logins.both,
    PUBLIC_URL: publicUrl,
    HUBSPOT_CLIENT_ID: app.clientId,
    HUBSPOT_CLIENT_SECRET: app.clientSecret,
    HUBSPOT_APP_ID: app.appId,
    HUBSPOT_API_URL: emulator.url,
    HUBSPOT_APP_URL: emulator.url,
    TOKEN_KEYS: `chaos:${randomBytes(32).toString('base64')}`,
    SESSION_SECRET: randomBytes(32).toString('hex'),
    SWEEP_SCHEDULE: '*/10 * * * * *',
    LOG_LEVEL: 'warn',
  };
  for (const port of ports) platform.add('web', { ...environment, PORT: String(port) });
  for (let number = 0; number < options.workers; number += 1) platform.add('worker', environment);
  const sql = new pg.Pool({ connectionString: database.url, max: 2 });
  sql.on('error', () => undefined);
  for (const port of ports) await untilReady(`http://127.0.0.1:${port}/ready`);
  return { database, balancer, publicUrl, emulator, platform, sql };
}

async function untilReady(url: string): Promise<void> {
  const giveUpAt = Date.now() + 60_000;
  const isReady = () =>
    fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isReady())) {
    if (Date.now() > giveUpAt) throw new Error('web did not start');
    await wait(100);
  }
}

/** Resolves once nothing waits but sweeps; throws when that takes longer than a quarter of an hour. */
async function untilSettled({ emulator, sql }: Awaited<ReturnType<typeof startRunning>>): Promise<void> {
  const giveUpAt = Date.now() + settleTimeoutMs;
  let quiet = 0;
  while (quiet < 5) {
    await emulator.webhooks.idle();
    const { rows } = await sql.query(
      `select count(*)::int as waiting, min(attempts) as least, max(attempts) as most from inbox where event ->> 'kind' <> 'sweep'`,
    );
    quiet = rows[0].waiting === 0 ? quiet + 1 : 0;
    if (Date.now() > giveUpAt) throw new Error(`${rows[0].waiting} events still wait`);
    await wait(500);
  }
}

/**
 * As after an outage: the next sweeps look for emails and stage entries too, which they otherwise do every hour. Asked for until they did:
 * a sweep that was under way writes down that it ran, and looked for none.
 */
async function sweepEverything({ sql, emulator }: Awaited<ReturnType<typeof startRunning>>): Promise<void> {
  // What HubSpot's clock, ahead of ours, stamped with a time to come is found by the first sweep after that time.
  await wait(Math.max(0, emulator.clock.now() - Date.now()));
  const since = new Date();
  const giveUpAt = Date.now() + settleTimeoutMs;
  for (;;) {
    // The watermark stays five minutes behind what was looked at.
    const { rowCount } = await sql.query(
      `update watermarks set reached_at = reached_at - interval '20 minutes'
       where sweep = 'runs' and portal_id in (
         select portal_id from watermarks where sweep = 'emails' and reached_at < $1::timestamptz - interval '5 minutes'
       )`,
      [since],
    );
    if (rowCount === 0) return;
    if (Date.now() > giveUpAt) throw new Error(`${rowCount} portals were not swept`);
    await wait(5_000);
  }
}

/** Runs it; resolves with what was done, what went wrong, and what differs from what should be. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const say = options.say ?? (() => undefined);
  const receiver = await startReceiver();
  const running = await startRunning(options);
  const { emulator, database, platform, publicUrl, sql } = running;
  try {
    const portals = [];
    for (let index = 0; index < options.portals; index += 1)
      portals.push(await openChaosPortal({ emulator, publicUrl, webhookUrl: receiver.url }, index));
    const stories = portals.map((portal, index) =>
      createStory(portal, createRandom(options.seed * 1_000 + index), emulator.clock.now),
    );
    const trouble = createTrouble({
      emulator,
      portals,
      database,
      platform,
      random: createRandom(options.seed * 1_000 + 999),
    });
    say(`${portals.length} portals are open`);
    await live(options, stories, trouble);
    const faults = await trouble.end();
    const endedAt = Date.now();
    say('people have stopped; what was begun comes to its end');
    await untilSettled(running);
    await sweepEverything(running);
    await untilSettled(running);
    const settleSeconds = Math.round((Date.now() - endedAt) / 1_000);
    const outcomes: Outcome[] = [];
    for (const [index, portal] of portals.entries())
      outcomes.push(await findDifferences(portal, stories[index] as (typeof stories)[number], sql, receiver.delivered));
    const { rows } = await sql.query('select count(*)::int as dead from dead_events');
    const differences = outcomes.flatMap((outcome) => outcome.differences);
    if (differences.length > 0) say(platform.said().slice(-3_000));
    return {
      seed: options.seed,
      seconds: options.seconds,
      deeds: countKinds(stories.flatMap(({ deeds }) => deeds.map(({ kind }) => kind))),
      events: emulator.webhooks.counts.events,
      faults,
      outcome: addUp(outcomes),
      differences,
      settleSeconds,
      dead: rows[0].dead,
    };
  } finally {
    await platform.stop();
    await sql.end();
    await running.balancer.close();
    await emulator.close();
    await database.close();
    await receiver.close();
  }
}

function addUp(outcomes: Outcome[]): ChaosReport['outcome'] {
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  return {
    tickets: sum((one) => one.tickets),
    sharp: sum((one) => one.sharp),
    effects: sum((one) => one.effects),
    messages: sum((one) => one.messages),
    refused: sum((one) => one.refused),
    raced: sum((one) => one.raced),
  };
}

function countKinds(kinds: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of kinds.sort()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

type Stories = { act(): void }[];

async function live(options: ChaosOptions, stories: Stories, trouble: ReturnType<typeof createTrouble>): Promise<void> {
  const startedAt = Date.now();
  const endsAt = startedAt + options.seconds * 1_000;
  let [done, ordered, struck] = [0, 0, 0];
  while (Date.now() < endsAt) {
    const elapsedMs = Date.now() - startedAt;
    for (; done < (elapsedMs / 1_000) * options.deedsPerSecond; done += 1) stories[done % stories.length]?.act();
    for (; ordered < (elapsedMs / 1_000) * options.ordersPerSecond; ordered += 1) trouble.order();
    for (; struck < elapsedMs / options.strikeEveryMs; struck += 1) trouble.strike();
    await wait(10);
  }
}
