// What the messages of one ticket come to: people first, closed tickets, limits, and one move at most.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StageChange } from '../../src/crm.ts';
import type { TicketFacts } from '../../src/rules/facts.ts';
import { defaultSettings } from '../../src/rules/settings.ts';
import { findIntendedMove } from '../../src/rules/stage-history.ts';
import { decideTicket } from '../../src/rules/ticket-decisions.ts';
import { decide, decideOne, movedBy, sent, standing } from './decided-tickets.ts';
import { findSeen } from './evidence-privacy.ts';
import { appId, at, change, context, judged, ticket } from './sample-facts.ts';

test('a reply moves the ticket to the stage of the incoming rule, a mail to that of the outgoing one', () => {
  const reply = sent('INCOMING', at('10:00:00'));
  assert.equal(decideOne(standing('2'), reply), 'move');
  assert.deepEqual(reply.evidence, [
    { check: 'stage-history', passed: true, seen: 'nobody since' },
    { check: 'moves-in-the-last-hour', passed: true, seen: '0' },
    { check: 'newest-message', passed: true, seen: 'the newest of its ticket' },
  ]);
  const [decided] = decideTicket(standing('3'), [sent('OUTGOING', at('10:00:00'))], context());
  assert.deepEqual([decided?.fromStageId, decided?.toStageId, decided?.applied], ['3', '2', true]);
});

test('a ticket that stands there already stays, and the message counts as applied', () => {
  const [decided] = decideTicket(standing('3'), [sent('INCOMING', at('10:00:00'))], context());
  assert.deepEqual([decided?.decision, decided?.reason, decided?.applied], ['stay', 'already-there', true]);
});

const stoodDown: { what: string; change: StageChange; reason: string }[] = [
  {
    what: 'a person in the same second',
    change: change('1', at('10:00:00.999'), 'CRM_UI', 'userId:7'),
    reason: 'person-moved-it',
  },
  { what: 'a person later', change: change('1', at('10:00:01'), 'CRM_UI_BULK_ACTION'), reason: 'person-moved-it' },
  { what: 'a person on a phone', change: change('1', at('10:00:01'), 'MOBILE_IOS'), reason: 'person-moved-it' },
  {
    what: 'a user id of a source nobody knows',
    change: change('1', at('10:00:01'), 'HELP_DESK', 'userId:7'),
    reason: 'person-moved-it',
  },
  {
    what: 'a workflow later',
    change: change('1', at('10:00:01'), 'AUTOMATION_PLATFORM', 'enrollmentId:1'),
    reason: 'moved-by-automation',
  },
  {
    what: 'another app later',
    change: change('1', at('10:00:01'), 'INTEGRATION', '777'),
    reason: 'moved-by-automation',
  },
  {
    what: "HubSpot's own automation later",
    change: change('1', at('10:00:01'), 'CONVERSATIONS'),
    reason: 'moved-by-automation',
  },
];
for (const { what, change: made, reason } of stoodDown) {
  test(`Baton stands down for ${what}`, () => {
    const one = sent('INCOMING', at('10:00:00'));
    assert.equal(decideOne(standing('1', movedBy(made)), one), reason);
    assert.equal(findSeen(one, 'stage-history'), `${made.sourceType} at ${made.at.toISOString()}`);
  });
}

test('nobody stands in the way who moved the ticket before the message', () => {
  const before = [
    change('1', at('09:59:59.999'), 'CRM_UI', 'userId:7'),
    change('1', at('10:00:00.999'), 'AUTOMATION_PLATFORM'),
    change('1', at('10:30:00'), 'INTEGRATION', appId),
  ];
  for (const one of before) {
    assert.equal(decideOne(standing('1', movedBy(one)), sent('INCOMING', at('10:00:00'))), 'move', one.sourceType);
  }
});

test('a person who moved the ticket counts even when an automation moved it after that', () => {
  const history = movedBy(
    change('1', at('10:00:09'), 'AUTOMATION_PLATFORM'),
    change('2', at('10:00:05'), 'CRM_UI', 'userId:7'),
  );
  assert.equal(decideOne(standing('1', history), sent('INCOMING', at('10:00:00'))), 'person-moved-it');
});

test("a ticket's birth after the message is nobody's move, unless a person made the ticket later", () => {
  const born = (sourceType: string): TicketFacts =>
    standing('1', { stageHistory: [change('1', at('10:00:09'), sourceType)] });
  assert.equal(decideOne(born('CONVERSATIONS'), sent('INCOMING', at('10:00:00'))), 'move');
  assert.equal(decideOne(born('CRM_UI'), sent('INCOMING', at('10:00:00'))), 'person-moved-it');
  assert.equal(decideOne(born('CRM_UI'), sent('INCOMING', at('10:00:09'))), 'move');
});

