// The worker's side of the inbox: lease portals with their due events, plan, and settle a batch in one transaction.

import type { Pool } from 'pg';
import type { Event } from '../crm.ts';
import { BatonError } from '../errors.ts';
import { createAccess, gatherStatements, type Writer } from './access.ts';
import { startDueListener } from './due-listener.ts';
import { insertOwnEvents, type PackedEvent, unpackEvent } from './events.ts';
import { insertRecords, type NewRecord } from './new-records.ts';
import { forgetPlans } from './planned-actions.ts';
import { reach } from './pool.ts';
import { type MemoryChange, writeMemory } from './ticket-memory.ts';

/** A move about to be made: for which message or email, from where to where, and when it was written. */
export type Intent = { subject: string; ticketId: string; fromStageId: string; toStageId: string; at: string };
/** Which inbox row: `runAt` as PostgreSQL prints it, because a Date would lose its microseconds and with them the index. */
export type EventRef = { id: string; runAt: string };
export type InboxEvent = Event & EventRef & { attempts: number; receivedAt: Date; intents: Intent[] };
/** A worker's right to one portal. `fence` proves it; `takenOver` = the worker before never released. */
export type Lease = { portalId: string; fence: string; pace: number[]; takenOver: boolean };
export type LeasedBatch = { lease: Lease; events: InboxEvent[] };

export type Settlement = {
  records: NewRecord[];
  done: EventRef[];
  /** Events to look at again. `failed` counts as an attempt, waiting for a fact does not. */
  later: { event: EventRef; delayMs: number; failed: boolean }[];
  dead: { event: EventRef; errorCode: string }[];
  memory: MemoryChange[];
  /** Subjects of planned actions whose end is known. */
  forgottenPlans: string[];
  /** Events Baton makes itself; one whose key was seen is dropped. */
  newEvents: Event[];
  /** Calls of the last ten seconds. */
  pace: number[];
  /** Nothing of this portal is due before. */
  pausedForMs: number;
};

type ClaimRow = {
  portal_id: string;
  fence: string;
  pace: string[];
  taken_over: boolean;
  id: string | null;
  run_at: string;
  attempts: number;
  received_at: Date;
  event: PackedEvent;
  intents: Intent[];
};

// `order by due_at` serves who waits longest; a portal with a long backlog holds one lane, not the queue. Both scans must
// stay index scans: at 100,000 waiting rows the planner turns to bitmap and sort, 3 to 4 times slower (see lane settings).
const claimLanes = `
  with due as (
    select portal_id from lanes
    where due_at <= now()
      and (lease_until is null or lease_until <= now())
      and (paused_until is null or paused_until <= now())
    order by due_at
    limit $1
    for update skip locked
  ), leased as (
    update lanes
    set fence = fence + 1,
        taken_over = lease_until is not null,
        lease_until = now() + $2 * interval '1 millisecond'
    from due
    where lanes.portal_id = due.portal_id
    returning lanes.portal_id, lanes.fence, lanes.pace, lanes.taken_over
  )
  select leased.portal_id, leased.fence, leased.pace, leased.taken_over,
         waiting.id, waiting.run_at::text, waiting.attempts, waiting.received_at, waiting.event, waiting.intents
  from leased
  left join lateral (
    select id, attempts, received_at, event, intents, run_at
    from inbox
    where inbox.portal_id = leased.portal_id and run_at <= now()
    order by run_at, id
    limit $3
  ) waiting on true
  order by leased.portal_id, waiting.run_at, waiting.id`;

function readInboxEvent(row: ClaimRow): InboxEvent {
  return {
    ...unpackEvent(row.portal_id, row.event),
    id: row.id as string,
    runAt: row.run_at,
    attempts: row.attempts,
    receivedAt: row.received_at,
    intents: row.intents,
  };
}

/** For the pool that claims and settles: keeps the planner on the index scans these statements were measured with. */
export const laneSettings = { enable_bitmapscan: 'off', enable_seqscan: 'off', jit: 'off' };

// In a statement of its own, before the next due time is computed: an intake that commits between the two would otherwise lose its
// wake-up. Nobody can look at its answer, since what follows is sent along: a lease that is lost divides by zero, which ends them all.
const lockLane = `
  select 1 / count(*) from (
    select from lanes where portal_id = $1::bigint and fence = $2::bigint and lease_until is not null for update
  ) held`;
const divisionByZero = '22012';

