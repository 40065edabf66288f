// What may be said of an error nobody foresaw.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeError } from '../src/log.ts';

test('an unknown error is described by name, code and frames, never by its message', () => {
  const error = Object.assign(
    new TypeError('to casey@customer.example\nsecond line of a text\n    at home with casey'),
    {
      code: 'E_TEST',
      cause: new RangeError('casey@customer.example'),
    },
  );
  const described = describeError(error);
  assert.equal(described.error, 'TypeError');
  assert.equal(described.code, 'E_TEST');
  assert.equal(described.cause, 'RangeError');
  assert.match(String(described.stack), /^at .*log\.test/);
  assert.doesNotMatch(JSON.stringify(described), /casey|second line|at home/);
  assert.deepEqual(describeError('casey@customer.example'), { error: 'string' });
});
