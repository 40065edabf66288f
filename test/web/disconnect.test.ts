// The way out again: disconnecting here, at HubSpot, and coming back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { addPortal, type Portals, queryRows, readCsrfToken, signIn, startPortals, userIdsOf } from './portals.ts';
import { openBrowser } from './web-half.ts';

let portals: Portals;

before(async () => {
  portals = await startPortals([]);
});
after(() => portals.close());

const countSessions = async (portalId: string) =>
  (await queryRows(portals, `select sid from sessions where sess ->> 'portalId' = $1`, [portalId])).length;

async function disconnect(browser: ReturnType<typeof openBrowser>, csrfToken?: string): Promise<Response> {
  const token = csrfToken ?? (await readCsrfToken(portals, browser));
  return browser.visit(`${portals.web.url}/oauth/disconnect`, {
    method: 'POST',
    body: new URLSearchParams({ _csrf: token }),
  });
}

test('disconnecting uninstalls at HubSpot, erases the tokens, ends every session and says so', async () => {
  const portalId = addPortal(portals);
  const first = await signIn(portals, portalId);
  const second = await signIn(portals, portalId, userIdsOf(portals, portalId)[1]);
  const response = await disconnect(first);
  assert.equal(response.status, 303);
  assert.equal(response.headers.get('location'), '/disconnected');
  assert.equal(portals.emulator.portal(portalId).look().installed, false);
  assert.equal((await portals.web.db.portals.findPortal(portalId))?.status, 'uninstalled');
  assert.equal(await portals.web.db.tokens.findToken(portalId), undefined);
  assert.equal(await countSessions(portalId), 0);
  assert.equal(first.cookies.has('baton'), false);
  assert.equal((await first.visit(`${portals.web.url}/disconnected`)).status, 200);
  assert.equal((await second.visit(`${portals.web.url}/settings`)).status, 302);
  assert.equal((await second.visit(`${portals.web.url}/api/settings`)).status, 401);
});

test('disconnecting needs a session and its token', async () => {
  const portalId = addPortal(portals);
  const browser = await signIn(portals, portalId);
  const forged = await disconnect(browser, 'wrong');
  assert.equal(forged.status, 403);
  const stranger = await openBrowser().visit(`${portals.web.url}/oauth/disconnect`, { method: 'POST' });
  assert.equal(stranger.status, 302);
  assert.equal(portals.emulator.portal(portalId).look().installed, true);
  assert.equal((await portals.web.db.portals.findPortal(portalId))?.status, 'installed');
});

test('when HubSpot does not answer, disconnecting says so and keeps the install', async () => {
  const portalId = addPortal(portals);
  const browser = await signIn(portals, portalId);
  const token = await readCsrfToken(portals, browser);
  const remove = portals.emulator.faults.add({ path: /external-install/, kind: 'status', status: 503 });
  const response = await disconnect(browser, token);
  assert.equal(response.status, 502);
  assert.match(await response.text(), /still connected/);
  const json = await browser.visit(`${portals.web.url}/oauth/disconnect`, {
    method: 'POST',
    headers: { Accept: 'application/json', 'X-CSRF-Token': token },
  });
  assert.equal(json.status, 502);
  assert.equal(((await json.json()) as { error: { code: string } }).error.code, 'hubspot-unknown-outcome');
  remove();
  assert.equal((await portals.web.db.portals.findPortal(portalId))?.status, 'installed');
  assert.equal((await browser.visit(`${portals.web.url}/settings`)).status, 200);
  assert.equal((await disconnect(browser, token)).status, 303);
});

test('when only HubSpot’s answer was lost, disconnecting again finishes it', async () => {
  const portalId = addPortal(portals);
  const browser = await signIn(portals, portalId);
  const token = await readCsrfToken(portals, browser);
  portals.emulator.faults.add({ path: /external-install/, kind: 'apply-then-drop', times: 1 });
  assert.equal((await disconnect(browser, token)).status, 502);
  assert.equal((await disconnect(browser, token)).status, 303);
  assert.equal((await portals.web.db.portals.findPortal(portalId))?.status, 'uninstalled');
});

test('a portal removed on HubSpot’s side can still be disconnected here', async () => {
  const portalId = addPortal(portals);
  const browser = await signIn(portals, portalId);
  const token = await readCsrfToken(portals, browser);
  portals.emulator.portal(portalId).uninstall();
  assert.equal((await disconnect(browser, token)).status, 303);
  assert.equal((await portals.web.db.portals.findPortal(portalId))?.status, 'uninstalled');
});

test('a session from before an uninstall is worth nothing after the next install', async () => {
  const portalId = addPortal(portals);
  const early = await signIn(portals, portalId);
  await portals.web.db.portals.markUninstalled(portalId); // the row of the session stays, as when a worker noticed it
  assert.equal((await early.visit(`${portals.web.url}/settings`)).status, 302);
  const late = await signIn(portals, portalId);
  assert.equal((await late.visit(`${portals.web.url}/settings`)).status, 200);
  assert.equal((await early.visit(`${portals.web.url}/settings`)).status, 302);
});

test('a reinstall finds the settings of before', async () => {
  const portalId = addPortal(portals);
  await signIn(portals, portalId);
  const { db } = portals.web;
  const { settings } = await db.settings.getSettings(portalId);
  await db.settings.saveSettings(portalId, { basedOn: 0, settings: { ...settings, paused: true }, author: '1' });
  await db.portals.markUninstalled(portalId);
  await signIn(portals, portalId);
  assert.equal((await db.settings.getSettings(portalId)).settings.paused, true);
});

test('a session lasts twelve hours from its last use', async () => {
  const portalId = addPortal(portals);
  const browser = await signIn(portals, portalId);
  await queryRows(portals, `update sessions set expire = now() + interval '1 minute' where sess ->> 'portalId' = $1`, [
    portalId,
  ]);
  const used = await browser.visit(`${portals.web.url}/settings`);
  const [, expires = ''] = /^baton=.*Expires=([^;]+); HttpOnly/.exec(used.headers.get('set-cookie') ?? '') ?? [];
  const hours = (Date.parse(expires) - Date.now()) / 3_600_000;
  assert.ok(hours > 11.9 && hours < 12.1, String(hours));
  const [row] = await queryRows(
    portals,
    `select expire > now() + interval '11 hours' as renewed from sessions where sess ->> 'portalId' = $1`,
    [portalId],
  );
  assert.equal(row?.renewed, true);
  await queryRows(portals, `update sessions set expire = now() - interval '1 second' where sess ->> 'portalId' = $1`, [
    portalId,
  ]);
  assert.equal((await browser.visit(`${portals.web.url}/settings`)).status, 302);
});
