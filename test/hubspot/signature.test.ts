// The v3 verifier against the nine vectors of PLATFORM.md 3.3, HubSpot's own client, and hostile headers.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { Signature } from '@hubspot/api-client';
import fc from 'fast-check';
import { signV1, signV2, verifyActionSignature, verifySignature } from '../../src/hubspot/signature.ts';

const docsSecret = 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy';
const docsUrl = 'https://www.example.com/webhook_uri';
const secret = 'test-client-secret-0001';
const url = 'https://app.example.com/webhooks/hubspot';

const change =
  '[{"eventId":3816279340,"subscriptionId":25,"portalId":33,"appId":1160452,"occurredAt":1790000000000,"subscriptionType":"object.propertyChange","attemptNumber":0,"objectId":1246965,"objectTypeId":"0-5","propertyName":"hs_pipeline_stage","propertyValue":"2","changeSource":"CRM_UI","sourceId":"userId:1"}]';
const settingsUrl = 'https://app.example.com/api/settings?userId=1&portalId=33&userEmail=a%40b.co&appId=7';

type Vector = { secret: string; method: string; url: string; body: string; timestamp: string; signature: string };
const vectors: Record<string, Vector> = {
  'vector 4 (hubspot-api-python)': {
    secret: docsSecret,
    method: 'POST',
    url: docsUrl,
    body: "{'example_field':'example_value'}",
    timestamp: '1693657560000',
    signature: 'K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y=',
  },
  'vector 5 (hubspot-api-ruby)': {
    secret: docsSecret,
    method: 'POST',
    url: docsUrl,
    body: "{'example_field':'example_value'}",
    timestamp: '1700000300000',
    signature: 'RnbPH7+UMKVkbV32P8bz450N4M56aPmcru1+D3kSDtw=',
  },
  'vector 6 (a webhook)': {
    secret,
    method: 'POST',
    url,
    body: change,
    timestamp: '1790000001000',
    signature: 'xPHy5yyew8C1dzhICDCUE8kUQsHBuzF0Rjr6fGMEH0s=',
  },
  'vector 7 (UTF-8)': {
    secret,
    method: 'POST',
    url,
    body: '[{"note":"Zoë — café"}]',
    timestamp: '1790000002000',
    signature: 'SO2BKeTI7ZxZR9yAMv4HSM3FxW1K/JiwU1HnkL7E7oo=',
  },
  'vector 8 (a query with %40)': {
    secret,
    method: 'GET',
    url: settingsUrl,
    body: '',
    timestamp: '1790000003000',
    signature: 'EA/+HHNkNdMCLsqRFhU0vtH5vj9kg5dJQEX0nmAqeIE=',
  },
};

function check(
  vector: Vector,
  changes: { now?: number; headers?: Record<string, string | string[] | undefined> } = {},
) {
  return verifySignature({
    secret: vector.secret,
    method: vector.method,
    url: vector.url,
    body: Buffer.from(vector.body),
    headers: changes.headers ?? {
      'x-hubspot-signature-v3': vector.signature,
      'x-hubspot-request-timestamp': vector.timestamp,
    },
    now: new Date(changes.now ?? Number(vector.timestamp)),
  });
}

const bad = { ok: false, code: 'bad-signature' };
const expired = { ok: false, code: 'signature-expired' };
const webhook = vectors['vector 6 (a webhook)'] as Vector;

for (const [name, vector] of Object.entries(vectors)) {
  test(`${name} is accepted, and not with any part changed`, () => {
    assert.deepEqual(check(vector), { ok: true });
    assert.deepEqual(check({ ...vector, body: `${vector.body} ` }), bad);
    assert.deepEqual(check({ ...vector, method: 'PUT' }), bad);
    assert.deepEqual(check({ ...vector, url: `${vector.url}&x=1` }), bad);
    assert.deepEqual(check({ ...vector, secret: `${vector.secret}x` }), bad);
    assert.deepEqual(check({ ...vector, timestamp: String(Number(vector.timestamp) + 1) }), bad);
  });
}

