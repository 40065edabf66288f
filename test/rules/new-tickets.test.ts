// Tickets that messages ask for: of a new conversation, and of a late reply to a closed ticket.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findCreationRule, findFirstStageId, longestGraceMs } from '../../src/rules/creation-rule.ts';
import type { BatchContext, Judged, MessageFacts, TicketFacts } from '../../src/rules/facts.ts';
import { judgeMessage } from '../../src/rules/message-verdict.ts';
import { defaultSettings, type PipelineRules, rulesOf, type Settings } from '../../src/rules/settings.ts';
import { decideTicket } from '../../src/rules/ticket-decisions.ts';
import { sent, standing } from './decided-tickets.ts';
import { assertTellsNothing, findSeen } from './evidence-privacy.ts';
import { at, context, humanMail, messageFacts, pipeline, thread, ticketFacts } from './sample-facts.ts';

type NewConversation = Partial<PipelineRules['newConversation']>;

function creating(newConversation: NewConversation, settings: Partial<Settings> = {}): BatchContext {
  const where = context();
  const rules = where.settings.pipelines['0'] as PipelineRules;
  const on = { ...rules.newConversation, enabled: true, stageId: '1', ...newConversation };
  return {
    ...where,
    settings: { ...where.settings, pipelines: { '0': { ...rules, newConversation: on } }, ...settings },
  };
}

function opening(
  changes: Partial<MessageFacts> = {},
  ofMessage: Parameters<typeof messageFacts>[2] = {},
): MessageFacts {
  const none = { ticket: 'none' as const, thread: thread({ ticketId: null }), isFirst: true, position: 0 };
  return messageFacts('INCOMING', { ...none, ...changes }, ofMessage);
}

const judge = (facts: MessageFacts, where: BatchContext): Judged => assertTellsNothing(judgeMessage(facts, where));

test('the first incoming message of a thread without a ticket asks for one where the rule is on', () => {
  const one = judge(opening(), creating({}));
  assert.deepEqual([one.verdict, one.reason], ['opens-conversation', null]);
  const target = { pipelineId: '0', stageId: '1' };
  assert.deepEqual(one.creation, { plan: 'c:t1', target, followsTicketId: null });
  assert.equal(findSeen(one, 'new-conversation'), '77');
  assert.equal(judge(opening(), context()).reason, 'no-ticket');
});

const creatingNothing: { what: string; facts: MessageFacts; reason: string }[] = [
  { what: 'in a spam thread', facts: opening({ thread: thread({ ticketId: null, spam: true }) }), reason: 'spam' },
  {
    what: 'from an auto-responder',
    facts: opening({ classification: { ...humanMail, automatic: true, kind: 'auto-reply' } }),
    reason: 'automatic-reply',
  },
  {
    what: 'of a bot',
    facts: opening({}, { senders: [{ actorId: 'B-1', address: null, field: 'FROM' }] }),
    reason: 'not-a-message',
  },
  { what: 'of a comment', facts: opening({}, { type: 'COMMENT' }), reason: 'not-a-message' },
  { what: 'in a channel that is off', facts: opening({}, { channelId: '1000' }), reason: 'channel-off' },
  { what: 'later in a thread', facts: opening({ isFirst: false }), reason: 'no-ticket' },
  { what: 'that Baton posted', facts: opening({ postedByBaton: true }), reason: 'own-message' },
];
for (const { what, facts, reason } of creatingNothing) {
  test(`a message ${what} asks for no ticket`, () => {
    const one = judge(facts, creating({}));
    assert.deepEqual([one.reason, one.creation], [reason, undefined]);
  });
}

test('paused, or with a stage that is gone, no ticket is asked for, and the reason says so', () => {
  assert.equal(judge(opening(), creating({}, { paused: true })).reason, 'paused');
  assert.equal(judge(opening(), creating({ stageId: '99' })).reason, 'stage-missing');
  assert.equal(judge(opening(), { ...creating({}), pipelines: [] }).reason, 'stage-missing');
});

