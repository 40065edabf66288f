// Reads the tickets a batch is about: contacts where they decide, own threads, and last of all the tickets themselves.
import type { Contact, Message, Ticket } from '../crm.ts';
import type { MemoryChange, OwnThread, TicketMemory } from '../db/ticket-memory.ts';
import type { PortalGateway } from '../hubspot/gateway.ts';
import type { TicketFacts } from '../rules/facts.ts';
import type { ThreadReading } from './thread-facts.ts';

export type TicketReadings = {
  /** By the id that was asked for; a merged ticket's answers with the survivor. */
  tickets: Map<string, TicketFacts>;
  /** What was learned and is worth keeping. */
  memory: MemoryChange[];
};

export type WantedTickets = {
  ticketIds: Set<string>;
  /** Tickets whose contacts decide something. */
  withContacts: Set<string>;
  /** Threads read in this batch, by the ticket they carry. */
  threads: Map<string, ThreadReading[]>;
};

/** `findMemory` is the database's; the tickets are read last, so that the stage decided on is the stage right before writing. */
export async function readTicketFacts(
  gateway: PortalGateway,
  wanted: WantedTickets,
  findMemory: (ticketIds: string[]) => Promise<TicketMemory>,
): Promise<TicketReadings> {
  const ticketIds = [...wanted.ticketIds];
  if (ticketIds.length === 0) return { tickets: new Map(), memory: [] };
  const contacts = await readContacts(gateway, [...wanted.withContacts]);
  const asked = await readTickets(gateway, ticketIds);
  const known = await findMemory([...new Set([...asked.values()].map((ticket) => ticket.id))]);
  const readings: TicketReadings = { tickets: new Map(), memory: [] };
  for (const [askedId, ticket] of asked) {
    const threads = wanted.threads.get(askedId) ?? [];
    const own = await findOwnThreads(gateway, ticket, threads, known.ownThreads.get(ticket.id) ?? []);
    readings.memory.push(...own.learned.map((thread) => ({ kind: 'own-thread' as const, ...thread })));
    readings.tickets.set(askedId, {
      ticket,
      contacts: contacts.get(askedId) ?? [],
      ownThreadIds: own.threadIds,
      applied: known.applied.get(ticket.id) ?? null,
      recentMoves: known.recentMoves.get(ticket.id) ?? 0,
    });
  }
  return readings;
}

/** A ticket missing from the batch was merged or deleted: its own GET follows a merge (DATA.md 1.1). */
async function readTickets(gateway: PortalGateway, ticketIds: string[]): Promise<Map<string, Ticket>> {
  const read = await gateway.readTickets(ticketIds, { history: true });
  const missing = ticketIds.filter((ticketId) => !read.has(ticketId));
  await Promise.all(
    missing.map(async (ticketId) => {
      const survivor = await gateway.findTicket(ticketId);
      if (survivor) read.set(ticketId, survivor);
    }),
  );
  return read;
}

async function readContacts(gateway: PortalGateway, ticketIds: string[]): Promise<Map<string, Contact[]>> {
  if (ticketIds.length === 0) return new Map();
  const associated = await gateway.readAssociations('tickets', 'contacts', ticketIds);
  const contacts = await gateway.readContacts([...new Set([...associated.values()].flat())]);
  return new Map(
    [...associated].map(([ticketId, contactIds]) => [
      ticketId,
      contactIds.map((contactId) => contacts.get(contactId)).filter((contact) => contact !== undefined),
    ]),
  );
}

type OwnThreads = { threadIds: Set<string>; learned: OwnThread[] };

/**
 * The originating thread, what is remembered (which outlives a merge), the originating threads of merged tickets that HubSpot still
 * shows, and for a ticket that has none of these the thread of the first email sent from it.
 */
async function findOwnThreads(
  gateway: PortalGateway,
  ticket: Ticket,
  threads: ThreadReading[],
  remembered: OwnThread[],
): Promise<OwnThreads> {
  const own: OwnThreads = { threadIds: new Set(remembered.map((thread) => thread.threadId)), learned: [] };
  const learn = (threadId: string, source: OwnThread['source']): void => {
    if (own.threadIds.has(threadId)) return;
    own.threadIds.add(threadId);
    own.learned.push({ threadId, ticketId: ticket.id, source });
  };
  if (ticket.originatingThreadId !== null) learn(ticket.originatingThreadId, 'originating');
  const foreign = threads.some(({ thread }) => !own.threadIds.has(thread.id));
  if (ticket.mergedIds.length > 0 && foreign) {
    const merged = await gateway.readTickets(ticket.mergedIds, { history: false });
    for (const [id, { originatingThreadId }] of merged) {
      if (id !== ticket.id && originatingThreadId !== null) learn(originatingThreadId, 'merged');
    }
  }
  if (own.threadIds.size === 0 && threads.length > 0) {
    const first = await findFirstEmailThread(gateway, ticket, threads);
    if (first) learn(first, 'first-email');
  }
  return own;
}

async function findFirstEmailThread(
  gateway: PortalGateway,
  ticket: Ticket,
  threads: ThreadReading[],
): Promise<string | undefined> {
  let candidates = threads;
  if (ticket.threadCount === null || ticket.threadCount > threads.length) {
    const read = new Set(threads.map(({ thread }) => thread.id));
    const others = (await gateway.listThreadsOfTicket(ticket.id)).filter((thread) => !read.has(thread.id));
    const lists = others.map(async (thread) => ({
      thread,
      ...(await gateway.listMessages(thread.id, { maxPages: 10 })),
    }));
    candidates = [...threads, ...(await Promise.all(lists))];
  }
  const sent = candidates.flatMap(({ thread, messages }) => {
    const first = messages.find(isSentByAgent);
    return first ? [{ threadId: thread.id, at: first.createdAt.getTime() }] : [];
  });
  sent.sort((left, right) => left.at - right.at);
  return sent[0]?.threadId;
}

function isSentByAgent(message: Message): boolean {
  return (
    message.type === 'MESSAGE' &&
    message.direction === 'OUTGOING' &&
    message.status !== 'FAILED' &&
    message.clientType === 'HUBSPOT' &&
    message.senders.some((sender) => sender.actorId?.startsWith('A-'))
  );
}