test('a person who moved the ticket to where it belongs is not stood in the way of', () => {
  const history = movedBy(change('3', at('10:00:05'), 'CRM_UI', 'userId:7'));
  assert.equal(decideOne(standing('3', history), sent('INCOMING', at('10:00:00'))), 'already-there');
});

const day = 86_400_000;
const closedAt = new Date(at('10:00:00').getTime() - 14 * day);
const closed = (lastClosedAt: Date | null): TicketFacts => standing('4', { lastClosedAt });
const leave = context({ incoming: { closed: { policy: 'within', days: 14, otherwise: 'leave' } } });

test('a reply to a closed ticket reopens it within its days and not after', () => {
  const within = sent('INCOMING', at('10:00:00'));
  assert.equal(decideOne(closed(closedAt), within), 'move');
  assert.equal(findSeen(within, 'closed-window'), '14 days after closing');
  const late = sent('INCOMING', at('10:00:01'));
  assert.equal(decideOne(closed(closedAt), late, leave), 'closed-outside-window');
  assert.deepEqual(late.evidence.at(-1), { check: 'closed-window', passed: false, seen: '14 days after closing' });
});

test('a closed ticket always or never opens again where the rule says so', () => {
  const policy = (name: 'always' | 'never') =>
    context({ incoming: { closed: { policy: name, days: 1, otherwise: 'leave' } } });
  assert.equal(decideOne(closed(closedAt), sent('INCOMING', at('10:00:00')), policy('always')), 'move');
  assert.equal(
    decideOne(closed(at('09:59:00')), sent('INCOMING', at('10:00:00')), policy('never')),
    'closed-outside-window',
  );
});

test('where HubSpot does not name the last closing, the entry into the stage counts; where nothing tells, the reply counts', () => {
  const entered = standing('4', { stageHistory: [change('4', closedAt, 'CRM_UI', 'userId:7')] });
  assert.equal(decideOne(entered, sent('INCOMING', at('10:00:01')), leave), 'closed-outside-window');
  const unknown = sent('INCOMING', at('10:00:01'));
  assert.equal(decideOne(standing('4', { stageHistory: [] }), unknown), 'move');
  assert.equal(findSeen(unknown, 'closed-window'), 'time of closing unknown');
});

test('an outgoing mail moves a closed ticket whatever the policy for replies', () => {
  const never = context({ incoming: { closed: { policy: 'never', days: 1, otherwise: 'leave' } } });
  assert.equal(decideOne(closed(closedAt), sent('OUTGOING', at('10:00:00')), never), 'move');
});

test('a reply in one batch with the mail that closes the ticket counts from that closing, not from one long ago', () => {
  const closes = context({ outgoing: { stageId: '4' } });
  const mail = judged(sent('OUTGOING', at('10:00:00'), { id: 'a' }).facts, 'OUTGOING', at('10:00:00'), '4');
  const reply = sent('INCOMING', at('10:05:00'), { id: 'b' });
  const facts = standing('1', { lastClosedAt: new Date(closedAt.getTime() - 30 * day) });
  assert.deepEqual(decide(facts, [reply, mail], closes), { 'm:t1:a': 'superseded', 'm:t1:b': 'move' });
});

test('only thanks keeps a closed ticket closed where the guard is on, and an open one moves', () => {
  const on = context({}, { guards: { ...defaultSettings.guards, thanksKeepsClosed: true } });
  const thanks = () => sent('INCOMING', at('10:00:00'), { thanks: true });
  assert.equal(decideOne(closed(at('09:59:00')), thanks(), on), 'thanks');
  assert.equal(decideOne(closed(closedAt), thanks(), on), 'thanks');
  assert.equal(decideOne(standing('2'), thanks(), on), 'move');
  assert.equal(decideOne(closed(at('09:59:00')), thanks()), 'move', 'the guard is off by default');
  assert.equal(decideOne(closed(at('09:59:00')), sent('INCOMING', at('10:00:00')), on), 'move');
});

test('thanks after a mail of the same batch that reopened the ticket finds it open', () => {
  const on = context({}, { guards: { ...defaultSettings.guards, thanksKeepsClosed: true } });
  const batch = [
    sent('OUTGOING', at('10:00:00'), { id: 'a' }),
    sent('INCOMING', at('10:05:00'), { id: 'b', thanks: true }),
  ];
  assert.deepEqual(decide(closed(at('09:59:00')), batch, on), { 'm:t1:a': 'superseded', 'm:t1:b': 'move' });
});

test('a rule moves tickets only from the stages it names', () => {
  const where = context({ incoming: { fromStageIds: ['2', '4'] } });
  assert.equal(decideOne(standing('2'), sent('INCOMING', at('10:00:00')), where), 'move');
  const stayed = sent('INCOMING', at('10:00:00'));
  assert.equal(decideOne(standing('1'), stayed, where), 'not-from-this-stage');
  assert.equal(findSeen(stayed, 'from-stage'), '1');
  assert.equal(decideOne(standing('3'), sent('INCOMING', at('10:00:00')), where), 'already-there');
});

