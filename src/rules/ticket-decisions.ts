// What a ticket's messages of one batch come to, in the order they were sent: at most one move. Pure (PRODUCT.md 2).
import type { Stage, Ticket } from '../crm.ts';
import { findFirstStageId, planOf } from './creation-rule.ts';
import { type Reason, reasons } from './decide.ts';
import type { BatchContext, Creation, Decided, Judged, TicketFacts } from './facts.ts';
import { rulesOf } from './settings.ts';
import { findLaterChange, toSecond } from './stage-history.ts';

const dayMs = 86_400_000;
const supersededRank = reasons.indexOf('superseded');

/**
 * Decides every judged message of one ticket. Messages are played oldest first on the stage as it would have been, so that the end
 * is the same as if each had arrived in order; only the newest that counts moves the ticket, those it overtakes are `superseded`.
 * From the message on that opens a new ticket, its thread is the new one's: what comes later on it waits for that.
 */
export function decideTicket(facts: TicketFacts, judged: Judged[], context: BatchContext): Decided[] {
  const stage: PlayedStage = { id: facts.ticket.stageId, closedAt: findClosedAt(facts.ticket) };
  const leaving = new Set<string>();
  const played = orderMessages(judged).map((one): Played => {
    const threadId = one.facts.kind === 'message' ? one.facts.thread.id : null;
    if (threadId !== null && leaving.has(threadId)) return { one, waits: true };
    const next = play(one, facts, stage, context);
    if (next.creation && threadId !== null) leaving.add(threadId);
    return { one, ...next };
  });
  const winner = played.findLastIndex(({ reason }) => reason === null || reason === 'already-there');
  return played.map((each, index) => settlePlayed(each, facts, index - winner));
}

/** Without a reason (null = it moves the ticket) where the ticket does not decide: it waits, or opens a new one. */
type Played = { one: Judged; reason?: Reason | null; creation?: Creation; waits?: true };

/** `place` among the ticket's messages: 0 = the newest that counts, less = before it. */
function settlePlayed({ one, reason, creation, waits }: Played, facts: TicketFacts, place: number): Decided {
  const decided = { judged: one, fromStageId: null, toStageId: null, reason: null, applied: false };
  if (waits) return { ...decided, decision: 'wait' };
  if (creation) return { ...decided, decision: 'create', toStageId: creation.target?.stageId ?? null, creation };
  const known = reason ?? null;
  const overtaken = place < 0 && (known === null || reasons.indexOf(known) > supersededRank);
  const final = overtaken ? 'superseded' : place === 0 ? settleWinner(one, facts) : known;
  if (place === 0 || overtaken) one.evidence.push(newestEvidence(!overtaken));
  return {
    judged: one,
    decision: final === null ? 'move' : 'stay',
    reason: final,
    fromStageId: facts.ticket.stageId,
    toStageId: final === null ? one.targetStageId : null,
    applied: place === 0,
  };
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
function play(
  one: Judged,
  facts: TicketFacts,
  stage: PlayedStage,
  context: BatchContext,
): { reason?: Reason | null; creation?: Creation } {
  if (one.reason !== null || one.targetStageId === null || one.direction === null) {
    return { reason: one.reason ?? 'rule-off' };
  }
  if (isStale(one, facts)) {
    one.evidence.push({ check: 'newest-message', passed: false, seen: 'a newer one was applied before' });
    return { reason: 'stale' };
  }
  const closedReason = findClosedReason(one, facts, stage, context);
  const creation = findFollowUp(one, facts, { closedReason, stage }, context);
  if (creation) return typeof creation === 'string' ? { reason: creation } : { creation };
  const reason =
    closedReason ??
    (stage.id === one.targetStageId ? 'already-there' : null) ??
    findStandDown(one, facts, context) ??
    findLimit(one, facts, stage.id, context);
  if (reason === null) {
    stage.id = one.targetStageId;
    // A move to a closed stage closes the ticket anew: what its last closing was no longer counts for the next reply.
    stage.closedAt = one.at;
  }
  return { reason };
}

/**
 * The new ticket that a late reply to a closed one opens (PRODUCT.md 3). Not for mail that has no thread to remember it by, and not
 * where the ticket was closed after the reply was sent: whoever closed it had seen it. `stage-missing` = there is no open stage.
 */
function findFollowUp(
  { facts, at, evidence, direction }: Judged,
  { ticket }: TicketFacts,
  { closedReason, stage }: { closedReason: Reason | null; stage: PlayedStage },
  context: BatchContext,
): Creation | 'stage-missing' | undefined {
  if (facts.kind !== 'message' || direction !== 'INCOMING') return undefined;
  const plan = planOf(facts.thread.id, ticket.id);
  const { otherwise } = rulesOf(context.settings, ticket.pipelineId).incoming.closed;
  const isLate = stage.closedAt === null || toSecond(stage.closedAt) < toSecond(at);
  const wanted = closedReason === 'closed-outside-window' && otherwise === 'new-ticket' && isLate;
  // One that an earlier try may have made is looked for, whatever the ticket says by now.
  const planned = facts.plannedTickets.has(plan) ? { plan, target: null, followsTicketId: ticket.id } : undefined;
  if (!wanted) return planned;
  const stageId = findFirstStageId(context, ticket.pipelineId);
  evidence.push({ check: 'follows-ticket', passed: true, seen: ticket.id });
  evidence.push({ check: 'stage-exists', passed: stageId !== undefined, seen: stageId ?? 'no open stage' });
  if (stageId === undefined) return planned ?? 'stage-missing';
  return { plan, target: { pipelineId: ticket.pipelineId, stageId }, followsTicketId: ticket.id };
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
