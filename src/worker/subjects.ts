// Sorts a batch's events by what they are about: each message and each email once, however many events speak of it.
import type { Event } from '../crm.ts';
import type { Trigger } from '../db/db.ts';
import type { InboxEvent } from '../db/lanes.ts';
import type { DecidedSubject, MemoryChange } from '../db/ticket-memory.ts';
import { sweepType } from './own-events.ts';

export type MessageSubject = {
  kind: 'message';
  subject: string;
  threadId: string;
  messageId: string;
  trigger: Trigger;
  events: InboxEvent[];
  /** For a message that no event told of: the event to make when it cannot be decided now. */
  unheard?: Event;
  previous: DecidedSubject | undefined;
};
export type EmailSubject = {
  kind: 'email';
  subject: string;
  emailId: string;
  trigger: Trigger;
  events: InboxEvent[];
  previous: DecidedSubject | undefined;
};
export type Subject = MessageSubject | EmailSubject;

export type SortedEvents = {
  messages: Map<string, MessageSubject>;
  emails: Map<string, EmailSubject>;
  /** Threads to look at whole, because a sweep found them newer than anything recorded. */
  threadLooks: Map<string, InboxEvent[]>;
  /** Threads HubSpot says are new, of which a message may never be told. */
  newThreads: Map<string, InboxEvent[]>;
  /** Tickets that were just created: their originating threads are worth remembering. */
  newTickets: Map<string, InboxEvent[]>;
  /** A ticket was created, or reached a stage (worker/stage-entries.ts). */
  stageEvents: InboxEvent[];
  /** Tickets a workflow asks to look at again (worker/workflow-looks.ts). */
  ticketLooks: Map<string, InboxEvent[]>;
  /** Notifications a workflow asks for (worker/workflow-notifications.ts). */
  notifications: InboxEvent[];
  sweeps: InboxEvent[];
  memory: MemoryChange[];
  /** Nothing to read or decide. */
  done: InboxEvent[];
};

export function messageSubject(threadId: string, messageId: string): string {
  return `m:${threadId}:${messageId}`;
}

export function sortEvents(events: InboxEvent[]): SortedEvents {
  const sorted: SortedEvents = {
    messages: new Map(),
    emails: new Map(),
    threadLooks: new Map(),
    newThreads: new Map(),
    newTickets: new Map(),
    stageEvents: [],
    ticketLooks: new Map(),
    notifications: [],
    sweeps: [],
    memory: [],
    done: [],
  };
  for (const event of events) sortEvent(event, sorted);
  return sorted;
}

function sortEvent(event: InboxEvent, sorted: SortedEvents): void {
  const { kind, threadId, messageId, emailId, ticketId } = event;
  if (kind === 'sweep') sorted.sweeps.push(event);
  else if (kind === 'message' && threadId && messageId) addMessage(event, threadId, messageId, sorted);
  else if ((kind === 'email' || kind === 'email-association') && emailId) addEmail(event, emailId, sorted);
  else if (kind === 'conversation' && threadId) {
    const threads = event.subscriptionType === sweepType ? sorted.threadLooks : sorted.newThreads;
    threads.set(threadId, [...(threads.get(threadId) ?? []), event]);
  } else if (kind === 'ticket-created' && ticketId) {
    sorted.newTickets.set(ticketId, [...(sorted.newTickets.get(ticketId) ?? []), event]);
    sorted.stageEvents.push(event);
  } else if (kind === 'ticket-stage' && ticketId) sorted.stageEvents.push(event);
  else if (kind === 'workflow-look' && ticketId) {
    sorted.ticketLooks.set(ticketId, [...(sorted.ticketLooks.get(ticketId) ?? []), event]);
  } else if (kind === 'workflow-notification' && ticketId && event.notification) sorted.notifications.push(event);
  else {
    if (kind === 'ticket-merged' && ticketId) {
      sorted.memory.push({ kind: 'merged', into: ticketId, ticketIds: event.mergedTicketIds });
    }
    if (kind === 'ticket-deleted' && ticketId) sorted.memory.push({ kind: 'ticket-gone', ticketId });
    if (kind === 'thread-erased' && threadId) sorted.memory.push({ kind: 'thread-erased', threadId });
    sorted.done.push(event);
  }
}

function addMessage(event: InboxEvent, threadId: string, messageId: string, sorted: SortedEvents): void {
  const subject = messageSubject(threadId, messageId);
  const known = sorted.messages.get(subject);
  if (known) known.events.push(event);
  else {
    sorted.messages.set(subject, {
      kind: 'message',
      subject,
      threadId,
      messageId,
      trigger: event.subscriptionType === sweepType ? 'sweep' : 'message',
      events: [event],
      previous: undefined,
    });
  }
}

function addEmail(event: InboxEvent, emailId: string, sorted: SortedEvents): void {
  const subject = `e:${emailId}`;
  const known = sorted.emails.get(subject);
  if (known) known.events.push(event);
  else {
    sorted.emails.set(subject, {
      kind: 'email',
      subject,
      emailId,
      trigger: event.subscriptionType === sweepType ? 'sweep' : 'email',
      events: [event],
      previous: undefined,
    });
  }
}

/**
 * Whether nothing that comes later can change what was decided. A message is decided once, an email too unless its record rests on
 * something that was missing: no ticket yet, or not sent yet. What was given up may always be tried again, and what HubSpot did not
 * know (a `not-a-message` without a time) may have appeared.
 */
export function isFinal({ kind, previous }: Pick<Subject, 'kind' | 'previous'>): boolean {
  if (!previous) return false;
  const { reason, messageAt } = previous;
  if (isGivenUp(previous) || (reason === 'not-a-message' && messageAt === null)) return false;
  return kind === 'message' || reason === null || !['no-ticket', 'ticket-gone', 'not-a-message'].includes(reason);
}

/** Its events are kept (db/dead-events.ts): every try failed, or Baton lacks a permission, which an admin may grant. */
export function isGivenUp({ outcome, reason }: Pick<DecidedSubject, 'outcome' | 'reason'>): boolean {
  return outcome === 'dead' || (outcome === 'failed' && reason === 'scope-missing');
}

/** Takes out what is decided for good. */
export function dropDecided(sorted: SortedEvents, decided: Map<string, DecidedSubject>): void {
  for (const [subject, entry] of [...sorted.messages, ...sorted.emails]) {
    entry.previous = decided.get(subject);
    if (!isFinal(entry)) continue;
    sorted.done.push(...entry.events);
    if (entry.kind === 'email') sorted.emails.delete(subject);
    else sorted.messages.delete(subject);
  }
}
