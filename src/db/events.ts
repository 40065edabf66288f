// The inbox's door: one statement stores a whole delivery, or nothing of it.
import type { Event } from '../crm.ts';
import type { AllPortalsSql, Writer } from './access.ts';
import { reach } from './pool.ts';

const dayMs = 86_400_000;

export const seenSlots = [0, 1, 2, 3, 4, 5, 6, 7];

/** Which of the eight slots of `seen` an event's key belongs to: by the day it occurred, which a retry does not change. */
export function seenSlot(occurredAt: Date): number {
  const day = Math.floor(occurredAt.getTime() / dayMs);
  return ((day % 8) + 8) % 8;
}

// Lists come as arrays (json_to_recordset measured 30 % slower), the events as lines of one text: in an array each of their quotes
// would be escaped, sent and unescaped (0.94 -> 0.61 ms of web's processor a delivery of 100). Keys and portals are sorted so that
// two deliveries that share some never wait for each other in a circle. `lanes` is touched last and always: its row's lock is what keeps a worker
// that is just finishing from missing these events. Notified is whoever may not know yet: of a free lane that came due within
// the last second, because a claim passes over a lane that another delivery holds. A leased lane's worker looks again by
// itself, a longer backlog is found by the poll, and NOTIFY lets only one transaction commit at a time. `is true` makes the
// planner look fresh keys up in a hash table: as a join it takes lists for short and compares each key with each other one,
// which is half of the time for 100 events, and for the 20,000 that fit into 1 MiB more than the 4 s a statement may take.
const storeEvents = `
  with arrived as (
    select portal_id, key, slot, ignored, line::jsonb as event
    from unnest($1::bigint[], $2::uuid[], $3::smallint[], $4::boolean[], string_to_array($5, E'\\n'))
      as t (portal_id, key, slot, ignored, line)
  ), known as (
    select arrived.* from arrived join portals using (portal_id)
    where portals.status = 'installed'
  ), fresh as (
    insert into seen (slot, portal_id, key)
    select slot, portal_id, key from known order by slot, portal_id, key
    on conflict do nothing
    returning portal_id, key
  ), waiting as (
    insert into inbox (portal_id, run_at, event)
    select portal_id, now(), event from known
    where not ignored and ((portal_id, key) in (select portal_id, key from fresh)) is true
    returning portal_id
  ), kept as (
    insert into ignored_events (portal_id, event)
    select portal_id, event from known
    where ignored and ((portal_id, key) in (select portal_id, key from fresh)) is true
    returning portal_id
  ), woken as (
    insert into lanes (portal_id, due_at)
    select distinct portal_id, now() from waiting order by portal_id
    on conflict (portal_id) do update set due_at = least(lanes.due_at, excluded.due_at)
    returning lease_until, due_at
  )
  select
    (select count(*) from known)::int as known,
    (select count(*) from fresh)::int as fresh,
    case
      when exists (select from woken where lease_until is null and due_at > now() - interval '1 second')
      then pg_notify('lane_due', '')
    end as notified`;

/** In the caller's transaction, which also sets the lane's due time: events that Baton makes itself, each key once. */
export async function insertOwnEvents(client: Writer, events: Event[]): Promise<void> {
  if (events.length === 0) return;
  await client.query(
    `with arrived as (
       select * from unnest($1::bigint[], $2::uuid[], $3::smallint[], $4::jsonb[]) as t (portal_id, key, slot, event)
     ), fresh as (
       insert into seen (slot, portal_id, key)
       select slot, portal_id, key from arrived order by slot, portal_id, key
       on conflict do nothing
       returning portal_id, key
     )
     insert into inbox (portal_id, run_at, event)
     select portal_id, now(), event from arrived join fresh using (portal_id, key)
     on conflict (portal_id) where event ->> 'kind' = 'sweep' do nothing`,
    [
      events.map((event) => event.portalId),
      events.map((event) => event.key),
      events.map((event) => seenSlot(event.occurredAt)),
      events.map(packEvent),
    ],
  );
}

