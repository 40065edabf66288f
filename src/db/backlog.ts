// How much waits and how much is dead, for /metrics: cheap to ask for, however much it is.
import type { AllPortalsSql } from './access.ts';
import { reach } from './pool.ts';

/** What is counted one by one stops here: 30 ms, and beyond it the number says enough. */
export const countedEventsAtMost = 100_000;

export type Backlog = {
  /** How long the portal that waits longest has been due since its last turn, in seconds; 0 = none is due. Paused ones do not count. */
  oldestDueSeconds: number;
  /** Portals with a due event, and of these the ones HubSpot asked to rest. */
  duePortals: number;
  pausedPortals: number;
  waiting: { kind: string; count: number }[];
  dead: { code: string; count: number }[];
};

type Row = { oldest: number; due: number; paused: number; waiting: Backlog['waiting']; dead: Backlog['dead'] };

export function createBacklog(allPortals: AllPortalsSql) {
  return {
    /** Throws `database-unavailable`. */
    async readBacklog(): Promise<Backlog> {
      const { rows } = await reach(() =>
        allPortals.query<Row>(
          {
            name: 'read-backlog',
            text: `select
             coalesce((
               select extract(epoch from now() - min(due_at)) from lanes
               where due_at <= now() and (paused_until is null or paused_until <= now())
             ), 0)::float8 as oldest,
             (select count(*) from lanes where due_at <= now())::int as due,
             (select count(*) from lanes where due_at <= now() and paused_until > now())::int as paused,
             (select coalesce(json_agg(counted), '[]') from (
               select kind, count(*)::int as count
               from (select event ->> 'kind' as kind from inbox limit $1) events group by kind
             ) counted) as waiting,
             (select coalesce(json_agg(counted), '[]') from (
               select error_code as code, count(*)::int as count
               from (select error_code from dead_events limit $1) events group by error_code
             ) counted) as dead`,
          },
          [countedEventsAtMost],
        ),
      );
      const { oldest, due, paused, waiting, dead } = rows[0] as Row;
      return { oldestDueSeconds: oldest, duePortals: due, pausedPortals: paused, waiting, dead };
    },
  };
}
