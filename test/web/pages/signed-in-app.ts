// The real web app on a real database with an admin signed in; HubSpot's pipelines are as the test says.
import { createHmac, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import type { Config } from '../../../src/config.ts';
import type { Pipeline } from '../../../src/crm.ts';
import { insertRecords, type NewRecord } from '../../../src/db/new-records.ts';
import { openDb } from '../../../src/db/open-db.ts';
import type { BatonError } from '../../../src/errors.ts';
import type { HubSpot } from '../../../src/hubspot/hubspot.ts';
import type { OAuth } from '../../../src/hubspot/oauth.ts';
import type { ReferenceCache, References } from '../../../src/hubspot/reference-cache.ts';
import { createApp } from '../../../src/web/app.ts';
import { createPageRoutes } from '../../../src/web/pages/routes.ts';
import { asProgram, createTestDatabase } from '../../support/database.ts';
import { createKeptLog } from '../../support/kept-log.ts';

export const portalId = '4711';
export const userId = '8835724';

export const supportPipeline: Pipeline = {
  id: '0',
  label: 'Support Pipeline',
  stages: [
    { id: '1', label: 'New', closed: false },
    { id: '2', label: 'Waiting on contact', closed: false },
    { id: '3', label: 'Waiting on us', closed: false },
    { id: '4', label: 'Closed', closed: true },
  ],
};

/** What HubSpot offers for choosing. */
export function sampleReferences(): References {
  return {
    owners: [
      { id: '42', userId, email: 'ada@shop.example', firstName: 'Ada', lastName: 'Byron' },
      { id: '43', userId: '8835725', email: 'lin@shop.example', firstName: null, lastName: null },
    ],
    channelAccounts: [
      { id: '9001', channelId: '1002', inboxId: '1', name: 'Support' },
      { id: '9002', channelId: '1002', inboxId: '1', name: 'Billing' },
      { id: '9003', channelId: '1000', inboxId: '1', name: 'Website chat' },
    ],
    ticketProperties: [
      {
        name: 'hs_ticket_priority',
        label: 'Priority',
        type: 'enumeration',
        options: [
          { value: 'LOW', label: 'Low' },
          { value: 'HIGH', label: 'High' },
        ],
      },
      { name: 'subject', label: 'Ticket name', type: 'string', options: [] },
      { name: 'deposit', label: 'Deposit', type: 'number', options: [] },
    ],
  };
}

/** A record of an ordinary move; a test names what is special about its own. */
export function recordOf(special: Partial<NewRecord> & { subject: string }): NewRecord {
  return {
    revision: 1,
    replaces: null,
    ticketId: '900',
    threadId: '500',
    messageId: 'm1',
    emailId: null,
    messageAt: new Date('2026-11-22T10:00:00Z'),
    trigger: 'message',
    verdict: 'reply-on-originating-thread',
    evidence: [{ check: 'own-thread', passed: true, seen: '500' }],
    decision: 'move',
    reason: null,
    fromStageId: '2',
    toStageId: '3',
    settingsVersion: 1,
    outcome: 'done',
    action: null,
    error: null,
    latencyMs: 1234,
    ...special,
  };
}

const config: Config = {
  production: false,
  port: 0,
  publicUrl: 'http://localhost:3000',
  databaseUrl: '',
  hubspot: {
    clientId: 'client',
    clientSecret: 'secret',
    appId: '1',
    apiUrl: 'http://127.0.0.1:9',
    appUrl: 'http://127.0.0.1:9',
  },
  tokenKeys: [{ id: 'k1', key: randomBytes(32) }],
  sessionSecret: randomBytes(32).toString('hex'),
  metricsToken: undefined,
  sweepSchedule: '*/5 * * * *',
  metricsPort: undefined,
  logLevel: 'silent',
};

/** express-session's cookie value: `s:<sid>.<HMAC-SHA256>`. */
function signCookie(sid: string): string {
  const signature = createHmac('sha256', config.sessionSecret).update(sid).digest('base64').replace(/=+$/, '');
  return `baton=${encodeURIComponent(`s:${sid}.${signature}`)}`;
}

export type SignedInApp = Awaited<ReturnType<typeof startSignedInApp>>;

export async function startSignedInApp() {
  const database = await createTestDatabase();
  const log = createKeptLog();
  const db = openDb({ databaseUrl: asProgram(database.url).both, tokenKeys: config.tokenKeys, log });
  // Tests change this between requests; an error in place of a list is HubSpot not answering.
  const hubspot: {
    pipelines: Pipeline[] | BatonError;
    oldSince?: Date;
    references: { [Name in keyof References]: References[Name] | BatonError };
  } = { pipelines: [supportPipeline], references: sampleReferences() };
  const pipelines = {
    async get() {
      if (!Array.isArray(hubspot.pipelines)) throw hubspot.pipelines;
      const { oldSince } = hubspot;
      return { pipelines: hubspot.pipelines, readAt: oldSince ?? new Date(), old: oldSince !== undefined };
    },
  };
  const references: ReferenceCache = {
    async get(_portalId, name) {
      const found = hubspot.references[name];
      if (!Array.isArray(found)) throw found;
      return found;
    },
  };
  // No page calls HubSpot by itself here but the preview, which settings-preview.test.ts tries against the emulator.
  const gateways = {} as HubSpot;
  const app = createApp({
    config,
    db,
    pipelines,
    references,
    log,
    pageRoutes: createPageRoutes({ config, db, hubspot: gateways, pipelines, references, log }),
    oauth: {} as OAuth,
    hubspot: gateways,
  });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  /** On a connection of its own: an idle one would fail the file when the server is stopped before it. */
  async function onDatabase<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }
  const query = (sql: string, values: unknown[] = []) => onDatabase((client) => client.query(sql, values));

  /** Installs Baton in a portal and signs its admin in; answers the session's cookie. */
  async function signIn(id: string, timeZone = 'Europe/Paris'): Promise<string> {
    await db.portals.install({
      portalId: id,
      userId,
      domain: 'shop.example',
      uiDomain: 'app-eu1.hubspot.com',
      timeZone,
      scopes: ['tickets'],
      accessToken: 'a',
      refreshToken: 'r',
      expiresAt: new Date(Date.now() + 1_800_000),
    });
    const portal = await db.portals.findPortal(id);
    const sid = randomBytes(16).toString('hex');
    const session = {
      cookie: { originalMaxAge: 3_600_000, path: '/' },
      portalId: id,
      userId,
      scopes: [],
      installedAt: portal?.installedAt.toISOString(),
      signedInAt: new Date().toISOString(),
      provedAt: new Date().toISOString(),
      csrfToken: randomBytes(16).toString('hex'),
    };
    await query('insert into sessions (sid, sess, expire) values ($1, $2, $3)', [
      sid,
      JSON.stringify(session),
      new Date(Date.now() + 3_600_000),
    ]);
    return signCookie(sid);
  }
  const cookie = await signIn(portalId);

  type Options = { cookie?: string; language?: string; form?: URLSearchParams };

  async function request(path: string, options: Options = {}) {
    const response = await fetch(`${url}${path}`, {
      method: options.form ? 'POST' : 'GET',
      redirect: 'manual',
      headers: {
        Cookie: options.cookie ?? cookie,
        'Accept-Language': options.language ?? 'en',
        Accept: 'text/html',
      },
      ...(options.form && { body: options.form }),
    });
    return { status: response.status, headers: response.headers, html: await response.text() };
  }

  return {
    url,
    db,
    cookie,
    hubspot,
    request,
    signIn,
    addRecords: (records: NewRecord[], id = portalId) => onDatabase((client) => insertRecords(client, id, records)),
    query,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await db.close();
      await database.drop();
    },
  };
}
