// From the install link to a session, every way it can go wrong on the way, and out again.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { optionalScopes, requiredScopes } from '../../src/hubspot/scopes.ts';
import { addPortal, consent, type Portals, queryRows, signIn, startPortals, userIdsOf } from './portals.ts';
import { openBrowser } from './web-half.ts';

let portals: Portals;

before(async () => {
  portals = await startPortals([]);
});
after(() => portals.close());

const countSessions = async (portalId: string) =>
  (await queryRows(portals, `select sid from sessions where sess ->> 'portalId' = $1`, [portalId])).length;

/** No install, no session, and a page that says why with the way to start again. */
async function refuses(response: Response, reason: RegExp, status = 400): Promise<void> {
  const html = await response.text();
  assert.equal(response.status, status, html);
  assert.match(response.headers.get('content-type') ?? '', /^text\/html/);
  assert.match(html, reason);
  assert.match(html, /href="\/oauth\/install"/);
  assert.doesNotMatch(html, /code=|state=/);
}

test('the install link leads to the consent page with state and the scopes of the app', async () => {
  const { visit } = openBrowser();
  const response = await visit(`${portals.web.url}/oauth/install`);
  assert.equal(response.status, 302);
  const location = new URL(response.headers.get('location') ?? '');
  assert.equal(location.origin + location.pathname, `${portals.emulator.url}/oauth/authorize`);
  assert.equal(location.searchParams.get('client_id'), portals.web.config.hubspot.clientId);
  assert.equal(location.searchParams.get('redirect_uri'), `${portals.web.url}/oauth/callback`);
  assert.equal(location.searchParams.get('scope'), requiredScopes.join(' '));
  assert.ok((location.searchParams.get('state') ?? '').length >= 24);
  const cookie = response.headers.get('set-cookie') ?? '';
  assert.match(cookie, /^baton=.*HttpOnly; SameSite=Lax$/);
  const again = await visit(`${portals.web.url}/oauth/install`);
  assert.notEqual(
    new URL(again.headers.get('location') ?? '').searchParams.get('state'),
    location.searchParams.get('state'),
  );
});

test('an install started in the marketplace, with any query, starts afresh', async () => {
  const { visit } = openBrowser();
  for (const suffix of ['?code=x&state=y', '?error=access_denied', '?hub_id=1&code[]=1']) {
    const response = await visit(`${portals.web.url}/oauth/install${suffix}`);
    assert.equal(response.status, 302, suffix);
    assert.match(response.headers.get('location') ?? '', /\/oauth\/authorize\?/);
  }
});

test('a consent stores the portal with its details and encrypted tokens, and signs the admin in', async () => {
  const portalId = addPortal(portals);
  const browser = await signIn(portals, portalId);
  const portal = await portals.web.db.portals.findPortal(portalId);
  assert.ok(portal);
  const { installedAt, ...rest } = portal;
  assert.ok(Math.abs(installedAt.getTime() - Date.now()) < 60_000);
  assert.deepEqual(rest, {
    id: portalId,
    status: 'installed',
    domain: `company-${portalId}.example`,
    uiDomain: 'app-eu1.hubspot.com',
    timeZone: 'Europe/Berlin',
    scopes: [...requiredScopes, ...optionalScopes],
    retentionDays: 90,
  });
  const [row] = await queryRows(portals, 'select installed_by from portals where portal_id = $1', [portalId]);
  assert.equal(row?.installed_by, userIdsOf(portals, portalId)[0]);
  const token = await portals.web.db.tokens.findToken(portalId);
  const [stored] = await queryRows(portals, 'select access_token, refresh_token from tokens where portal_id = $1', [
    portalId,
  ]);
  assert.ok(token && stored);
  assert.ok(!(stored.access_token as Buffer).includes(token.accessToken));
  assert.ok(!(stored.refresh_token as Buffer).includes(token.refreshToken));
  const settings = await browser.visit(`${portals.web.url}/settings`);
  assert.equal(settings.status, 200);
  assert.equal(settings.headers.get('cache-control'), 'no-store');
});

