// The web half before an emulated HubSpot with portals in it, and the walk of an admin through the consent page.
import assert from 'node:assert/strict';
import pg from 'pg';
import { createEmulator, type Emulator } from '../../src/emulator/emulator.ts';
import { appId, type Browser, clientId, clientSecret, openBrowser, startWebHalf, type WebHalf } from './web-half.ts';

export type Portals = {
  web: WebHalf;
  emulator: Emulator;
  /** Of the first user of each portal: the one who consents. */
  userIds: Map<string, string>;
  close(): Promise<void>;
};

export async function startPortals(
  portalIds: string[],
  options: Omit<Parameters<typeof startWebHalf>[0] & object, 'hubspotUrl'> = {},
): Promise<Portals> {
  const emulator = await createEmulator({ appId, clientId, clientSecret });
  const userIds = new Map<string, string>();
  for (const portalId of portalIds) userIds.set(portalId, makePortal(emulator, portalId)[0] ?? '');
  const web = await startWebHalf({ ...options, hubspotUrl: emulator.url });
  return {
    web,
    emulator,
    userIds,
    async close() {
      await web.close().finally(() => emulator.close());
    },
  };
}

/** Its users' ids: an admin and a second one. */
function makePortal(emulator: Emulator, portalId: string): string[] {
  const users = ['admin', 'second'].map((name) => ({
    email: `${name}@${portalId}.example`,
    firstName: name,
    lastName: 'A',
  }));
  const portal = emulator.addPortal({ portalId, users, timeZone: 'Europe/Berlin', uiDomain: 'app-eu1.hubspot.com' });
  return portal.look().users.map(({ userId }) => userId);
}

let lastPortalId = 30000000;

/** A portal of the test's own: its id. */
export function addPortal({ emulator, userIds }: Portals): string {
  lastPortalId += 1;
  const portalId = String(lastPortalId);
  userIds.set(portalId, makePortal(emulator, portalId)[0] ?? '');
  return portalId;
}

export function userIdsOf({ emulator }: Portals, portalId: string): string[] {
  return emulator
    .portal(portalId)
    .look()
    .users.map(({ userId }) => userId);
}

/** What the database really holds. */
export async function queryRows(
  { web }: Portals,
  sql: string,
  values: unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: web.config.databaseUrl });
  await client.connect();
  try {
    return (await client.query(sql, values)).rows;
  } finally {
    await client.end();
  }
}

/** From Baton's install link to where HubSpot sends the browser back: the callback's address. */
export async function consent(
  { web, emulator }: Portals,
  browser: Browser,
  choice: { portalId: string; decision?: 'connect' | 'cancel'; userId?: string },
): Promise<string> {
  const started = await browser.visit(`${web.url}/oauth/install`);
  assert.equal(started.status, 302);
  const authorizeUrl = new URL(started.headers.get('location') ?? '');
  const shown = await fetch(authorizeUrl);
  assert.equal(shown.status, 200, await shown.text());
  const form = new URLSearchParams({
    query: authorizeUrl.searchParams.toString(),
    portalId: choice.portalId,
    decision: choice.decision ?? 'connect',
    ...(choice.userId && { userId: choice.userId }),
  });
  const decided = await fetch(`${emulator.url}/oauth/authorize`, { method: 'POST', body: form, redirect: 'manual' });
  assert.equal(decided.status, 302);
  return decided.headers.get('location') ?? '';
}

/** A browser whose admin has just installed Baton in the portal. */
export async function signIn(portals: Portals, portalId: string, userId?: string): Promise<Browser> {
  const browser = openBrowser();
  const callback = await consent(portals, browser, { portalId, userId });
  const finished = await browser.visit(callback);
  assert.equal(finished.status, 302, await finished.text());
  assert.equal(finished.headers.get('location'), '/settings');
  return browser;
}

/** The session's CSRF token, as the API tells it. */
export async function readCsrfToken({ web }: Portals, browser: Browser): Promise<string> {
  const response = await browser.visit(`${web.url}/api/settings`);
  assert.equal(response.status, 200);
  return ((await response.json()) as { csrfToken: string }).csrfToken;
}
