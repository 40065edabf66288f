// The consent page, the token endpoints and the end of a grant.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allScopes, app, createCaller, createRig, postForm, startEmulator } from './rig.ts';

const redirectUri = 'http://localhost:3000/oauth/callback';
const scope = allScopes.join(' ');
const client = { client_id: app.clientId, client_secret: app.clientSecret };

function authorizeQuery(changes: Record<string, string> = {}): string {
  const query = { client_id: app.clientId, redirect_uri: redirectUri, scope, state: 'st/ate', ...changes };
  return new URLSearchParams(query).toString();
}

test('consent leads to the callback with code and state, and the code buys tokens once', async (t) => {
  const emulator = await startEmulator(t, { redirectUris: [redirectUri] });
  emulator.addPortal({ portalId: '41000001' });
  const shown = await fetch(`${emulator.url}/oauth/authorize?${authorizeQuery()}`);
  assert.equal(shown.status, 200);
  assert.match(await shown.text(), /sales-email-read/);
  const fields = { query: authorizeQuery(), portalId: '41000001', decision: 'connect' };
  const decided = await postForm(`${emulator.url}/oauth/authorize`, fields);
  assert.equal(decided.status, 302);
  const callback = new URL(decided.headers.get('location') ?? '');
  assert.equal(callback.origin + callback.pathname, redirectUri);
  assert.equal(callback.searchParams.get('state'), 'st/ate');
  const exchange = {
    ...client,
    grant_type: 'authorization_code',
    code: callback.searchParams.get('code') ?? '',
    redirect_uri: redirectUri,
  };
  const bought = await postForm(`${emulator.url}/oauth/2026-03/token`, exchange);
  assert.equal(bought.status, 200);
  assert.equal(bought.body.hub_id, 41000001);
  assert.equal(bought.body.expires_in, 1800);
  assert.deepEqual(bought.body.scopes, scope.split(' '));
  assert.ok(bought.body.access_token.length > 512);
  const again = await postForm(`${emulator.url}/oauth/2026-03/token`, exchange);
  assert.equal(again.status, 400);
  assert.equal(again.body.status, 'BAD_AUTH_CODE');
  assert.equal(again.body.error, 'invalid_grant');
});

test('cancelling calls back with an error and no code', async (t) => {
  const emulator = await startEmulator(t);
  emulator.addPortal({ portalId: '41000001' });
  const fields = { query: authorizeQuery(), portalId: '41000001', decision: 'cancel' };
  const location = new URL((await postForm(`${emulator.url}/oauth/authorize`, fields)).headers.get('location') ?? '');
  assert.equal(location.searchParams.get('error'), 'access_denied');
  assert.equal(location.searchParams.get('code'), null);
});

for (const [what, changes] of [
  ['an unknown client', { client_id: 'nobody' }],
  ['a redirect URI of somebody else', { redirect_uri: 'https://evil.example/callback' }],
  ['a missing required scope', { scope: 'oauth tickets' }],
  ['a scope the app does not list', { scope: `${scope} settings.users.read` }],
] as const)
  test(`${what} ends on an error page and never calls back`, async (t) => {
    const emulator = await startEmulator(t, { redirectUris: [redirectUri] });
    emulator.addPortal({ portalId: '41000001' });
    const query = authorizeQuery(changes);
    const shown = await fetch(`${emulator.url}/oauth/authorize?${query}`, { redirect: 'manual' });
    assert.equal(shown.status, 400);
    const decided = await postForm(`${emulator.url}/oauth/authorize`, {
      query,
      portalId: '41000001',
      decision: 'connect',
    });
    assert.equal(decided.status, 400);
    assert.equal(decided.headers.get('location'), null);
  });

test('the token endpoint reads the body only and names what is wrong', async (t) => {
  const { emulator, portal } = await createRig(t);
  const { refreshToken } = portal.install();
  const endpoint = `${emulator.url}/oauth/2026-09/token`;
  const fields = { ...client, grant_type: 'refresh_token', refresh_token: refreshToken };
  const status = async (changes: Record<string, string>) =>
    (await postForm(endpoint, { ...fields, ...changes })).body.status;
  assert.equal(await status({ client_id: 'x' }), 'BAD_CLIENT_ID');
  assert.equal(await status({ client_secret: 'x' }), 'BAD_CLIENT_SECRET');
  assert.equal(await status({ grant_type: 'password' }), 'BAD_GRANT_TYPE');
  assert.equal(await status({ refresh_token: 'x' }), 'BAD_REFRESH_TOKEN');
  const inQuery = await postForm(`${endpoint}?${new URLSearchParams(fields)}`, {});
  assert.equal(inQuery.status, 400);
  assert.equal((await postForm(endpoint, fields)).body.refresh_token, refreshToken);
  assert.equal((await postForm(`${emulator.url}/oauth/v1/token`, fields)).status, 404);
});

