// Whether the process lives, can work, and what it tells of itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { Registry } from 'prom-client';
import { openDb } from '../../src/db/open-db.ts';
import { createLog } from '../../src/log.ts';
import { createHealthApp } from '../../src/web/health-app.ts';
import { startServer } from '../../src/web/server.ts';
import { signCookie, signDelivery, startWebHalf } from './web-half.ts';

async function readCode(response: Response): Promise<string> {
  return ((await response.json()) as { error: { code: string } }).error.code;
}

test('a process with a current database is alive and ready', async () => {
  const web = await startWebHalf();
  try {
    assert.deepEqual(await (await fetch(`${web.url}/health`)).json(), { status: 'ok' });
    const ready = await fetch(`${web.url}/ready`);
    assert.equal(ready.status, 200);
    assert.deepEqual(await ready.json(), { status: 'ready' });
  } finally {
    await web.close();
  }
});

test('a database older or newer than the program is not ready, and the answer says which', async () => {
  const web = await startWebHalf();
  const client = new pg.Client({ connectionString: web.config.databaseUrl });
  await client.connect();
  try {
    await client.query("insert into migrations (name, run_on) values ('9999_later', now())");
    const ahead = await fetch(`${web.url}/ready`);
    assert.equal(ahead.status, 503);
    assert.equal(await readCode(ahead), 'schema-ahead');
    await client.query('delete from migrations');
    const behind = await fetch(`${web.url}/ready`);
    assert.equal(behind.status, 503);
    assert.equal(await readCode(behind), 'schema-behind');
  } finally {
    await client.end();
    await web.close();
  }
});

test('without a database the process is alive and not ready, and everything that needs it is 503', async () => {
  const databaseUrl = 'postgres://nobody@127.0.0.1:9/gone';
  const log = createLog('silent');
  const web = await startWebHalf({
    withDb: () => openDb({ databaseUrl, tokenKeys: [{ id: 'k1', key: Buffer.alloc(32) }], log }),
  });
  try {
    assert.equal((await fetch(`${web.url}/health`)).status, 200);
    assert.equal((await fetch(`${web.url}/`)).status, 200);
    const ready = await fetch(`${web.url}/ready`);
    assert.equal(ready.status, 503);
    assert.equal(await readCode(ready), 'database-unavailable');
    const door = `${web.url}/webhooks/hubspot`;
    const body = JSON.stringify([
      { portalId: 1, subscriptionType: 'conversation.creation', occurredAt: Date.now(), objectId: 1 },
    ]);
    const delivery = await fetch(door, { method: 'POST', body, headers: signDelivery(door, body) });
    assert.equal(delivery.status, 503);
    assert.equal(await readCode(delivery), 'database-unavailable');
    const cookie = signCookie(web.config, 'a-session-of-before');
    const page = await fetch(`${web.url}/settings`, { headers: { Cookie: cookie, Accept: 'text/html' } });
    assert.equal(page.status, 503);
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
    const api = await fetch(`${web.url}/api/settings`, { headers: { Cookie: cookie } });
    assert.equal(await readCode(api), 'database-unavailable');
  } finally {
    await web.close();
  }
});

test('/metrics is open without METRICS_TOKEN and counts answers by route, never by address', async () => {
  const web = await startWebHalf();
  try {
    await fetch(`${web.url}/tickets/zoe@customer.example?x=secret`, { redirect: 'manual' });
    await fetch(`${web.url}/zoe@customer.example`);
    const response = await fetch(`${web.url}/metrics`);
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
    const text = await response.text();
    assert.match(text, /baton_http_answer_seconds_count\{route="\/tickets\/:ticketId",method="GET",status="302"\} 1/);
    assert.doesNotMatch(text, /zoe|secret/);
    assert.doesNotMatch(JSON.stringify(web.lines), /zoe|secret/);
  } finally {
    await web.close();
  }
});

test('/metrics asks for the bearer token when one is set', async () => {
  const web = await startWebHalf({ config: { metricsToken: 'a-token-of-the-tests' } });
  try {
    for (const authorization of [
      undefined,
      'Bearer',
      'Bearer wrong',
      'Bearer a-token-of-the-test',
      'Basic a-token-of-the-tests',
      'a-token-of-the-tests',
    ]) {
      const response = await fetch(`${web.url}/metrics`, {
        headers: authorization ? { Authorization: authorization } : {},
      });
      assert.equal(response.status, 401, authorization);
      assert.equal(response.headers.get('www-authenticate'), 'Bearer');
      assert.equal(await readCode(response), 'bad-bearer-token');
    }
    const right = await fetch(`${web.url}/metrics`, { headers: { Authorization: 'Bearer a-token-of-the-tests' } });
    assert.equal(right.status, 200);
  } finally {
    await web.close();
  }
});

test('a worker’s own port answers the same three, and JSON for everything else', async () => {
  const web = await startWebHalf();
  const lines: string[] = [];
  const write = (_fields: unknown, message: string) => void lines.push(message);
  const log = { debug: write, info: write, warn: write, error: write };
  const registry = new Registry();
  const app = createHealthApp({ db: web.db, registry, metricsToken: undefined, log });
  const server = await startServer({ app, port: 0, host: '127.0.0.1', log });
  try {
    for (const path of ['/health', '/ready', '/metrics']) {
      assert.equal((await fetch(server.url + path)).status, 200, path);
    }
    const refused = await fetch(`${server.url}/ready`, { method: 'POST' });
    assert.equal(refused.status, 405);
    assert.equal(refused.headers.get('allow'), 'GET, HEAD');
    const unknown = await fetch(`${server.url}/settings`, { headers: { Accept: 'text/html' } });
    assert.equal(unknown.status, 404);
    assert.equal(await readCode(unknown), 'not-found');
  } finally {
    await server.close();
    await web.close();
  }
});
