// What the pages show of one record: its sentence, its time, and the evidence behind it.
import type { Portal } from '../../crm.ts';
import type { BatonRecord } from '../../db/db.ts';
import type { Words } from '../words/en.ts';
import { knownTimeZone, momentWriter } from './moments.ts';
import { nameStages, type PortalPipelines } from './portal-pipelines.ts';
import { tellRecord } from './story.ts';

/** Address of a ticket's page in HubSpot (PLATFORM.md 4.6). */
export function linkToHubSpot(portal: Portal, ticketId: string): string {
  return `https://${portal.uiDomain}/contacts/${portal.id}/record/0-5/${encodeURIComponent(ticketId)}`;
}

function listDetails(record: BatonRecord, words: Words): { label: string; value: string }[] {
  const seconds = record.latencyMs === null ? null : (record.latencyMs / 1000).toFixed(1);
  const details: [string, string | null][] = [
    [words.record.trouble, record.error],
    [words.record.cause, words.triggers[record.trigger]],
    [words.record.judgement, record.verdict && words.verdicts[record.verdict]],
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

/** Makes the view of each record of a portal. */
export function recordViewer(portal: Portal, known: PortalPipelines, words: Words) {
  const { nameStage, nameIfStage } = nameStages(known, words);
  const write = momentWriter(words.dateLocale, knownTimeZone(portal.timeZone));
  return (record: BatonRecord) => ({
    id: record.id,
    sentence: tellRecord(record, { words, nameStage }),
    at: write(record.at),
    outcome: record.outcome,
    outcomeLabel: words.outcomes[record.outcome],
    replaces: record.replaces !== null,
    ticket: record.ticketId === null ? null : { id: record.ticketId, hubspot: linkToHubSpot(portal, record.ticketId) },
    evidence: record.evidence.map(({ check, passed, seen }) => ({
      // A check this version does not know any more is shown by its own name.
      label: words.checks[check] ?? check,
      passed,
      seen: nameIfStage(seen),
    })),
    details: listDetails(record, words),
  });
}
