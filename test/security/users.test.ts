// Who may change settings: whom HubSpot's own page has asked for the right to install apps, and for how long that counts.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BatonError } from '../../src/errors.ts';
import { isProof } from '../../src/web/proof.ts';
import {
  addPortal,
  consent,
  type Portals,
  queryRows,
  readCsrfToken,
  signIn,
  startPortals,
  userIdsOf,
} from '../web/portals.ts';
import { type Browser, openBrowser } from '../web/web-half.ts';

let portals: Portals;
before(async () => {
  portals = await startPortals([]);
});
after(() => portals.close());

async function save(browser: Browser) {
  const token = await readCsrfToken(portals, browser);
  const { version, settings } = (await (await browser.visit(`${portals.web.url}/api/settings`)).json()) as {
    version: number;
    settings: object;
  };
  const answer = await browser.visit(`${portals.web.url}/api/settings`, {
    method: 'PUT',
    headers: { 'X-CSRF-Token': token, 'Content-Type': 'application/json' },
    body: JSON.stringify({ basedOn: version, settings }),
  });
  const { error } = (await answer.json()) as { error?: { code: string; message: string } };
  return { status: answer.status, error };
}

const secondOf = (portalId: string) => userIdsOf(portals, portalId)[1];
const changeSession = (portalId: string, sql: string) =>
  queryRows(portals, `update sessions set sess = jsonb_set(sess::jsonb, ${sql})::json where sess ->> 'portalId' = $1`, [
    portalId,
  ]);

const leave = (portalId: string, minutes: number) =>
  queryRows(portals, `update sessions set expire = now() + $2 * interval '1 minute' where sess ->> 'portalId' = $1`, [
    ...[portalId, minutes],
  ]);
async function minutesLeft(portalId: string): Promise<number> {
  const [row] = await queryRows(
    portals,
    `select extract(epoch from expire - now()) / 60 as left from sessions where sess ->> 'portalId' = $1`,
    [portalId],
  );
  return Number(row?.left);
}

test('who returns to an installed app without being asked for the right may read, and is told why', async () => {
  const portalId = addPortal(portals);
  await signIn(portals, portalId);
  const before = await portals.web.db.tokens.findToken(portalId);
  const reader = await signIn(portals, portalId, secondOf(portalId));
  const refused = await save(reader);
  assert.deepEqual([refused.status, refused.error?.code], [403, 'may-not-change']);
  assert.match(refused.error?.message ?? '', /\/oauth\/install/);
  for (const [language, words] of [
    ['en', /without asking whether you may install apps/],
    ['fr', /sans vérifier que vous pouvez installer/],
  ] as const) {
    const page = await reader.visit(`${portals.web.url}/settings`, { headers: { 'Accept-Language': language } });
    const html = await page.text();
    assert.equal(page.status, 200);
    assert.match(html, words);
    assert.match(html, /<fieldset disabled/);
    const form = new URLSearchParams({ _csrf: await readCsrfToken(portals, reader), basedOn: '0' });
    const posted = await reader.visit(`${portals.web.url}/settings`, {
      method: 'POST',
      body: form,
      headers: { 'Accept-Language': language },
    });
    assert.equal(posted.status, 403);
    assert.match(await posted.text(), /href="\/oauth\/install"/);
  }
  const after = await portals.web.db.tokens.findToken(portalId);
  assert.deepEqual(after, before, 'a reader’s token takes no installer’s place');
});

test('who installed Baton may change settings again after every return, and anew after eight hours', async () => {
  const portalId = addPortal(portals);
  const admin = await signIn(portals, portalId);
  assert.equal((await save(admin)).status, 200);
  await changeSession(portalId, `'{provedAt}', to_jsonb((now() - interval '8 hours 1 minute')::text)`);
  assert.equal((await save(admin)).error?.code, 'may-not-change');
  const html = await (await admin.visit(`${portals.web.url}/settings`)).text();
  assert.match(html, /counts for eight hours\. <a href="\/oauth\/install">/);
  assert.equal((await admin.visit(`${portals.web.url}/activity`)).status, 200);
  const returned = await admin.visit(await consent(portals, admin, { portalId }));
  assert.equal(returned.status, 302);
  assert.equal((await save(admin)).status, 200);
});

