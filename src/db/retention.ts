// Forgetting: records past a portal's limit, and everything of a portal whose grant ended a while ago (the privacy page says when).
import type { QueryResult } from 'pg';
import type { Access, Writer } from './access.ts';
import { seenSlots } from './events.ts';
import { reach } from './pool.ts';

/** Everything of a portal is erased so long after its grant ended: time enough to come back and find one's settings. */
export const erasureAfterDays = 30;
/** What Baton does not act on is kept to answer a question, not longer. */
const ignoredDays = 7;
/** Rows a statement: some ten milliseconds, so that nobody waits for it. */
const rowsPerStatement = 5_000;

/** Every table with rows of a portal beside `portals` itself; those that may be large are emptied piece by piece. */
const largeTables = [
  'records',
  'inbox',
  'ignored_events',
  'dead_events',
  'own_threads',
  'tickets',
  'mailbox_mails',
] as const;
const smallTables = [
  'planned_actions',
  'webhook_secrets',
  'mailbox_learning',
  'mailbox_checks',
  'tokens',
  'settings_versions',
  'pipelines',
  'watermarks',
  'lanes',
] as const;

/** A portal's own limit, before the time $2. */
const portalLimit = `$2::timestamptz - (select retention_days from portals where portal_id = $1::bigint) * interval '1 day'`;
const forgetDated = (
  [
    ['dead_events', 'died_at', portalLimit],
    ['planned_actions', 'planned_at', portalLimit],
    ['tickets', 'applied_at', portalLimit],
    ['mailbox_mails', 'sent_at', portalLimit],
    ['ignored_events', 'received_at', `$2::timestamptz - interval '${ignoredDays} days'`],
  ] as const
).map(
  ([table, column, limit]) => `delete from ${table} where portal_id = $1::bigint and ctid = any(array(
    select ctid from ${table} where portal_id = $1::bigint and ${column} < ${limit} limit $3
  ))`,
);

export function createRetention({ portal, allPortals }: Access) {
  async function deletePieces(deletePiece: () => Promise<QueryResult>, goOn: () => boolean): Promise<number> {
    let deleted = 0;
    for (let rows = rowsPerStatement; rows === rowsPerStatement && goOn(); ) {
      rows = (await reach(deletePiece)).rowCount ?? 0;
      deleted += rows;
    }
    return deleted;
  }

  async function listPortals(text: string, values: unknown[]): Promise<string[]> {
    const { rows } = await reach(() => allPortals.query<{ portal_id: string }>(text, values));
    return rows.map((row) => row.portal_id);
  }

  /** Answers whether the portal is gone; a portal that was installed again meanwhile keeps what it has. */
  async function erasePortal(portalId: string, endedBefore: Date, goOn: () => boolean): Promise<boolean> {
    for (const table of largeTables) {
      const text = `delete from ${table} where portal_id = $1::bigint and ctid = any(array(
        select ctid from ${table}
        where portal_id = (select portal_id from portals where portal_id = $1::bigint and ended_at < $2)
        limit $3
      ))`;
      await deletePieces(() => portal.query(text, [portalId, endedBefore, rowsPerStatement]), goOn);
    }
    if (!goOn()) return false;
    return reach(() =>
      portal.transaction(portalId, async (client) => {
        const { rowCount } = await client.query(
          'select from portals where portal_id = $1::bigint and ended_at < $2 for update',
          [portalId, endedBefore],
        );
        if (rowCount !== 1) return false;
        for (const table of [...largeTables, ...smallTables]) {
          await client.query(`delete from ${table} where portal_id = $1::bigint`, [portalId]);
        }
        // By slot too, with which its key begins: before PostgreSQL 18 an index is not used without its first column.
        await client.query('delete from seen where slot = any($2::smallint[]) and portal_id = $1::bigint', [
          portalId,
          seenSlots,
        ]);
        await client.query('delete from portals where portal_id = $1::bigint', [portalId]);
        return true;
      }),
    );
  }

  return {
    /** Erases every portal whose grant ended more than `erasureAfterDays` ago. Answers how many. Stops between two statements once `goOn` says so. */
    async eraseEnded(now: Date, goOn: () => boolean): Promise<number> {
      const endedBefore = daysBefore(now, erasureAfterDays);
      const ended = await listPortals('select portal_id from portals where ended_at < $1 order by ended_at', [
        endedBefore,
      ]);
      let erased = 0;
      for (const portalId of ended) if (goOn() && (await erasePortal(portalId, endedBefore, goOn))) erased += 1;
      return erased;
    },

    /**
     * Deletes records, dead events, plans and memory of tickets older than the portal's own limit, and ignored events older than a
     * week. Answers how many records. A record's id grows with its time, so that each portal's oldest are found without reading the others.
     */
    async forgetOld(now: Date, goOn: () => boolean): Promise<number> {
      const due = await listPortals(
        `select portals.portal_id from portals
         cross join lateral (
           select at from records where records.portal_id = portals.portal_id order by id limit 1
         ) oldest
         where oldest.at < $1::timestamptz - retention_days * interval '1 day'`,
        [now],
      );
      let deleted = 0;
      for (const portalId of due) {
        // By place: without statistics the planner looked each id up in an index of tickets, 3 s for a piece.
        const text = `delete from records where portal_id = $1::bigint and ctid = any(array(
          select ctid from (
            select ctid, at from records where portal_id = $1::bigint order by id limit $3
          ) oldest where at < ${portalLimit}
        ))`;
        deleted += await deletePieces(() => portal.query(text, [portalId, now, rowsPerStatement]), goOn);
      }
      // A portal at a time: looked through as a whole, 4 million tickets took 1.5 of the 4 s that a statement may take.
      for (const portalId of await listPortals('select portal_id from portals order by portal_id', [])) {
        for (const text of forgetDated) {
          await deletePieces(() => portal.query(text, [portalId, now, rowsPerStatement]), goOn);
        }
      }
      return deleted;
    },
  };
}

function daysBefore(now: Date, days: number): Date {
  return new Date(now.getTime() - days * 86_400_000);
}

/** In the transaction that settles the event: a customer's erasure right ends every trace of a thread (PLATFORM.md 2.7). */
export async function eraseThread(client: Writer, portalId: string, threadId: string): Promise<void> {
  for (const table of ['records', 'own_threads', 'planned_actions']) {
    await client.query(`delete from ${table} where portal_id = $1::bigint and thread_id = $2`, [portalId, threadId]);
  }
  for (const table of ['ignored_events', 'dead_events', 'inbox']) {
    await client.query(`delete from ${table} where portal_id = $1::bigint and event ->> 'threadId' = $2`, [
      portalId,
      threadId,
    ]);
  }
  await client.query(
    `update tickets set applied_thread_id = null, applied_subject = 'erased'
     where portal_id = $1::bigint and applied_thread_id = $2`,
    [portalId, threadId],
  );
}