test('from stages are looked at where an older message of the batch would have moved the ticket', () => {
  const where = context({ incoming: { fromStageIds: ['2'] } });
  const batch = [sent('OUTGOING', at('10:00:00'), { id: 'a' }), sent('INCOMING', at('10:05:00'), { id: 'b' })];
  assert.deepEqual(decide(standing('1'), batch, where), { 'm:t1:a': 'superseded', 'm:t1:b': 'move' });
});

test('after as many automatic moves in an hour as allowed the next does not happen', () => {
  const reply = sent('INCOMING', at('10:00:00'));
  assert.equal(decideOne(standing('1', {}, { recentMoves: 10 }), reply), 'too-many-moves');
  assert.equal(findSeen(reply, 'moves-in-the-last-hour'), '10');
  assert.equal(decideOne(standing('1', {}, { recentMoves: 9 }), sent('INCOMING', at('10:00:00'))), 'move');
});

test('of the reasons a ticket gives, the earlier of the list is the one', () => {
  const on = { ...defaultSettings.guards, thanksKeepsClosed: true };
  const closedRule = { policy: 'within', days: 14, otherwise: 'leave' } as const;
  const where = context({ incoming: { stageId: '4', fromStageIds: ['2'], closed: closedRule } }, { guards: on });
  const applied = { subject: 'm:t9:z', threadId: 't9', direction: 'INCOMING' as const, at: at('11:00:00') };
  const history = movedBy(change('4', at('10:30:00'), 'INTEGRATION', '777'), change('4', at('10:20:00'), 'CRM_UI'));
  const all: TicketFacts = standing(
    '4',
    { lastClosedAt: new Date(closedAt.getTime() - day), ...history },
    { applied, recentMoves: 10 },
  );
  const reply = (thanks: boolean) => {
    const { facts } = sent('INCOMING', at('10:00:00'), { thanks });
    return judged(facts, 'INCOMING', at('10:00:00'), '4');
  };
  const fresh = { ...all, applied: null };
  const recent = { ...fresh, ticket: { ...fresh.ticket, lastClosedAt: at('09:59:00') } };
  const open = { ...recent, ticket: { ...recent.ticket, stageId: '1' } };
  const automated = {
    ...open,
    ticket: { ...open.ticket, ...movedBy(change('1', at('10:30:00'), 'INTEGRATION', '777')) },
  };
  const unmoved = { ...open, ticket: { ...open.ticket, ...movedBy() } };
  assert.equal(decideOne(all, reply(true), where), 'stale');
  assert.equal(decideOne(fresh, reply(true), where), 'thanks');
  assert.equal(decideOne(fresh, reply(false), where), 'closed-outside-window');
  assert.equal(decideOne(recent, reply(false), where), 'already-there');
  assert.equal(decideOne(open, reply(false), where), 'person-moved-it');
  assert.equal(decideOne(automated, reply(false), where), 'moved-by-automation');
  assert.equal(decideOne(unmoved, reply(false), where), 'not-from-this-stage');
  assert.equal(
    decideOne({ ...unmoved, ticket: { ...unmoved.ticket, stageId: '2' } }, reply(false), where),
    'too-many-moves',
  );
});

test('a message that a verdict kept from its ticket keeps its reason and never wins', () => {
  const paused = { ...sent('INCOMING', at('10:09:00'), { id: 'b' }), reason: 'paused' as const, targetStageId: null };
  assert.deepEqual(decide(standing('1'), [paused, sent('OUTGOING', at('10:00:00'), { id: 'a' })]), {
    'm:t1:b': 'paused',
    'm:t1:a': 'move',
  });
});

test("Baton's own intended move is found in the stage history, and nobody else's is taken for it", () => {
  const intent = { fromStageId: '1', toStageId: '3', at: at('10:00:00') };
  const moved = (time: string, sourceId: string, toStageId = '3') =>
    ticket({ stageId: toStageId, ...movedBy(change(toStageId, at(time), 'INTEGRATION', sourceId)) });
  assert.deepEqual(findIntendedMove(moved('10:00:01', appId), intent, appId)?.at, at('10:00:01'));
  assert.deepEqual(findIntendedMove(moved('09:59:00', appId), intent, appId)?.at, at('09:59:00'), 'clocks may differ');
  assert.equal(findIntendedMove(moved('09:58:59', appId), intent, appId), undefined);
  assert.equal(findIntendedMove(moved('10:00:01', '777'), intent, appId), undefined);
  assert.equal(findIntendedMove(moved('10:00:01', appId, '2'), intent, appId), undefined);
  assert.equal(findIntendedMove(moved('10:00:01', appId), { ...intent, fromStageId: '2' }, appId), undefined);
});