test('signing in gives a new session id, and the old one is worth nothing', async () => {
  const portalId = addPortal(portals);
  const browser = openBrowser();
  const callback = await consent(portals, browser, { portalId });
  const planted = browser.cookies.get('baton') ?? '';
  assert.ok(planted);
  assert.equal((await browser.visit(callback)).status, 302);
  assert.notEqual(browser.cookies.get('baton'), planted);
  const attacker = openBrowser();
  attacker.cookies.set('baton', planted);
  assert.equal((await attacker.visit(`${portals.web.url}/settings`)).status, 302);
});

test('a second admin installs the same portal, and the first stays signed in', async () => {
  const portalId = addPortal(portals);
  const first = await signIn(portals, portalId);
  const [, secondUserId] = userIdsOf(portals, portalId);
  const second = await signIn(portals, portalId, secondUserId);
  for (const browser of [first, second]) {
    assert.equal((await browser.visit(`${portals.web.url}/settings`)).status, 200);
  }
  assert.equal((await queryRows(portals, 'select from portals where portal_id = $1', [portalId])).length, 1);
});

test('a cancelled consent says so and stores nothing', async () => {
  const portalId = addPortal(portals);
  const browser = openBrowser();
  const callback = await consent(portals, browser, { portalId, decision: 'cancel' });
  await refuses(await browser.visit(callback), /cancelled/);
  assert.equal(await portals.web.db.portals.findPortal(portalId), undefined);
});

test('the page of a failed install is French for who reads French', async () => {
  const { visit } = openBrowser();
  const response = await visit(`${portals.web.url}/oauth/callback`, { headers: { 'Accept-Language': 'fr' } });
  await refuses(response, /sans autorisation pour Baton/);
});

test('a failed install’s page links to the same reason in the other language', async () => {
  const { visit } = openBrowser();
  const html = await (await visit(`${portals.web.url}/oauth/callback?error=access_denied&state=x`)).text();
  const [, link = ''] = /href="(\/oauth\/callback[^"]*lang=fr)"/.exec(html) ?? [];
  await refuses(await visit(portals.web.url + link.replaceAll('&amp;', '&')), /a été annulée/);
});

test('what HubSpot says of its refusal is not shown: it comes from the address', async () => {
  const { visit } = openBrowser();
  const address = `${portals.web.url}/oauth/callback?error=server_error&error_description=%3Cscript%3Epay%20here`;
  const response = await visit(address);
  assert.doesNotMatch(await response.clone().text(), /pay here/);
  await refuses(response, /did not allow/);
});

test('a callback without a usable code is 400', async () => {
  const { visit } = openBrowser();
  for (const suffix of ['', '?', '?code=', '?state=x', '?code=a&code=b', '?code[x]=1', `?code=${'x'.repeat(3_000)}`]) {
    await refuses(await visit(`${portals.web.url}/oauth/callback${suffix}`), /without a permission|not started/);
  }
});

test('a callback whose state is not of this browser is 400 and spends no code', async () => {
  const portalId = addPortal(portals);
  const browser = openBrowser();
  const callback = new URL(await consent(portals, browser, { portalId }));
  portals.emulator.clearRequests();
  await refuses(await openBrowser().visit(callback.href), /not started in this browser/);
  const wrong = new URL(callback);
  wrong.searchParams.set('state', 'x'.repeat(24));
  await refuses(await browser.visit(wrong.href), /not started in this browser/);
  assert.equal(portals.emulator.requests.length, 0);
  assert.equal(await portals.web.db.portals.findPortal(portalId), undefined);
});

test('a code used a second time, or made up, is 400', async () => {
  const portalId = addPortal(portals);
  const browser = openBrowser();
  const callback = new URL(await consent(portals, browser, { portalId }));
  callback.searchParams.set('code', 'made-up');
  await refuses(await browser.visit(callback.href), /used already or has expired/);
  assert.equal(await portals.web.db.portals.findPortal(portalId), undefined);
});

