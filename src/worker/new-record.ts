// Turns a decision and what came of it into the record that people read.
import type { Outcome } from '../db/db.ts';
import type { NewRecord } from '../db/new-records.ts';
import type { DecidedSubject } from '../db/ticket-memory.ts';
import type { Reason } from '../rules/decide.ts';
import type { Decided, Facts, Judged } from '../rules/facts.ts';
import type { Subject } from './subjects.ts';

export type MoveResult = { outcome: Outcome; reason: Reason | null; error: string | null; at: Date | null };

export const skippedMove: MoveResult = { outcome: 'skipped', reason: null, error: null, at: null };

/** A record of a subject before anything is known of it. */
function blankRecord(subject: Subject, settingsVersion: number | null): NewRecord {
  const { previous } = subject;
  return {
    subject: subject.subject,
    revision: previous ? previous.revision + 1 : 1,
    replaces: previous?.id ?? null,
    ticketId: null,
    threadId: subject.kind === 'message' ? subject.threadId : null,
    messageId: subject.kind === 'message' ? subject.messageId : null,
    emailId: subject.kind === 'email' ? subject.emailId : null,
    messageAt: null,
    trigger: subject.trigger,
    verdict: null,
    evidence: [],
    decision: 'stay',
    reason: null,
    fromStageId: null,
    toStageId: null,
    settingsVersion,
    outcome: 'skipped',
    action: null,
    error: null,
    latencyMs: null,
  };
}

/** For what ends without facts: the portal is gone, the message was never there, or every try failed. */
export function plainRecord(
  subject: Subject,
  settingsVersion: number | null,
  end: Pick<NewRecord, 'reason' | 'outcome' | 'error' | 'evidence' | 'verdict'>,
): NewRecord {
  return { ...blankRecord(subject, settingsVersion), ...end };
}

/** For a message whose reason came before any ticket was asked. */
export function judgedRecord(subject: Subject, judged: Judged, settingsVersion: number): NewRecord {
  return {
    ...blankRecord(subject, settingsVersion),
    ticketId: ticketIdOf(judged.facts),
    messageAt: judged.at,
    verdict: judged.verdict,
    evidence: judged.evidence,
    reason: judged.reason,
  };
}

export function decidedRecord(
  subject: Subject,
  decided: Decided,
  settingsVersion: number,
  result: MoveResult,
): NewRecord {
  const moved = decided.decision === 'move' && result.reason === null;
  return {
    ...judgedRecord(subject, decided.judged, settingsVersion),
    decision: moved ? 'move' : 'stay',
    reason: moved ? null : (result.reason ?? decided.reason),
    fromStageId: decided.fromStageId,
    toStageId: decided.toStageId,
    outcome: result.outcome,
    error: result.error,
    latencyMs: latencyMs(decided.judged, result),
  };
}

/** For a message that asked for a ticket: `ticketId` is the new one, or the one that was in its way; null = that of the message itself. */
export function createdRecord(
  subject: Subject,
  judged: Judged,
  settingsVersion: number,
  result: MoveResult & { ticketId: string | null; toStageId: string | null },
): NewRecord {
  const blank = judgedRecord(subject, judged, settingsVersion);
  return {
    ...blank,
    decision: result.reason === null ? 'create' : 'stay',
    reason: result.reason,
    ticketId: result.ticketId ?? blank.ticketId,
    toStageId: result.toStageId,
    outcome: result.outcome,
    error: result.error,
    latencyMs: latencyMs(judged, result),
  };
}

function latencyMs(judged: Judged, { at }: MoveResult): number | null {
  return at ? Math.max(0, at.getTime() - judged.at.getTime()) : null;
}

/** Whether a new decision about something already recorded says anything new. */
export function isNews(record: NewRecord, previous: DecidedSubject | undefined): boolean {
  if (!previous) return true;
  return (
    record.verdict !== previous.verdict ||
    record.decision !== previous.decision ||
    record.reason !== previous.reason ||
    record.ticketId !== previous.ticketId ||
    record.outcome !== previous.outcome
  );
}

function ticketIdOf(facts: Facts): string | null {
  if (typeof facts.ticket === 'object') return facts.ticket.ticket.id;
  return facts.kind === 'message'
    ? facts.thread.ticketId
    : facts.ticketIds.length === 1
      ? (facts.ticketIds[0] ?? null)
      : null;
}
