// Room 5: the facts of every message and email of a batch, in the fewest HubSpot calls.
import type { Message, Portal } from '../crm.ts';
import type { OpenDb } from '../db/open-db.ts';
import type { DecidedSubject, MemoryChange } from '../db/ticket-memory.ts';
import { BatonError } from '../errors.ts';
import type { PortalGateway } from '../hubspot/gateway.ts';
import { classifyMessage } from '../rules/automatic.ts';
import type { EmailFacts, Facts, MessageFacts, TicketState } from '../rules/facts.ts';
import type { Settings } from '../rules/settings.ts';
import { type EmailReading, readEmails } from './email-facts.ts';
import { type EmailSubject, type MessageSubject, messageSubject, type SortedEvents, type Subject } from './subjects.ts';
import { readThreads, type ThreadReading, type ThreadReadings } from './thread-facts.ts';
import { readTicketFacts, type TicketReadings, type WantedTickets } from './ticket-facts.ts';

export type GatherParts = {
  portal: Portal;
  gateway: PortalGateway;
  db: Pick<OpenDb, 'ticketMemory'>;
  settings: Settings;
  findOwnerAddresses: (portalId: string, gateway: PortalGateway) => Promise<ReadonlySet<string>>;
  now: () => Date;
};

/** A subject with what was read of it: its facts, or why there are none. `missing` = HubSpot does not know it (yet). */
export type Gathered = { subject: Subject; facts: Facts | 'missing' | BatonError };
export type GatheredBatch = {
  gathered: Gathered[];
  memory: MemoryChange[];
  /** Threads whose whole look failed. */
  failedLooks: Map<string, BatonError>;
};

export async function gatherFacts(parts: GatherParts, sorted: SortedEvents): Promise<GatheredBatch> {
  const { gateway, now } = parts;
  const [threads, emails] = await Promise.all([
    readThreads(gateway, threadsWanted(sorted)),
    readEmails(gateway, [...sorted.emails.values()], now),
  ]);
  const overlooked = await findOverlooked(parts, sorted, threads);
  const messages = [...sorted.messages.values(), ...overlooked];
  const owners = needsOwners(parts.settings, emails)
    ? await parts.findOwnerAddresses(parts.portal.id, gateway)
    : new Set<string>();
  const tickets = await readTicketFacts(
    gateway,
    ticketsWanted(parts.settings, sorted, messages, threads, emails),
    (ticketIds) => parts.db.ticketMemory.findMemory(parts.portal.id, ticketIds, now()),
  );
  const mailThreads = await readOriginatingMailThreads(gateway, emails, tickets);
  const gathered: Gathered[] = [
    ...messages.map((subject) => ({ subject, facts: messageFacts(subject, threads.get(subject.threadId), tickets) })),
    ...[...sorted.emails.values()].map((subject) => ({
      subject,
      facts: emailFacts(subject, emails.get(subject.subject), tickets, owners, mailThreads),
    })),
  ];
  const failedLooks = new Map<string, BatonError>();
  for (const threadId of sorted.threadLooks.keys()) {
    const reading = threads.get(threadId);
    if (reading instanceof BatonError) failedLooks.set(threadId, reading);
  }
  return { gathered, memory: tickets.memory, failedLooks };
}

function threadsWanted(sorted: SortedEvents): Map<string, { subjects: MessageSubject[]; since: Date }> {
  const wanted = new Map<string, { subjects: MessageSubject[]; since: Date }>();
  const want = (threadId: string, since: Date): { subjects: MessageSubject[]; since: Date } => {
    const known = wanted.get(threadId) ?? { subjects: [], since };
    wanted.set(threadId, known);
    if (since < known.since) known.since = since;
    return known;
  };
  for (const subject of sorted.messages.values()) {
    for (const event of subject.events) want(subject.threadId, event.occurredAt);
    want(subject.threadId, subject.events[0]?.occurredAt ?? new Date(0)).subjects.push(subject);
  }
  for (const [threadId, events] of sorted.threadLooks) for (const event of events) want(threadId, event.occurredAt);
  return wanted;
}

/**
 * Messages that stand in a list read anyway and that nothing told of: their webhook was lost or is still on its way. Only those sent
 * since the installation; what came before is history.
 */
async function findOverlooked(
  parts: GatherParts,
  sorted: SortedEvents,
  threads: ThreadReadings,
): Promise<MessageSubject[]> {
  const candidates = new Map<string, MessageSubject>();
  for (const reading of threads.values()) {
    if (!reading || reading instanceof BatonError) continue;
    for (const message of reading.messages) {
      const subject = messageSubject(message.threadId, message.id);
      if (message.type !== 'MESSAGE' || message.createdAt < parts.portal.installedAt || sorted.messages.has(subject))
        continue;
      const { threadId, id: messageId } = message;
      const events = sorted.threadLooks.get(threadId) ?? [];
      candidates.set(subject, {
        kind: 'message',
        subject,
        threadId,
        messageId,
        trigger: 'sweep',
        events,
        previous: undefined,
      });
    }
  }
  const decided: Map<string, DecidedSubject> = await parts.db.ticketMemory.findDecided(parts.portal.id, [
    ...candidates.keys(),
  ]);
  return [...candidates.values()].filter((candidate) => !decided.has(candidate.subject));
}