test('a grant without every required scope is refused and stores nothing', async () => {
  const portalId = addPortal(portals);
  const browser = openBrowser();
  const callback = new URL(await consent(portals, browser, { portalId }));
  const code = portals.emulator.portal(portalId).authorize({
    scopes: requiredScopes.filter((scope) => scope !== 'tickets'),
    redirectUri: `${portals.web.url}/oauth/callback`,
  });
  callback.searchParams.set('code', code);
  await refuses(await browser.visit(callback.href), /every permission/);
  assert.equal(await portals.web.db.portals.findPortal(portalId), undefined);
});

test('HubSpot failing at any of the three calls of an install leaves nothing half-made', async () => {
  const calls = [/\/token$/, /\/introspect$/, /\/account-info\//];
  for (const path of calls) {
    for (const fault of [{ kind: 'status', status: 503 } as const, { kind: 'drop' } as const]) {
      const portalId = addPortal(portals);
      const browser = openBrowser();
      const callback = await consent(portals, browser, { portalId });
      const remove = portals.emulator.faults.add({ path, ...fault });
      await refuses(await browser.visit(callback), /does not answer/, 502);
      remove();
      assert.equal(await portals.web.db.portals.findPortal(portalId), undefined, String(path));
      assert.equal(await countSessions(portalId), 0);
      await signIn(portals, portalId);
    }
  }
});

test('an answer about another portal, or about none, is refused', async () => {
  const portalId = addPortal(portals);
  for (const [path, body] of [
    [/\/token$/, { access_token: 'a', refresh_token: 'r', expires_in: 1800, hub_id: 1, token_type: 'bearer' }],
    [/\/introspect$/, { active: false }],
    [/\/introspect$/, { active: true, hub_id: 5, user_id: 7, scopes: requiredScopes }],
    [/\/account-info\//, { portalId: 1, uiDomain: 'app.hubspot.com', timeZone: 'UTC' }],
  ] as const) {
    const browser = openBrowser();
    const callback = await consent(portals, browser, { portalId });
    const remove = portals.emulator.faults.add({ path, kind: 'status', status: 200, body });
    await refuses(await browser.visit(callback), /which portal|used already/);
    remove();
    assert.equal(await portals.web.db.portals.findPortal(portalId), undefined);
  }
});

test('a wrong client secret of ours is a fault of ours, named in the log and not on the page', async () => {
  const config = { ...portals.web.config.hubspot, clientSecret: 'wrong' };
  const own = await startPortals([], { config: { hubspot: config } });
  try {
    const browser = openBrowser();
    const started = await browser.visit(`${own.web.url}/oauth/install`);
    const state = new URL(started.headers.get('location') ?? '').searchParams.get('state');
    const response = await browser.visit(`${own.web.url}/oauth/callback?code=x&state=${state}`);
    assert.equal(response.status, 500);
    assert.doesNotMatch(await response.text(), /HUBSPOT_CLIENT/);
    assert.ok(own.web.lines.some((line) => line.errorCode === 'wrong-configuration'));
  } finally {
    await own.close();
  }
});

test('without a database the callback is 503 and signs nobody in', async () => {
  const portalId = addPortal(portals);
  const browser = openBrowser();
  const callback = await consent(portals, browser, { portalId });
  await queryRows(portals, 'alter table sessions rename to sessions_away');
  try {
    assert.equal((await browser.visit(callback)).status, 503);
  } finally {
    await queryRows(portals, 'alter table sessions_away rename to sessions');
  }
  assert.equal(await portals.web.db.portals.findPortal(portalId), undefined);
});

test('no code, token, secret or address is in any line of the log', async () => {
  const portalId = addPortal(portals);
  const browser = openBrowser();
  const callback = await consent(portals, browser, { portalId });
  await browser.visit(callback);
  await browser.visit(callback);
  const token = await portals.web.db.tokens.findToken(portalId);
  const log = JSON.stringify(portals.web.lines);
  const { searchParams } = new URL(callback);
  const secrets = [searchParams.get('code'), searchParams.get('state'), token?.accessToken, token?.refreshToken];
  for (const secret of [...secrets, portals.web.config.hubspot.clientSecret, browser.cookies.get('baton')]) {
    assert.ok(secret && secret.length > 8);
    assert.ok(!log.includes(secret));
  }
  assert.doesNotMatch(log, /@/);
  assert.match(log, new RegExp(`"installed","portalId":"${portalId}"`));
});
