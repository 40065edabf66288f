// POST /hubspot/workflow-actions/:name: what a workflow's call is answered with, and what is stored of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { BatonError } from '../../src/errors.ts';
import { type Signing, signCall, workflowCall } from '../support/workflow-call.ts';
import { clientSecret, installPortal, startWebHalf, type WebHalf } from './web-half.ts';

const portalId = '20200001';
let web: WebHalf;
let sql: pg.Client;
let calls = 0;

before(async () => {
  web = await startWebHalf();
  await installPortal(web.db, portalId);
  sql = new pg.Client({ connectionString: web.config.databaseUrl });
  await sql.connect();
});
after(async () => {
  await sql.end();
  await web.close();
});

const reply = { via: 'thread', senderUserId: '7', body: 'Hello {{contact.firstname}}' };
const template = { via: 'transactional', emailId: '123456' };

function makeCall(inputFields: object = {}, changes: object = {}) {
  calls += 1;
  return { ...workflowCall({ callbackId: `ap-${calls}-7-0`, portalId, ticketId: 904, inputFields }), ...changes };
}

type Options = { signing?: Signing; secret?: string; at?: number; url?: string; headers?: Record<string, string> };

async function post(name: string, call: unknown, options: Options = {}) {
  const url = options.url ?? `${web.url}/hubspot/workflow-actions/${name}`;
  const body = typeof call === 'string' ? call : JSON.stringify(call);
  const signed = signCall(options.secret ?? clientSecret, url, body, options.signing ?? 'v3', options.at);
  const response = await fetch(url, { method: 'POST', body, headers: { ...signed, ...options.headers } });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
}

async function readInbox() {
  const { rows } = await sql.query('select event from inbox order by id');
  return rows.map(({ event }) => event);
}

const success = { outputFields: { hs_execution_state: 'SUCCESS' } };

test('a call signed with v2, with v3 or with both is in the inbox by the time of its SUCCESS', async () => {
  for (const signing of ['v2', 'v3', 'both'] as const) {
    const earlier = (await readInbox()).length;
    const answer = await post('send-notification', makeCall(reply), { signing });
    assert.deepEqual([answer.status, answer.body], [200, success], signing);
    const events = await readInbox();
    assert.equal(events.length, earlier + 1);
    const { kind, ticketId, notification: stored } = events.at(-1);
    assert.deepEqual([kind, ticketId, stored], ['workflow-notification', '904', reply]);
  }
});

test('a look at a ticket keeps its number and nothing that came along', async () => {
  const call = makeCall({ secret: 'Zanzibar' });
  const named = { ...call, object: { ...call.object, properties: { subject: 'Zanzibar' } } };
  assert.deepEqual((await post('decide-ticket', named)).body, success);
  const event = (await readInbox()).at(-1);
  assert.deepEqual(Object.keys(event).sort(), [
    'deliveryId',
    'key',
    'kind',
    'occurredAt',
    'subscriptionType',
    'ticketId',
  ]);
  assert.deepEqual([event.kind, event.ticketId], ['workflow-look', '904']);
});

test('a repeated call is stored once and answered with SUCCESS, however it is signed; another callbackId is another call', async () => {
  const earlier = (await readInbox()).length;
  const call = makeCall(template);
  for (const signing of ['v3', 'v2', 'both', 'v2'] as const) {
    assert.deepEqual((await post('send-notification', call, { signing })).body, success);
  }
  assert.equal((await readInbox()).length, earlier + 1);
  assert.deepEqual((await readInbox()).at(-1).notification, { via: 'transactional', emailId: 123456 });
  await post('send-notification', makeCall(template));
  assert.equal((await readInbox()).length, earlier + 2);
});

test('nobody else is let in: wrong secret, another address, no signature, a v3 that is wrong or old beside a v2 that fits', async () => {
  const earlier = (await readInbox()).length;
  const call = makeCall(reply);
  const url = `${web.url}/hubspot/workflow-actions/decide-ticket`;
  const tries = [
    post('send-notification', call, { signing: 'none' }),
    post('send-notification', call, { signing: 'v2', secret: 'another' }),
    post('send-notification', call, { signing: 'v3', secret: 'another' }),
    post('send-notification', call, { signing: 'both', at: Date.now() - 301_000 }),
    post('send-notification', call, { signing: 'both', at: Date.now() + 90_000 }),
    post('send-notification', call, { signing: 'v2', headers: { 'x-hubspot-signature-v3': 'wrong' } }),
    post('send-notification', call, {
      headers: signCall(clientSecret, url, JSON.stringify(call), 'v2'),
      signing: 'none',
    }),
    post('no-such-action', call, { signing: 'none' }),
  ];
  for (const { status, body } of await Promise.all(tries)) {
    assert.equal(status, 401);
    assert.match(body.error.code, /^(bad-signature|signature-expired)$/);
  }
  assert.equal((await readInbox()).length, earlier);
});

test('an unknown name and a portal without Baton are not found, and other methods are told so', async () => {
  assert.equal((await post('no-such-action', makeCall())).status, 404);
  const elsewhere = makeCall({}, { origin: { portalId: 20209999 } });
  assert.deepEqual([(await post('decide-ticket', elsewhere)).body.error.code], ['not-found']);
  const read = await fetch(`${web.url}/hubspot/workflow-actions/decide-ticket`);
  assert.deepEqual([read.status, read.headers.get('allow')], [405, 'POST']);
});

