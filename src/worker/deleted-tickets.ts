// Tickets that Baton made and somebody deleted, where no webhook told of it: their threads are free again.
import type { Db } from '../db/open-db.ts';
import { BatonError } from '../errors.ts';
import type { MessageSubject } from './subjects.ts';
import type { ThreadReadings } from './thread-facts.ts';
import type { TicketReadings } from './ticket-facts.ts';

/** Younger than this HubSpot may only not show it yet; forgotten by mistake it would be made a second time. */
const shownAfterMs = 10 * 60_000;

/**
 * The threads of these messages whose ticket is gone: what is remembered of it is taken back, as the webhook of its deletion would have
 * done, and their messages are to be decided anew.
 */
export async function forgetDeleted(
  parts: { db: Pick<Db, 'ticketMemory'>; portal: { id: string }; now: () => Date },
  messages: MessageSubject[],
  threads: ThreadReadings,
  { tickets, memory }: TicketReadings,
): Promise<Set<string>> {
  const gone = new Map<string, string>();
  for (const { threadId } of messages) {
    const reading = threads.get(threadId);
    if (!reading || reading instanceof BatonError || !reading.created) continue;
    const { ticketId } = reading.thread;
    if (ticketId !== null && !tickets.has(ticketId)) gone.set(threadId, ticketId);
  }
  if (gone.size === 0) return new Set();
  const ticketIds = [...new Set(gone.values())];
  const since = new Date(parts.now().getTime() - shownAfterMs);
  const young = await parts.db.ticketMemory.findCreatedSince(parts.portal.id, ticketIds, since);
  const forgotten = ticketIds.filter((ticketId) => !young.has(ticketId));
  memory.push(...forgotten.map((ticketId) => ({ kind: 'ticket-gone' as const, ticketId })));
  return new Set([...gone].flatMap(([threadId, ticketId]) => (young.has(ticketId) ? [] : [threadId])));
}
