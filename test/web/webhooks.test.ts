// What HubSpot's deliveries are answered with, and what is stored of them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import pg from 'pg';
import type { Db } from '../../src/db/open-db.ts';
import { installPortal, signDelivery, startWebHalf, type WebHalf } from './web-half.ts';

const portalId = '20000001';
let web: WebHalf;
let door: string;

before(async () => {
  web = await startWebHalf();
  door = `${web.url}/webhooks/hubspot`;
  await installPortal(web.db, portalId);
});
after(() => web.close());

let nextEventId = 1;
function newMessage(fields: Record<string, unknown> = {}) {
  const eventId = nextEventId;
  nextEventId += 1;
  return {
    eventId,
    subscriptionId: 2371671,
    portalId: Number(portalId),
    appId: 1160452,
    occurredAt: Date.now(),
    subscriptionType: 'conversation.newMessage',
    attemptNumber: 0,
    objectId: 6065362089,
    messageId: `message-${eventId}`,
    messageType: 'MESSAGE',
    changeFlag: 'NEW_MESSAGE',
    ...fields,
  };
}

function deliver(body: string | Buffer, init: RequestInit = {}, url = door): Promise<Response> {
  const headers = { 'Content-Type': 'application/json', ...signDelivery(url, body), ...init.headers };
  return fetch(url, { method: 'POST', ...init, body: typeof body === 'string' ? body : new Uint8Array(body), headers });
}

async function countInbox(): Promise<number> {
  const client = new pg.Client({ connectionString: web.config.databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ count: number }>('select count(*)::int as count from inbox');
  await client.end();
  return rows[0]?.count ?? 0;
}

async function readError(response: Response): Promise<string> {
  const body = (await response.json()) as { error: { code: string; message: string } };
  assert.deepEqual(Object.keys(body), ['error']);
  assert.ok(body.error.message.length > 0);
  return body.error.code;
}

test('a signed delivery is in the inbox by the time of its 204', async () => {
  const earlier = await countInbox();
  const response = await deliver(JSON.stringify([newMessage(), newMessage()]));
  assert.equal(response.status, 204);
  assert.equal(await response.text(), '');
  assert.equal(await countInbox(), earlier + 2);
});

test('a repeated delivery is stored once, with a new attempt number too', async () => {
  const event = newMessage();
  const earlier = await countInbox();
  assert.equal((await deliver(JSON.stringify([event]))).status, 204);
  assert.equal((await deliver(JSON.stringify([{ ...event, attemptNumber: 1 }]))).status, 204);
  assert.equal(await countInbox(), earlier + 1);
});

test('an element that is no event is dropped and counted, the others are stored', async () => {
  const earlier = await countInbox();
  assert.equal((await deliver(JSON.stringify([42, null, {}, newMessage(), 'x']))).status, 204);
  assert.equal(await countInbox(), earlier + 1);
  const metrics = await (await fetch(`${web.url}/metrics`)).text();
  assert.match(metrics, /baton_delivered_events_total\{fate="malformed"\} 4/);
});

test('events of a portal that is not installed are dropped with 204', async () => {
  const earlier = await countInbox();
  assert.equal((await deliver(JSON.stringify([newMessage({ portalId: 999 })]))).status, 204);
  assert.equal(await countInbox(), earlier);
});

test('an event with texts PostgreSQL cannot keep does not cost the others of its delivery', async () => {
  const earlier = await countInbox();
  const body = JSON.stringify([
    newMessage({ messageId: 'a\u0000b' }),
    newMessage({ sourceId: '\ud800' }),
    newMessage(),
  ]);
  assert.equal((await deliver(body)).status, 204);
  assert.ok((await countInbox()) > earlier);
});

test('an empty array is 204', async () => {
  assert.equal((await deliver('[]')).status, 204);
});

test('any content type is read, for the signature covers the bytes', async () => {
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=bogus',
    'nonsense',
  ]) {
    const response = await deliver(JSON.stringify([newMessage()]), { headers: { 'Content-Type': type } });
    assert.equal(response.status, 204, type);
  }
});

test('the query HubSpot called belongs to what it signed', async () => {
  assert.equal((await deliver('[]', {}, `${door}?a=1&b=%20`)).status, 204);
  const signedWithout = { ...signDelivery(door, '[]') };
  const response = await fetch(`${door}?a=1`, { method: 'POST', body: '[]', headers: signedWithout });
  assert.equal(response.status, 401);
});

test('a missing, wrong or foreign signature is 401 and stores nothing', async () => {
  const earlier = await countInbox();
  const body = JSON.stringify([newMessage()]);
  const unsigned = await fetch(door, { method: 'POST', body });
  assert.equal(unsigned.status, 401);
  assert.equal(await readError(unsigned), 'bad-signature');
  const foreign = await deliver(body, { headers: signDelivery(door, body, { secret: 'another secret' }) });
  assert.equal(foreign.status, 401);
  const changed = await deliver(`${body} `, { headers: signDelivery(door, body) });
  assert.equal(changed.status, 401);
  assert.equal(await countInbox(), earlier);
});

