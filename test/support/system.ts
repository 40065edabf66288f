// The whole running system for a journey: emulator, PostgreSQL, web and workers, talking over real HTTP.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { Registry } from 'prom-client';
import supertest from 'supertest';
import type { Config } from '../../src/config.ts';
import type { BatonRecord } from '../../src/db/db.ts';
import { createEmulator, type Emulator, type EmulatorOptions } from '../../src/emulator/emulator.ts';
import type { PortalOptions } from '../../src/emulator/portal.ts';
import { createApp } from '../../src/web/app.ts';
import { createPageRoutes } from '../../src/web/pages/routes.ts';
import { startServer } from '../../src/web/server.ts';
import type { WorkerLimits } from '../../src/worker/worker.ts';
import { asProgram, createTestDatabase } from './database.ts';
import { createKeptLog } from './kept-log.ts';
import { findFreePort } from './ports.ts';
import { signedHeaders } from './signature.ts';
import { buildWorker, type WorkerProcessOptions } from './worker-process.ts';

export type SystemOptions = {
  emulator?: Partial<EmulatorOptions>;
  limits?: Partial<WorkerLimits>;
  /** How many workers in this process; 0 = none, the test starts its own. */
  workers?: number;
  sweepSchedule?: string;
  windowMs?: number;
  /** What stands between Baton and its database, by the database's own URL; what this answers Baton connects to. */
  openDoor?: (databaseUrl: string) => Promise<string>;
};

/** Of those that work through no batches: web, and what the test does itself. */
const smallPools = { statements: 4, lanes: 2 };

export type Settings = Record<string, unknown>;

/** For journeys of many stories in one portal: HubSpot's limit is the subject of others. */
export const roomyLimits = { requestsPerTenSeconds: 100_000, searchesPerSecond: 100 };

/** Automations B and C on in the default pipeline. */
export const bothRulesOn: Settings = {
  pipelines: { '0': { outgoing: { enabled: true, stageId: '2' }, incoming: { enabled: true, stageId: '3' } } },
};

async function startHubSpot(publicUrl: string, options: SystemOptions) {
  const app = { clientId: 'baton-client', clientSecret: randomBytes(16).toString('hex'), appId: '2000001' };
  const emulator = await createEmulator({
    ...app,
    webhookUrl: `${publicUrl}/webhooks/hubspot`,
    ...options.emulator,
    webhooks: { batchWindowMs: 5, retryBaseMs: 20, ...options.emulator?.webhooks },
  });
  return { app, emulator };
}

async function startWeb(parts: ReturnType<typeof buildWorker>, workerOptions: WorkerProcessOptions, port: number) {
  const { databaseUrl, publicUrl, hubspot, tokenKey, sweepSchedule } = workerOptions;
  const config: Config = {
    production: false,
    port,
    publicUrl,
    databaseUrl,
    hubspot,
    tokenKeys: [{ id: tokenKey.id, key: Buffer.from(tokenKey.base64, 'base64') }],
    sessionSecret: randomBytes(32).toString('hex'),
    metricsToken: undefined,
    sweepSchedule,
    metricsPort: undefined,
    logLevel: 'silent',
  };
  const log = createKeptLog();
  const pageRoutes = createPageRoutes({ config, ...parts, log });
  const app = createApp({ config, ...parts, log, pageRoutes, metrics: new Registry() });
  return startServer({ app, port, host: '127.0.0.1', log });
}

/** Waits until no event waits and no lane is leased; fails after `timeoutMs`. */
async function waitUntilSettled(sql: pg.Pool, timeoutMs: number): Promise<void> {
  const giveUpAt = Date.now() + timeoutMs;
  for (;;) {
    const { rows } = await sql.query(
      `select (select count(*) from inbox)::int as waiting,
              (select count(*) from lanes where lease_until is not null)::int as leased`,
    );
    if (rows[0].waiting === 0 && rows[0].leased === 0) return;
    assert.ok(Date.now() < giveUpAt, `still ${rows[0].waiting} events waiting, ${rows[0].leased} lanes leased`);
    await wait(20);
  }
}