test("a ticket there at the first look is the first message's; one that came while Baton waited exists", () => {
  const there = { ticket: ticketFacts() };
  assert.equal(judge(opening(there), creating({})).reason, 'first-message');
  assert.equal(judge(opening({ ...there, lookedBefore: true }), creating({})).reason, 'ticket-exists');
  assert.equal(judge(opening({ ...there, lookedBefore: true }), context()).reason, 'first-message');
});

test('what an earlier try may have made is looked for, whatever the rules say by now', () => {
  const plannedTickets = new Map([['c:t1', at('09:59:00')]]);
  for (const where of [context(), creating({}, { paused: true }), creating({ stageId: '99' })]) {
    const one = judge(opening({ plannedTickets }), where);
    assert.deepEqual([one.reason, one.creation?.target], [null, null]);
  }
  const taken = judge(opening({ plannedTickets, ticket: ticketFacts() }), creating({}));
  assert.deepEqual([taken.reason, taken.creation?.plan], [null, 'c:t1']);
  assert.equal(judge(opening({ plannedTickets, isFirst: false }), creating({})).reason, 'no-ticket');
});

test('an account named by a rule counts on any channel; every other account only by its channel', () => {
  const chat = { channelId: '1000', channelAccountId: '88' };
  const facts = opening({ thread: thread({ ticketId: null, ...chat }) }, chat);
  assert.equal(judge(facts, creating({ channelAccountIds: ['88'] })).creation?.plan, 'c:t1');
  assert.equal(judge(facts, creating({ channelAccountIds: ['77'] })).reason, 'channel-off');
  assert.equal(
    judge(facts, creating({}, { channels: ['1000', '1002'] })).reason,
    'no-ticket',
    'null is every email account',
  );
  const later = { ...facts, isFirst: false, position: 1 };
  assert.equal(judge(later, creating({ channelAccountIds: ['88'] })).reason, 'channel-off');
});

test('an account that two pipelines claim makes no ticket, because nobody can say in which', () => {
  const rules = creating({}).settings.pipelines['0'] as PipelineRules;
  const other = { ...rules, newConversation: { ...rules.newConversation, channelAccountIds: ['88'] } };
  const settings = { ...defaultSettings, pipelines: { '0': rules, '5': other } };
  const ask = (accountId: string | null) => findCreationRule(settings, { channelId: '1002', accountId });
  assert.equal(ask('77')?.pipelineId, '0');
  assert.equal(ask(null)?.pipelineId, '0');
  assert.equal(ask('88'), undefined);
});

test('the longest grace time is that of the rules which are on', () => {
  const rules = rulesOf(defaultSettings, '0');
  const graceOf = (enabled: boolean, graceSeconds: number) => ({
    ...rules,
    newConversation: { ...rules.newConversation, enabled, graceSeconds },
  });
  assert.equal(
    longestGraceMs({
      ...defaultSettings,
      pipelines: { '0': graceOf(true, 5), '1': graceOf(true, 60), '2': graceOf(false, 90) },
    }),
    60_000,
  );
  assert.equal(longestGraceMs({ ...defaultSettings, pipelines: { '2': graceOf(false, 90) } }), undefined);
});

const closed: TicketFacts = standing('4', { lastClosedAt: at('09:00:00') });
const late = context({ incoming: { closed: { policy: 'never', days: 14, otherwise: 'new-ticket' } } });
const outcomes = (facts: TicketFacts, all: Judged[], where: BatchContext) =>
  decideTicket(facts, all, where).map((one) => `${one.judged.facts.subject} ${one.reason ?? one.decision}`);

test('a reply outside the window of its closed ticket opens a new one that follows it', () => {
  const reply = sent('INCOMING', at('10:00:00'));
  const [decided] = decideTicket(closed, [reply], late);
  assertTellsNothing(reply);
  assert.equal(decided?.decision, 'create');
  assert.equal(decided?.reason, null);
  assert.deepEqual(decided?.creation, {
    plan: 'c:t1:900',
    target: { pipelineId: '0', stageId: '1' },
    followsTicketId: '900',
  });
  assert.equal(decided?.applied, false, 'on the old ticket nothing was applied');
  assert.equal(findSeen(reply, 'follows-ticket'), '900');
});

