// A record as the JSON answers print it.
import type { BatonRecord } from '../db/db.ts';

/** CONTRACT.md 3, and nothing else of the row. */
export function printRecord(record: BatonRecord) {
  return {
    id: record.id,
    at: record.at.toISOString(),
    ticketId: record.ticketId,
    threadId: record.threadId,
    messageId: record.messageId,
    emailId: record.emailId,
    trigger: record.trigger,
    verdict: record.verdict,
    evidence: record.evidence.map(({ check, passed, seen }) => ({ check, passed, seen })),
    decision: record.decision,
    reason: record.reason,
    fromStageId: record.fromStageId,
    toStageId: record.toStageId,
    settingsVersion: record.settingsVersion,
    action: record.action,
    outcome: record.outcome,
    error: record.error,
    latencyMs: record.latencyMs,
  };
}