export async function startSystem(options: SystemOptions = {}) {
  const database = await createTestDatabase();
  const port = await findFreePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  const { app, emulator } = await startHubSpot(publicUrl, options);
  const logins = asProgram((await options.openDoor?.(database.url)) ?? database.url);
  const workerOptions: WorkerProcessOptions = {
    databaseUrl: logins.worker,
    tokenKey: { id: 'k1', base64: randomBytes(32).toString('base64') },
    hubspot: { ...app, apiUrl: emulator.url, appUrl: emulator.url },
    publicUrl,
    // Never in a test's lifetime, unless it asks for sweeps.
    sweepSchedule: options.sweepSchedule ?? '0 0 1 1 *',
    limits: { pollMs: 100, ...options.limits },
    windowMs: options.windowMs ?? 200,
  };
  // Each half with its own rights, so that no journey needs more than they have. The third is for the test's own doings.
  const buildWith = (databaseUrl: string) => buildWorker({ ...workerOptions, databaseUrl, poolSizes: smallPools });
  const parts = buildWith(logins.both);
  const webParts = buildWith(logins.web);
  const server = await startWeb(webParts, workerOptions, port);
  const workers = Array.from({ length: options.workers ?? 1 }, () => buildWorker(workerOptions));
  for (const { worker } of workers) await worker.start();
  const sql = new pg.Pool({ connectionString: database.url, max: 2 });

  return {
    emulator,
    publicUrl,
    databaseUrl: database.url,
    workerOptions,
    db: parts.db,
    sql,
    /** A portal in the emulator with Baton installed in it by walking the OAuth flow, and settings saved. */
    install: (portal: PortalOptions, settings: Settings | null = bothRulesOn) =>
      installPortal({ emulator, publicUrl }, portal, settings),
    /** Delivers a body as HubSpot would, signed; answers the status. */
    async deliver(body: string): Promise<number> {
      const url = `${publicUrl}/webhooks/hubspot`;
      const answer = await fetch(url, { method: 'POST', body, headers: signedHeaders(app.clientSecret, url, body) });
      await answer.body?.cancel();
      return answer.status;
    },
    /** Resolves when HubSpot has told everything and Baton has settled all of it. */
    async settled(timeoutMs = 20_000): Promise<void> {
      // Twice: what Baton wrote comes back as an event of its own.
      for (let round = 0; round < 2; round += 1) {
        await Promise.race([emulator.webhooks.idle(), wait(timeoutMs, undefined, { ref: false })]);
        await waitUntilSettled(sql, timeoutMs);
      }
    },
    async stop(): Promise<void> {
      for (const { worker } of workers) await worker.stop();
      await server.close();
      await Promise.all([...workers, webParts, parts].map(({ db }) => db.close()));
      await sql.end();
      await emulator.close();
      await database.drop();
    },
  };
}

export type System = Awaited<ReturnType<typeof startSystem>>;
export type InstalledPortal = Awaited<ReturnType<typeof installPortal>>;

export async function installPortal(
  { emulator, publicUrl }: { emulator: Emulator; publicUrl: string },
  options: PortalOptions,
  settings: Settings | null,
) {
  const portal = emulator.addPortal(options);
  const agent = supertest.agent(publicUrl);
  const started = await agent.get('/oauth/install').expect(302);
  const authorize = new URL(started.headers.location as string);
  const redirectUri = authorize.searchParams.get('redirect_uri') as string;
  // As on the consent page: what Baton asks for, and of the optional ones what the portal's subscription has.
  const asked = ['scope', 'optional_scope'].flatMap((name) => authorize.searchParams.get(name)?.split(' ') ?? []);
  const code = portal.authorize({ redirectUri, scopes: asked });
  const query = { code, state: authorize.searchParams.get('state') };
  await agent.get(new URL(redirectUri).pathname).query(query).expect(302).expect('location', '/settings');

  async function saveSettings(document: Settings): Promise<number> {
    const current = await agent.get('/api/settings').expect(200);
    const saved = await agent
      .put('/api/settings')
      .set('X-CSRF-Token', current.body.csrfToken)
      .send({ basedOn: current.body.version, settings: document });
    assert.equal(saved.status, 200, JSON.stringify(saved.body));
    return saved.body.version;
  }
  if (settings) await saveSettings(settings);
  const userId = portal.look().users[0]?.userId as string;
  return {
    id: options.portalId,
    portal,
    agent,
    userId,
    saveSettings,
    async records(ticketId?: string): Promise<BatonRecord[]> {
      const query = { limit: 100, ...(ticketId ? { ticketId } : {}) };
      const answer = await agent.get('/api/records').query(query).expect(200);
      return answer.body.records;
    },
    /** The one record of a message or email that counts: the newest. */
    async recordOf(id: string): Promise<BatonRecord> {
      const answer = await agent.get('/api/records').query({ limit: 100 }).expect(200);
      const found = answer.body.records.find((record: BatonRecord) => record.messageId === id || record.emailId === id);
      assert.ok(found, `no record of ${id}`);
      return found;
    },
    /** Stage changes made by Baton, oldest first. */
    ownMoves(ticketId: string): string[] {
      const history = portal.ticket(ticketId).stageHistory;
      return history
        .filter((entry) => entry.sourceType === 'INTEGRATION')
        .map((entry) => entry.value)
        .reverse();
    },
  };
}
