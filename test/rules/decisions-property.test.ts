// Random stories of a ticket, in any split into batches, against a model that deals with each message as it is sent.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { judgeEmail } from '../../src/rules/email-verdict.ts';
import type { BatchContext, Decided, Judged, TicketFacts } from '../../src/rules/facts.ts';
import { judgeMessage } from '../../src/rules/message-verdict.ts';
import { decideTicket } from '../../src/rules/ticket-decisions.ts';
import { assertTellsNothing } from './evidence-privacy.ts';
import { appId, at, change } from './sample-facts.ts';
import { story, toContext, toFacts, toTicket, withoutMemory } from './stories.ts';
import { closedStage, inOrder, playStory, type Sent, type Story } from './ticket-model.ts';

function judge(sent: Sent, all: Sent[], facts: TicketFacts, where: BatchContext): Judged {
  const one = toFacts(sent, all, facts);
  return assertTellsNothing(one.kind === 'message' ? judgeMessage(one, where) : judgeEmail(one, where));
}

/** One batch as the worker takes it: verdicts first, and what they leave open is decided together. */
function decideBatch(batch: Sent[], told: Story, facts: TicketFacts, where: BatchContext): Decided[] {
  const judged = batch.map((sent) => judge(sent, told.messages, facts, where));
  const open = judged.filter((one) => one.reason === null);
  const decided = decideTicket(facts, open, where);
  assert.equal(decided.length, open.length);
  for (const one of decided) assertTellsNothing({ ...one.judged, reason: one.reason });
  assert.ok(decided.filter((one) => one.decision === 'move').length <= 1, 'one move at most');
  assert.ok(decided.filter((one) => one.applied).length <= 1);
  return decided;
}

/** What HubSpot and Baton's memory hold after a batch. */
function settle(facts: TicketFacts, decided: Decided[]): TicketFacts {
  let { ticket, applied } = facts;
  for (const { judged, toStageId, applied: isApplied } of decided) {
    if (toStageId !== null) {
      const moved = change(toStageId, at('10:05:00'), 'INTEGRATION', appId);
      const lastClosedAt = toStageId === closedStage ? judged.at : ticket.lastClosedAt;
      ticket = { ...ticket, stageId: toStageId, lastClosedAt, stageHistory: [moved, ...ticket.stageHistory] };
    }
    if (isApplied && judged.direction !== null) {
      const threadId = judged.facts.kind === 'message' ? judged.facts.thread.id : null;
      applied = { subject: judged.facts.subject, threadId, direction: judged.direction, at: judged.at };
    }
  }
  return { ...facts, ticket, applied };
}

function run(told: Story, batches: Sent[][]): string {
  const where = toContext(told);
  let facts = toTicket(told);
  for (const batch of batches) facts = settle(facts, decideBatch(batch, told, facts, where));
  return facts.ticket.stageId;
}

/** Cuts a list wherever the next of `cuts` says so. */
function split(messages: Sent[], cuts: boolean[]): Sent[][] {
  const batches: Sent[][] = [[]];
  for (const [index, one] of messages.entries()) {
    if (index > 0 && cuts[index % cuts.length]) batches.push([]);
    batches.at(-1)?.push(one);
  }
  return batches;
}

/** A reordering that fast-check can shrink: sorted by random keys. */
function shuffle<T>(list: T[], keys: number[]): T[] {
  return list
    .map((each, index) => ({ each, key: keys[index % keys.length] ?? 0, index }))
    .sort((left, right) => left.key - right.key || left.index - right.index)
    .map(({ each }) => each);
}

const cuts = fc.array(fc.boolean(), { minLength: 11, maxLength: 11 });
const keys = fc.array(fc.nat(99), { minLength: 13, maxLength: 13 });
const runs = { numRuns: 1500 };

test('batches that follow each other end where the model ends, however they are cut and whatever the order within each', () => {
  let moved = 0;
  fc.assert(
    fc.property(story, cuts, keys, (told, where, order) => {
      const expected = playStory(told);
      const batches = split(inOrder(told.messages), where).map((batch) => shuffle(batch, order));
      assert.equal(run(told, batches), expected);
      if (expected !== toTicket(told).ticket.stageId) moved += 1;
    }),
    runs,
  );
  assert.ok(moved > runs.numRuns / 5, `only ${moved} stories moved their ticket`);
});

test('where no rule looks at where the ticket stood, any order of arrival in any batches ends where the model ends', () => {
  fc.assert(
    fc.property(story.map(withoutMemory), cuts, keys, (told, where, order) => {
      assert.equal(run(told, split(shuffle(told.messages, order), where)), playStory(told));
    }),
    runs,
  );
});

test('a decision with its evidence does not depend on the order of the input', () => {
  fc.assert(
    fc.property(story, keys, fc.integer({ min: 0, max: 1001 }), (told, order, recentMoves) => {
      const facts = { ...toTicket(told), recentMoves };
      const decide = (messages: Sent[]) =>
        decideBatch(messages, told, facts, toContext(told))
          .map(({ judged, ...rest }) => ({ subject: judged.facts.subject, evidence: judged.evidence, ...rest }))
          .sort((left, right) => (left.subject < right.subject ? -1 : 1));
      assert.deepEqual(decide(shuffle(told.messages, order)), decide(told.messages));
    }),
    { numRuns: 500 },
  );
});

test('the same batch decided again after it was applied changes nothing', () => {
  fc.assert(
    fc.property(story, (told) => {
      const where = toContext(told);
      const before = toTicket(told);
      const after = settle(before, decideBatch(told.messages, told, before, where));
      if (after.applied === null) return;
      const again = decideBatch(told.messages, told, after, where);
      assert.ok(again.every((one) => one.decision === 'stay'));
    }),
    { numRuns: 500 },
  );
});
