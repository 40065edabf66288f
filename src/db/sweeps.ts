// Sweeps: a tick that fires in several processes runs in one, and each portal's sweep remembers how far it came.
import type { Access, Writer } from './access.ts';
import type { PackedEvent } from './events.ts';
import { reach } from './pool.ts';

const refused = 'refused:';

/** Under which name a sweep's watermark says when HubSpot last refused it. */
export function refusalOf(sweep: string): string {
  return refused + sweep;
}

export function createSweeps({ portal, allPortals }: Access) {
  return {
    async forgetTicks(before: Date): Promise<void> {
      await reach(() => allPortals.query('delete from sweep_ticks where tick < $1', [before]));
    },

    /** True for exactly one of all processes that ask for this tick. */
    async claimTick(sweep: string, tick: Date): Promise<boolean> {
      const { rowCount } = await reach(() =>
        allPortals.query('insert into sweep_ticks (sweep, tick) values ($1, $2) on conflict do nothing', [sweep, tick]),
      );
      return rowCount === 1;
    },

    async findWatermark(portalId: string, sweep: string): Promise<Date | undefined> {
      const { rows } = await reach(() =>
        portal.query<{ reached_at: Date }>(
          'select reached_at from watermarks where portal_id = $1::bigint and sweep = $2',
          [portalId, sweep],
        ),
      );
      return rows[0]?.reached_at;
    },

    /** How far each sweep of a portal came, by its name. */
    async findWatermarks(portalId: string): Promise<Map<string, Date>> {
      const { rows } = await reach(() =>
        portal.query<{ sweep: string; reached_at: Date }>(
          'select sweep, reached_at from watermarks where portal_id = $1::bigint',
          [portalId],
        ),
      );
      return new Map(rows.map((row) => [row.sweep, row.reached_at]));
    },

    /** The sweeps that HubSpot refused after `since`: by name, when last. */
    async findRefusals(portalId: string, since: Date): Promise<Map<string, Date>> {
      const { rows } = await reach(() =>
        portal.query<{ sweep: string; reached_at: Date }>(
          `select substr(sweep, length($3) + 1) as sweep, reached_at from watermarks
           where portal_id = $1::bigint and reached_at > $2 and starts_with(sweep, $3)`,
          [portalId, since, refused],
        ),
      );
      return new Map(rows.map((row) => [row.sweep, row.reached_at]));
    },

    /** When the newest recorded message of each thread was sent. */
    async findNewestRecorded(portalId: string, threadIds: string[]): Promise<Map<string, Date>> {
      const { rows } = await reach(() =>
        portal.query<{ thread_id: string; newest: Date }>(
          `select asked.thread_id, newest.message_at as newest
           from unnest($2::text[]) as asked (thread_id)
           cross join lateral (
             select message_at from records
             where portal_id = $1::bigint and records.thread_id = asked.thread_id and message_at is not null
             order by message_at desc
             limit 1
           ) newest`,
          [portalId, threadIds],
        ),
      );
      return new Map(rows.map((row) => [row.thread_id, row.newest]));
    },

    /** One sweep event for every installed portal, once a tick however many processes ask. Answers how many. */
    async startSweep(sweep: string, tick: Date): Promise<number> {
      const { rowCount } = await reach(() =>
        allPortals.query(
          `with claimed as (
             insert into sweep_ticks (sweep, tick) values ($1, $2) on conflict do nothing returning tick
           ), swept as (
             insert into inbox (portal_id, run_at, event)
             select portal_id, now(), $3::jsonb
             from portals, claimed
             where status = 'installed'
             order by portal_id
             -- one that still waits (an outage, a pause) will look far enough back when its turn comes
             on conflict (portal_id) where event ->> 'kind' = 'sweep' do nothing
             returning portal_id
           )
           insert into lanes (portal_id, due_at)
           select portal_id, now() from swept order by portal_id
           on conflict (portal_id) do update set due_at = least(lanes.due_at, excluded.due_at)`,
          [sweep, tick, JSON.stringify(sweepEvent(sweep, tick))],
        ),
      );
      return rowCount ?? 0;
    },
  };
}

/** Never moves back. */
export async function saveWatermark(client: Writer, portalId: string, sweep: string, reachedAt: Date): Promise<void> {
  await client.query(
    `insert into watermarks (portal_id, sweep, reached_at) values ($1::bigint, $2, $3)
     on conflict (portal_id, sweep) do update
     set reached_at = greatest(watermarks.reached_at, excluded.reached_at)`,
    [portalId, sweep, reachedAt],
  );
}

function sweepEvent(sweep: string, tick: Date): PackedEvent {
  return { key: '0'.repeat(32), kind: 'sweep', subscriptionType: sweep, occurredAt: tick.toISOString() };
}
