// What Baton remembers of tickets between batches: the newest message applied, and which threads are a ticket's own.
import type { PortalSql, Writer } from './access.ts';
import { reach } from './pool.ts';
import { eraseThread } from './retention.ts';
import { saveWatermark } from './sweeps.ts';

export type Applied = {
  ticketId: string;
  at: Date;
  subject: string;
  threadId: string | null;
  direction: 'INCOMING' | 'OUTGOING';
};
export type OwnThread = {
  threadId: string;
  ticketId: string;
  source: 'originating' | 'first-email' | 'merged' | 'created';
};
export type MemoryChange =
  | ({ kind: 'applied' } & Applied)
  | ({ kind: 'own-thread' } & OwnThread)
  | { kind: 'merged'; into: string; ticketIds: string[] }
  | { kind: 'ticket-gone'; ticketId: string }
  | { kind: 'thread-erased'; threadId: string }
  | { kind: 'swept'; sweep: string; reachedAt: Date };

/** The current record of a message or email: what an event about something already decided is held against. */
export type DecidedSubject = {
  subject: string;
  id: string;
  revision: number;
  verdict: string | null;
  decision: string;
  reason: string | null;
  outcome: string;
  ticketId: string | null;
  /** When it was recorded. */
  at: Date;
  /** When the message was sent; null when it was never read. */
  messageAt: Date | null;
};

export type TicketMemory = {
  applied: Map<string, Applied>;
  /** Automatic moves done in the hour before, by ticket. */
  recentMoves: Map<string, number>;
  /** Own threads by ticket. */
  ownThreads: Map<string, OwnThread[]>;
};

export type Newborn = { threadId: string; stageId: string; actedIds: ReadonlySet<string> };

export type DecidedRow = {
  subject: string;
  id: string;
  revision: number;
  verdict: string | null;
  decision: string;
  reason: string | null;
  outcome: string;
  ticket_id: string | null;
  at: Date;
  message_at: Date | null;
};
type MemoryRow = {
  ticket_id: string;
  applied_at: Date | null;
  applied_subject: string;
  applied_thread_id: string | null;
  applied_direction: 'INCOMING' | 'OUTGOING';
  moves: number;
  own: { threadId: string; source: OwnThread['source'] }[] | null;
};

// What asks records or own threads for many keys looks each of them up by itself (`lateral` and `limit`, or a subquery), and has no name. As one condition, a planner
// that knows little of the table reads all of the portal's rows instead, for each batch; and what has a name keeps a plan made while the table
// was small until the table is analyzed (a backlog of 100,000: 970 instead of 4,350 events/s).
export const findDecided = `
  select decided.* from unnest($2::text[]) as asked (subject), lateral (
    select subject, id, revision, verdict, decision, reason, outcome, ticket_id, at, message_at
    from records where portal_id = $1::bigint and subject = asked.subject
    order by revision desc limit 1
  ) decided`;

export function readDecided(rows: DecidedRow[]): Map<string, DecidedSubject> {
  return new Map(
    rows.map(({ ticket_id: ticketId, message_at: messageAt, ...row }) => [
      row.subject,
      { ...row, ticketId, messageAt },
    ]),
  );
}

// The moves are told by the count's filter, not by `where`: there `outcome` makes the key by outcome look as good as that by ticket, to a planner
// that does not know the table yet.
const findMemory = `
  select asked.ticket_id, known.applied_at, known.applied_subject, known.applied_thread_id, known.applied_direction,
    (
      select (count(*) filter (where decision = 'move' and outcome = 'done' and at > $3::timestamptz - interval '1 hour'))::int
      from records where records.portal_id = $1::bigint and records.ticket_id = asked.ticket_id
    ) as moves,
    (
      select json_agg(json_build_object('threadId', thread_id, 'source', source)) from own_threads
      where own_threads.portal_id = $1::bigint and own_threads.ticket_id = asked.ticket_id
    ) as own
  from unnest($2::text[]) as asked (ticket_id)
  left join tickets known on known.portal_id = $1::bigint and known.ticket_id = asked.ticket_id`;

