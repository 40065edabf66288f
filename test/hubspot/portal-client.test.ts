// Calls over real HTTP: what happens when HubSpot hangs, drops, refuses, limits, or no longer takes the token.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Registry } from 'prom-client';
import { BatonError } from '../../src/errors.ts';
import { createCallMetrics } from '../../src/hubspot/call-metrics.ts';
import { createHubSpot } from '../../src/hubspot/hubspot.ts';
import { createPace } from '../../src/hubspot/pace.ts';
import { createTransport } from '../../src/hubspot/transport.ts';
import { keepLog, type Reply, type Seen, startFakeHubSpot } from './fake-hubspot.ts';

const details = { portalId: 33, uiDomain: 'app-eu1.hubspot.com', timeZone: 'Europe/Paris', accountType: 'STANDARD' };

async function connect(
  t: TestContext,
  reply: (seen: Seen, index: number) => Reply,
  options: { timeoutMs?: number } = {},
) {
  const fake = await startFakeHubSpot(t, reply);
  const asked: (string | undefined)[] = [];
  const log = keepLog();
  const accessTokens = {
    async getAccessToken(_portalId: string, { rejected }: { rejected?: string } = {}) {
      asked.push(rejected);
      return rejected ? 'token-2' : 'token-1';
    },
  };
  const hubspot = createHubSpot({ config: { apiUrl: fake.url }, accessTokens, log, ...options });
  return { ...fake, asked, log, hubspot, gateway: hubspot.portal('33', createPace()) };
}

test('account details are asked for with the portal token, on the dated path', async (t) => {
  const { gateway, seen } = await connect(t, () => ({ body: details }));
  assert.deepEqual(await gateway.accountDetails(), {
    portalId: '33',
    uiDomain: 'app-eu1.hubspot.com',
    timeZone: 'Europe/Paris',
  });
  assert.deepEqual(
    [seen[0]?.method, seen[0]?.path, seen[0]?.headers.authorization],
    ['GET', '/account-info/2026-09/details', 'Bearer token-1'],
  );
  assert.equal(gateway.calls.total, 1);
});

test('at install the token just received is used', async (t) => {
  const { hubspot, seen, asked } = await connect(t, () => ({ body: details }));
  assert.equal((await hubspot.accountDetails('fresh')).portalId, '33');
  assert.deepEqual([seen[0]?.headers.authorization, asked], ['Bearer fresh', []]);
});

test('a read is tried three times on passing failures, then says so', async (t) => {
  const { gateway, seen } = await connect(t, (_seen, index) => (index < 2 ? { status: 503 } : { body: details }));
  assert.equal((await gateway.accountDetails()).portalId, '33');
  assert.equal(seen.length, 3);
  const broken = await connect(t, () => ({ status: 502, text: '<html>' }));
  await assert.rejects(broken.gateway.accountDetails(), { code: 'hubspot-transient' });
  assert.equal(broken.seen.length, 3);
});

test('a write is never repeated when its outcome is unknown', async (t) => {
  const { gateway, seen } = await connect(t, () => ({ status: 502 }));
  await assert.rejects(gateway.uninstall(), { code: 'hubspot-unknown-outcome' });
  assert.equal(seen.length, 1);
});

test('a 401 gets a fresh token once, for reads and for writes', async (t) => {
  const reply = (seen: Seen) =>
    seen.headers.authorization === 'Bearer token-2'
      ? { status: seen.method === 'DELETE' ? 204 : 200, body: details }
      : { status: 401 };
  for (const act of ['accountDetails', 'uninstall'] as const) {
    const { gateway, seen, asked } = await connect(t, reply);
    await gateway[act]();
    assert.equal(seen.length, 2);
    assert.deepEqual(asked, [undefined, 'token-1']);
  }
});

test('the calls of a batch share one look for a token, and go on with the fresh one after a 401', async (t) => {
  const reply = (seen: Seen) =>
    seen.headers.authorization === 'Bearer token-2' ? { status: 200, body: details } : { status: 401 };
  const { gateway, seen, asked } = await connect(t, reply);
  await gateway.accountDetails();
  await gateway.accountDetails();
  assert.equal(seen.length, 3);
  assert.deepEqual(asked, [undefined, 'token-1']);
});

