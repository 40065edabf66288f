// Turns events into entries of tickets into stages, read from the tickets' stage history: each entry once, however many events tell of it.
import type { Ticket } from '../crm.ts';
import type { InboxEvent } from '../db/lanes.ts';
import type { PortalGateway } from '../hubspot/gateway.ts';
import type { StageAction } from '../rules/stage-actions.ts';
import { findEntry, hasStageActions } from '../rules/stage-entry.ts';
import { nextLookMs } from './backoff.ts';
import type { Batch } from './batch.ts';

export type TicketEntry = {
  ticketId: string;
  /** The ticket it was told of, when that one was merged into `ticketId`. */
  mergedId: string | null;
  /** Undefined = HubSpot no longer knows it. */
  ticket: Ticket | undefined;
  stageId: string;
  enteredAt: Date;
  /** False once the ticket has left the stage. */
  current: boolean;
  readAt: Date;
  events: InboxEvent[];
  /** No entry: a workflow asks for this one action (worker/workflow-notifications.ts), whatever stage the ticket is in. */
  asked?: { subject: string; action: StageAction };
};

/**
 * The entries these events speak of, oldest first; puts off what the history does not show yet and ends what concerns no action.
 * Throws what the gateway throws; nothing was settled then.
 */
export async function readEntries(batch: Batch, events: InboxEvent[]): Promise<TicketEntry[]> {
  const { settings } = batch.context;
  const wanted = events.filter((event) => hasStageActions(settings, toldStage(event)));
  const readAt = batch.now();
  const tickets = await readTickets(batch.gateway, [...new Set(wanted.map(ticketIdOf))]);
  batch.work.done.push(...events.filter((event) => !wanted.includes(event)));
  const entries = new Map<string, TicketEntry>();
  for (const event of wanted) {
    const found = findTicketEntry(event, tickets.get(ticketIdOf(event)), readAt, lookAgainMs(batch, event));
    if (typeof found === 'number') batch.work.later.push({ event, delayMs: found, failed: false });
    else if (!found || found.enteredAt < batch.portal.installedAt) batch.work.done.push(event);
    else {
      const key = `${found.ticketId}:${found.stageId}:${found.enteredAt.getTime()}`;
      const known = entries.get(key);
      if (known) known.events.push(event);
      else entries.set(key, found);
    }
  }
  return [...entries.values()].sort((left, right) => left.enteredAt.getTime() - right.enteredAt.getTime());
}

/** The same entry as the ticket stands now. */
export async function refreshEntry(batch: Batch, entry: TicketEntry): Promise<void> {
  entry.readAt = batch.now();
  const ticket = (await readTickets(batch.gateway, [entry.ticketId])).get(entry.ticketId);
  entry.ticket = ticket;
  const newest = ticket?.stageHistory[0];
  if (entry.asked) return;
  entry.current = newest?.stageId === entry.stageId && newest.at.getTime() === entry.enteredAt.getTime();
}

const ticketIdOf = (event: InboxEvent): string => event.ticketId as string;

/** Null for a ticket's creation: it may be in any stage. */
function toldStage(event: InboxEvent): string | null {
  return event.kind === 'ticket-stage' ? event.stageId : null;
}

function lookAgainMs(batch: Batch, { occurredAt, receivedAt }: InboxEvent): number | undefined {
  const ageMs = batch.now().getTime() - Math.min(occurredAt.getTime(), receivedAt.getTime());
  return nextLookMs(ageMs, false);
}

/** A number = look again after so many milliseconds; undefined = the history shows no such entry, and will not any more. */
function findTicketEntry(
  event: InboxEvent,
  ticket: Ticket | undefined,
  readAt: Date,
  againMs: number | undefined,
): TicketEntry | number | undefined {
  const askedId = ticketIdOf(event);
  const told = { stageId: toldStage(event), at: event.occurredAt };
  const mergedId = ticket && ticket.id !== askedId ? askedId : null;
  const rest = { ticketId: ticket?.id ?? askedId, mergedId, ticket, readAt, events: [event] };
  const entry = ticket && findEntry(ticket.stageHistory, told, againMs === undefined || mergedId !== null);
  // What a merged ticket was created in is not what its survivor was.
  if (entry && !(mergedId !== null && told.stageId === null)) return { ...rest, ...entry };
  if (againMs !== undefined && mergedId === null) return againMs;
  if (told.stageId === null || (ticket && mergedId === null)) return undefined;
  return { ...rest, stageId: told.stageId, enteredAt: told.at, current: false };
}

/** A ticket missing from the batch was merged or deleted: its own GET follows a merge (DATA.md 1.1). */
export async function readTickets(gateway: PortalGateway, ticketIds: string[]): Promise<Map<string, Ticket>> {
  if (ticketIds.length === 0) return new Map();
  const read = await gateway.readTickets(ticketIds, { history: true });
  for (const ticketId of ticketIds) {
    if (read.has(ticketId)) continue;
    const survivor = await gateway.findTicket(ticketId);
    if (survivor) read.set(ticketId, survivor);
  }
  return read;
}
