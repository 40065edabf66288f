// Turns a decision and what came of it into the record that people read.
import type { Outcome } from '../db/db.ts';
import type { NewRecord } from '../db/new-records.ts';
import type { DecidedSubject } from '../db/ticket-memory.ts';
import type { Reason } from '../rules/decide.ts';
import type { Decided, Facts, Judged } from '../rules/facts.ts';
import type { Subject } from './subjects.ts';

export type MoveResult = { outcome: Outcome; reason: Reason | null; error: string | null; at: Date | null };

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
    latencyMs: result.at ? Math.max(0, result.at.getTime() - decided.judged.at.getTime()) : null,
  };
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
