// The web half on a database of its own, served over real HTTP, with a browser and HubSpot's signature to try it with.
import { createHmac, randomBytes } from 'node:crypto';
import type { Express } from 'express';
import { Registry } from 'prom-client';
import type { Config } from '../../src/config.ts';
import { type Db, openDb } from '../../src/db/open-db.ts';
import { createAccessTokens } from '../../src/hubspot/access-tokens.ts';
import { createHubSpot } from '../../src/hubspot/hubspot.ts';
import { createOAuth } from '../../src/hubspot/oauth.ts';
import { createPipelineCache } from '../../src/hubspot/pipeline-cache.ts';
import { createReferenceCache } from '../../src/hubspot/reference-cache.ts';
import type { Log, LogFields } from '../../src/log.ts';
import { createApp } from '../../src/web/app.ts';
import { createPageRoutes } from '../../src/web/pages/routes.ts';
import { startServer, type WebServer } from '../../src/web/server.ts';
import { asProgram, createTestDatabase } from '../support/database.ts';
import { createKeptLog } from '../support/kept-log.ts';
import { findFreePort } from '../support/ports.ts';

export const clientId = 'client-of-the-tests';
export const clientSecret = 'a-client-secret-of-the-tests';
export const appId = '1160452';

export type LogLine = LogFields & { level: string; message: string };

export type WebHalf = {
  url: string;
  db: Db;
  config: Config;
  lines: LogLine[];
  server: WebServer;
  /** For a test that reads its routes. */
  app: Express;
  close(): Promise<void>;
};

type Options = {
  hubspotUrl?: string;
  config?: Partial<Config>;
  /** Replaces parts of the real database, e.g. with one that hangs. */
  withDb?: (db: Db) => Db;
  host?: string;
};

/** `publicUrl` is the address it listens on, unless the configuration says otherwise. */
export async function startWebHalf(options: Options = {}): Promise<WebHalf> {
  const database = await createTestDatabase();
  const lines: LogLine[] = [];
  const log: Log = createKeptLog((line) => void lines.push(line as LogLine));
  const tokenKeys = [{ id: 'k1', key: randomBytes(32) }];
  const opened = openDb({ databaseUrl: asProgram(database.url).web, tokenKeys, log });
  const db = options.withDb?.(opened) ?? opened;

  // The app must know its address before it listens: any request before that is answered by nobody.
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const hubspotUrl = options.hubspotUrl ?? 'http://127.0.0.1:9';
  const config: Config = {
    production: false,
    port,
    publicUrl: url,
    databaseUrl: database.url,
    hubspot: { clientId, clientSecret, appId, apiUrl: hubspotUrl, appUrl: hubspotUrl },
    tokenKeys,
    sessionSecret: 'a-session-secret-of-the-tests-which-is-long',
    metricsToken: undefined,
    sweepSchedule: '*/5 * * * *',
    metricsPort: undefined,
    logLevel: 'info',
    ...options.config,
  };
  const oauth = createOAuth({ config: config.hubspot, publicUrl: config.publicUrl });
  const accessTokens = createAccessTokens({ store: db.tokens, oauth, log });
  const hubspot = createHubSpot({ config: config.hubspot, accessTokens, log });
  const pipelines = createPipelineCache({ hubspot, store: db.pipelines, log });
  const references = createReferenceCache({ hubspot });
  const pageRoutes = createPageRoutes({ config, db, hubspot, pipelines, references, log });
  const app = createApp({
    config,
    db,
    oauth,
    hubspot,
    pipelines,
    references,
    log,
    pageRoutes,
    metrics: new Registry(),
  });
  const server = await startServer({ app, port, host: '127.0.0.1', log });
  return {
    url,
    db,
    config,
    lines,
    server,
    app,
    async close() {
      await server.close();
      await opened.close().finally(() => database.drop());
    },
  };
}

/** A browser with one cookie jar for every host; follows no redirect by itself. */
export function openBrowser() {
  const cookies = new Map<string, string>();
  async function visit(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (cookies.size > 0) headers.set('Cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    if (!headers.has('Accept')) headers.set('Accept', 'text/html,application/xhtml+xml,*/*;q=0.8');
    const response = await fetch(url, { redirect: 'manual', ...init, headers });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      const [name = '', value = ''] = pair.split('=');
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  }
  return { visit, cookies };
}
export type Browser = ReturnType<typeof openBrowser>;

/** HubSpot's v3 signature, written apart from src/hubspot/signature.ts (PLATFORM.md 3.1). */
export function signDelivery(url: string, body: string | Buffer, options: { secret?: string; at?: number } = {}) {
  const timestamp = String(options.at ?? Date.now());
  const signature = createHmac('sha256', options.secret ?? clientSecret)
    .update(`POST${url}`)
    .update(body)
    .update(timestamp)
    .digest('base64');
  return { 'X-HubSpot-Signature-v3': signature, 'X-HubSpot-Request-Timestamp': timestamp };
}

/** An install as the callback would make it, for tests that are not about the callback. */
export async function installPortal(db: Db, portalId: string): Promise<void> {
  await db.portals.install({
    portalId,
    userId: '7',
    domain: 'customer.example',
    uiDomain: 'app.hubspot.com',
    timeZone: 'Europe/Paris',
    scopes: ['oauth', 'tickets'],
    accessToken: 'access-token-of-the-tests',
    refreshToken: 'refresh-token-of-the-tests',
    expiresAt: new Date(Date.now() + 1_800_000),
  });
}

/** The cookie of a session id as express-session signs it: `s:<id>.<HMAC-SHA256>`. */
export function signCookie(config: Config, sessionId: string): string {
  const signature = createHmac('sha256', config.sessionSecret).update(sessionId).digest('base64').replace(/=+$/, '');
  return `baton=${encodeURIComponent(`s:${sessionId}.${signature}`)}`;
}