test('a signature older than five minutes or over a minute ahead is 401', async () => {
  for (const at of [Date.now() - 302_000, Date.now() + 63_000]) {
    const response = await deliver('[]', { headers: signDelivery(door, '[]', { at }) });
    assert.equal(response.status, 401);
    assert.equal(await readError(response), 'signature-expired');
  }
  const recent = await deliver('[]', { headers: signDelivery(door, '[]', { at: Date.now() - 290_000 }) });
  assert.equal(recent.status, 204);
});

test('what is not a JSON array is 400', async () => {
  for (const body of ['', '{', '{}', 'null', '"[]"', '[1', '\u0000']) {
    const response = await deliver(body);
    assert.equal(response.status, 400, JSON.stringify(body));
    assert.match(await readError(response), /^(bad-request|not-an-array)$/);
  }
});

test('JSON nested a hundred thousand deep is answered with 4xx', async () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  const response = await deliver(deep);
  assert.ok(response.status === 204 || response.status === 400, String(response.status));
});

test('more than 1 MiB is 413, declared or not; exactly 1 MiB is read', async () => {
  const full = Buffer.from(`[${' '.repeat(1024 * 1024 - 2)}]`);
  assert.equal((await deliver(full)).status, 204);
  const over = Buffer.concat([full, Buffer.from(' ')]);
  const declared = await deliver(over);
  assert.equal(declared.status, 413);
  assert.equal(await readError(declared), 'too-large');
  const streamed = await fetch(door, {
    method: 'POST',
    body: new Blob([over]).stream(),
    headers: signDelivery(door, over),
    duplex: 'half',
  } as RequestInit);
  assert.equal(streamed.status, 413);
});

test('a compressed body is 415', async () => {
  const body = gzipSync('[]');
  const response = await deliver(body, { headers: { 'Content-Encoding': 'gzip' } });
  assert.equal(response.status, 415);
  assert.equal(await readError(response), 'unsupported-content');
});

test('another method is 405 with Allow', async () => {
  for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD']) {
    const response = await fetch(door, { method });
    assert.equal(response.status, 405, method);
    assert.equal(response.headers.get('allow'), 'POST');
  }
});

test('twenty repetitions at once are stored once', async () => {
  const event = newMessage();
  const earlier = await countInbox();
  const statuses = await Promise.all(
    Array.from({ length: 20 }, async (_, attemptNumber) => {
      return (await deliver(JSON.stringify([{ ...event, attemptNumber }]))).status;
    }),
  );
  assert.deepEqual([...new Set(statuses)], [204]);
  assert.equal(await countInbox(), earlier + 1);
});

test('no session cookie is ever set for HubSpot, and nothing of a delivery is logged', async () => {
  const response = await deliver(
    JSON.stringify([newMessage({ propertyValue: 'zoe@customer.example' }), 'zoe@x.example']),
  );
  assert.equal(response.headers.get('set-cookie'), null);
  assert.doesNotMatch(JSON.stringify(web.lines), /zoe|message-\d/);
});

async function withStore(store: Db['events']['store'], body: string): Promise<Response & { lines: unknown[] }> {
  const broken = await startWebHalf({ withDb: (db) => ({ ...db, events: { ...db.events, store } }) });
  try {
    const response = await deliver(body, {}, `${broken.url}/webhooks/hubspot`);
    return Object.assign(response, { lines: broken.lines });
  } finally {
    await broken.close();
  }
}

test('a fault of ours is 503 too, says nothing of itself and is told apart in the log', async () => {
  const response = await withStore(async () => {
    throw new TypeError('secret inside');
  }, '[]');
  assert.equal(response.status, 503);
  assert.doesNotMatch(await response.text(), /secret|TypeError/);
  assert.match(JSON.stringify(response.lines), /TypeError/);
  assert.doesNotMatch(JSON.stringify(response.lines), /secret inside/);
});

test('a real database that does not answer is 503 before HubSpot gives up after 5 s, and late success is harmless', async () => {
  const client = new pg.Client({ connectionString: web.config.databaseUrl });
  await client.connect();
  const event = newMessage();
  const body = JSON.stringify([event]);
  const earlier = await countInbox();
  try {
    await client.query('begin');
    await client.query('lock table seen in access exclusive mode');
    const startedAt = performance.now();
    const response = await deliver(body);
    assert.equal(response.status, 503);
    assert.ok(performance.now() - startedAt < 4_900);
  } finally {
    await client.query('rollback');
    await client.end();
  }
  assert.equal((await deliver(JSON.stringify([{ ...event, attemptNumber: 1 }]))).status, 204);
  assert.equal(await countInbox(), earlier + 1);
});
