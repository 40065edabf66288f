// What the pages show of records: sentence, time, the evidence behind each, and whether it can be tried again.
import type { BatonRecord } from '../../db/db.ts';
import { type ActionKind, actionKinds } from '../words/decision-words.ts';
import type { Words } from '../words/en.ts';
import { tellSeen } from './evidence.ts';
import { type LinkedPortal, linkToRecord } from './hubspot-links.ts';
import { knownTimeZone, momentWriter } from './moments.ts';
import { nameStages, type PortalPipelines } from './portal-pipelines.ts';
import { isAskedByWorkflow, tellCause, tellRecord } from './story.ts';

function nameAction({ action }: BatonRecord, words: Words): string | null {
  if (!action) return null;
  const known = actionKinds.find((each): each is ActionKind => each === action.kind);
  return `${known ? words.actions[known] : words.otherAction(action.kind)} (${action.id})`;
}

function listDetails(record: BatonRecord, words: Words): { label: string; value: string }[] {
  const seconds = record.latencyMs === null ? null : (record.latencyMs / 1000).toFixed(1);
  const details: [string, string | null][] = [
    [words.record.trouble, record.error],
    [words.record.cause, isAskedByWorkflow(record) ? words.askedByWorkflow : words.triggers[record.trigger]],
    [words.record.judgement, record.verdict && tellCause(record, words)],
    [words.record.action, nameAction(record, words)],
    [words.record.version, record.settingsVersion === null ? null : String(record.settingsVersion)],
    [
      words.record.took,
      seconds === null ? null : words.record.seconds(seconds.replace('.', words.record.decimalPoint)),
    ],
    [words.record.thread, record.threadId],
    [words.record.message, record.messageId],
    [words.record.email, record.emailId],
    [words.record.decisionNumber, record.id],
  ];
  return details.flatMap(([label, value]) => (value === null ? [] : [{ label, value }]));
}

export type Shown = {
  records: BatonRecord[];
  /** Ids of dead records whose event still waits for somebody to say "again". */
  retryable: ReadonlySet<string>;
};

/** The view of each record, in the same order. */
export function viewRecords(place: LinkedPortal, known: PortalPipelines, words: Words, { records, retryable }: Shown) {
  const { nameStage, nameIfStage } = nameStages(known, words);
  const write = momentWriter(words.dateLocale, knownTimeZone(place.portal.timeZone));
  const replaced = new Set(records.map((record) => record.replaces));
  return records.map((record) => ({
    id: record.id,
    sentence: tellRecord(record, { words, nameStage }),
    at: write(record.at),
    outcome: record.outcome,
    outcomeLabel: words.outcomes[record.outcome],
    replaces: record.replaces !== null,
    replaced: replaced.has(record.id),
    retryable: retryable.has(record.id),
    triedAgain: record.outcome === 'dead' && !retryable.has(record.id),
    ticket:
      record.ticketId === null ? null : { id: record.ticketId, hubspot: linkToRecord(place, '0-5', record.ticketId) },
    evidence: record.evidence.map((one) => ({
      // A check this version does not know any more is shown by its own name.
      sentence: words.checks[one.check]?.[one.passed ? 0 : 1] ?? one.check,
      passed: one.passed,
      seen: tellSeen(one, { words, nameIfStage, write }),
    })),
    details: listDetails(record, words),
  }));
}
