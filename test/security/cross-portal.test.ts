// Every route of the real app, tried with the numbers of another portal: read from the app itself, so that a new one is tried too.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { insertRecords, type NewRecord } from '../../src/db/new-records.ts';
import { defaultSettings } from '../../src/rules/settings.ts';
import { type Portals, queryRows, readCsrfToken, signIn, startPortals, userIdsOf } from '../web/portals.ts';
import { type Browser, openBrowser } from '../web/web-half.ts';
import { listRoutes, type Route } from './route-table.ts';

const portalId = '20300001';
const otherPortalId = '20300002';
/** Stands in everything that belongs to the other portal. */
const marker = 'marker-of-the-other-portal';
/** Both portals have a ticket and a thread of this number, with records of their own. */
const sharedId = '900';
const otherTicketId = '777001';

/** Answer without a session: they show nothing of a portal, or ask for HubSpot's signature (tested in test/web by name). */
const open = new Set([
  ...['/', '/privacy', '/disconnected', '/health', '/ready', '/metrics', '/oauth/install', '/oauth/callback'],
  ...['/webhooks/hubspot', '/hubspot/card', '/hubspot/workflow-actions/:name'],
]);
/** Reads and checks the forms of the routes below it, and answers nothing itself. */
const guards = new Set(['/settings{/*page}']);
const ends = new Set(['/oauth/disconnect', '/oauth/sign-out']);

let portals: Portals;
let routes: Route[];
let mine: Browser;
let ids: Record<string, string>;

before(async () => {
  portals = await startPortals([portalId, otherPortalId]);
  mine = await signIn(portals, portalId);
  await signIn(portals, otherPortalId);
  routes = listRoutes(portals.web.app).filter(({ path }) => !open.has(path) && !guards.has(path));
  await fillPortals();
});
after(() => portals.close());

function recordOf(ticketId: string, error: string): NewRecord {
  return {
    subject: `m:500:${ticketId}`,
    revision: 1,
    replaces: null,
    ticketId,
    threadId: '500',
    messageId: `m${ticketId}`,
    emailId: '400',
    messageAt: new Date('2026-11-22T10:00:00Z'),
    trigger: 'message',
    verdict: null,
    evidence: [],
    decision: 'stay',
    reason: null,
    fromStageId: null,
    toStageId: null,
    settingsVersion: 1,
    action: null,
    outcome: 'dead',
    error,
    latencyMs: null,
  };
}

async function fillPortals(): Promise<void> {
  const client = new pg.Client({ connectionString: portals.web.config.databaseUrl });
  await client.connect();
  try {
    await insertRecords(client, portalId, [recordOf(sharedId, 'my own')]);
    await insertRecords(client, otherPortalId, [recordOf(sharedId, marker), recordOf(otherTicketId, marker)]);
  } finally {
    await client.end();
  }
  const { db } = portals.web;
  const note = { id: 'other1', kind: 'add-note' as const, body: marker };
  const rules = { stageActions: { '1': [note] } };
  const settings = { ...defaultSettings, pipelines: { '0': rules } } as unknown as typeof defaultSettings;
  for (const basedOn of [0, 1, 2]) await db.settings.saveSettings(otherPortalId, { basedOn, settings, author: '7' });
  await db.webhookSecrets.replaceSecret(otherPortalId);
  await db.mailboxChecks.startCheck(otherPortalId, {
    ...{ ticketId: otherTicketId, contactId: '55', code: '4321', startedBy: '7', startedAt: new Date() },
  });
  const event = { key: '0'.repeat(32), kind: 'message', threadId: '500', messageId: `m${otherTicketId}` };
  const dead =
    'insert into dead_events (portal_id, id, attempts, error_code, event, intents) values ($1, 1, 15, $2, $3, $4)';
  await queryRows(portals, dead, [otherPortalId, 'internal', JSON.stringify(event), '[]']);
  const [record] = await queryRows(portals, 'select id from records where portal_id = $1 and ticket_id = $2', [
    ...[otherPortalId, otherTicketId],
  ]);
  // Every name by which a route takes a number, in its path, its query or its form.
  ids = {
    ...{ ticketId: otherTicketId, ticket: otherTicketId, record: String(record?.id), portalId: otherPortalId },
    ...{ pipeline: '0', stage: '1', action: 'other1', version: '3', before: '9', after: '999999', newerThan: '0' },
    ...{ fragment: 'records', basedOn: '0', do: 'remove', threadId: '500', messageId: `m${otherTicketId}` },
  };
}

function addressOf({ path }: Route, ticketId = otherTicketId): string {
  const filled = path.replace(/:(\w+)/g, (_all, name: string) => {
    const value = name === 'ticketId' ? ticketId : ids[name];
    assert.ok(value, `${path} takes "${name}": give this test a number of the other portal for it`);
    return value;
  });
  return portals.web.url + filled;
}

/** Everything the other portal has, as the database holds it. */
async function readOther(): Promise<string> {
  const tables = await queryRows(
    portals,
    `select distinct table_name from information_schema.columns
     where column_name = 'portal_id' and table_schema = 'public' and table_name !~ '^seen_' order by 1`,
  );
  assert.ok(tables.length > 15);
  const rows: unknown[] = [];
  for (const { table_name: name } of tables) {
    rows.push(
      await queryRows(portals, `select t::text from ${name} t where portal_id = $1 order by 1`, [otherPortalId]),
    );
  }
  rows.push(await queryRows(portals, `select sid from sessions where sess ->> 'portalId' = $1`, [otherPortalId]));
  return JSON.stringify(rows);
}

