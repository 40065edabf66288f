// A portal whose calls all fail is asked less and less, and at once again when one succeeds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCircuits, longestRestMs } from '../../src/worker/circuit.ts';

const failed = { total: 6, failed: 6 };

test('an hour without HubSpot is at most seventy batches of a portal, however many events arrive', () => {
  let now = 0;
  const circuits = createCircuits(() => now);
  let batches = 0;
  while (now < 3_600_000) {
    batches += 1;
    // 5 s until the calls have failed, and then the next event is there already.
    now += 5_000 + circuits.restAfter('1', failed);
  }
  assert.ok(batches <= 70, String(batches));
});

test('one failed batch may be chance, the second rests two seconds, and no rest is longer than a minute', () => {
  const circuits = createCircuits(() => 0);
  const rests = Array.from({ length: 10 }, () => circuits.restAfter('1', failed));
  assert.deepEqual(rests, [0, 2_000, 4_000, 8_000, 16_000, 32_000, ...Array(4).fill(longestRestMs)]);
});

test('one call that succeeds, another portal, or five quiet minutes begin anew; a batch without calls says nothing', () => {
  let now = 0;
  const circuits = createCircuits(() => now);
  const rest = () => circuits.restAfter('1', failed);
  rest();
  assert.equal(circuits.restAfter('2', failed), 0);
  assert.equal(circuits.restAfter('1', { total: 0, failed: 0 }), 0);
  assert.equal(rest(), 2_000);
  assert.equal(circuits.restAfter('1', { total: 6, failed: 5 }), 0);
  assert.equal(rest(), 0);
  now = 300_000;
  assert.equal(rest(), 0);
});
