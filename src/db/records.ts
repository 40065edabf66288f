// Reads records back for people: newest first, one portal at a time.
import type { Pool } from 'pg';
import type { BatonRecord } from './db.ts';
import { reach } from './pool.ts';

type RecordRow = {
  id: string;
  at: Date;
  ticket_id: string | null;
  thread_id: string | null;
  message_id: string | null;
  email_id: string | null;
  trigger: BatonRecord['trigger'];
  verdict: BatonRecord['verdict'];
  evidence: BatonRecord['evidence'];
  decision: BatonRecord['decision'];
  reason: BatonRecord['reason'];
  from_stage_id: string | null;
  to_stage_id: string | null;
  settings_version: number | null;
  action: BatonRecord['action'];
  outcome: BatonRecord['outcome'];
  error: string | null;
  latency_ms: string | null;
  replaces: string | null;
};

function readRecord(row: RecordRow): BatonRecord {
  return {
    id: row.id,
    at: row.at,
    ticketId: row.ticket_id,
    threadId: row.thread_id,
    messageId: row.message_id,
    emailId: row.email_id,
    trigger: row.trigger,
    verdict: row.verdict,
    evidence: row.evidence,
    decision: row.decision,
    reason: row.reason,
    fromStageId: row.from_stage_id,
    toStageId: row.to_stage_id,
    settingsVersion: row.settings_version,
    action: row.action,
    outcome: row.outcome,
    error: row.error,
    latencyMs: row.latency_ms === null ? null : Number(row.latency_ms),
    replaces: row.replaces,
  };
}

const columns = `id, at, ticket_id, thread_id, message_id, email_id, trigger, verdict, evidence, decision, reason,
  from_stage_id, to_stage_id, settings_version, action, outcome, error, latency_ms, replaces`;

export function createRecords(pool: Pool) {
  return {
    /** Newest first; `after` is the id of the last record seen, `next` what to pass for the following page. */
    async listRecords(
      portalId: string,
      query: { ticketId?: string; outcome?: BatonRecord['outcome']; limit: number; after?: string },
    ): Promise<{ records: BatonRecord[]; next: string | null }> {
      const conditions = ['portal_id = $1::bigint'];
      const values: unknown[] = [portalId];
      const add = (condition: (place: string) => string, value: unknown): void => {
        values.push(value);
        conditions.push(condition(`$${values.length}`));
      };
      if (query.ticketId !== undefined) add((place) => `ticket_id = ${place}`, query.ticketId);
      if (query.outcome !== undefined) add((place) => `outcome = ${place}`, query.outcome);
      if (query.after !== undefined) add((place) => `id < ${place}::bigint`, query.after);
      values.push(query.limit + 1);
      const { rows } = await reach(() =>
        pool.query<RecordRow>(
          `select ${columns} from records where ${conditions.join(' and ')} order by id desc limit $${values.length}`,
          values,
        ),
      );
      const records = rows.slice(0, query.limit).map(readRecord);
      return { records, next: rows.length > query.limit ? (records.at(-1)?.id ?? null) : null };
    },

    async countDead(portalId: string): Promise<number> {
      const { rows } = await reach(() =>
        pool.query<{ count: number }>('select count(*)::int as count from dead_events where portal_id = $1::bigint', [
          portalId,
        ]),
      );
      return rows[0]?.count ?? 0;
    },
  };
}
