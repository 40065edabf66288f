// Writes records: one a subject, and a further revision when a later fact changed the decision.
import type { Evidence, Reason, Verdict } from '../rules/decide.ts';
import type { Writer } from './access.ts';
import type { Outcome, Trigger } from './db.ts';

export type NewRecord = {
  /** m:<thread>:<message>, e:<email>, s:<ticket>:<stage>:<entered at, ms>:<action> or w:<ticket>:<key of a workflow's call> */
  subject: string;
  /** 1 for the first, one more than what it replaces otherwise. */
  revision: number;
  replaces: string | null;
  ticketId: string | null;
  threadId: string | null;
  messageId: string | null;
  emailId: string | null;
  /** When the message was sent, by HubSpot's clock. */
  messageAt: Date | null;
  trigger: Trigger;
  verdict: Verdict | null;
  evidence: Evidence[];
  decision: 'move' | 'create' | 'stay' | 'act';
  reason: Reason | null;
  fromStageId: string | null;
  toStageId: string | null;
  settingsVersion: number | null;
  outcome: Outcome;
  /** The action of a stage, for decision `act` and for one that was not done. */
  action: { id: string; kind: string } | null;
  error: string | null;
  latencyMs: number | null;
};

// `on conflict do nothing`: the record of this subject and revision exists already, from a worker that lost its lease after it wrote.
const insert = `
  insert into records (
    portal_id, subject, revision, replaces, ticket_id, thread_id, message_id, email_id, message_at, trigger, verdict,
    evidence, decision, reason, from_stage_id, to_stage_id, settings_version, outcome, error, latency_ms, action
  )
  select $1::bigint, fresh.* from unnest(
    $2::text[], $3::smallint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[],
    $10::text[], $11::text[], $12::jsonb[], $13::text[], $14::text[], $15::text[], $16::text[], $17::integer[],
    $18::text[], $19::text[], $20::bigint[], $21::jsonb[]
  ) as fresh
  on conflict (portal_id, subject, revision) do nothing`;

/** HubSpot's words and ids come as they are; PostgreSQL takes no NUL, and no half of a surrogate pair in JSON. */
function cleanText<T>(value: T): T | string {
  return typeof value === 'string' ? value.replaceAll('\0', '').toWellFormed() : value;
}

/** In the caller's transaction. A subject and revision that exist already are left as they are. */
export async function insertRecords(client: Writer, portalId: string, records: NewRecord[]): Promise<void> {
  if (records.length === 0) return;
  const column = (name: keyof NewRecord): unknown[] => records.map((record) => cleanText(record[name]));
  await client.query({
    name: 'insert-records',
    text: insert,
    values: [
      portalId,
      column('subject'),
      column('revision'),
      column('replaces'),
      column('ticketId'),
      column('threadId'),
      column('messageId'),
      column('emailId'),
      column('messageAt'),
      column('trigger'),
      column('verdict'),
      records.map((record) => JSON.stringify(record.evidence, (_key, value) => cleanText(value))),
      column('decision'),
      column('reason'),
      column('fromStageId'),
      column('toStageId'),
      column('settingsVersion'),
      column('outcome'),
      column('error'),
      records.map((record) => (record.latencyMs === null ? null : Math.round(record.latencyMs))),
      records.map((record) => (record.action === null ? null : JSON.stringify(record.action))),
    ],
  });
}