test('a token that HubSpot does not renew is a call that failed: after six in a row nothing more is asked for', async () => {
  let asked = 0;
  const accessTokens = {
    async getAccessToken(): Promise<string> {
      asked += 1;
      throw new BatonError('hubspot-transient');
    },
  };
  const metrics = new Registry();
  const onCall = createCallMetrics(metrics);
  const config = { apiUrl: 'http://127.0.0.1:9' };
  const gateway = createHubSpot({ config, accessTokens, log: keepLog(), onCall }).portal('33', createPace());
  await Promise.all([1, 2, 3].map(() => assert.rejects(gateway.accountDetails(), { code: 'hubspot-transient' })));
  assert.equal(asked, 6);
  await assert.rejects(gateway.accountDetails(), { code: 'hubspot-transient' });
  assert.equal(asked, 6);
  // Else the alert on failing calls would end with the last token of an outage (docs/runbook/hubspot-failing.md).
  assert.match(await metrics.metrics(), /baton_hubspot_calls_total\{kind="token",status="none"\} 6/);
  // What worker/circuit.ts goes by: all of this portal's calls failed.
  assert.deepEqual(gateway.calls, { total: 6, failed: 6 });
});

test('a fresh token that is refused too is transient, not revoked, and is not hammered', async (t) => {
  const { gateway, seen } = await connect(t, () => ({ status: 401 }));
  await assert.rejects(gateway.accountDetails(), { code: 'hubspot-transient' });
  assert.equal(seen.length, 2);
});

test('a refusal is not repeated', async (t) => {
  const { gateway, seen } = await connect(t, () => ({ status: 400, body: { message: 'No.' } }));
  await assert.rejects(gateway.accountDetails(), { code: 'hubspot-refused', detail: 'No.' });
  assert.equal(seen.length, 1);
});

test('a short limit is waited for, a long one pauses this portal without another call', async (t) => {
  const short = await connect(t, (_seen, index) =>
    index === 0 ? { status: 429, body: { policyName: 'SECONDLY' } } : { body: details },
  );
  const startedAt = performance.now();
  await short.gateway.accountDetails();
  assert.ok(performance.now() - startedAt >= 990);

  const long = await connect(t, () => ({ status: 429, body: { policyName: 'TEN_SECONDLY_ROLLING' } }));
  const limited = { code: 'hubspot-rate-limited' };
  await assert.rejects(long.gateway.accountDetails(), limited);
  await assert.rejects(long.gateway.accountDetails(), limited);
  await assert.rejects(long.gateway.moveTickets([{ ticketId: '1', stageId: '2' }]), limited);
  assert.equal(long.seen.length, 1);
});

test('a request that hangs ends after its time, and its socket with it', async (t) => {
  const hang: Reply = () => undefined;
  const { gateway, openExchanges, seen } = await connect(t, () => hang, { timeoutMs: 250 });
  await assert.rejects(gateway.uninstall(), {
    code: 'hubspot-unknown-outcome',
    detail: 'HubSpot did not answer within 0.25 s.',
  });
  await assert.rejects(gateway.accountDetails(), { code: 'hubspot-transient' });
  assert.equal(seen.length, 4);
  await waitUntil(() => openExchanges() === 0);
});

test('an answer that stops half way counts as lost, and holds no socket', async (t) => {
  const stall: Reply = (response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{"portal');
  };
  const stalled = await connect(t, () => stall, { timeoutMs: 250 });
  await assert.rejects(stalled.gateway.uninstall(), { code: 'hubspot-unknown-outcome' });
  await waitUntil(() => stalled.openExchanges() === 0);

  const cut: Reply = (response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{"portal', () => response.destroy());
  };
  const dropped = await connect(t, () => cut);
  await assert.rejects(dropped.gateway.accountDetails(), { code: 'hubspot-transient' });
  await assert.rejects(dropped.gateway.uninstall(), { code: 'hubspot-unknown-outcome' });
});

test('a connection closed without an answer is an unknown outcome for a write, sent once', async (t) => {
  const { gateway, seen } = await connect(t, () => (response) => void response.socket?.destroy());
  await assert.rejects(gateway.uninstall(), { code: 'hubspot-unknown-outcome' });
  assert.equal(seen.length, 1);
});

test('a refused connection is transient even for a write: nothing was sent', async () => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port } = closed.address() as { port: number };
  await new Promise((resolve) => closed.close(resolve));
  const transport = createTransport({ apiUrl: `http://127.0.0.1:${port}` });
  await assert.rejects(transport({ method: 'DELETE', path: '/x', write: true }), { code: 'hubspot-transient' });
});

