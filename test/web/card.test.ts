// GET /hubspot/card: HubSpot asks under its signature, and gets the decisions about one ticket of the portal it signs for.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { insertRecords, type NewRecord } from '../../src/db/new-records.ts';
import { type Portals, signIn, startPortals } from './portals.ts';
import { appId, clientSecret } from './web-half.ts';

const portalId = '20100001';
const otherPortalId = '20100002';
let portals: Portals;

before(async () => {
  portals = await startPortals([portalId, otherPortalId]);
  for (const each of [portalId, otherPortalId]) await signIn(portals, each);
  const client = new pg.Client({ connectionString: portals.web.config.databaseUrl });
  await client.connect();
  await insertRecords(
    client,
    portalId,
    Array.from({ length: 12 }, (_, number) => recordOf(number)),
  );
  await insertRecords(client, otherPortalId, [recordOf(99)]);
  await client.end();
});
after(() => portals.close());

function recordOf(number: number): NewRecord {
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
    evidence: [],
    decision: 'move',
    reason: null,
    fromStageId: '2',
    toStageId: '3',
    settingsVersion: 1,
    action: null,
    outcome: 'done',
    error: null,
    latencyMs: 1234,
  };
}

/** As `hubspot.fetch` calls: it adds its own parameters, encodes `@`, and signs the address with `@` decoded (PLATFORM.md 6.4, vector 8). */
async function ask(query: Record<string, string>, options: { secret?: string; at?: number; encoded?: boolean } = {}) {
  const added = { userId: '7', portalId, userEmail: 'rep@acme.example', appId };
  const url = `${portals.web.url}/hubspot/card?${new URLSearchParams({ ...query, ...added, ...query })}`;
  const at = String(options.at ?? Date.now());
  const signed = options.encoded ? url : url.replaceAll('%40', '@');
  const mac = createHmac('sha256', options.secret ?? clientSecret).update(`GET${signed}${at}`);
  const headers = { 'x-hubspot-signature-v3': mac.digest('base64'), 'x-hubspot-request-timestamp': at };
  const response = await fetch(url, { headers });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

type Card = { ticketId: string; records: { messageId: string }[]; sentences: string[]; next: string | null };

test('the card shows the newest decisions of its ticket, each with a sentence, page by page', async () => {
  const first = await ask({ ticketId: '900' });
  assert.equal(first.status, 200);
  const card = first.body as Card;
  assert.equal(card.ticketId, '900');
  assert.deepEqual(
    card.records.map(({ messageId }) => messageId),
    Array.from({ length: 10 }, (_, index) => `m${11 - index}`),
  );
  assert.equal(card.sentences.length, 10);
  assert.match(card.sentences[0] ?? '', /^Moved to Waiting on us: /);
  const rest = (await ask({ ticketId: '900', after: card.next ?? '' })).body as Card;
  assert.deepEqual([rest.records.length, rest.next], [2, null]);
});

test('the sentences come in French where the card asks for it', async () => {
  const { body } = await ask({ ticketId: '900', lang: 'fr' });
  assert.match((body as Card).sentences[0] ?? '', /^Passé à/);
});

test('the signed portal decides whose records they are: another portal’s ticket of the same number is its own', async () => {
  const { body } = await ask({ ticketId: '900', portalId: otherPortalId });
  assert.deepEqual(
    (body as Card).records.map(({ messageId }) => messageId),
    ['m99'],
  );
});

test('a ticket without decisions has an empty card', async () => {
  const { status, body } = await ask({ ticketId: '901' });
  assert.equal(status, 200);
  assert.deepEqual(body, { ticketId: '901', records: [], sentences: [], next: null });
});

test('nobody else gets anything: wrong secret, old or future time, no decoding, another app, no signature', async () => {
  const tries = [
    ask({ ticketId: '900' }, { secret: 'another' }),
    ask({ ticketId: '900' }, { at: Date.now() - 301_000 }),
    ask({ ticketId: '900' }, { at: Date.now() + 90_000 }),
    ask({ ticketId: '900' }, { encoded: true }),
    ask({ ticketId: '900', appId: '1' }),
  ];
  for (const { status } of await Promise.all(tries)) assert.equal(status, 401);
  const bare = await fetch(`${portals.web.url}/hubspot/card?ticketId=900&portalId=${portalId}`);
  assert.equal(bare.status, 401);
});

test('a portal that has not installed Baton is not found, and unreadable numbers are named', async () => {
  assert.equal((await ask({ ticketId: '900', portalId: '20109999' })).status, 404);
  for (const query of [{}, { ticketId: 'x' }, { ticketId: '9'.repeat(19) }, { ticketId: '900', after: '-1' }]) {
    assert.equal((await ask(query as Record<string, string>)).status, 400);
  }
});
