// What a ticket's messages of one batch come to, in the order they were sent: at most one move. Pure (PRODUCT.md 2).
import type { Stage, Ticket } from '../crm.ts';
import { type Reason, reasons } from './decide.ts';
import type { BatchContext, Decided, Judged, TicketFacts } from './facts.ts';
import { rulesOf } from './settings.ts';
import { findLaterChange, toSecond } from './stage-history.ts';

const dayMs = 86_400_000;
const supersededRank = reasons.indexOf('superseded');

/**
 * Decides every judged message of one ticket. Messages are played oldest first on the stage as it would have been, so that the end
 * is the same as if each had arrived in order; only the newest that counts moves the ticket, those it overtakes are `superseded`.
 */
export function decideTicket(facts: TicketFacts, judged: Judged[], context: BatchContext): Decided[] {
  const stage: PlayedStage = { id: facts.ticket.stageId, closedAt: findClosedAt(facts.ticket) };
  const played = orderMessages(judged).map((one) => ({ one, reason: play(one, facts, stage, context) }));
  const winner = played.findLastIndex(({ reason }) => reason === null || reason === 'already-there');
  return played.map(({ one, reason }, index) => {
    const overtaken = index < winner && (reason === null || reasons.indexOf(reason) > supersededRank);
    const final = overtaken ? 'superseded' : index === winner ? settleWinner(one, facts) : reason;
    if (index === winner || overtaken) one.evidence.push(newestEvidence(!overtaken));
    return {
      judged: one,
      decision: final === null ? 'move' : 'stay',
      reason: final,
      fromStageId: facts.ticket.stageId,
      toStageId: final === null ? one.targetStageId : null,
      applied: index === winner,
    };
  });
}

/** Where the ticket would stand; `closedAt` counts only while that stage is a closed one, null = unknown. */
type PlayedStage = { id: string; closedAt: Date | null };

function findClosedAt({ lastClosedAt, stageHistory, stageId }: Ticket): Date | null {
  return lastClosedAt ?? stageHistory.find((change) => change.stageId === stageId)?.at ?? null;
}

function newestEvidence(newest: boolean) {
  return {
    check: 'newest-message' as const,
    passed: newest,
    seen: newest ? 'the newest of its ticket' : 'a newer one counts',
  };
}

/** The winner moves the ticket from where it really is; played moves before it never happened. */
function settleWinner(one: Judged, facts: TicketFacts): Reason | null {
  return one.targetStageId === facts.ticket.stageId ? 'already-there' : null;
}

/** The first reason that holds on the ticket as played so far; null = it moves it, and `stage` is changed. */
function play(one: Judged, facts: TicketFacts, stage: PlayedStage, context: BatchContext): Reason | null {
  if (one.reason !== null || one.targetStageId === null || one.direction === null) return one.reason ?? 'rule-off';
  if (isStale(one, facts)) {
    one.evidence.push({ check: 'newest-message', passed: false, seen: 'a newer one was applied before' });
    return 'stale';
  }
  const reason =
    findClosedReason(one, facts, stage, context) ??
    (stage.id === one.targetStageId ? 'already-there' : null) ??
    findStandDown(one, facts, context) ??
    findLimit(one, facts, stage.id, context);
  if (reason === null) {
    stage.id = one.targetStageId;
    // A move to a closed stage closes the ticket anew: what its last closing was no longer counts for the next reply.
    stage.closedAt = one.at;
  }
  return reason;
}

/** `thanks` or `closed-outside-window`, for a reply to a closed ticket. */
function findClosedReason(
  one: Judged,
  facts: TicketFacts,
  { id, closedAt }: PlayedStage,
  context: BatchContext,
): Reason | null {
  if (one.direction !== 'INCOMING' || !findStage(facts, id, context)?.closed) return null;
  if (context.settings.guards.thanksKeepsClosed && one.facts.classification.thanks) return 'thanks';
  const { closed } = rulesOf(context.settings, facts.ticket.pipelineId).incoming;
  // Nobody can say that an unknown time is too long ago.
  const days = closedAt ? (one.at.getTime() - closedAt.getTime()) / dayMs : 0;
  const open = closed.policy === 'always' || (closed.policy === 'within' && days <= closed.days);
  const seen = closedAt ? `${Math.max(0, Math.floor(days))} days after closing` : 'time of closing unknown';
  one.evidence.push({ check: 'closed-window', passed: open, seen });
  return open ? null : 'closed-outside-window';
}

