// Posts to customers' servers: signed, once, bounded in time and size, and never into a private network.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { after, describe, it } from 'node:test';
import { Webhook } from 'standardwebhooks';
import type { Resolve } from '../../src/outgoing/public-lookup.ts';
import { createWebhookSender, type WebhookPost } from '../../src/outgoing/webhook-sender.ts';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const oldSecret = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;

type Received = { headers: Record<string, string>; body: string };
const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close().closeAllConnections();
});

/** A receiver on this machine that answers as told, and keeps what it got. */
async function startReceiver(answer: (res: ServerResponse, req: IncomingMessage) => void) {
  const received: Received[] = [];
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk);
    const headers = Object.fromEntries(Object.entries(req.headers).map(([name, value]) => [name, String(value)]));
    received.push({ headers, body: Buffer.concat(chunks).toString('utf8') });
    answer(res, req);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}/hook`, received };
}

const answerWith =
  (status: number, headers: Record<string, string> = {}) =>
  (res: ServerResponse) =>
    void res.writeHead(status, headers).end();

function postTo(url: string, more: Partial<WebhookPost> = {}): WebhookPost {
  return { url, id: 's:1:2:3:a', at: new Date(), body: '{"type":"é"}', secrets: [secret], ...more };
}

const local = createWebhookSender({ allowLoopback: true, timeoutMs: 400 });

describe('a signed webhook', () => {
  it('is verified by the library of Standard Webhooks, with the one secret or with either of two', async () => {
    const { url, received } = await startReceiver(answerWith(204));
    assert.deepEqual(await local.post(postTo(url)), { state: 'done' });
    assert.deepEqual(await local.post(postTo(url, { secrets: [secret, oldSecret] })), { state: 'done' });
    const [single, double] = received as [Received, Received];
    assert.deepEqual(new Webhook(secret).verify(single.body, single.headers), { type: 'é' });
    assert.throws(() => new Webhook(oldSecret).verify(single.body, single.headers));
    for (const one of [secret, oldSecret]) new Webhook(one).verify(double.body, double.headers);
    assert.equal(double.headers['webhook-signature']?.split(' ').length, 2);
    assert.equal(single.headers['webhook-id'], 's:1:2:3:a');
    assert.equal(single.headers['content-type'], 'application/json');
  });
});

describe('an answer', () => {
  it('of 2xx is the end, whatever its length', async () => {
    const { url } = await startReceiver((res) => void res.writeHead(200).end('x'.repeat(1_000_000)));
    assert.deepEqual(await local.post(postTo(url)), { state: 'done' });
  });

  it('of 2xx counts even when its body never ends', async () => {
    const { url } = await startReceiver((res) => void res.writeHead(200).write('dripping'));
    assert.deepEqual(await local.post(postTo(url)), { state: 'done' });
  });

  it('of 4xx is final, 410 and a redirect say what to do', async () => {
    for (const [status, words] of [
      [400, /answered 400/],
      [404, /answered 404/],
      [410, /gone/],
    ] as const) {
      const { url } = await startReceiver(answerWith(status));
      const outcome = await local.post(postTo(url));
      assert.ok(outcome.state === 'failed', String(status));
      assert.match(outcome.error, words);
    }
  });

  it('of 3xx is not followed', async () => {
    const target = await startReceiver(answerWith(204));
    const { url } = await startReceiver(answerWith(307, { location: target.url }));
    const outcome = await local.post(postTo(url));
    assert.ok(outcome.state === 'failed');
    assert.match(outcome.error, /redirect/);
    assert.equal(target.received.length, 0);
  });

  it('of 5xx or 429 may be tried again, when the receiver says', async () => {
    const down = await startReceiver(answerWith(503));
    const busy = await startReceiver(answerWith(429, { 'retry-after': '120' }));
    assert.deepEqual(await local.post(postTo(down.url)), {
      state: 'later',
      error: 'The receiver answered 503.',
      retryAfterMs: null,
      unreachable: false,
    });
    const outcome = await local.post(postTo(busy.url));
    assert.ok(outcome.state === 'later');
    assert.equal(outcome.retryAfterMs, 120_000);
  });

  it('that does not come ends the post in time, and may be tried again', async () => {
    const { url } = await startReceiver(() => undefined);
    const startedAtMs = performance.now();
    const outcome = await local.post(postTo(url));
    assert.ok(performance.now() - startedAtMs < 1_500);
    assert.deepEqual(outcome, {
      state: 'later',
      error: 'The receiver did not answer within 0.4 s.',
      retryAfterMs: null,
      unreachable: true,
    });
  });

  it('of a receiver that is not there may be tried again, and the error does not name it', async () => {
    const outcome = await local.post(postTo('http://127.0.0.1:1/secret-path'));
    assert.ok(outcome.state === 'later' && outcome.unreachable);
    assert.match(outcome.error, /ECONNREFUSED/);
    assert.doesNotMatch(outcome.error, /127|secret-path/);
  });

  it('that breaks off may be tried again', async () => {
    const { url } = await startReceiver((_res, req) => void req.socket.destroy());
    assert.equal((await local.post(postTo(url))).state, 'later');
  });
});

describe('a private network', () => {
  const resolveTo =
    (...addresses: string[]): Resolve =>
    (_hostname, _options, done) =>
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );

  it('is not posted to in production, this very machine included', async () => {
    const { url, received } = await startReceiver(answerWith(204));
    const sender = createWebhookSender({ allowLoopback: false });
    const outcome = await sender.post(postTo(url));
    assert.ok(outcome.state === 'failed');
    assert.match(outcome.error, /private network/);
    assert.equal(received.length, 0);
  });

  it('is not posted to by a name that leads there, not even among public answers', async () => {
    for (const addresses of [['127.0.0.1'], ['8.8.8.8', '10.0.0.1'], ['::ffff:169.254.169.254'], ['fd12::1']]) {
      const sender = createWebhookSender({ allowLoopback: true, resolve: resolveTo(...addresses), timeoutMs: 400 });
      const outcome = await sender.post(postTo('https://rebinding.example.com/hook'));
      assert.ok(outcome.state === 'failed', addresses.join());
      assert.match(outcome.error, /private network/);
    }
  });

  it('is not posted to by an address that the settings would not take either', async () => {
    for (const url of ['http://example.com/', 'https://192.168.0.1/', 'https://intranet/']) {
      assert.equal((await local.post(postTo(url))).state, 'failed', url);
    }
  });

  it('is looked for at each post anew', async () => {
    let asked = 0;
    const resolve: Resolve = (hostname, options, done) => {
      asked += 1;
      resolveTo('10.0.0.1')(hostname, options, done);
    };
    const sender = createWebhookSender({ allowLoopback: false, resolve });
    await sender.post(postTo('https://example.com/'));
    await sender.post(postTo('https://example.com/'));
    assert.equal(asked, 2);
  });

  it('a name that is not known may be tried again', async () => {
    const resolve: Resolve = (_hostname, _options, done) =>
      done(Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }), []);
    const outcome = await createWebhookSender({ allowLoopback: false, resolve }).post(postTo('https://example.com/'));
    assert.ok(outcome.state === 'later');
    assert.match(outcome.error, /ENOTFOUND/);
  });
});
