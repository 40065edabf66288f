// The planned_actions table: what is about to be done in HubSpot, written under the lease before it is sent.

import { BatonError } from '../errors.ts';
import type { Reason, Verdict } from '../rules/decide.ts';
import type { PortalSql, Writer } from './access.ts';
import type { Lease } from './lanes.ts';
import { reach } from './pool.ts';

export type PlannedAction = {
  /** That of the record to come. */
  subject: string;
  kind: string;
  plannedAt: Date;
  /** Of a reply posted to a thread: thread, `A-<userId>` and hash of its text, by which its echo is known. */
  threadId: string | null;
  senderActorId: string | null;
  textHash: string | null;
  /** Of a transactional email that HubSpot has taken. */
  statusId: string | null;
};
export type NewPlan = Pick<PlannedAction, 'subject' | 'kind'> &
  Partial<Pick<PlannedAction, 'threadId' | 'senderActorId' | 'textHash'>>;

type PlanRow = {
  subject: string;
  kind: string;
  planned_at: Date;
  thread_id: string | null;
  sender_actor_id: string | null;
  text_hash: string | null;
  status_id: string | null;
};

function readPlan(row: PlanRow): PlannedAction {
  return {
    subject: row.subject,
    kind: row.kind,
    plannedAt: row.planned_at,
    threadId: row.thread_id,
    senderActorId: row.sender_actor_id,
    textHash: row.text_hash,
    statusId: row.status_id,
  };
}

const columns = 'subject, kind, planned_at, thread_id, sender_actor_id, text_hash, status_id';

export function createPlannedActions(portal: PortalSql) {
  return {
    /** What of these was planned before, by subject: to be looked for before it is done (again). */
    async findPlanned(portalId: string, subjects: string[]): Promise<Map<string, PlannedAction>> {
      if (subjects.length === 0) return new Map();
      const { rows } = await reach(() =>
        portal.query<PlanRow>(
          `select ${columns} from planned_actions where portal_id = $1::bigint and subject = any($2::text[])`,
          [portalId, subjects],
        ),
      );
      return new Map(rows.map((row) => [row.subject, readPlan(row)]));
    },

    /** Replies planned on these threads whose record is not written yet: their echo may arrive before their id is known. */
    async findPostings(portalId: string, threadIds: string[]): Promise<PlannedAction[]> {
      if (threadIds.length === 0) return [];
      const { rows } = await reach(() =>
        portal.query<PlanRow>(
          `select ${columns} from planned_actions where portal_id = $1::bigint and thread_id = any($2::text[])`,
          [portalId, threadIds],
        ),
      );
      return rows.map(readPlan);
    },

    /**
     * Writes what is about to be sent, and prolongs the lease, in one statement; what is planned already keeps its time, and takes the
     * text of this try. Throws `lease-lost`; then nothing is written and nothing may be sent.
     */
    async plan(lease: Lease, plans: NewPlan[], leaseMs: number): Promise<void> {
      const { rows } = await reach(() =>
        portal.query<{ held: number }>(
          `with held as (
             update lanes set lease_until = now() + $3 * interval '1 millisecond'
             where portal_id = $1::bigint and fence = $2::bigint and lease_until is not null
             returning portal_id
           ), written as (
             insert into planned_actions (portal_id, subject, kind, thread_id, sender_actor_id, text_hash)
             select held.portal_id, planned.*
             from held, unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[]) as planned
             on conflict (portal_id, subject) do update
             set thread_id = excluded.thread_id, sender_actor_id = excluded.sender_actor_id, text_hash = excluded.text_hash
           )
           select count(*)::int as held from held`,
          [
            lease.portalId,
            lease.fence,
            leaseMs,
            plans.map((plan) => plan.subject),
            plans.map((plan) => plan.kind),
            plans.map((plan) => plan.threadId ?? null),
            plans.map((plan) => plan.senderActorId ?? null),
            plans.map((plan) => plan.textHash ?? null),
          ],
        ),
      );
      if (rows[0]?.held !== 1) throw new BatonError('lease-lost');
    },

    /** Where the end of a transactional email can be asked for; null = it is to be sent anew. A worker that lost the lease changes nothing. */
    async noteStatus(lease: Lease, subject: string, statusId: string | null): Promise<void> {
      await reach(() =>
        portal.query(
          `update planned_actions set status_id = $4
           from lanes
           where planned_actions.portal_id = $1::bigint and subject = $3
             and lanes.portal_id = $1::bigint and lanes.fence = $2::bigint and lanes.lease_until is not null`,
          [lease.portalId, lease.fence, subject, statusId],
        ),
      );
    },

    /** Ids of the notes, tasks and messages that recorded actions of this ticket made: none of them is another action's. */
    async findMade(portalId: string, ticketId: string): Promise<Set<string>> {
      const { rows } = await reach(() =>
        portal.query<{ made: string | null }>(
          `select coalesce(message_id, seen.item ->> 'seen') as made
           from records
           left join lateral jsonb_array_elements(evidence) as seen (item) on seen.item ->> 'check' = 'made'
           where portal_id = $1::bigint and ticket_id = $2 and action is not null`,
          [portalId, ticketId],
        ),
      );
      return new Set(rows.flatMap(({ made }) => made ?? []));
    },

    /** Verdict and reason of the newest message or email that came in, or is on, this ticket; undefined when none is recorded. */
    async findNewestIncoming(
      portalId: string,
      ticketId: string,
    ): Promise<{ verdict: Verdict; reason: Reason | null; at: Date } | undefined> {
      const { rows } = await reach(() =>
        portal.query<{ verdict: Verdict; reason: Reason | null; at: Date }>(
          `select verdict, reason, message_at as at from records
           where portal_id = $1::bigint and ticket_id = $2 and message_at is not null
             and verdict in ('automatic', 'opens-conversation', 'reply-on-originating-thread', 'reply-elsewhere')
           order by message_at desc, id desc
           limit 1`,
          [portalId, ticketId],
        ),
      );
      return rows[0];
    },
  };
}

/** In the transaction that writes their records. */
export async function forgetPlans(client: Writer, portalId: string, subjects: string[]): Promise<void> {
  if (subjects.length === 0) return;
  await client.query('delete from planned_actions where portal_id = $1::bigint and subject = any($2::text[])', [
    portalId,
    subjects,
  ]);
}