function findStage(facts: TicketFacts, stageId: string, context: BatchContext): Stage | undefined {
  const pipeline = context.pipelines.find((candidate) => candidate.id === facts.ticket.pipelineId);
  return pipeline?.stages.find((candidate) => candidate.id === stageId);
}

/** People first, and other automations: Baton stands down when somebody else moved the ticket after the message. */
function findStandDown(one: Judged, facts: TicketFacts, context: BatchContext): Reason | null {
  const later = findLaterChange(facts.ticket, one.at, context.appId);
  const seen = later ? `${later.change.sourceType} at ${later.change.at.toISOString()}` : 'nobody since';
  one.evidence.push({ check: 'stage-history', passed: later === undefined, seen });
  if (!later) return null;
  return later.by === 'person' ? 'person-moved-it' : 'moved-by-automation';
}

/** `not-from-this-stage` or `too-many-moves`. */
function findLimit(one: Judged, facts: TicketFacts, stageId: string, context: BatchContext): Reason | null {
  const rules = rulesOf(context.settings, facts.ticket.pipelineId);
  const { fromStageIds } = one.direction === 'OUTGOING' ? rules.outgoing : rules.incoming;
  if (fromStageIds !== null) {
    const allowed = fromStageIds.includes(stageId);
    one.evidence.push({ check: 'from-stage', passed: allowed, seen: stageId });
    if (!allowed) return 'not-from-this-stage';
  }
  const withinLimit = facts.recentMoves < context.settings.guards.movesPerTicketPerHour;
  one.evidence.push({ check: 'moves-in-the-last-hour', passed: withinLimit, seen: String(facts.recentMoves) });
  return withinLimit ? null : 'too-many-moves';
}

/** Older than the newest message already applied to the ticket (whole seconds; see orderMessages for ties). */
function isStale(one: Judged, { applied }: TicketFacts): boolean {
  if (!applied || applied.subject === one.facts.subject) return false;
  const difference = toSecond(one.at) - toSecond(applied.at);
  if (difference !== 0) return difference < 0;
  if (one.facts.kind === 'message' && applied.threadId === one.facts.thread.id) {
    const place = one.facts.positions.get(applied.subject.slice(`m:${applied.threadId}:`.length));
    return place !== undefined && one.facts.position < place;
  }
  return applied.direction === 'INCOMING' && one.direction === 'OUTGOING';
}

/**
 * Oldest first. Whole seconds decide; within one second a thread's messages keep the order of its list, and across threads the
 * incoming one comes last, so that it wins. Total, whatever the input order.
 */
export function orderMessages(judged: Judged[]): Judged[] {
  const bySecond = Map.groupBy(judged, (one) => toSecond(one.at));
  return [...bySecond.entries()]
    .sort(([left], [right]) => left - right)
    .flatMap(([, sameSecond]) => orderWithinSecond(sameSecond));
}

function orderWithinSecond(sameSecond: Judged[]): Judged[] {
  if (sameSecond.length === 1) return sameSecond;
  const key = (one: Judged): string => (one.facts.kind === 'message' ? `m:${one.facts.thread.id}` : one.facts.subject);
  const place = (one: Judged): number => (one.facts.kind === 'message' ? one.facts.position : 0);
  const groups = [...Map.groupBy(sameSecond, key).entries()].map(([name, group]) => ({
    name,
    group: group.sort((left, right) => place(left) - place(right)),
  }));
  const rank = ({ group }: { group: Judged[] }): number => (group.at(-1)?.direction === 'INCOMING' ? 1 : 0);
  groups.sort((left, right) => rank(left) - rank(right) || (left.name < right.name ? -1 : 1));
  return groups.flatMap(({ group }) => group);
}
