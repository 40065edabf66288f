// Room 7: the one place that changes a portal. Intents first, then one batch write, and every outcome named.
import type { Intent, Lease } from '../db/lanes.ts';
import type { Db } from '../db/open-db.ts';
import { BatonError } from '../errors.ts';
import type { MoveOutcome, PortalGateway } from '../hubspot/gateway.ts';
import type { Decided, Judged, TicketFacts } from '../rules/facts.ts';
import { findIntendedMove, toSecond } from '../rules/stage-history.ts';
import { type MoveResult, skippedMove as skipped } from './new-record.ts';
import type { Subject } from './subjects.ts';

export type TicketPlan = { facts: TicketFacts; decided: { subject: Subject; decided: Decided }[] };
/** What became of a ticket's move; an error = unknown or passing, to be looked at again. */
export type TicketResult = MoveResult | BatonError;

export type PerformParts = {
  lease: Lease;
  leaseMs: number;
  gateway: PortalGateway;
  lanes: Pick<Db['lanes'], 'planMoves'>;
  shadow: boolean;
  now: () => Date;
};

/** Answers by ticket id, for the tickets whose decision is a move. Throws `lease-lost` before anything is sent. */
export async function performMoves(
  parts: PerformParts,
  plans: TicketPlan[],
  batchEvents: Subject['events'],
): Promise<Map<string, TicketResult>> {
  const moves = plans.flatMap((plan) => plan.decided.filter(({ decided }) => decided.decision === 'move'));
  const results = new Map<string, TicketResult>();
  if (moves.length === 0) return results;
  if (parts.shadow) {
    for (const { decided } of moves) results.set(ticketOf(decided), { ...skipped, outcome: 'shadow' });
    return results;
  }
  await parts.lanes.planMoves(parts.lease, planIntents(moves, batchEvents, parts.now()), parts.leaseMs);
  const outcomes = await parts.gateway.moveTickets(
    moves.map(({ decided }) => ({ ticketId: ticketOf(decided), stageId: decided.toStageId as string })),
  );
  for (const { decided } of moves) {
    const outcome = outcomes.get(ticketOf(decided));
    results.set(ticketOf(decided), outcome ? readOutcome(outcome) : new BatonError('hubspot-unknown-outcome'));
  }
  return results;
}

function ticketOf(decided: Decided): string {
  const { ticket } = decided.judged.facts;
  return typeof ticket === 'object' ? ticket.ticket.id : '';
}

/** Each intent stands on the row of its own event; that of a message no event told of, on one that led to its thread. */
function planIntents(
  moves: { subject: Subject; decided: Decided }[],
  batchEvents: Subject['events'],
  now: Date,
): { event: Subject['events'][number]; intents: Intent[] }[] {
  const planned = new Map<string, { event: Subject['events'][number]; intents: Intent[] }>();
  for (const { subject, decided } of moves) {
    const threadId = subject.kind === 'message' ? subject.threadId : null;
    const event = subject.events[0] ?? batchEvents.find((one) => one.threadId === threadId) ?? batchEvents[0];
    if (!event) continue;
    const row = planned.get(event.id) ?? { event, intents: [] };
    planned.set(event.id, row);
    row.intents.push({
      subject: subject.subject,
      ticketId: ticketOf(decided),
      fromStageId: decided.fromStageId as string,
      toStageId: decided.toStageId as string,
      at: now.toISOString(),
    });
  }
  return [...planned.values()];
}

function readOutcome(outcome: MoveOutcome): TicketResult {
  if (outcome.ok) return { ...skipped, outcome: 'done', at: outcome.at };
  const { error } = outcome;
  if (error.code === 'hubspot-not-found') return { ...skipped, reason: 'ticket-gone' };
  if (error.code === 'hubspot-scope-missing') {
    return { ...skipped, outcome: 'failed', reason: 'scope-missing', error: error.message };
  }
  if (error.code === 'hubspot-refused') {
    return { ...skipped, outcome: 'failed', reason: 'refused-by-hubspot', error: error.detail ?? error.message };
  }
  return error;
}

/**
 * A move that an earlier try sent, and whose record was lost in a crash: found by its intent in the ticket's stage history, it is
 * recorded as done instead of being decided again. A move before the message was sent (both by HubSpot's clock) was another one's.
 */
export function findDoneMove(
  { facts: { subject }, at }: Judged,
  { ticket }: TicketFacts,
  intents: Intent[],
  appId: string,
): { intent: Intent; at: Date } | undefined {
  for (const intent of intents) {
    if (intent.subject !== subject || intent.ticketId !== ticket.id) continue;
    const change = findIntendedMove(ticket, { ...intent, at: new Date(intent.at) }, appId);
    if (change && toSecond(change.at) >= toSecond(at)) return { intent, at: change.at };
  }
  return undefined;
}
