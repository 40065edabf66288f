// What a batch settles of events that several messages share.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyWork, settleEachOnce } from '../../src/worker/work.ts';
import { inboxEvent } from './inbox-event.ts';

test('an event that two messages share is settled once: it waits while one waits, counted when one failed', () => {
  const [event, other] = [inboxEvent(), inboxEvent()];
  const work = emptyWork();
  work.done.push(event, other, other);
  work.later.push({ event, delayMs: 5_000, failed: false }, { event, delayMs: 1_000, failed: true });
  work.dead.push({ event, errorCode: 'hubspot-transient' });
  const settled = settleEachOnce(work);
  assert.deepEqual(settled.later, [{ event, delayMs: 1_000, failed: true }]);
  assert.deepEqual(settled.dead, []);
  assert.deepEqual(settled.done, [other]);
});

test('an event that died for two messages dies once, and is not done', () => {
  const event = inboxEvent();
  const work = emptyWork();
  work.done.push(event);
  work.dead.push({ event, errorCode: 'internal' }, { event, errorCode: 'internal' });
  const settled = settleEachOnce(work);
  assert.deepEqual(settled.dead, [{ event, errorCode: 'internal' }]);
  assert.deepEqual(settled.done, []);
});
