// Records by the JSON API: one portal's own, newest first, with exactly the promised fields.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { insertRecords, type NewRecord } from '../../src/db/new-records.ts';
import { type Portals, signIn, startPortals } from './portals.ts';
import type { Browser } from './web-half.ts';

const portalId = '20000001';
const otherPortalId = '20000002';
let portals: Portals;
let admin: Browser;
let other: Browser;

before(async () => {
  portals = await startPortals([portalId, otherPortalId]);
  admin = await signIn(portals, portalId);
  other = await signIn(portals, otherPortalId);
});
after(() => portals.close());

function recordOf(number: number, special: Partial<NewRecord> = {}): NewRecord {
  return {
    subject: `m:500:m${number}`,
    revision: 1,
    replaces: null,
    ticketId: '900',
    threadId: '500',
    messageId: `m${number}`,
    emailId: null,
    messageAt: new Date('2026-11-22T10:00:00Z'),
    trigger: 'message',
    verdict: 'reply-on-originating-thread',
    evidence: [{ check: 'own-thread', passed: true, seen: '500' }],
    decision: 'move',
    reason: null,
    fromStageId: '2',
    toStageId: '3',
    settingsVersion: 1,
    outcome: 'done',
    action: null,
    error: null,
    latencyMs: 1234,
    ...special,
  };
}

type Listed = { records: Record<string, unknown>[]; next: string | null };

async function list(browser: Browser, query = ''): Promise<Listed> {
  const response = await browser.visit(`${portals.web.url}/api/records${query}`);
  assert.equal(response.status, 200, query);
  return (await response.json()) as Listed;
}

test('records have exactly the promised fields, newest first, page by page, of one portal', async () => {
  const client = new pg.Client({ connectionString: portals.web.config.databaseUrl });
  await client.connect();
  const records = Array.from({ length: 55 }, (_, number) => recordOf(number));
  const special = { ticketId: '901', decision: 'stay', reason: 'already-there', outcome: 'skipped' } as const;
  records.push(
    recordOf(55, { ...special, fromStageId: null, toStageId: null, settingsVersion: null, latencyMs: null }),
  );
  await insertRecords(client, portalId, records);
  await client.end();

  const first = await list(admin);
  assert.equal(first.records.length, 50);
  const { id, at, ...rest } = first.records[0] ?? {};
  assert.match(String(id), /^\d+$/);
  assert.equal(typeof id, 'string');
  assert.equal(new Date(String(at)).toISOString(), at);
  assert.deepEqual(rest, {
    ticketId: '901',
    threadId: '500',
    messageId: 'm55',
    emailId: null,
    trigger: 'message',
    verdict: 'reply-on-originating-thread',
    evidence: [{ check: 'own-thread', passed: true, seen: '500' }],
    decision: 'stay',
    reason: 'already-there',
    fromStageId: null,
    toStageId: null,
    settingsVersion: null,
    action: null,
    outcome: 'skipped',
    error: null,
    latencyMs: null,
  });
  assert.equal(first.records[1]?.latencyMs, 1234);
  const second = await list(admin, `?after=${first.next}`);
  const messages = [...first.records, ...second.records].map((record) => record.messageId);
  assert.deepEqual(
    messages,
    Array.from({ length: 56 }, (_, number) => `m${55 - number}`),
  );
  assert.equal(second.next, null);

  assert.equal((await list(admin, '?ticketId=901')).records.length, 1);
  assert.equal((await list(admin, '?limit=1')).records.length, 1);
  assert.equal((await list(admin, '?limit=100')).records.length, 56);
  assert.deepEqual(await list(other), { records: [], next: null });
  assert.deepEqual(await list(other, '?ticketId=901'), { records: [], next: null });
  assert.deepEqual(await list(other, `?after=${id}`), { records: [], next: null });
});

test('a bad query is 400 and names its parameter', async () => {
  const queries = [
    'limit=0',
    'limit=101',
    'limit=-1',
    'limit=1e1',
    'limit=',
    'limit=1&limit=2',
    'limit=050',
    'after=x',
    'after=-1',
    'after=9223372036854775808',
    'after=',
    'ticketId=abc',
    'ticketId=',
    'ticketId=1&ticketId=2',
    "ticketId=1'--",
    'ticketId=%00',
  ];
  for (const query of queries) {
    const response = await admin.visit(`${portals.web.url}/api/records?${query}`);
    assert.equal(response.status, 400, query);
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    assert.equal(error.code, 'bad-request');
    assert.match(error.message, new RegExp(`${query.split('=')[0]}: `), query);
  }
  assert.equal((await list(admin, '?unknown=1&ticketId=1')).records.length, 0);
});

test('another method on a known address is 405, an unknown address 404', async () => {
  for (const [path, allow] of [
    ['/api/settings', 'GET, HEAD, PUT'],
    ['/api/records', 'GET, HEAD'],
  ] as const) {
    const response = await admin.visit(portals.web.url + path, { method: 'DELETE' });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get('allow'), allow);
  }
  const unknown = await admin.visit(`${portals.web.url}/api/unknown`);
  assert.equal(unknown.status, 404);
  assert.deepEqual(await unknown.json(), { error: { code: 'not-found', message: 'There is nothing here.' } });
});
