// The secret of outgoing webhooks by the JSON API: shown once, to the portal's own people.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Portals, signIn, startPortals } from './portals.ts';
import { type Browser, openBrowser } from './web-half.ts';

const portalId = '20000001';
const otherPortalId = '20000002';
let portals: Portals;
let admin: Browser;

before(async () => {
  portals = await startPortals([portalId, otherPortalId]);
  admin = await signIn(portals, portalId);
  await signIn(portals, otherPortalId);
});
after(() => portals.close());

async function askWith(browser: Browser, headers: Record<string, string>, method = 'POST') {
  const response = await browser.visit(`${portals.web.url}/api/webhook-secret`, { method, headers });
  const text = await response.text();
  return { response, body: (text ? JSON.parse(text) : {}) as { secret?: string; error?: { code: string } } };
}

async function readToken(): Promise<string> {
  const response = await admin.visit(`${portals.web.url}/api/settings`);
  return ((await response.json()) as { csrfToken: string }).csrfToken;
}

test('each request makes a new secret that signs from then on, in its own portal alone', async () => {
  const headers = { 'X-CSRF-Token': await readToken() };
  const first = await askWith(admin, headers);
  const second = await askWith(admin, headers);
  assert.equal(second.response.status, 200);
  assert.deepEqual(Object.keys(second.body), ['secret']);
  assert.match(second.body.secret ?? '', /^whsec_/);
  assert.notEqual(first.body.secret, second.body.secret);
  assert.equal(second.response.headers.get('cache-control'), 'no-store');
  const { webhookSecrets } = portals.web.db;
  assert.deepEqual(await webhookSecrets.getSigningSecrets(portalId), [second.body.secret, first.body.secret]);
  const others = await webhookSecrets.getSigningSecrets(otherPortalId);
  assert.ok(!others.includes(second.body.secret ?? ''));
});

test('without a session, a CSRF token or the right method there is none', async () => {
  const before = await portals.web.db.webhookSecrets.getSigningSecrets(portalId);
  assert.equal((await askWith(openBrowser(), { 'X-CSRF-Token': await readToken() })).response.status, 401);
  assert.equal((await askWith(admin, {})).response.status, 403);
  assert.equal((await askWith(admin, { 'X-CSRF-Token': 'wrong' })).response.status, 403);
  const got = await askWith(admin, {}, 'GET');
  assert.equal(got.response.status, 405);
  assert.equal(got.response.headers.get('allow'), 'POST');
  assert.deepEqual(await portals.web.db.webhookSecrets.getSigningSecrets(portalId), before);
});

test('no secret is ever logged', async () => {
  const { body } = await askWith(admin, { 'X-CSRF-Token': await readToken() });
  const logged = JSON.stringify(portals.web.lines);
  assert.ok(logged.includes('/api/webhook-secret'));
  assert.ok(!logged.includes(body.secret ?? ''));
});
