// Which events of a lease are worked together.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseEvents, createSuspectCounts } from '../../src/worker/suspects.ts';
import { inboxEvent } from './inbox-event.ts';

const fresh = () => inboxEvent({ attempts: 0 });
const tried = () => inboxEvent({ attempts: 2 });
const suspect = () => inboxEvent({ attempts: 3 });

test('events that never or seldom failed are worked together, suspects stay for a batch of their own', () => {
  const events = [fresh(), suspect(), tried(), suspect()];
  assert.deepEqual(chooseEvents(events, 1), [events[0], events[2]]);
});

test('a suspect at the head of the queue is worked alone, or with as many as have held before', () => {
  const events = [suspect(), fresh(), suspect(), suspect()];
  assert.deepEqual(chooseEvents(events, 1), [events[0]]);
  assert.deepEqual(chooseEvents(events, 2), [events[0], events[2]]);
  assert.deepEqual(chooseEvents(events, 64), [events[0], events[2], events[3]]);
});

test('a lease without events has none to work', () => {
  assert.deepEqual(chooseEvents([], 1), []);
});

test('suspects are worked twice as many at once after each batch that held, one at a time after one that broke', () => {
  const counts = createSuspectCounts();
  const events = [suspect(), suspect(), suspect(), suspect(), fresh()];
  assert.equal(counts.countFor('1'), 1);
  counts.learn('1', events, events.slice(0, 1), true);
  assert.equal(counts.countFor('1'), 2);
  counts.learn('1', events, events.slice(4), true);
  assert.equal(counts.countFor('1'), 2, 'others say nothing of suspects');
  counts.learn('1', events, events.slice(0, 2), true);
  assert.equal(counts.countFor('1'), 4);
  assert.equal(counts.countFor('2'), 1, 'another portal has its own');
  counts.learn('1', events, events.slice(0, 4), false);
  assert.equal(counts.countFor('1'), 1);
});

test('a portal without suspects is forgotten', () => {
  const counts = createSuspectCounts();
  const [one, other] = [suspect(), fresh()];
  counts.learn('1', [one, other], [one], true);
  counts.learn('1', [other], [other], true);
  assert.equal(counts.countFor('1'), 1);
});