export function createTicketMemory(portal: PortalSql) {
  return {
    /** The current record of each subject that has one. */
    async findDecided(portalId: string, subjects: string[]): Promise<Map<string, DecidedSubject>> {
      if (subjects.length === 0) return new Map();
      const { rows } = await reach(() => portal.query<DecidedRow>(findDecided, [portalId, subjects]));
      return readDecided(rows);
    },

    /** The ticket that Baton made for each of these threads that has one. */
    async findCreated(portalId: string, threadIds: string[]): Promise<Map<string, string>> {
      if (threadIds.length === 0) return new Map();
      const { rows } = await reach(() =>
        portal.query<{ thread_id: string; ticket_id: string }>(
          `select created.* from unnest($2::text[]) as asked (thread_id), lateral (
             select thread_id, ticket_id from own_threads
             where portal_id = $1::bigint and thread_id = asked.thread_id and source = 'created' limit 1
           ) created`,
          [portalId, threadIds],
        ),
      );
      return new Map(rows.map((row) => [row.thread_id, row.ticket_id]));
    },

    /** Those of these tickets whose creation was recorded after `since`. */
    async findCreatedSince(portalId: string, ticketIds: string[], since: Date): Promise<Set<string>> {
      const { rows } = await reach(() =>
        portal.query<{ ticket_id: string }>(
          `select created.* from unnest($2::text[]) as asked (ticket_id), lateral (
             select ticket_id from records
             where portal_id = $1::bigint and ticket_id = asked.ticket_id and decision = 'create' and at > $3 limit 1
           ) created`,
          [portalId, ticketIds, since],
        ),
      );
      return new Set(rows.map((row) => row.ticket_id));
    },

    /** The tickets made of these threads and recorded after `since`, each with the ids of the actions that have a record on it. */
    async findNewborns(portalId: string, threadIds: string[], since: Date): Promise<Newborn[]> {
      if (threadIds.length === 0) return [];
      const { rows } = await reach(() =>
        portal.query<{ thread_id: string; to_stage_id: string | null; acted: string[] | null }>(
          `select made.thread_id, made.to_stage_id, (
             select array_agg(acted.action ->> 'id') from records acted
             where acted.portal_id = $1::bigint and acted.ticket_id = made.ticket_id and acted.action is not null
           ) as acted
           from records made
           where made.portal_id = $1::bigint and made.thread_id = any($2::text[])
             and made.decision = 'create' and made.outcome = 'done' and made.at > $3`,
          [portalId, threadIds, since],
        ),
      );
      return rows.flatMap(({ thread_id: threadId, to_stage_id: stageId, acted }) =>
        stageId === null ? [] : [{ threadId, stageId, actedIds: new Set(acted) }],
      );
    },

    /** The own threads of those of these tickets that have any. */
    async findOwners(portalId: string, ticketIds: string[]): Promise<Map<string, string[]>> {
      if (ticketIds.length === 0) return new Map();
      const { rows } = await reach(() =>
        portal.query<{ ticket_id: string; thread_ids: string[] }>(
          `select asked.ticket_id, array(
             select thread_id from own_threads where portal_id = $1::bigint and own_threads.ticket_id = asked.ticket_id
           ) as thread_ids
           from unnest($2::text[]) as asked (ticket_id)`,
          [portalId, ticketIds],
        ),
      );
      return new Map(rows.filter((row) => row.thread_ids.length > 0).map((row) => [row.ticket_id, row.thread_ids]));
    },

    async findMemory(portalId: string, ticketIds: string[], now: Date): Promise<TicketMemory> {
      const memory: TicketMemory = { applied: new Map(), recentMoves: new Map(), ownThreads: new Map() };
      if (ticketIds.length === 0) return memory;
      const { rows } = await reach(() => portal.query<MemoryRow>(findMemory, [portalId, ticketIds, now]));
      for (const row of rows) {
        const ticketId = row.ticket_id;
        memory.recentMoves.set(ticketId, row.moves);
        memory.ownThreads.set(
          ticketId,
          (row.own ?? []).map((own) => ({ ...own, ticketId })),
        );
        if (row.applied_at) {
          memory.applied.set(ticketId, {
            ticketId,
            at: row.applied_at,
            subject: row.applied_subject,
            threadId: row.applied_thread_id,
            direction: row.applied_direction,
          });
        }
      }
      return memory;
    },
  };
}

