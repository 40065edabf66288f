// Room 5: the facts of every message and email of a batch, in the fewest HubSpot calls.
import type { Message, Portal } from '../crm.ts';
import type { InboxEvent } from '../db/lanes.ts';
import type { Db } from '../db/open-db.ts';
import type { PlannedAction } from '../db/planned-actions.ts';
import type { MemoryChange } from '../db/ticket-memory.ts';
import { BatonError } from '../errors.ts';
import type { PortalGateway } from '../hubspot/gateway.ts';
import type { Log } from '../log.ts';
import { classifyMessage } from '../rules/automatic.ts';
import type { BatchContext, Facts, MessageFacts } from '../rules/facts.ts';
import type { Settings } from '../rules/settings.ts';
import { forgetDeleted } from './deleted-tickets.ts';
import { emailFacts, readBackground } from './email-background.ts';
import { type EmailReadings, readEmails } from './email-facts.ts';
import { concernsOneCall } from './failure.ts';
import { type MailboxReading, readMailbox } from './mailbox-reading.ts';
import { messageEvent, sweepType } from './own-events.ts';
import { isPosting } from './postings.ts';
import {
  isFinal,
  isGivenUp,
  type MessageSubject,
  messageSubject,
  type SortedEvents,
  type Subject,
} from './subjects.ts';
import { readBeginning, readThreads, type ThreadReading, type ThreadReadings } from './thread-facts.ts';
import {
  readTicketFacts,
  refreshTickets,
  type TicketReadings,
  ticketState,
  type WantedTickets,
} from './ticket-facts.ts';

const dayMs = 86_400_000;

export type GatherParts = {
  portal: Portal;
  gateway: PortalGateway;
  db: Pick<Db, 'ticketMemory' | 'plannedActions' | 'mailbox' | 'mailboxChecks'>;
  settings: Settings;
  context: Pick<BatchContext, 'pipelines'>;
  /** Baton's own HubSpot app id. */
  appId: string;
  findOwnerAddresses: (portalId: string, gateway: PortalGateway) => Promise<ReadonlySet<string>>;
  log: Log;
  now: () => Date;
};

/**
 * A subject with what was read of it: its facts, or why there are none. `missing` = HubSpot does not know it (yet); `forgotten` = the
 * ticket Baton made for its thread was deleted, so that it is to be looked at anew without it.
 */
export type Gathered = { subject: Subject; facts: Facts | 'missing' | 'forgotten' | BatonError };
export type GatheredBatch = {
  gathered: Gathered[];
  memory: MemoryChange[];
  threads: ThreadReadings;
};

export async function gatherFacts(parts: GatherParts, sorted: SortedEvents): Promise<GatheredBatch> {
  const { gateway, now, context } = parts;
  const [threads, emails] = await Promise.all([
    readThreads(gateway, threadsWanted(sorted)),
    readEmails(gateway, [...sorted.emails.values()], now),
  ]);
  await recallCreated(parts, threads);
  const mailbox = await readMailbox({ ...parts, readPipelines: async () => context.pipelines }, emails);
  const overlooked = await findOverlooked(parts, sorted, threads);
  const messages = [...sorted.messages.values(), ...overlooked];
  const tickets = await readTicketFacts(
    gateway,
    ticketsWanted(parts, sorted, messages, threads, { emails, mailbox }),
    (ticketIds) => parts.db.ticketMemory.findMemory(parts.portal.id, ticketIds, now()),
    now,
  );
  await readBeginnings(gateway, messages, threads, tickets);
  const background = await readBackground(parts, emails, tickets, mailbox);
  await refreshTickets(gateway, tickets, now);
  const forgotten = await forgetDeleted(parts, messages, threads, tickets);
  const plans = await parts.db.plannedActions.findPostings(parts.portal.id, [...threads.keys()]);
  const gathered: Gathered[] = [
    ...messages.map((subject) => ({
      subject,
      facts: forgotten.has(subject.threadId)
        ? ('forgotten' as const)
        : messageFacts(subject, threads.get(subject.threadId), tickets, plans),
    })),
    ...[...sorted.emails.values()].map((subject) => ({
      subject,
      facts: emailFacts(subject, emails.get(subject.subject), tickets, background),
    })),
  ];
  return { gathered, memory: tickets.memory, threads };
}

