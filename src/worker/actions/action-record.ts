// The records of a stage's actions: one for each action of each entry, and one for the message a reply made.
import type { Message } from '../../crm.ts';
import type { NewRecord } from '../../db/new-records.ts';
import type { DecidedSubject } from '../../db/ticket-memory.ts';
import type { StageAction } from '../../rules/stage-actions.ts';
import type { TicketEntry } from '../stage-entry-facts.ts';
import { messageSubject } from '../subjects.ts';
import type { ActionEnd } from './action-run.ts';

export type RecordedAction = {
  subject: string;
  entry: TicketEntry;
  action: StageAction;
  settingsVersion: number;
  previous: DecidedSubject | undefined;
};
type End = Omit<ActionEnd, 'outcome'> & { outcome: NewRecord['outcome'] };

export function actionRecord(
  { subject, entry, action, settingsVersion, previous }: RecordedAction,
  end: End,
  now: Date,
) {
  const { outcome, reason, error, evidence, posted } = end;
  const entered = { check: 'stage-history' as const, passed: true, seen: `entered ${entry.enteredAt.toISOString()}` };
  const known = entry.asked !== undefined || evidence.some(({ check }) => check === entered.check);
  const record: NewRecord = {
    ...blank,
    subject,
    revision: previous ? previous.revision + 1 : 1,
    replaces: previous?.id ?? null,
    ticketId: entry.ticketId,
    threadId: posted?.threadId ?? null,
    messageId: posted?.id ?? null,
    // What was not done stays; what was done, would have been or could not be is an act.
    decision: outcome === 'skipped' ? 'stay' : 'act',
    evidence: known ? evidence : [entered, ...evidence],
    reason,
    // By null the pages tell what a workflow asked for: it speaks of no status.
    toStageId: entry.asked ? null : entry.stageId,
    settingsVersion,
    action: { id: action.id, kind: action.kind },
    outcome,
    error,
    latencyMs: outcome === 'done' ? Math.max(0, now.getTime() - entry.enteredAt.getTime()) : null,
  };
  return record;
}

/** The echo of a reply comes back as an event like any other: with this record it is decided already, and never an agent's answer. */
export function ownMessageRecord(posted: Message, { entry, settingsVersion }: RecordedAction): NewRecord {
  return {
    ...blank,
    subject: messageSubject(posted.threadId, posted.id),
    ticketId: entry.ticketId,
    threadId: posted.threadId,
    messageId: posted.id,
    messageAt: posted.createdAt,
    trigger: entry.asked ? 'message' : blank.trigger,
    verdict: 'not-a-message',
    evidence: [{ check: 'not-ours', passed: false, seen: posted.clientType ?? 'no client type' }],
    reason: 'own-message',
    settingsVersion,
  };
}

const blank: NewRecord = {
  subject: '',
  revision: 1,
  replaces: null,
  ticketId: null,
  threadId: null,
  messageId: null,
  emailId: null,
  messageAt: null,
  trigger: 'stage-entry',
  verdict: null,
  evidence: [],
  decision: 'stay',
  reason: null,
  fromStageId: null,
  toStageId: null,
  settingsVersion: null,
  outcome: 'skipped',
  action: null,
  error: null,
  latencyMs: null,
};