test('a code must come back with the redirect URI it was given for, and in time', async (t) => {
  let now = Date.now();
  const { emulator, portal } = await createRig(t, { now: () => now });
  const endpoint = `${emulator.url}/oauth/2026-03/token`;
  const exchange = (code: string, uri: string) =>
    postForm(endpoint, { ...client, grant_type: 'authorization_code', code, redirect_uri: uri });
  const wrong = await exchange(portal.authorize({ redirectUri }), 'http://localhost:3000/other');
  assert.equal(wrong.body.status, 'BAD_REDIRECT_URI');
  const code = portal.authorize({ redirectUri });
  now += 61_000;
  assert.equal((await exchange(code, redirectUri)).body.status, 'BAD_AUTH_CODE');
});

test('a rotated refresh token kills the one before', async (t) => {
  const { emulator, portal } = await createRig(t, { quirks: { rotatesRefreshTokens: true } });
  const { refreshToken } = portal.install();
  const refresh = (token: string) =>
    postForm(`${emulator.url}/oauth/2026-09/token`, { ...client, grant_type: 'refresh_token', refresh_token: token });
  const first = await refresh(refreshToken);
  assert.notEqual(first.body.refresh_token, refreshToken);
  assert.equal((await refresh(refreshToken)).body.status, 'BAD_REFRESH_TOKEN');
  assert.equal((await refresh(first.body.refresh_token)).status, 200);
});

test('introspection tells who, where and how long, and nothing of a dead token', async (t) => {
  let now = Date.now();
  const { emulator, portal, agentId } = await createRig(t, { now: () => now });
  const { accessToken, refreshToken } = portal.install();
  const introspect = async (token: string) =>
    (await postForm(`${emulator.url}/oauth/2026-03/token/introspect`, { ...client, token })).body;
  const access = await introspect(accessToken);
  assert.equal(access.active, true);
  assert.equal(access.token_use, 'access_token');
  assert.equal(access.hub_id, 41000001);
  assert.equal(access.app_id, 2000001);
  assert.equal(access.user_id, Number(agentId));
  assert.equal(access.expires_in, 1800);
  const refresh = await introspect(refreshToken);
  assert.equal(refresh.token_use, 'refresh_token');
  assert.equal('expires_in' in refresh, false);
  now += 1_800_000;
  assert.deepEqual(await introspect(accessToken), { active: false });
});

test('an expired access token answers 401, a refreshed one works again', async (t) => {
  const { emulator, portal, call } = await createRig(t);
  portal.expireTokens();
  const refused = await call('GET', '/account-info/2026-09/details');
  assert.equal(refused.status, 401);
  assert.equal(refused.body.category, 'EXPIRED_AUTHENTICATION');
  const { accessToken } = portal.install();
  const details = await createCaller(emulator.url, accessToken)('GET', '/account-info/2026-09/details');
  assert.equal(details.body.portalId, 41000001);
  assert.equal(details.body.utcOffsetMilliseconds % 1_800_000, 0);
  assert.equal((await createCaller(emulator.url, 'nonsense')('GET', '/crm/owners/2026-09')).status, 401);
});

test('revoking the refresh token leaves access tokens alive', async (t) => {
  const { emulator, portal } = await createRig(t);
  const { accessToken, refreshToken } = portal.install();
  const revoked = await postForm(`${emulator.url}/oauth/2026-03/token/revoke`, { ...client, token: refreshToken });
  assert.equal(revoked.status, 204);
  assert.equal((await createCaller(emulator.url, accessToken)('GET', '/crm/owners/2026-09')).status, 200);
  const refreshed = await postForm(`${emulator.url}/oauth/2026-03/token`, {
    ...client,
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
  });
  assert.equal(refreshed.body.status, 'BAD_REFRESH_TOKEN');
});

test('uninstalling through the API ends every token of that portal and of no other', async (t) => {
  const { emulator, portal, call } = await createRig(t);
  const other = emulator.addPortal({ portalId: '41000002' }).install();
  assert.equal((await call('DELETE', '/appinstalls/2026-09/external-install')).status, 204);
  assert.equal((await call('GET', '/crm/owners/2026-09')).status, 401);
  assert.equal(portal.look().installed, false);
  assert.equal((await createCaller(emulator.url, other.accessToken)('GET', '/crm/owners/2026-09')).status, 200);
});

test('a call without its scope answers 403 and names the scope', async (t) => {
  const { emulator, portal } = await createRig(t);
  const { accessToken } = portal.install({ scopes: ['oauth', 'crm.objects.contacts.read'] });
  const call = createCaller(emulator.url, accessToken);
  const refused = await call('GET', '/conversations/conversations/2026-09/threads');
  assert.equal(refused.status, 403);
  assert.equal(refused.body.category, 'MISSING_SCOPES');
  assert.deepEqual(refused.body.errors[0].context.requiredGranularScopes, ['conversations.read']);
  const batch = { inputs: [{ id: '1' }], properties: [] };
  assert.equal((await call('POST', '/crm/objects/2026-09/emails/batch/read', batch)).status, 403);
  assert.equal((await call('POST', '/crm/objects/2026-03/emails/batch/read', batch)).status, 207);
});