export function createLanes(pool: Pool) {
  const { portal, allPortals } = createAccess(pool);
  return {
    /** Leases up to `limit` portals with due events, each with its oldest `batchSize` events (possibly none). */
    async claimLanes(limit: number, options: { leaseMs: number; batchSize: number }): Promise<LeasedBatch[]> {
      const { rows } = await reach(() =>
        allPortals.query<ClaimRow>({ name: 'claim-lanes', text: claimLanes }, [
          limit,
          options.leaseMs,
          options.batchSize,
        ]),
      );
      const batches = new Map<string, LeasedBatch>();
      for (const row of rows) {
        let batch = batches.get(row.portal_id);
        if (!batch) {
          const pace = row.pace.map(Number);
          const lease = { portalId: row.portal_id, fence: row.fence, pace, takenOver: row.taken_over };
          batch = { lease, events: [] };
          batches.set(row.portal_id, batch);
        }
        if (row.id !== null) batch.events.push(readInboxEvent(row));
      }
      return [...batches.values()];
    },

    /** Prolongs a lease. Throws `lease-lost` when another worker has it. */
    async renewLease(lease: Lease, leaseMs: number): Promise<void> {
      const { rowCount } = await reach(() =>
        portal.query(
          `update lanes set lease_until = now() + $3 * interval '1 millisecond'
           where portal_id = $1::bigint and fence = $2::bigint and lease_until is not null`,
          [lease.portalId, lease.fence, leaseMs],
        ),
      );
      if (rowCount !== 1) throw new BatonError('lease-lost');
    },

    /**
     * Writes what is about to be sent to HubSpot, and prolongs the lease, in one statement. After a crash the intent tells
     * the next worker which change in HubSpot is Baton's own. Throws `lease-lost`; then nothing is written and nothing may be sent.
     */
    async planMoves(lease: Lease, planned: { event: EventRef; intents: Intent[] }[], leaseMs: number): Promise<void> {
      const { rows } = await reach(() =>
        portal.query<{ held: number; planned: number }>(
          {
            name: 'plan-moves',
            text: `with held as (
             update lanes set lease_until = now() + $3 * interval '1 millisecond'
             where portal_id = $1::bigint and fence = $2::bigint and lease_until is not null
             returning portal_id
           ), written as (
             -- added to those of earlier tries, whose moves may have been made all the same
             update inbox set intents = inbox.intents || planned.intents
             from held, unnest($4::timestamptz[], $5::bigint[], $6::jsonb[]) as planned (run_at, id, intents)
             where inbox.portal_id = held.portal_id and inbox.run_at = planned.run_at and inbox.id = planned.id
             returning inbox.id
           )
           select (select count(*) from held)::int as held, (select count(*) from written)::int as planned`,
          },
          [
            lease.portalId,
            lease.fence,
            leaseMs,
            planned.map(({ event }) => event.runAt),
            planned.map(({ event }) => event.id),
            planned.map(({ intents }) => JSON.stringify(intents)),
          ],
        ),
      );
      if (rows[0]?.held !== 1 || rows[0].planned !== planned.length) throw new BatonError('lease-lost');
    },

    /** Records, memory and done-marks in one transaction, then the lease is released. Throws `lease-lost`; then nothing is written. */
    async settle(lease: Lease, settlement: Settlement): Promise<void> {
      const writer = gatherStatements();
      await writer.query({ name: 'lock-lane', text: lockLane, values: [lease.portalId, lease.fence] });
      await insertRecords(writer, lease.portalId, settlement.records);
      await writeMemory(writer, lease.portalId, settlement.memory);
      await forgetPlans(writer, lease.portalId, settlement.forgottenPlans);
      await settleEvents(writer, lease.portalId, settlement);
      await insertOwnEvents(writer, settlement.newEvents);
      await releaseLane(writer, lease, settlement);
      await reach(() => portal.queryTogether(lease.portalId, writer.statements)).catch((error: unknown) => {
        throw (error as { code?: unknown }).code === divisionByZero ? new BatonError('lease-lost') : error;
      });
    },

    /** Calls `onDue` whenever some lane becomes due, until `stop` is called; reconnects by itself. A slow poll must back it up. */
    listenForDue(onDue: () => void): Promise<{ stop(): Promise<void> }> {
      return startDueListener(pool, onDue);
    },
  };
}

async function settleEvents(client: Writer, portalId: string, settlement: Settlement): Promise<void> {
  const { done, later, dead } = settlement;
  if (dead.length > 0) {
    await client.query(
      `insert into dead_events (portal_id, id, attempts, error_code, event, intents)
       select portal_id, id, attempts + 1, ended.error_code, event, intents
       from inbox
       join unnest($2::timestamptz[], $3::bigint[], $4::text[]) as ended (run_at, id, error_code) using (run_at, id)
       where portal_id = $1::bigint`,
      [portalId, ...columnsOf(dead), dead.map((ended) => ended.errorCode)],
    );
  }
  const gone = [...done.map((event) => ({ event })), ...dead];
  if (gone.length > 0) {
    await client.query({
      name: 'delete-done',
      text: `delete from inbox using unnest($2::timestamptz[], $3::bigint[]) as gone (run_at, id)
       where portal_id = $1::bigint and inbox.run_at = gone.run_at and inbox.id = gone.id`,
      values: [portalId, ...columnsOf(gone)],
    });
  }
  if (later.length > 0) {
    await client.query(
      `update inbox
       set run_at = now() + waits.delay_ms * interval '1 millisecond',
           attempts = attempts + waits.failed::int
       from unnest($2::timestamptz[], $3::bigint[], $4::bigint[], $5::boolean[]) as waits (run_at, id, delay_ms, failed)
       where portal_id = $1::bigint and inbox.run_at = waits.run_at and inbox.id = waits.id`,
      [portalId, ...columnsOf(later), later.map((wait) => Math.round(wait.delayMs)), later.map((wait) => wait.failed)],
    );
  }
}

function columnsOf(rows: { event: EventRef }[]): [string[], string[]] {
  return [rows.map((row) => row.event.runAt), rows.map((row) => row.event.id)];
}

async function releaseLane(client: Writer, lease: Lease, settlement: Settlement): Promise<void> {
  await client.query({
    name: 'release-lane',
    text: `update lanes
     set lease_until = null,
         pace = $2::bigint[],
         paused_until = case when $3::bigint > 0 then now() + $3::bigint * interval '1 millisecond' end,
         -- Behind those that were due before: with its oldest event's time a portal with a long backlog would be first again, and
         -- where no lane is free for others it would be worked through before any of them.
         due_at = (
           select greatest(run_at, now()) from inbox where portal_id = $1::bigint order by run_at limit 1
         )
     where portal_id = $1::bigint`,
    values: [lease.portalId, settlement.pace.map(Math.round), Math.round(settlement.pausedForMs)],
  });
}