test('what comes later on that thread waits for the new ticket; other threads of the old one go on with it', () => {
  const other = sent('OUTGOING', at('10:00:03'), { id: 'm4', threadId: 't2' });
  const all = [
    sent('INCOMING', at('10:00:00')),
    sent('INCOMING', at('10:00:01'), { id: 'm2', position: 2 }),
    sent('OUTGOING', at('10:00:02'), { id: 'm3', position: 3 }),
    other,
  ];
  const found = outcomes(closed, all, late);
  assert.deepEqual(found, ['m:t1:m1 create', 'm:t1:m2 wait', 'm:t1:m3 wait', 'm:t2:m4 move']);
});

test('an answer before the reply reopens the ticket, so that the reply is none to a closed one', () => {
  const all = [sent('OUTGOING', at('10:00:00')), sent('INCOMING', at('10:00:01'), { id: 'm2', position: 2 })];
  assert.deepEqual(outcomes(closed, all, late), ['m:t1:m1 superseded', 'm:t1:m2 move']);
});

test('a new ticket is not opened by thanks, by a stale reply, by mail without a thread, or where the rule leaves it', () => {
  const guarded = {
    ...late,
    settings: { ...late.settings, guards: { ...late.settings.guards, thanksKeepsClosed: true } },
  };
  assert.deepEqual(outcomes(closed, [sent('INCOMING', at('10:00:00'), { thanks: true })], guarded), ['m:t1:m1 thanks']);
  const applied = { subject: 'm:t1:x', threadId: 't1', direction: 'INCOMING' as const, at: at('11:00:00') };
  assert.deepEqual(outcomes({ ...closed, applied }, [sent('INCOMING', at('10:00:00'))], late), ['m:t1:m1 stale']);
  const leave = context({ incoming: { closed: { policy: 'never', days: 14, otherwise: 'leave' } } });
  assert.deepEqual(outcomes(closed, [sent('INCOMING', at('10:00:00'))], leave), ['m:t1:m1 closed-outside-window']);
});

test('whoever closed the ticket after the reply had seen it', () => {
  const closedAfter = standing('4', { lastClosedAt: at('10:00:05') });
  assert.deepEqual(outcomes(closedAfter, [sent('INCOMING', at('10:00:00'))], late), ['m:t1:m1 closed-outside-window']);
});

test('the new ticket begins where new conversations do if that stage exists, else in the first open stage', () => {
  const begin = (newConversation: NewConversation, where = creating(newConversation)) => findFirstStageId(where, '0');
  assert.equal(begin({ stageId: '3', enabled: false }), '3');
  assert.equal(begin({ stageId: '99' }), '1');
  assert.equal(begin({ stageId: null }), '1');
  const stages = pipeline.stages.filter((stage) => stage.closed);
  assert.equal(
    findFirstStageId({ ...creating({ stageId: null }), pipelines: [{ ...pipeline, stages }] }, '0'),
    undefined,
  );
  const nowhere = { ...late, pipelines: [{ ...pipeline, stages }] };
  assert.deepEqual(outcomes(closed, [sent('INCOMING', at('10:00:00'))], nowhere), ['m:t1:m1 stage-missing']);
});

test('a new ticket that an earlier try may have made is looked for even if the old one was opened meanwhile', () => {
  const reply = sent('INCOMING', at('10:00:00'));
  const planned = {
    ...reply,
    facts: { ...reply.facts, plannedTickets: new Map([['c:t1:900', at('10:00:01')]]) } as MessageFacts,
  };
  const [decided] = decideTicket(standing('1'), [planned], late);
  assert.deepEqual(decided?.creation, { plan: 'c:t1:900', target: null, followsTicketId: '900' });
});
