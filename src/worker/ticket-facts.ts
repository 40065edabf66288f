// Reads the tickets a batch is about, with contacts where they decide, and finds out which threads are their own.
import type { Contact, Message, Ticket } from '../crm.ts';
import type { MemoryChange, OwnThread, TicketMemory } from '../db/ticket-memory.ts';
import type { PortalGateway } from '../hubspot/gateway.ts';
import type { TicketFacts, TicketState } from '../rules/facts.ts';
import { readBeginning, type ThreadReading } from './thread-facts.ts';

export type TicketReadings = {
  /** By the id that was asked for; a merged ticket's answers with the survivor. */
  tickets: Map<string, TicketFacts>;
  /** What was learned and is worth keeping. */
  memory: MemoryChange[];
  readAt: Date;
};

export type WantedTickets = {
  ticketIds: Set<string>;
  /** Tickets whose contacts decide something. */
  withContacts: Set<string>;
  /** Threads read in this batch, by the ticket they carry. */
  threads: Map<string, ThreadReading[]>;
};

/** `findMemory` is the database's. */
export async function readTicketFacts(
  gateway: PortalGateway,
  wanted: WantedTickets,
  findMemory: (ticketIds: string[]) => Promise<TicketMemory>,
  now: () => Date,
): Promise<TicketReadings> {
  const readings: TicketReadings = { tickets: new Map(), memory: [], readAt: now() };
  const ticketIds = [...wanted.ticketIds];
  if (ticketIds.length === 0) return readings;
  const contacts = await readContacts(gateway, [...wanted.withContacts]);
  readings.readAt = now();
  const asked = await readTickets(gateway, ticketIds);
  const known = await findMemory([...new Set([...asked.values()].map((ticket) => ticket.id))]);
  const questions = [...asked].map(([askedId, ticket]) => ({
    askedId,
    ticket,
    threads: wanted.threads.get(askedId) ?? [],
    remembered: known.ownThreads.get(ticket.id) ?? [],
  }));
  const own = await findOwnThreads(gateway, questions);
  for (const [askedId, ticket] of asked) {
    const threads = own.get(askedId) as OwnThreads;
    readings.memory.push(...threads.learned.map((thread) => ({ kind: 'own-thread' as const, ...thread })));
    readings.tickets.set(askedId, {
      ticket,
      contacts: contacts.get(askedId) ?? [],
      ownThreadIds: threads.threadIds,
      applied: known.applied.get(ticket.id) ?? null,
      recentMoves: known.recentMoves.get(ticket.id) ?? 0,
    });
  }
  return readings;
}

export function ticketState(ticketId: string | null | undefined, { tickets }: TicketReadings): TicketState {
  return ticketId ? (tickets.get(ticketId) ?? 'gone') : 'none';
}

/** Older than this a reading may have missed a person's move: the stage decided on is to be the one right before writing. */
const readingMaxAgeMs = 1_000;

/** Reads the tickets again, once, where what was asked after them took long (own threads of old tickets, the portal's pace). */
export async function refreshTickets(
  gateway: PortalGateway,
  { tickets, readAt }: TicketReadings,
  now: () => Date,
): Promise<void> {
  if (tickets.size === 0 || now().getTime() - readAt.getTime() <= readingMaxAgeMs) return;
  const fresh = await readTickets(gateway, [...tickets.keys()]);
  for (const [askedId, facts] of tickets) {
    const ticket = fresh.get(askedId);
    if (ticket) tickets.set(askedId, { ...facts, ticket });
    else tickets.delete(askedId);
  }
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
type OwnQuestion = { askedId: string; ticket: Ticket; threads: ThreadReading[]; remembered: OwnThread[] };

/**
 * By the id that was asked for: the originating thread, what is remembered (which outlives a merge), the originating threads of merged
 * tickets that HubSpot still shows, and for a ticket that has none of these the thread of the first email sent from it.
 */
async function findOwnThreads(gateway: PortalGateway, questions: OwnQuestion[]): Promise<Map<string, OwnThreads>> {
  const answers = new Map<string, OwnThreads>();
  for (const { askedId, ticket, threads, remembered } of questions) {
    const own: OwnThreads = { threadIds: new Set(remembered.map((thread) => thread.threadId)), learned: [] };
    answers.set(askedId, own);
    // Remembered under the id it had before a merge nobody told of.
    for (const { thread, created } of threads) if (created) learn(own, ticket, thread.id, 'created');
    if (ticket.originatingThreadId !== null) learn(own, ticket, ticket.originatingThreadId, 'originating');
  }
  const ownOf = (askedId: string): OwnThreads => answers.get(askedId) as OwnThreads;
  const withForeign = questions.filter(({ askedId, ticket, threads }) => {
    const { threadIds } = ownOf(askedId);
    return ticket.mergedIds.length > 0 && threads.some(({ thread }) => !threadIds.has(thread.id));
  });
  const mergedIds = withForeign.flatMap(({ ticket }) => ticket.mergedIds);
  const merged = mergedIds.length > 0 ? await gateway.readTickets(mergedIds, { history: false }) : new Map();
  for (const { askedId, ticket } of withForeign) {
    for (const { id, originatingThreadId } of ticket.mergedIds.flatMap((mergedId) => merged.get(mergedId) ?? [])) {
      if (id !== ticket.id && originatingThreadId !== null)
        learn(ownOf(askedId), ticket, originatingThreadId, 'merged');
    }
  }
  await Promise.all(
    questions.map(async ({ askedId, ticket, threads }) => {
      if (ownOf(askedId).threadIds.size > 0 || threads.length === 0) return;
      const first = await findFirstEmailThread(gateway, ticket, threads);
      if (first) learn(ownOf(askedId), ticket, first, 'first-email');
    }),
  );
  return answers;
}

function learn(own: OwnThreads, ticket: Ticket, threadId: string, source: OwnThread['source']): void {
  if (own.threadIds.has(threadId)) return;
  own.threadIds.add(threadId);
  own.learned.push({ threadId, ticketId: ticket.id, source });
}

async function findFirstEmailThread(
  gateway: PortalGateway,
  ticket: Ticket,
  threads: ThreadReading[],
): Promise<string | undefined> {
  const read = new Set(threads.map(({ thread }) => thread.id));
  const others =
    ticket.threadCount === null || ticket.threadCount > threads.length
      ? (await gateway.listThreadsOfTicket(ticket.id)).filter((thread) => !read.has(thread.id))
      : [];
  const whole = threads.filter((reading) => reading.complete);
  const unread = [...threads.filter((reading) => !reading.complete), ...others.map((thread) => ({ thread }))];
  const beginnings = unread.map(({ thread }) => readBeginning(gateway, { thread, messages: [], complete: false }));
  const candidates = [...whole, ...(await Promise.all(beginnings))];
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
