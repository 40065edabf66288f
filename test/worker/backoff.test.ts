// When to look again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextLookMs, nextRetryMs } from '../../src/worker/backoff.ts';

const hourMs = 3_600_000;

test('an event that fails each time is tried for about a day, with growing gaps, and then no more', () => {
  const gaps: number[] = [];
  for (let gap = nextRetryMs(0, 0); gap !== undefined; gap = nextRetryMs(gaps.length, 0)) gaps.push(gap);
  assert.equal(gaps.length, 14);
  assert.deepEqual(
    gaps,
    gaps.toSorted((left, right) => left - right),
  );
  const total = gaps.reduce((sum, gap) => sum + gap, 0);
  assert.ok(total > 23 * hourMs && total < 26 * hourMs, `${total / hourMs} h`);
});

test('a gap is stretched by a fifth at most, never shortened', () => {
  assert.equal(nextRetryMs(3, 0), 60_000);
  assert.equal(nextRetryMs(3, 0.5), 66_000);
  assert.ok((nextRetryMs(3, 0.999) as number) < 72_000);
});

test('a fact that may still come is looked for at 5, 20 and 60 seconds of age, then no more', () => {
  assert.equal(nextLookMs(0, false), 5_000);
  assert.equal(nextLookMs(4_999, false), 1);
  assert.equal(nextLookMs(5_000, false), 15_000);
  assert.equal(nextLookMs(20_000, false), 40_000);
  assert.equal(nextLookMs(60_000, false), undefined);
});

test('a first message is looked at once more', () => {
  assert.equal(nextLookMs(0, true), 10_000);
  assert.equal(nextLookMs(10_000, true), undefined);
});

test('an age below zero, from two clocks, waits no longer than an age of zero', () => {
  assert.equal(nextLookMs(-3_600_000, false), 5_000);
});
