// HubSpot's refusals (PLATFORM.md 5.2, 5.3) as errors of ours: the right code, the right wait, and nothing unsafe in them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { describeFailure, scrub } from '../../src/hubspot/failures.ts';

const now = new Date('2026-11-22T12:00:00Z');

function fail(status: number, body: unknown = {}, options: { headers?: Record<string, string>; write?: boolean } = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const error = describeFailure({ status, headers: new Headers(options.headers), text }, options.write ?? false, now);
  const waitMs = error.retryAt ? error.retryAt.getTime() - now.getTime() : undefined;
  return { code: error.code, waitMs, detail: error.detail };
}

test('a limit says by its policy how long to wait', () => {
  const wait = (policyName: string, headers = {}) => fail(429, { status: 'error', policyName }, { headers }).waitMs;
  assert.equal(fail(429).code, 'hubspot-rate-limited');
  assert.equal(wait('TEN_SECONDLY_ROLLING'), 10_000);
  assert.equal(wait('SECONDLY'), 1_000);
  assert.equal(wait('DAILY'), 3_600_000);
  assert.equal(wait('SOMETHING_NEW'), 10_000);
  assert.equal(wait('SECONDLY', { 'retry-after': '7' }), 7_000);
  assert.equal(fail(429, { message: 'You have reached your secondly limit.' }).waitMs, 1_000);
});

test('a migrating portal waits as long as Retry-After says, at most a day', () => {
  assert.deepEqual(fail(477, {}, { headers: { 'retry-after': '86400' } }), {
    code: 'hubspot-migrating',
    waitMs: 86_400_000,
    detail: undefined,
  });
  assert.equal(fail(477, {}, { headers: { 'retry-after': '999999999' } }).waitMs, 86_400_000);
  assert.equal(fail(477, {}, { headers: { 'retry-after': 'soon' } }).waitMs, 300_000);
});

test('a locked record waits at least two seconds', () => {
  assert.deepEqual([fail(423).code, fail(423).waitMs], ['hubspot-locked', 2_000]);
});

test('a broken answer is transient for a read and of unknown outcome for a write', () => {
  for (const status of [500, 502, 503, 504, 521, 522, 523, 524, 525, 526, 408]) {
    assert.equal(fail(status).code, 'hubspot-transient');
    assert.equal(fail(status, '<html>', { write: true }).code, 'hubspot-unknown-outcome');
  }
  for (const status of [400, 401, 403, 404, 423, 429, 477]) {
    assert.notEqual(fail(status, {}, { write: true }).code, 'hubspot-unknown-outcome', String(status));
  }
});

test('missing scopes are named', () => {
  const body = {
    status: 'error',
    category: 'MISSING_SCOPES',
    message: "This app hasn't been granted all required scopes to make this call.",
    errors: [{ message: '..', context: { requiredGranularScopes: ['conversations.read', '<b>', 'tickets'] } }],
  };
  assert.deepEqual(fail(403, body), {
    code: 'hubspot-scope-missing',
    waitMs: undefined,
    detail: 'Missing: conversations.read, tickets.',
  });
  assert.equal(fail(403, { category: 'MISSING_SCOPES' }).code, 'hubspot-scope-missing');
});

test('another 403 and a 400 are refusals in HubSpot words', () => {
  assert.deepEqual(fail(403, { category: 'FORBIDDEN', message: 'You need tickets-access.' }), {
    code: 'hubspot-refused',
    waitMs: undefined,
    detail: 'You need tickets-access.',
  });
  const validation = {
    category: 'VALIDATION_ERROR',
    message:
      'Property values were not valid: [{"isValid":false,"message":"9 was not one of the allowed options","error":"INVALID_OPTION","name":"hs_pipeline_stage","portalId":1}]',
  };
  assert.deepEqual(
    [fail(400, validation).code, fail(400, validation).detail],
    ['hubspot-refused', '9 was not one of the allowed options'],
  );
  assert.equal(fail(400, { message: 'Bad', errors: [{ message: 'One.' }, { message: 'Two.' }] }).detail, 'One. Two.');
  assert.equal(fail(400, '').detail, 'HubSpot answered 400.');
  assert.equal(fail(414, '<html>').code, 'hubspot-refused');
});

test('gone is not-found, and a redirect is unreadable', () => {
  assert.equal(fail(404, { category: 'OBJECT_NOT_FOUND' }).code, 'hubspot-not-found');
  assert.equal(fail(302).code, 'hubspot-unreadable');
});

test('only the refresh may say revoked: a second 401 is transient and waits a minute', () => {
  assert.deepEqual([fail(401).code, fail(401).waitMs], ['hubspot-transient', 60_000]);
});

test('no address, token, control character or length survives the scrubbing', () => {
  const token = 'CIrTyuCkMhIOAAEAQAAAQQAAAAAAEBiHz8YLINPq9SUo_9LwAjIUOa';
  assert.equal(scrub('Contact casey@customer.example exists'), 'Contact (address) exists');
  assert.equal(scrub('Contact <casey+x@customer.example>, "a@b"'), 'Contact <(address)>, "(address)"');
  assert.equal(scrub(`Token ${token} expired`), 'Token (removed) expired');
  assert.equal(scrub('a\0b\u0007\n c'), 'a b c');
  assert.equal(scrub('word '.repeat(1_000)).length, 300);
  // A character of two halves is not cut in the middle: PostgreSQL takes no half.
  assert.ok(['', 'a'].every((start) => scrub(start + '\u{1F600}'.repeat(200)).isWellFormed()));
  const address = fc.emailAddress();
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string({ unit: 'binary' }), address, address)), (parts) => {
      const clean = scrub(parts.join(' '));
      assert.ok(!clean.includes('@'));
      assert.ok(clean.length <= 300 && clean.isWellFormed() && !clean.includes('\0'));
    }),
    { numRuns: 300 },
  );
});

test('nothing that was sent of a person comes back in an error', () => {
  const text = 'My order 2214 arrived bent, please send a new one to the shop.';
  assert.equal(scrub('Contact Casey Roe exists', ['casey', 'Roe']), 'Contact (removed) (removed) exists');
  assert.equal(scrub('Contact Al exists already', ['Al', '', '  ']), 'Contact (removed) exists already');
  assert.equal(scrub(`Too long: ${text.slice(0, 40)}... (1 of 9)`, [text]), 'Too long: (removed)');
  assert.equal(scrub('Bad value a\n  b (c) [*]?', ['a b (c) [*]?']), 'Bad value (removed)');
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.string({ unit: 'binary' }), (value, around) => {
      const clean = scrub(`${around} ${value} ${around}`, [value, around]);
      assert.ok(clean.length <= 300 && clean.isWellFormed());
    }),
    { numRuns: 300 },
  );
  // A replacement pattern of JavaScript is no pattern here.
  assert.equal(scrub('x $& y', ['$&']), 'x (removed) y');
});

test('a hostile length costs nothing, and no half of an address is left at the cut', () => {
  const startedAt = performance.now();
  for (const text of ['a'.repeat(1_000_000), '@'.repeat(1_000_000), 'a@'.repeat(500_000), '.a'.repeat(500_000)])
    scrub(text);
  assert.ok(performance.now() - startedAt < 1_000);
  assert.ok(!scrub(`${'x@y.example '.repeat(166)}casey.customer@company.example`).includes('casey'));
});

test('no body makes it throw', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 300, max: 599 }),
      fc.oneof(fc.string(), fc.json()),
      fc.boolean(),
      (status, text, write) => {
        assert.ok(fail(status, text, { write }).code.startsWith('hubspot-'));
      },
    ),
  );
});