type StoreRow = { known: number; fresh: number };

/** What the database keeps of an event, beside its portal. */
type Kept = Omit<Event, 'portalId' | 'occurredAt'> & { occurredAt: string };
export type PackedEvent = Partial<Kept> & Pick<Kept, 'key' | 'kind' | 'subscriptionType' | 'occurredAt'>;

/** What stands for a field that was left out. */
const absent = {
  threadId: null,
  messageId: null,
  messageType: null,
  emailId: null,
  ticketId: null,
  contactId: null,
  removed: false,
  stageId: null,
  changeSource: null,
  sourceId: null,
} satisfies Partial<Event>;

/** Without what the event does not have: half of the bytes, and a fifth of PostgreSQL's time for a delivery (measured). */
export function packEvent(event: Event): string {
  return JSON.stringify({
    key: event.key,
    kind: event.kind,
    subscriptionType: event.subscriptionType,
    occurredAt: event.occurredAt,
    threadId: event.threadId ?? undefined,
    messageId: event.messageId ?? undefined,
    messageType: event.messageType ?? undefined,
    emailId: event.emailId ?? undefined,
    ticketId: event.ticketId ?? undefined,
    contactId: event.contactId ?? undefined,
    removed: event.removed || undefined,
    mergedTicketIds: event.mergedTicketIds.length > 0 ? event.mergedTicketIds : undefined,
    stageId: event.stageId ?? undefined,
    changeSource: event.changeSource ?? undefined,
    sourceId: event.sourceId ?? undefined,
    notification: event.notification,
    deliveryId: event.deliveryId,
  } satisfies Record<keyof Omit<Event, 'portalId'>, unknown>);
}

/** As it went in. */
export function unpackEvent(portalId: string, packed: PackedEvent): Event {
  return { ...absent, mergedTicketIds: [], ...packed, portalId, occurredAt: new Date(packed.occurredAt) };
}

export function createEvents(allPortals: AllPortalsSql) {
  return {
    /**
     * Stores the events of a delivery; resolves after commit. Duplicates (within this delivery too) and events of portals
     * that are not installed are dropped. Throws `database-unavailable`; then nothing is stored, or, when only the answer
     * was lost, all of it, and the repeated delivery is ignored by its keys.
     */
    async store(events: Event[]): Promise<{ stored: number; duplicates: number; notInstalled: number }> {
      const unique = [...new Map(events.map((event) => [`${event.portalId} ${event.key}`, event])).values()];
      if (unique.length === 0) return { stored: 0, duplicates: 0, notInstalled: 0 };
      const { rows } = await reach(() =>
        allPortals.query<StoreRow>({ name: 'store-events', text: storeEvents }, [
          unique.map((event) => event.portalId),
          unique.map((event) => event.key),
          unique.map((event) => seenSlot(event.occurredAt)),
          unique.map((event) => event.kind === 'ignored'),
          // JSON has no line break outside its strings, and writes those inside as \\n.
          unique.map(packEvent).join('\n'),
        ]),
      );
      const { known, fresh } = rows[0] as StoreRow;
      return {
        stored: fresh,
        duplicates: events.length - unique.length + known - fresh,
        notInstalled: unique.length - known,
      };
    },

    /** Forgets keys of days that left the window (older than 3 days, at most 1 day ahead). Cheap: truncates whole slots. */
    async forgetSeen(now: Date): Promise<void> {
      const today = Math.floor(now.getTime() / dayMs);
      const kept = new Set([-3, -2, -1, 0, 1].map((offset) => (((today + offset) % 8) + 8) % 8));
      for (const slot of seenSlots.filter((candidate) => !kept.has(candidate))) {
        // Truncate waits for readers and holds up writers of that slot: skip an empty one.
        const { rows } = await reach(() => allPortals.query(`select from seen_${slot} limit 1`));
        if (rows.length > 0) await reach(() => allPortals.query(`truncate seen_${slot}`));
      }
    },
  };
}