test('what is no call is refused by name of what is missing, and nothing of it is stored', async () => {
  const earlier = (await readInbox()).length;
  const call = makeCall(reply);
  const wrong: [unknown, RegExp][] = [
    ['', /not JSON/],
    ['{"callbackId": ', /not JSON/],
    ['null', /the body/],
    [[call], /the body/],
    [{ ...call, callbackId: undefined }, /: callbackId\.$/],
    [{ ...call, callbackId: '' }, /: callbackId\.$/],
    [{ ...call, origin: {} }, /: origin\.portalId\.$/],
    [{ ...call, origin: { portalId: '9'.repeat(19) } }, /: origin\.portalId\.$/],
    [{ ...call, object: { objectType: 'TICKET' } }, /: object\.objectId\.$/],
    [{ ...call, object: { objectId: -1, objectType: 'TICKET' } }, /: object\.objectId\.$/],
    [{ ...call, object: { objectId: 1 } }, /: object\.objectType\.$/],
    [{ ...call, inputFields: 'text' }, /: inputFields\.$/],
    [`${'['.repeat(50_000)}1234567890123456789`, /not JSON/],
  ];
  for (const [body, words] of wrong) {
    const answer = await post('send-notification', body);
    assert.deepEqual([answer.status, answer.body.error.code], [400, 'bad-request']);
    assert.match(answer.body.error.message, words);
  }
  assert.equal((await post('decide-ticket', ' '.repeat(1024 * 1024 + 1))).status, 413);
  assert.equal((await readInbox()).length, earlier);
});

test('what an admin has to change in the workflow fails the action with words, and lets the workflow go on', async () => {
  const earlier = (await readInbox()).length;
  const wrong: [object, RegExp, object?][] = [
    [reply, /^This action is for tickets only\.$/, { object: { objectId: 1, objectType: 'CONTACT' } }],
    [{}, /^via: Choose how the notification goes out/],
    [{ via: 'pigeon' }, /^via: Choose how the notification goes out/],
    [{ via: 'transactional' }, /^emailId: Use the number of a HubSpot email/],
    [{ via: 'transactional', emailId: 'welcome' }, /^emailId: Use the number/],
    [{ via: 'transactional', emailId: 0 }, /^emailId: Use the number/],
    [{ via: 'thread', body: 'Hi' }, /^senderUserId: Choose in whose name/],
    [{ ...reply, senderUserId: 'casey@example.org' }, /^senderUserId: Choose in whose name/],
    [{ ...reply, body: '  ' }, /^body: Write a text\.$/],
    [{ ...reply, body: null }, /^body: Write a text\.$/],
    [{ ...reply, body: 'Dear {{customer.name}}' }, /^body: \{\{customer\.name\}\} is not known here/],
    [{ ...reply, body: '{% for a in b %}' }, /^body: \{% for %\} cannot be used here/],
    [{ ...reply, body: 'x'.repeat(10_001) }, /^body: Use at most 10000 characters\.$/],
    [{ ...reply, body: 'a\0b' }, /^body: Write the text anew/],
    [{ ...reply, body: 'a\ud800b' }, /^body: Write the text anew/],
  ];
  for (const [inputFields, words, changes] of wrong) {
    const { status, body } = await post('send-notification', makeCall(inputFields, changes));
    assert.deepEqual(
      [status, body.outputFields.hs_execution_state],
      [200, 'FAIL_CONTINUE'],
      JSON.stringify(inputFields),
    );
    assert.match(body.outputFields.errorMessage, words);
  }
  assert.equal((await readInbox()).length, earlier);
  assert.doesNotMatch(JSON.stringify(web.lines), /Hello|customer\.name|casey@/);
});

test('ids come as numbers or texts, beyond 2^53 too, and fields of no use are left aside', async () => {
  const long = '123456789012345678';
  const body = JSON.stringify(makeCall({ ...template, emailId: 5, body: '', senderUserId: null, other: [1] }));
  const answer = await post('send-notification', body.replace('"objectId":904', `"objectId":${long}`));
  assert.deepEqual(answer.body, success);
  const event = (await readInbox()).at(-1);
  assert.deepEqual([event.ticketId, event.notification], [long, { via: 'transactional', emailId: 5 }]);
  const asText = makeCall(
    { ...reply, senderUserId: 7 },
    { origin: { portalId }, object: { objectId: '904', objectType: '0-5' } },
  );
  assert.deepEqual((await post('send-notification', asText)).body, success);
  assert.deepEqual((await readInbox()).at(-1).notification, reply);
});

test('without the database it is 503, so that HubSpot asks again', async () => {
  const store = async () => {
    throw new BatonError('database-unavailable');
  };
  const broken = await startWebHalf({ withDb: (db) => ({ ...db, events: { ...db.events, store } }) });
  try {
    const url = `${broken.url}/hubspot/workflow-actions/decide-ticket`;
    assert.equal((await post('decide-ticket', makeCall(), { url })).status, 503);
  } finally {
    await broken.close();
  }
});
