// Signs of other automations at work in a portal, counted among its latest records.
import type { PortalSql } from './access.ts';
import { reach } from './pool.ts';

/** Something other than Baton or a person moved `count` tickets to the stage after a message and before Baton could. */
export type Rival = { stageId: string; count: number; lastAt: Date };
export type Rivals = {
  /** Conversations of which HubSpot had made the ticket. */
  creations: number;
  moves: Rival[];
};

/** The latest so many are read by the primary key, some milliseconds whatever the table holds: no index of its own is needed. */
const recordsRead = 1_000;

type RivalRow = { reason: string; stage_id: string | null; count: number; last_at: Date };

export function createRivals(portal: PortalSql) {
  return {
    /** Among the portal's last 1,000 records, those after `since`. Rivals are sorted by count, the most first. */
    async countRivals(portalId: string, since: Date): Promise<Rivals> {
      const { rows } = await reach(() =>
        portal.query<RivalRow>(
          `with latest as (
             select at, reason, from_stage_id
             from records where portal_id = $1::bigint order by id desc limit $3
           )
           select reason, case when reason = 'moved-by-automation' then from_stage_id end as stage_id,
             count(*)::int as count, max(at) as last_at
           from latest
           where at > $2 and reason in ('ticket-exists', 'first-message', 'moved-by-automation')
           group by 1, 2
           order by count desc, 1, 2`,
          [portalId, since, recordsRead],
        ),
      );
      return {
        creations: rows.filter(({ stage_id }) => stage_id === null).reduce((sum, { count }) => sum + count, 0),
        moves: rows.flatMap(({ stage_id, count, last_at }) =>
          stage_id === null ? [] : [{ stageId: stage_id, count, lastAt: last_at }],
        ),
      };
    },
  };
}
