// Which of several messages of one ticket says whose turn it is: by the second it was sent, never by when it arrived.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Direction, Judged, TicketFacts } from '../../src/rules/facts.ts';
import { decideTicket, orderMessages } from '../../src/rules/ticket-decisions.ts';
import { decide, decideOne, mailed, sent, standing } from './decided-tickets.ts';
import { findSeen } from './evidence-privacy.ts';
import { at, context } from './sample-facts.ts';

test('of two messages of one ticket the newer wins and the older is superseded, in whatever order they come', () => {
  const make = () => [
    sent('OUTGOING', at('10:00:00'), { id: 'a' }),
    sent('INCOMING', at('10:00:05'), { id: 'b', position: 2 }),
  ];
  const expected = { 'm:t1:a': 'superseded', 'm:t1:b': 'move' };
  assert.deepEqual(decide(standing('1'), make()), expected);
  assert.deepEqual(decide(standing('1'), make().toReversed()), expected);
  const [older] = decideTicket(standing('1'), make(), context());
  assert.equal(older?.judged.evidence.at(-1)?.seen, 'a newer one counts');
  assert.equal(older?.applied, false);
});

test('the newer wins even when the older would have to be undone for nothing', () => {
  const both = [sent('OUTGOING', at('10:00:00'), { id: 'a' }), sent('INCOMING', at('10:00:05'), { id: 'b' })];
  assert.deepEqual(decide(standing('3'), both), { 'm:t1:a': 'superseded', 'm:t1:b': 'already-there' });
});

test('a newer message that may not move the ticket leaves the older its move', () => {
  const where = context({ outgoing: { fromStageIds: ['1'] } });
  const both = [sent('INCOMING', at('10:00:00'), { id: 'a' }), sent('OUTGOING', at('10:00:05'), { id: 'b' })];
  assert.deepEqual(decide(standing('1'), both, where), { 'm:t1:a': 'move', 'm:t1:b': 'not-from-this-stage' });
});

test('a message older than the newest applied is stale, one as old or newer is not', () => {
  const applied = { subject: 'm:t9:z', threadId: 't9', direction: 'INCOMING' as const, at: at('10:00:05') };
  const facts = standing('1', {}, { applied });
  const stale = sent('INCOMING', at('10:00:04'));
  assert.equal(decideOne(facts, stale), 'stale');
  assert.equal(findSeen(stale, 'newest-message'), 'a newer one was applied before');
  assert.equal(decideOne(facts, sent('INCOMING', at('10:00:05'))), 'move');
  assert.equal(decideOne(facts, sent('OUTGOING', at('10:00:06'))), 'move');
});

test('whole seconds are compared: an outgoing stamp in milliseconds is not newer than an incoming one of its second', () => {
  const incoming = { subject: 'm:t9:z', threadId: 't9', direction: 'INCOMING' as const, at: at('10:00:05') };
  const outgoing = { subject: 'm:t9:z', threadId: 't9', direction: 'OUTGOING' as const, at: at('10:00:05.900') };
  assert.equal(decideOne(standing('1', {}, { applied: incoming }), sent('OUTGOING', at('10:00:05.900'))), 'stale');
  assert.equal(decideOne(standing('1', {}, { applied: outgoing }), sent('INCOMING', at('10:00:05'))), 'move');
  assert.equal(decideOne(standing('1', {}, { applied: outgoing }), sent('OUTGOING', at('10:00:05.100'))), 'move');
});

test("within one second of one thread its list's order decides, also against a message applied before", () => {
  const positions = new Map([
    ['a', 4],
    ['b', 5],
  ]);
  const first = sent('INCOMING', at('10:00:05'), { id: 'a', position: 4, positions });
  const second = sent('OUTGOING', at('10:00:05.300'), { id: 'b', position: 5, positions });
  assert.deepEqual(decide(standing('1'), [second, first]), { 'm:t1:a': 'superseded', 'm:t1:b': 'move' });
  const facts = (one: Judged, direction: Direction): TicketFacts =>
    standing('1', {}, { applied: { subject: one.facts.subject, threadId: 't1', direction, at: one.at } });
  assert.equal(
    decideOne(facts(second, 'OUTGOING'), sent('INCOMING', at('10:00:05'), { id: 'a', position: 4, positions })),
    'stale',
  );
  assert.equal(
    decideOne(facts(first, 'INCOMING'), sent('OUTGOING', at('10:00:05'), { id: 'b', position: 5, positions })),
    'move',
  );
});

test('within one second across threads and emails the incoming one wins', () => {
  const make = () => [
    sent('INCOMING', at('10:00:05'), { id: 'a', threadId: 't1' }),
    sent('OUTGOING', at('10:00:05.800'), { id: 'b', threadId: 't2' }),
    mailed('OUTGOING', at('10:00:05.900'), 'e1'),
  ];
  const expected = { 'm:t1:a': 'move', 'm:t2:b': 'superseded', 'e:e1': 'superseded' };
  assert.deepEqual(decide(standing('1'), make()), expected);
  assert.deepEqual(decide(standing('1'), make().toReversed()), expected);
});

test('the order is by second, then by thread position, then incoming last', () => {
  const all = [
    sent('OUTGOING', at('10:00:06'), { id: 'late' }),
    mailed('INCOMING', at('10:00:05'), 'e2'),
    sent('INCOMING', at('10:00:05'), { id: 'a', position: 1 }),
    sent('OUTGOING', at('10:00:05.200'), { id: 'b', position: 2 }),
    sent('INCOMING', at('10:00:04'), { id: 'early', threadId: 't2', position: 9 }),
  ];
  const expected = ['m:t2:early', 'm:t1:a', 'm:t1:b', 'e:e2', 'm:t1:late'];
  assert.deepEqual(
    orderMessages(all).map((one) => one.facts.subject),
    expected,
  );
  assert.deepEqual(
    orderMessages(all.toReversed()).map((one) => one.facts.subject),
    expected,
  );
});

test('the same email decided anew is not stale against itself', () => {
  const applied = { subject: 'e:e1', threadId: null, direction: 'OUTGOING' as const, at: at('10:00:05') };
  assert.equal(decideOne(standing('1', {}, { applied }), mailed('OUTGOING', at('10:00:03'), 'e1')), 'move');
});
