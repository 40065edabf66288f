// What failed at every try, or for want of a permission: counted, found for its record, and put back into the inbox when a person says so.
import type { PortalSql } from './access.ts';
import { reach } from './pool.ts';

/** Events put back in one transaction: some hundred milliseconds, in which no worker can settle that portal. */
const eventsPerTransaction = 5_000;
/** More are not counted: the page says "more than". */
export const countedAtMost = 1_000;

// Which dead events a record's subject (db/new-records.ts) speaks of; each branch by an index of its own.
const eventsOfRecord = `
  select id from dead_events
  where portal_id = records.portal_id and records.subject like 'm:%'
    -- a message may have been found by a look at its whole thread, which names no message
    and thread_id = records.thread_id
    and coalesce(event ->> 'messageId', records.message_id) = records.message_id
  union all
  select id from dead_events
  where portal_id = records.portal_id and records.subject like 'e:%' and email_id = records.email_id
  union all
  select id from dead_events
  where portal_id = records.portal_id and records.subject like 's:%'
    and ticket_id = split_part(records.subject, ':', 2) and event ->> 'kind' like 'ticket-%'
  union all
  select id from dead_events
  where portal_id = records.portal_id and records.subject like 'w:%'
    and ticket_id = split_part(records.subject, ':', 2) and event ->> 'key' = split_part(records.subject, ':', 3)`;

// worker/subjects.ts isGivenUp
const isGivenUp = `(outcome = 'dead' or (outcome = 'failed' and reason = 'scope-missing'))`;
const newerRevision = `
  select from records newer
  where newer.portal_id = records.portal_id and newer.subject = records.subject and newer.revision > records.revision`;

const ofOneRecord = `
  select dead.id from records cross join lateral (${eventsOfRecord}) dead
  where records.portal_id = $1::bigint and records.id = $2::bigint and ${isGivenUp}`;
const ofThePortal = `select id from dead_events where portal_id = $1::bigint order by id limit $2::integer`;

/** Back to the inbox as they were, but with all their tries before them. The lane is woken last, as in db/events.ts. */
const putBack = (chosen: string): string => `
  with gone as (
    delete from dead_events where portal_id = $1::bigint and id in (${chosen})
    returning id, event, intents
  ), waiting as (
    insert into inbox (portal_id, run_at, event, intents)
    select $1::bigint, now(), event, intents from gone order by id
    -- a sweep that waits already will look just as far back
    on conflict (portal_id) where event ->> 'kind' = 'sweep' do nothing
    returning id
  ), woken as (
    insert into lanes (portal_id, due_at)
    select $1::bigint, now() where exists (select from waiting)
    on conflict (portal_id) do update set due_at = least(lanes.due_at, excluded.due_at)
    returning portal_id
  )
  select (select count(*) from gone)::int as retried,
    case when exists (select from woken) then pg_notify('lane_due', '') end as notified`;

export function createDeadEvents(portal: PortalSql) {
  /** Once each, however many ask at the same time. */
  async function retry(portalId: string, chosen: string, value: unknown): Promise<number> {
    return reach(() =>
      portal.transaction(portalId, async (client) => {
        // As a settlement does, first: the two touch dead events and the lane in the same order, so neither waits for the other in a circle.
        await client.query('select from lanes where portal_id = $1::bigint for update', [portalId]);
        const { rows } = await client.query<{ retried: number }>(putBack(chosen), [portalId, value]);
        return rows[0]?.retried ?? 0;
      }),
    );
  }

  return {
    /** How many, up to `countedAtMost` + 1. */
    async countDead(portalId: string): Promise<number> {
      const { rows } = await reach(() =>
        portal.query<{ count: number }>(
          `select count(*)::int as count
           from (select from dead_events where portal_id = $1::bigint limit $2::integer) as counted`,
          [portalId, countedAtMost + 1],
        ),
      );
      return rows[0]?.count ?? 0;
    },

    /** Whether some wait for a permission that Baton lacks. */
    async someLackScope(portalId: string): Promise<boolean> {
      const { rowCount } = await reach(() =>
        portal.query(
          `select from dead_events where portal_id = $1::bigint and error_code = 'hubspot-scope-missing' limit 1`,
          [portalId],
        ),
      );
      return rowCount === 1;
    },

    /** Which of these records were given up, are the last word on their subject, and still have an event to try again. */
    async findRetryable(portalId: string, recordIds: string[]): Promise<Set<string>> {
      if (recordIds.length === 0) return new Set();
      const { rows } = await reach(() =>
        portal.query<{ id: string }>(
          `select id from records
           where portal_id = $1::bigint and id = any($2::bigint[]) and ${isGivenUp} and not exists (${newerRevision})
             and exists (${eventsOfRecord})`,
          [portalId, recordIds],
        ),
      );
      return new Set(rows.map((row) => row.id));
    },

    /**
     * Puts the events of a record that was given up back, with all tries before them and their intents kept; a worker is told. Answers how many:
     * 0 when there is none (any more), also for another portal's record. Throws `database-unavailable`; then nothing was changed.
     */
    retryRecord: (portalId: string, recordId: string): Promise<number> => retry(portalId, ofOneRecord, recordId),

    /** The same for all that is dead in the portal, also what has no record. Throws `database-unavailable`; what was put back by then stays so. */
    async retryAll(portalId: string): Promise<number> {
      let retried = 0;
      for (let last = eventsPerTransaction; last === eventsPerTransaction; ) {
        last = await retry(portalId, ofThePortal, eventsPerTransaction);
        retried += last;
      }
      return retried;
    },
  };
}
