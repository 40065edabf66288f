// Room 7 for the messages of one ticket: what they come to, the moves of all tickets at once, and a record of each message.
import { BatonError } from '../errors.ts';
import type { Judged, TicketFacts } from '../rules/facts.ts';
import { hasStageActions } from '../rules/stage-entry.ts';
import { decideTicket } from '../rules/ticket-decisions.ts';
import type { Batch } from './batch.ts';
import { failEvents } from './failure.ts';
import { record } from './judgements.ts';
import { decidedRecord } from './new-record.ts';
import { entryEvent } from './own-events.ts';
import { findDoneMove, performMoves, type TicketPlan } from './perform.ts';
import type { Subject } from './subjects.ts';

export type JudgedTicket = { facts: TicketFacts; judged: { subject: Subject; judged: Judged }[] };

/** Moves done before a crash are taken as done; the ticket's other messages are then decided after them. */
export function decideOne(batch: Batch, plan: JudgedTicket): TicketPlan {
  let { facts } = plan;
  const intents = batch.events.flatMap((event) => event.intents);
  const open: { subject: Subject; judged: Judged }[] = [];
  for (const one of plan.judged) {
    const done = findDoneMove(one.judged, facts, intents, batch.context.appId);
    if (!done) {
      open.push(one);
      continue;
    }
    const { intent, at } = done;
    const { fromStageId, toStageId } = intent;
    const decided = {
      judged: one.judged,
      decision: 'move' as const,
      reason: null,
      fromStageId,
      toStageId,
      applied: true,
    };
    const result = { outcome: 'done' as const, reason: null, error: null, at };
    record(batch, one.subject, decidedRecord(one.subject, decided, batch.settingsVersion, result));
    enterStage(batch, { ticketId: facts.ticket.id, stageId: toStageId, enteredAt: at });
    const applied = appliedOf(one.judged);
    batch.work.memory.push({ kind: 'applied', ticketId: facts.ticket.id, ...applied });
    if (!facts.applied || facts.applied.at <= applied.at) facts = { ...facts, applied };
  }
  const subjects = new Map(open.map(({ subject, judged }) => [judged, subject]));
  const decided = decideTicket(facts, [...subjects.keys()], batch.context);
  return { facts, decided: decided.map((one) => ({ subject: subjects.get(one.judged) as Subject, decided: one })) };
}

/** What a ticket remembers of the message that set whose turn it is. */
export function appliedOf(judged: Judged) {
  const { facts, at, direction } = judged;
  const threadId = facts.kind === 'message' ? facts.thread.id : null;
  return { subject: facts.subject, threadId, direction: direction ?? ('INCOMING' as const), at };
}

/** Baton's own move: its stage's actions wait for no webhook, which may be lost. One that comes speaks of the same entry. */
function enterStage({ work, portal, context }: Batch, entry: Parameters<typeof entryEvent>[1]): void {
  if (hasStageActions(context.settings, entry.stageId)) work.newEvents.push(entryEvent(portal.id, entry));
}

/** Moves the tickets and records their messages; those that open a new ticket, or wait for one, are left to worker/creations.ts. */
export async function performPlans(batch: Batch, plans: TicketPlan[]): Promise<void> {
  const shadow = batch.context.settings.shadow;
  const results = await performMoves({ ...batch, lanes: batch.db.lanes, shadow }, plans, batch.events);
  for (const { facts, decided: all } of plans) {
    const decided = all.filter((one) => one.decided.decision === 'move' || one.decided.decision === 'stay');
    const result = results.get(facts.ticket.id);
    if (result instanceof BatonError) {
      // Unknown or passing: every message of the ticket is looked at again, so that none is recorded on a guess.
      for (const { subject } of decided) failEvents(batch, subject, subject.events, result);
      continue;
    }
    for (const { subject, decided: one } of decided) {
      const own =
        one.decision === 'move' && result
          ? result
          : { outcome: 'skipped' as const, reason: null, error: null, at: null };
      record(batch, subject, decidedRecord(subject, one, batch.settingsVersion, own));
      if (one.decision === 'move' && own.outcome === 'done' && own.at && one.toStageId !== null) {
        enterStage(batch, { ticketId: facts.ticket.id, stageId: one.toStageId, enteredAt: own.at });
      }
      if (one.applied && own.reason === null) {
        batch.work.memory.push({ kind: 'applied', ticketId: facts.ticket.id, ...appliedOf(one.judged) });
      }
    }
  }
  // A refusal may mean that a stage is gone, which the next batch should know; at most once a minute where a portal refuses all.
  const refused = [...results.values()].some((result) => 'reason' in result && result.reason === 'refused-by-hubspot');
  if (refused) await batch.pipelines.get(batch.portal.id, { maxAgeMs: 60_000 });
}