test('an answer larger than allowed is not read to its end', async (t) => {
  const endless: Reply = (response) => {
    response.writeHead(200);
    const chunk = Buffer.alloc(64 * 1024, 32);
    const pour = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', pour);
    pour();
  };
  const fake = await startFakeHubSpot(t, () => endless);
  const transport = createTransport({ apiUrl: fake.url, maxAnswerBytes: 1_000_000 });
  await assert.rejects(transport({ method: 'GET', path: '/x' }), { code: 'hubspot-unreadable' });
  await assert.rejects(transport({ method: 'POST', path: '/x', write: true }), { code: 'hubspot-unknown-outcome' });
  await waitUntil(() => fake.openExchanges() === 0);
});

test('a compressed answer is read, and counts with all its bytes', async (t) => {
  const packed: Reply = (response) => {
    const plain = JSON.stringify({ text: ' '.repeat(900_000) });
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(plain));
  };
  const fake = await startFakeHubSpot(t, () => packed);
  const roomy = createTransport({ apiUrl: fake.url, maxAnswerBytes: 1_000_000 });
  assert.equal(JSON.parse((await roomy({ method: 'GET', path: '/x' })).text).text.length, 900_000);
  const narrow = createTransport({ apiUrl: fake.url, maxAnswerBytes: 800_000 });
  await assert.rejects(narrow({ method: 'GET', path: '/x' }), { code: 'hubspot-unreadable' });
  const broken: Reply = (response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end('this is not gzip');
  };
  const spoilt = createTransport({ apiUrl: (await startFakeHubSpot(t, () => broken)).url });
  await assert.rejects(spoilt({ method: 'GET', path: '/x' }), { code: 'hubspot-transient' });
});

test('an answer that comes too slowly, or ends too early, is a lost one', async (t) => {
  const half: Reply = (response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half');
  };
  const slow = createTransport({ apiUrl: (await startFakeHubSpot(t, () => half)).url, timeoutMs: 100 });
  const late = { code: 'hubspot-unknown-outcome', detail: 'HubSpot did not answer within 0.1 s.' };
  await assert.rejects(slow({ method: 'POST', path: '/x', write: true }), late);
  const torn: Reply = (response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half', () => response.destroy());
  };
  const cut = createTransport({ apiUrl: (await startFakeHubSpot(t, () => torn)).url });
  await assert.rejects(cut({ method: 'POST', path: '/x', write: true }), { code: 'hubspot-unknown-outcome' });
  await assert.rejects(cut({ method: 'GET', path: '/x' }), { code: 'hubspot-transient' });
});

test('a redirect is not followed, and carries no token elsewhere', async (t) => {
  const elsewhere = await startFakeHubSpot(t, () => ({ body: details }));
  const { gateway } = await connect(t, () => ({ status: 302, headers: { location: elsewhere.url } }));
  await assert.rejects(gateway.accountDetails(), { code: 'hubspot-unreadable' });
  assert.equal(elsewhere.seen.length, 0);
});

test('an answer that is not JSON, or lacks a field, is unreadable and is not quoted', async (t) => {
  const text = await connect(t, () => ({ text: 'hello casey@customer.example' }));
  await assert.rejects(text.gateway.accountDetails(), (error: Error & { code: string }) => {
    assert.equal(error.code, 'hubspot-unreadable');
    assert.ok(!error.message.includes('casey'));
    return true;
  });
  const lacking = await connect(t, () => ({ body: { portalId: 'casey@customer.example' } }));
  await assert.rejects(lacking.gateway.accountDetails(), {
    code: 'hubspot-unreadable',
    detail: 'Unexpected: uiDomain, timeZone.',
  });
});

test('tokens reach neither log nor error', async (t) => {
  const { gateway, log } = await connect(t, () => ({
    status: 400,
    body: { message: 'token-1 is bad for x@y.example' },
  }));
  await assert.rejects(gateway.accountDetails(), (error: Error) => !error.message.includes('x@y'));
  assert.ok(!log.lines.join('\n').includes('token-1'));
});

test('no more than four requests of a portal are in flight', async (t) => {
  let open = 0;
  let most = 0;
  const slow: Reply = (response) => {
    open += 1;
    most = Math.max(most, open);
    setTimeout(() => {
      open -= 1;
      response.end(JSON.stringify(details));
    }, 20);
  };
  const { gateway } = await connect(t, () => slow);
  await Promise.all(Array.from({ length: 20 }, () => gateway.accountDetails()));
  assert.equal(most, 4);
});

async function waitUntil(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 100 && !holds(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(holds());
}