test('vector 9: a hash over the address without decoding %40 is refused', () => {
  const vector = vectors['vector 8 (a query with %40)'] as Vector;
  assert.deepEqual(check({ ...vector, signature: 'UqLWzobMzYrEpuvT3Eeo84a5PDV6cmCf1YyW4e6vMro=' }), bad);
});

test('vectors 1 to 3: v1 and v2 are computed as the docs print them', () => {
  const v1Body =
    '[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM","changeFlag":"NEW","appId":54321}]';
  const docs = { secret: docsSecret, url: docsUrl };
  assert.equal(
    signV1({ secret: docsSecret, body: Buffer.from(v1Body) }),
    '232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de',
  );
  assert.equal(
    signV2({ ...docs, method: 'GET', body: Buffer.alloc(0) }),
    'eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e',
  );
  assert.equal(
    signV2({ ...docs, method: 'POST', body: Buffer.from('{"example_field":"example_value"}') }),
    '9569219f8ba981ffa6f6f16aa0f48637d35d728c7e4d93d0d52efaa512af7900',
  );
});

test('the window is 5 minutes back and 1 minute ahead, both inclusive', () => {
  const at = Number(webhook.timestamp);
  assert.deepEqual(check(webhook, { now: at + 300_000 }), { ok: true });
  assert.deepEqual(check(webhook, { now: at + 300_001 }), expired);
  assert.deepEqual(check(webhook, { now: at - 60_000 }), { ok: true });
  assert.deepEqual(check(webhook, { now: at - 60_001 }), expired);
});

test('a time that is not strictly a number is refused even with a fitting MAC', () => {
  for (const timestamp of [
    'abc',
    '',
    ' 1790000001000',
    '1790000001000.0',
    '-1',
    '0x1',
    '01790000001000',
    '1e12',
    '9'.repeat(40),
  ]) {
    const mac = createHmac('sha256', secret).update(`POST${url}${change}${timestamp}`).digest('base64');
    const headers = { 'x-hubspot-signature-v3': mac, 'x-hubspot-request-timestamp': timestamp };
    assert.deepEqual(check(webhook, { headers }), expired, timestamp);
  }
});

test('missing, repeated and empty headers are refused', () => {
  const time = webhook.timestamp;
  const refusals: [Record<string, string | string[] | undefined>, unknown][] = [
    [{}, bad],
    [{ 'x-hubspot-request-timestamp': time }, bad],
    [{ 'x-hubspot-signature-v3': '', 'x-hubspot-request-timestamp': time }, bad],
    [{ 'x-hubspot-signature-v3': [webhook.signature], 'x-hubspot-request-timestamp': time }, bad],
    [{ 'x-hubspot-signature-v3': webhook.signature }, expired],
    // v1 alone proves nothing against replay (PLATFORM.md 3.4)
    [
      { 'x-hubspot-signature': signV1({ secret, body: Buffer.from(change) }), 'x-hubspot-request-timestamp': time },
      bad,
    ],
  ];
  for (const [headers, expected] of refusals) assert.deepEqual(check(webhook, { headers }), expected);
});

test('only the twelve escapes of the table are decoded, once, in either case', () => {
  const path = 'https://app.example.com/x?a=%3A%2f%3F%40%21%24%27%28%29%2A%2C%3B&b=%20%26%3D%25%2B%23&c=%253A';
  const decoded = "https://app.example.com/x?a=:/?@!$'()*,;&b=%20%26%3D%25%2B%23&c=%253A";
  const signature = createHmac('sha256', secret).update(`GET${decoded}${webhook.timestamp}`).digest('base64');
  assert.deepEqual(check({ ...webhook, method: 'GET', url: path, body: '', signature }), { ok: true });
});