test('a new install by somebody else is a proof, also where nobody told that the old one had ended', async () => {
  const portalId = addPortal(portals);
  await signIn(portals, portalId);
  portals.emulator.portal(portalId).uninstall();
  assert.equal((await portals.web.db.portals.findPortal(portalId))?.status, 'installed');
  const second = await signIn(portals, portalId, secondOf(portalId));
  assert.equal((await save(second)).status, 200);
});

test('who grants a permission that Baton did not have is a proof', async () => {
  const portalId = addPortal(portals);
  await signIn(portals, portalId);
  await queryRows(portals, `update portals set scopes = array_remove(scopes, 'tickets') where portal_id = $1`, [
    portalId,
  ]);
  const second = await signIn(portals, portalId, secondOf(portalId));
  assert.equal((await save(second)).status, 200);
});

test('when HubSpot does not say whether the old grant stands, that proves nothing', async () => {
  const portalId = addPortal(portals);
  await signIn(portals, portalId);
  const { db } = portals.web;
  const portal = (await db.portals.findPortal(portalId)) ?? assert.fail();
  const token = (await db.tokens.findToken(portalId)) ?? assert.fail();
  const install = { ...portal, ...token, portalId, userId: secondOf(portalId) ?? '' };
  const silent = { introspect: () => Promise.reject(new BatonError('hubspot-transient')) };
  await assert.rejects(isProof({ db, oauth: silent }, install), { code: 'hubspot-transient' });
});

test('a page that looks for news by itself keeps no session alive, and a look by a person does', async () => {
  const portalId = addPortal(portals);
  const admin = await signIn(portals, portalId);
  await leave(portalId, 5);
  const watches: [string, Record<string, string>][] = [
    ['/activity?fragment=records&newerThan=0', {}],
    ['/settings/mailbox-check', { 'Sec-Fetch-Dest': 'empty' }],
  ];
  for (const [path, headers] of watches) {
    const answer = await admin.visit(portals.web.url + path, { headers });
    assert.ok(answer.status < 300, `${path} ${answer.status}`);
    assert.equal(answer.headers.get('set-cookie'), null, path);
    assert.ok((await minutesLeft(portalId)) < 6, path);
  }
  await admin.visit(`${portals.web.url}/activity`, { headers: { 'Sec-Fetch-Dest': 'document' } });
  assert.ok((await minutesLeft(portalId)) > 700);
});

test('a session ends a week after it began, however much it is used', async () => {
  const portalId = addPortal(portals);
  const admin = await signIn(portals, portalId);
  const begun = (age: string) => changeSession(portalId, `'{signedInAt}', to_jsonb((now() - interval '${age}')::text)`);
  await begun('6 days 23 hours');
  assert.equal((await admin.visit(`${portals.web.url}/activity`)).status, 200);
  await begun('7 days 1 second');
  // Nor does its row stay: what is erased of a portal a month after its end has no session left.
  await leave(portalId, 5);
  assert.equal((await admin.visit(`${portals.web.url}/activity`)).status, 302);
  assert.ok((await minutesLeft(portalId)) < 6);
});

test('signing out ends the session of this browser alone', async () => {
  const portalId = addPortal(portals);
  const [first, second] = [await signIn(portals, portalId), await signIn(portals, portalId)];
  const kept = openBrowser();
  kept.cookies.set('baton', first.cookies.get('baton') ?? '');
  assert.match(await (await first.visit(`${portals.web.url}/activity`)).text(), /action="\/oauth\/sign-out"/);
  const body = new URLSearchParams({ _csrf: await readCsrfToken(portals, first) });
  const answer = await first.visit(`${portals.web.url}/oauth/sign-out`, { method: 'POST', body });
  assert.deepEqual([answer.status, answer.headers.get('location')], [303, '/']);
  assert.equal(first.cookies.has('baton'), false);
  assert.equal((await kept.visit(`${portals.web.url}/activity`)).status, 302, 'the cookie is worth nothing any more');
  assert.equal((await second.visit(`${portals.web.url}/activity`)).status, 200);
});