async function assertNothing(route: Route, answer: Response, what: string): Promise<void> {
  const name = `${route.method} ${route.path} ${what}: ${answer.status}`;
  assert.ok(!(await answer.text()).includes(marker), `${name} shows what is the other portal's`);
  assert.ok(answer.status !== 403 && answer.status < 500, name);
}

/** What the forms of the pages ask for, beside their numbers. */
const wishes: Record<string, string>[] = [
  { all: '1' },
  { do: 'save', add: 'add-note', body: 'x' },
  { action: 'start' },
  { action: 'cancel' },
];

/** PUT takes JSON, POST a form. */
function ask(browser: Browser, route: Route, fields: Record<string, string>): Promise<Response> {
  const json = route.method === 'PUT';
  return browser.visit(addressOf(route), {
    method: route.method,
    headers: { 'X-CSRF-Token': fields._csrf ?? '', ...(json && { 'Content-Type': 'application/json' }) },
    body: json ? JSON.stringify({ ...fields, basedOn: 0, settings: defaultSettings }) : new URLSearchParams(fields),
  });
}

test('the table holds the routes of the app, those behind /api too', () => {
  const names = routes.map(({ method, path }) => `${method} ${path}`);
  for (const name of [
    'PUT /api/settings',
    'GET /tickets/:ticketId',
    'POST /settings/restore',
    'POST /oauth/sign-out',
  ]) {
    assert.ok(names.includes(name), name);
  }
});

test('every route of a portal sends away who has no session, and changes nothing without the session’s token', async () => {
  for (const route of routes) {
    const name = `${route.method} ${route.path}`;
    const stranger = await openBrowser().visit(addressOf(route), { method: route.method });
    if (route.path.startsWith('/api/')) assert.equal(stranger.status, 401, name);
    else assert.deepEqual([stranger.status, stranger.headers.get('location')], [302, '/oauth/install'], name);
    if (route.method === 'GET') continue;
    const forged = await mine.visit(addressOf(route), { method: route.method, body: new URLSearchParams(ids) });
    assert.equal(forged.status, 403, name);
  }
});

test('every page and every list read with another portal’s numbers shows nothing of it', async () => {
  for (const route of routes.filter(({ method }) => method === 'GET')) {
    const inPath = route.path.includes(':');
    const bare = await mine.visit(addressOf(route));
    if (inPath) assert.equal(bare.status, 404, route.path);
    await assertNothing(route, bare, 'as it is');
    const tries = Object.entries(ids).map(async ([name, value]) => {
      const query = new URLSearchParams({ [name]: value });
      await assertNothing(route, await mine.visit(`${addressOf(route)}?${query}`), `with ${name}`);
    });
    await Promise.all(tries);
    const all = await mine.visit(`${addressOf(route, sharedId)}?${new URLSearchParams(ids)}`);
    await assertNothing(route, all, 'with all');
    await assertNothing(route, await mine.visit(addressOf(route, sharedId)), 'with a number both have');
  }
  const records = await (await mine.visit(`${portals.web.url}/api/records?ticketId=${otherTicketId}`)).json();
  assert.deepEqual(records, { records: [], next: null });
});

test('every change asked for with another portal’s numbers leaves that portal as it was', async () => {
  const untouched = await readOther();
  const changes = routes.filter(({ method }) => method !== 'GET');
  const inOrder = [...changes.filter(({ path }) => !ends.has(path)), ...changes.filter(({ path }) => ends.has(path))];
  const token = await readCsrfToken(portals, mine);
  for (const route of inOrder) {
    for (const more of ends.has(route.path) ? [{}] : wishes) {
      // Each signs in anew: they end the session or the install.
      const browser = ends.has(route.path) ? await signIn(portals, portalId) : mine;
      const own = ends.has(route.path) ? await readCsrfToken(portals, browser) : token;
      await assertNothing(route, await ask(browser, route, { ...ids, ...more, _csrf: own }), JSON.stringify(more));
    }
    assert.equal(await readOther(), untouched, `${route.method} ${route.path} changed the other portal`);
  }
});

test('every change is refused to who came back without being asked by HubSpot for the right, but signing out', async () => {
  await signIn(portals, portalId);
  const reader = await signIn(portals, portalId, userIdsOf(portals, portalId)[1]);
  const token = await readCsrfToken(portals, reader);
  for (const route of routes.filter(({ method, path }) => method !== 'GET' && path !== '/oauth/sign-out')) {
    const headers = { 'X-CSRF-Token': token, Accept: 'application/json' };
    const answer = await reader.visit(addressOf(route), { method: route.method, headers });
    const { error } = (await answer.json()) as { error: { code: string } };
    assert.deepEqual([answer.status, error.code], [403, 'may-not-change'], `${route.method} ${route.path}`);
  }
  for (const route of routes.filter(({ method, path }) => method === 'GET' && !path.includes(':'))) {
    assert.ok((await reader.visit(`${addressOf(route)}?pipeline=0&stage=1`)).status < 400, route.path);
  }
});