test('whatever the official client accepts in our window is accepted, and whatever it refuses is refused', () => {
  const text = fc.string({ unit: 'binary', maxLength: 60 });
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }),
      text.map((value) => value.toWellFormed()),
      fc.constantFrom('GET', 'POST', 'DELETE'),
      fc.webPath(),
      fc.integer({ min: -290_000, max: 60_000 }),
      fc.boolean(),
      (clientSecret, requestBody, method, path, aheadMs, tampered) => {
        // Their client decodes nothing and reads its own clock: compare where both should agree.
        const address = `https://app.example.com${path.replaceAll('%', '')}`;
        const now = Date.now();
        const timestamp = now + aheadMs;
        const signature = Signature.getSignature(method, 'v3', {
          signature: '',
          clientSecret,
          requestBody,
          url: address,
          timestamp,
        });
        const sent = tampered ? `${signature.slice(0, -2)}A=` : signature;
        const theirs = Signature.isValid({
          method,
          signatureVersion: 'v3',
          signature: sent,
          clientSecret,
          requestBody,
          url: address,
          timestamp,
        });
        const ours = verifySignature({
          secret: clientSecret,
          method,
          url: address,
          body: Buffer.from(requestBody),
          headers: { 'x-hubspot-signature-v3': sent, 'x-hubspot-request-timestamp': String(timestamp) },
          now: new Date(now),
        });
        assert.equal(ours.ok, theirs);
      },
    ),
  );
});

test('nothing in the headers makes it throw', () => {
  const header = fc.option(fc.oneof(fc.string({ unit: 'binary' }), fc.array(fc.string())), { nil: undefined });
  fc.assert(
    fc.property(header, header, fc.string({ unit: 'binary' }), (signature, timestamp, address) => {
      const headers = { 'x-hubspot-signature-v3': signature, 'x-hubspot-request-timestamp': timestamp };
      assert.equal(check({ ...webhook, url: address }, { headers }).ok, false);
    }),
  );
});

test('a workflow action counts by its v2 signature where no v3 is there, and by v3 alone where one is', () => {
  // Vector 3 of PLATFORM.md 3.3.
  const body = '{"example_field":"example_value"}';
  const v2 = '9569219f8ba981ffa6f6f16aa0f48637d35d728c7e4d93d0d52efaa512af7900';
  const request = { secret: docsSecret, method: 'POST', url: docsUrl, body: Buffer.from(body), now: new Date() };
  const verify = (headers: Record<string, string | string[] | undefined>, changes: object = {}) =>
    verifyActionSignature({ ...request, ...changes, headers });
  const signed = { 'x-hubspot-signature': v2, 'x-hubspot-signature-version': 'v2' };
  assert.deepEqual(verify(signed), { ok: true });
  for (const changes of [
    { body: Buffer.from(`${body} `) },
    { method: 'PUT' },
    { url: `${docsUrl}?a` },
    { secret: 'x' },
  ]) {
    assert.deepEqual(verify(signed, changes), bad);
  }
  const v1 = signV1({ secret: docsSecret, body: Buffer.from(body) });
  for (const wrong of [undefined, '', v1, v2.toUpperCase(), `${v2} `, v2.slice(1), [v2, v2]]) {
    assert.deepEqual(verify({ 'x-hubspot-signature': wrong }), bad);
  }
  assert.deepEqual(verify({ ...signed, 'x-hubspot-signature-v3': '' }), expired);
  const stamped = { ...signed, 'x-hubspot-request-timestamp': String(Date.now()) };
  assert.deepEqual(verify({ ...stamped, 'x-hubspot-signature-v3': v2 }), bad);
  assert.deepEqual(check(webhook), { ok: true });
  const { signature, timestamp } = webhook;
  const v3 = { 'x-hubspot-signature-v3': signature, 'x-hubspot-request-timestamp': timestamp };
  const ofWebhook = { ...webhook, body: Buffer.from(webhook.body), headers: { ...v3, 'x-hubspot-signature': 'no' } };
  assert.deepEqual(verifyActionSignature({ ...ofWebhook, now: new Date(Number(timestamp)) }), { ok: true });
});