/** In the caller's transaction: what was applied and own threads first, then the rest in order. Newer memory is never overwritten by older. */
export async function writeMemory(client: Writer, portalId: string, changes: MemoryChange[]): Promise<void> {
  await writeApplied(
    client,
    portalId,
    changes.filter((change) => change.kind === 'applied'),
  );
  await writeOwnThreads(
    client,
    portalId,
    changes.filter((change) => change.kind === 'own-thread'),
  );
  for (const change of changes) {
    if (change.kind === 'merged') await writeMerge(client, portalId, change.into, change.ticketIds);
    if (change.kind === 'ticket-gone') {
      await client.query('delete from tickets where portal_id = $1::bigint and ticket_id = $2', [
        portalId,
        change.ticketId,
      ]);
      await client.query('delete from own_threads where portal_id = $1::bigint and ticket_id = $2', [
        portalId,
        change.ticketId,
      ]);
    }
    if (change.kind === 'swept') await saveWatermark(client, portalId, change.sweep, change.reachedAt);
    if (change.kind === 'thread-erased') await eraseThread(client, portalId, change.threadId);
  }
}

const wholeSeconds = (one: Applied): number => Math.floor(one.at.getTime() / 1000);

/** The newest of each ticket: one statement may not change a row twice. In one second the later of the list, as between batches. */
function keepNewest(applied: Applied[]): Applied[] {
  const newest = new Map<string, Applied>();
  for (const one of applied) {
    const known = newest.get(one.ticketId);
    if (!known || wholeSeconds(known) <= wholeSeconds(one)) newest.set(one.ticketId, one);
  }
  return [...newest.values()];
}

async function writeApplied(client: Writer, portalId: string, changes: Applied[]): Promise<void> {
  const applied = keepNewest(changes);
  if (applied.length === 0) return;
  await client.query({
    name: 'write-applied',
    text: `insert into tickets (portal_id, ticket_id, applied_at, applied_subject, applied_thread_id, applied_direction)
     select $1::bigint, fresh.* from unnest($2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[]) as fresh
     on conflict (portal_id, ticket_id) do update
     set applied_at = excluded.applied_at, applied_subject = excluded.applied_subject,
         applied_thread_id = excluded.applied_thread_id, applied_direction = excluded.applied_direction
     where date_trunc('second', tickets.applied_at) <= date_trunc('second', excluded.applied_at)`,
    values: [
      portalId,
      applied.map((one) => one.ticketId),
      applied.map((one) => one.at),
      applied.map((one) => one.subject),
      applied.map((one) => one.threadId),
      applied.map((one) => one.direction),
    ],
  });
}

/** What HubSpot showed stays as it was first seen; a ticket that Baton made for the thread takes it over. */
async function writeOwnThreads(client: Writer, portalId: string, changes: OwnThread[]): Promise<void> {
  const byThread = new Map<string, OwnThread>();
  for (const one of changes)
    if (one.source === 'created' || !byThread.has(one.threadId)) byThread.set(one.threadId, one);
  const own = [...byThread.values()];
  if (own.length === 0) return;
  await client.query({
    name: 'write-own-threads',
    text: `insert into own_threads (portal_id, thread_id, ticket_id, source)
     select $1::bigint, fresh.* from unnest($2::text[], $3::text[], $4::text[]) as fresh
     on conflict (portal_id, thread_id) do update set ticket_id = excluded.ticket_id, source = excluded.source
     where excluded.source = 'created'`,
    values: [portalId, own.map((one) => one.threadId), own.map((one) => one.ticketId), own.map((one) => one.source)],
  });
}

async function writeMerge(client: Writer, portalId: string, into: string, ticketIds: string[]): Promise<void> {
  await client.query(
    `update own_threads
     set ticket_id = $2, source = case source when 'created' then 'created' else 'merged' end
     where portal_id = $1::bigint and ticket_id = any($3::text[])`,
    [portalId, into, ticketIds],
  );
  await client.query('delete from tickets where portal_id = $1::bigint and ticket_id = any($2::text[])', [
    portalId,
    ticketIds,
  ]);
}
