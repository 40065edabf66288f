// OAuth over real HTTP: form bodies on the dated endpoint, and what each refusal means (PLATFORM.md 4).
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createOAuth } from '../../src/hubspot/oauth.ts';
import { type Reply, type Seen, startFakeHubSpot } from './fake-hubspot.ts';

const now = new Date('2026-11-22T12:00:00Z');
const answer = {
  token_type: 'bearer',
  token_use: 'access_token',
  refresh_token: 'na1-refresh',
  access_token: 'AAA-access',
  expires_in: 1800,
  hub_id: 62515,
  user_id: 98765,
  scopes: ['oauth', 'tickets'],
};

async function connect(t: TestContext, reply: (seen: Seen) => Reply, timeoutMs?: number) {
  const fake = await startFakeHubSpot(t, reply);
  const config = {
    clientId: 'client-1',
    clientSecret: 's3cret&=',
    appId: '7',
    apiUrl: fake.url,
    appUrl: 'https://app.hubspot.com',
  };
  return { ...fake, oauth: createOAuth({ config, publicUrl: 'https://baton.example', now: () => now, timeoutMs }) };
}

test('a code is exchanged by a form body, and nothing secret is in the address', async (t) => {
  const { oauth, seen } = await connect(t, () => ({ body: answer }));
  assert.deepEqual(await oauth.exchangeCode('code-1'), {
    accessToken: 'AAA-access',
    refreshToken: 'na1-refresh',
    expiresAt: new Date('2026-11-22T12:30:00Z'),
    portalId: '62515',
    userId: '98765',
    scopes: ['oauth', 'tickets'],
  });
  assert.equal(seen[0]?.path, '/oauth/2026-09/token');
  assert.equal(String(seen[0]?.query), '');
  assert.match(seen[0]?.headers['content-type'] ?? '', /^application\/x-www-form-urlencoded/);
  assert.deepEqual(Object.fromEntries(new URLSearchParams(seen[0]?.body)), {
    grant_type: 'authorization_code',
    code: 'code-1',
    redirect_uri: 'https://baton.example/oauth/callback',
    client_id: 'client-1',
    client_secret: 's3cret&=',
  });
});

test('an answer without portal, user and scopes is taken too', async (t) => {
  const { oauth } = await connect(t, () => ({ body: { access_token: 'a', refresh_token: 'r', expires_in: '1800' } }));
  const grant = await oauth.refresh('r');
  assert.deepEqual([grant.portalId, grant.userId, grant.scopes], [null, null, null]);
  const lacking = await connect(t, () => ({ body: { access_token: 'a', expires_in: 1800 } }));
  await assert.rejects(lacking.oauth.refresh('r'), { code: 'hubspot-unreadable' });
});

test('introspection says whose token it is', async (t) => {
  const body = {
    active: true,
    token: 'AAA-access',
    app_id: 1160452,
    hub_id: 33,
    hub_domain: 'customer.example',
    user_id: 98765,
    user: 'admin@customer.example',
    scopes: ['oauth'],
    signed_access_token: {},
  };
  const { oauth, seen } = await connect(t, () => ({ body }));
  assert.deepEqual(await oauth.introspect('AAA-access'), {
    active: true,
    portalId: '33',
    userId: '98765',
    domain: 'customer.example',
    scopes: ['oauth'],
  });
  assert.equal(seen[0]?.path, '/oauth/2026-09/token/introspect');
  assert.equal(new URLSearchParams(seen[0]?.body).get('token'), 'AAA-access');
  const inactive = await connect(t, () => ({ body: { active: false } }));
  assert.deepEqual(await inactive.oauth.introspect('x'), { active: false });
});

test('only a refusal of the refresh token itself is revoked', async (t) => {
  const cases: [Reply, string][] = [
    [{ status: 400, body: { error: 'invalid_grant', status: 'BAD_REFRESH_TOKEN' } }, 'hubspot-revoked'],
    [{ status: 400, body: { error: 'access_denied', status: 'BAD_HUB' } }, 'hubspot-revoked'],
    [{ status: 400, body: { error: 'invalid_grant' } }, 'hubspot-revoked'],
    [{ status: 400, body: { error: 'invalid_client', status: 'BAD_CLIENT_SECRET' } }, 'wrong-configuration'],
    [{ status: 401, body: { error: 'invalid_client' } }, 'wrong-configuration'],
    [{ status: 400, body: { status: 'BAD_CLIENT_ID' } }, 'wrong-configuration'],
    [{ status: 400, body: { error: 'something_new' } }, 'hubspot-transient'],
    [{ status: 400, text: '<html>' }, 'hubspot-transient'],
    [{ status: 429, body: {} }, 'hubspot-rate-limited'],
    [{ status: 500, body: { status: 'BAD_REFRESH_TOKEN?' } }, 'hubspot-transient'],
    [{ status: 503, text: '' }, 'hubspot-transient'],
    [{ text: 'not json' }, 'hubspot-unreadable'],
    [(response) => void response.destroy(), 'hubspot-transient'],
  ];
  for (const [reply, code] of cases) {
    const { oauth } = await connect(t, () => reply);
    await assert.rejects(oauth.refresh('na1-refresh'), { code }, JSON.stringify(reply));
  }
  const silent = await connect(t, () => () => undefined, 50);
  await assert.rejects(silent.oauth.refresh('na1-refresh'), { code: 'hubspot-transient' });
});

test('a refused code fails the install, a wrong redirect is our configuration', async (t) => {
  const { oauth } = await connect(t, () => ({
    status: 400,
    body: { error: 'invalid_grant', status: 'BAD_AUTH_CODE' },
  }));
  await assert.rejects(oauth.exchangeCode('x'), { code: 'install-failed' });
  const redirect = await connect(t, () => ({ status: 400, body: { status: 'BAD_REDIRECT_URI' } }));
  await assert.rejects(redirect.oauth.exchangeCode('x'), { code: 'wrong-configuration' });
});

test('no error carries a code, a token or the secret', async (t) => {
  const { oauth } = await connect(t, (seen) => ({
    status: 400,
    body: { message: seen.body, error_description: seen.body },
  }));
  for (const call of [oauth.exchangeCode('code-77'), oauth.refresh('refresh-77'), oauth.introspect('access-77')]) {
    await assert.rejects(call, (error: Error) => !/77|s3cret/.test(`${error.message} ${error.stack}`));
  }
});