function ticketsWanted(
  settings: Settings,
  sorted: SortedEvents,
  messages: MessageSubject[],
  threads: ThreadReadings,
  emails: Map<string, EmailReading>,
): WantedTickets {
  const wanted: WantedTickets = {
    ticketIds: new Set(sorted.newTickets.keys()),
    withContacts: new Set(),
    threads: new Map(),
  };
  const contactsForReplies = Object.values(settings.pipelines).some(
    (rules) => rules.incoming.enabled && !rules.incoming.anySender,
  );
  for (const threadId of new Set(messages.map((subject) => subject.threadId))) {
    const reading = threads.get(threadId);
    const ticketId = reading && !(reading instanceof BatonError) ? reading.thread.ticketId : null;
    if (!reading || reading instanceof BatonError || ticketId === null) continue;
    wanted.ticketIds.add(ticketId);
    wanted.threads.set(ticketId, [...(wanted.threads.get(ticketId) ?? []), reading]);
    const asked = new Set(
      messages.filter((subject) => subject.threadId === threadId).map((subject) => subject.messageId),
    );
    const visitors = findVisitors(reading);
    const unresolved = reading.messages.some((message) => asked.has(message.id) && isToStranger(message, visitors));
    if (unresolved || contactsForReplies) wanted.withContacts.add(ticketId);
  }
  for (const { email, ticketIds } of emails.values()) {
    const [ticketId, second] = ticketIds;
    if (ticketId === undefined || second !== undefined) continue;
    wanted.ticketIds.add(ticketId);
    if (settings.mailbox.evidence === 'associated' && email.direction === 'EMAIL') wanted.withContacts.add(ticketId);
    if (contactsForReplies) wanted.withContacts.add(ticketId);
  }
  return wanted;
}

function isToStranger(message: Message, visitors: ReadonlySet<string>): boolean {
  return (
    message.direction === 'OUTGOING' &&
    !message.recipients.some(
      ({ actorId, address }) => visitors.has(actorId ?? '') || visitors.has(address?.toLowerCase() ?? ''),
    )
  );
}

/** Addresses and actor ids of those who wrote in on a thread, and of the contact HubSpot put on it. */
function findVisitors({ thread, messages }: ThreadReading): Set<string> {
  const visitors = new Set(thread.contactId ? [`V-${thread.contactId}`] : []);
  for (const message of messages) {
    if (message.type !== 'MESSAGE' || message.direction !== 'INCOMING') continue;
    for (const { actorId, address } of message.senders) {
      if (actorId?.startsWith('V-')) visitors.add(actorId);
      if (address) visitors.add(address.toLowerCase());
    }
  }
  return visitors;
}

function ticketState(ticketId: string | null | undefined, tickets: TicketReadings): TicketState {
  if (!ticketId) return 'none';
  return tickets.tickets.get(ticketId) ?? 'gone';
}

function messageFacts(
  subject: MessageSubject,
  reading: ThreadReading | BatonError | undefined,
  tickets: TicketReadings,
): MessageFacts | 'missing' | BatonError {
  if (reading instanceof BatonError) return reading;
  const position = reading ? reading.messages.findIndex((message) => message.id === subject.messageId) : -1;
  const message = reading?.messages[position];
  if (!reading || !message) return 'missing';
  const first = reading.complete ? reading.messages.find((candidate) => candidate.type === 'MESSAGE') : undefined;
  const from = message.senders.find((sender) => sender.address)?.address ?? null;
  return {
    kind: 'message',
    subject: subject.subject,
    message,
    thread: reading.thread,
    position,
    isFirst: first === message,
    openedBy: first?.direction ?? null,
    visitors: findVisitors(reading),
    ticket: ticketState(reading.thread.ticketId, tickets),
    positions: new Map(reading.messages.map((item, index) => [item.id, index])),
    classification: classifyMessage({ subject: message.subject, from, text: message.text, html: message.html }),
  };
}

function emailFacts(
  subject: EmailSubject,
  reading: EmailReading | undefined,
  tickets: TicketReadings,
  owners: ReadonlySet<string>,
  mailThreads: Map<string, string | null>,
): EmailFacts | 'missing' {
  if (!reading) return 'missing';
  const { email, ticketIds, associatedAfterMs } = reading;
  const ticket = ticketState(ticketIds.length === 1 ? ticketIds[0] : null, tickets);
  const originatingEmailId = typeof ticket === 'object' ? ticket.ticket.originatingEmailId : null;
  const { subject: title, fromAddress: from, text, html } = email;
  return {
    kind: 'email',
    subject: subject.subject,
    email,
    ticketIds,
    ticket,
    originatingEmailThreadId: mailThreads.get(originatingEmailId ?? '') ?? null,
    associatedAfterMs,
    fromOwner: email.fromAddress !== null && owners.has(email.fromAddress.toLowerCase()),
    classification: classifyMessage({ subject: title, from, text, html }),
  };
}

function needsOwners(settings: Settings, emails: Map<string, EmailReading>): boolean {
  if (settings.mailbox.evidence !== 'associated') return false;
  return [...emails.values()].some(({ email, ticketIds }) => email.direction === 'EMAIL' && ticketIds.length === 1);
}

/** `hs_email_thread_id` of the emails that created the tickets, asked only where an incoming email could be an answer to one. */
async function readOriginatingMailThreads(
  gateway: PortalGateway,
  emails: Map<string, EmailReading>,
  { tickets }: TicketReadings,
): Promise<Map<string, string | null>> {
  const originating = new Set<string>();
  for (const { email, ticketIds } of emails.values()) {
    const facts = tickets.get(ticketIds[0] ?? '');
    if (email.direction !== 'INCOMING_EMAIL' || email.emailThreadId === null || !facts) continue;
    if (facts.ticket.originatingEmailId !== null) originating.add(facts.ticket.originatingEmailId);
  }
  if (originating.size === 0) return new Map();
  const read = await gateway.readEmails([...originating]);
  return new Map([...read].map(([emailId, email]) => [emailId, email.emailThreadId]));
}