/** The ticket Baton made for a thread counts before the one HubSpot shows on it (PRODUCT.md 3). */
async function recallCreated({ db, portal }: GatherParts, threads: ThreadReadings): Promise<void> {
  const created = await db.ticketMemory.findCreated(portal.id, [...threads.keys()]);
  for (const [threadId, ticketId] of created) {
    const reading = threads.get(threadId);
    if (!reading || reading instanceof BatonError) continue;
    threads.set(threadId, { ...reading, thread: { ...reading.thread, ticketId }, created: true });
  }
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
  { db, portal, now }: GatherParts,
  sorted: SortedEvents,
  threads: ThreadReadings,
): Promise<MessageSubject[]> {
  // Half a day short of what retention deletes: a message whose record is gone must not be decided anew.
  const keptSince = now().getTime() - (portal.retentionDays - 0.5) * dayMs;
  const since = new Date(Math.max(keptSince, portal.installedAt.getTime()));
  const candidates = new Map<string, MessageSubject>();
  for (const reading of threads.values()) {
    if (!reading || reading instanceof BatonError) continue;
    for (const { id: messageId, threadId, type, createdAt } of reading.messages) {
      const subject = messageSubject(threadId, messageId);
      if (type !== 'MESSAGE' || createdAt < since || sorted.messages.has(subject)) continue;
      const events = sorted.threadLooks.get(threadId) ?? [];
      const unheard = messageEvent(portal.id, { threadId, messageId, createdAt });
      const told = events.some(({ subscriptionType }) => subscriptionType !== sweepType);
      const trigger = told ? ('conversation' as const) : ('sweep' as const);
      const rest = { threadId, messageId, trigger, events, unheard, previous: undefined };
      candidates.set(subject, { kind: 'message', subject, ...rest });
    }
  }
  const decided = await db.ticketMemory.findDecided(portal.id, [...candidates.keys()]);
  for (const candidate of candidates.values()) candidate.previous = decided.get(candidate.subject);
  // What was given up is tried again by an event alone: its own, or a look at its thread, which a person may have sent again.
  return [...candidates.values()].filter(
    (one) => !isFinal(one) && (one.events.length > 0 || !one.previous || !isGivenUp(one.previous)),
  );
}

/**
 * Who opened a thread decides only for mail sent on one that is not the ticket's own: there a thread longer than one page is read to
 * its beginning. A failure stays with its thread.
 */
async function readBeginnings(
  gateway: PortalGateway,
  messages: MessageSubject[],
  threads: ThreadReadings,
  { tickets }: TicketReadings,
): Promise<void> {
  const asked = new Set(messages.map(({ messageId }) => messageId));
  for (const [threadId, reading] of threads) {
    if (!reading || reading instanceof BatonError || reading.complete) continue;
    const ticket = tickets.get(reading.thread.ticketId ?? '');
    const sent = reading.messages.some(({ id, direction }) => direction === 'OUTGOING' && asked.has(id));
    if (!sent || !ticket || ticket.ownThreadIds.has(threadId)) continue;
    try {
      threads.set(threadId, await readBeginning(gateway, reading));
    } catch (error) {
      if (!(error instanceof BatonError) || !concernsOneCall(error)) throw error;
      threads.set(threadId, error);
    }
  }
}

/** A ticket that Baton made is known already. */
function isEcho({ changeSource, sourceId }: InboxEvent, appId: string): boolean {
  return changeSource === 'INTEGRATION' && sourceId === appId;
}

function ticketsWanted(
  { settings, appId }: GatherParts,
  sorted: SortedEvents,
  messages: MessageSubject[],
  threads: ThreadReadings,
  { emails, mailbox }: { emails: EmailReadings; mailbox: MailboxReading | BatonError },
): WantedTickets {
  const born = [...sorted.newTickets].filter(([, events]) => !events.every((event) => isEcho(event, appId)));
  const wanted: WantedTickets = {
    ticketIds: new Set(born.map(([ticketId]) => ticketId)),
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
  for (const reading of emails.values()) {
    if (reading instanceof BatonError) continue;
    const { email, ticketIds } = reading;
    const [ticketId, second] = ticketIds;
    if (ticketId === undefined || second !== undefined) continue;
    wanted.ticketIds.add(ticketId);
    const counts = !(mailbox instanceof BatonError) && mailbox.evidence.counts;
    if (counts && email.direction === 'EMAIL') wanted.withContacts.add(ticketId);
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

/** Both times are the same moment until an event is put off. */
function wasPutOff({ runAt, receivedAt }: InboxEvent): boolean {
  return new Date(runAt).getTime() > receivedAt.getTime();
}

/** The kind of a plan to make a ticket for a thread. */
export const ticketPlan = 'create-ticket';

function messageFacts(
  subject: MessageSubject,
  reading: ThreadReading | BatonError | undefined,
  tickets: TicketReadings,
  plans: PlannedAction[],
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
    openedAt: first?.createdAt ?? null,
    visitors: findVisitors(reading),
    ticket: ticketState(reading.thread.ticketId, tickets),
    positions: new Map(reading.messages.map((item, index) => [item.id, index])),
    postedByBaton: plans.some((plan) => isPosting(message, plan)),
    outOfOffice: false,
    lookedBefore: subject.events.some(wasPutOff),
    plannedTickets: new Map(
      plans
        .filter(({ kind, threadId }) => kind === ticketPlan && threadId === subject.threadId)
        .map((plan) => [plan.subject, plan.plannedAt]),
    ),
    classification: classifyMessage({ subject: message.subject, from, text: message.text, html: message.html }),
  };
}
