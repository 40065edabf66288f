// Sorts a batch's events by what they are about: each message and each email once, however many events speak of it.
import type { Trigger } from '../db/db.ts';
import type { InboxEvent } from '../db/lanes.ts';
import type { DecidedSubject, MemoryChange } from '../db/ticket-memory.ts';

export type MessageSubject = {
  kind: 'message';
  subject: string;
  threadId: string;
  messageId: string;
  trigger: Trigger;
  events: InboxEvent[];
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
  /** Tickets that were just created: their originating threads are worth remembering. */
  newTickets: Map<string, InboxEvent[]>;
  sweeps: InboxEvent[];
  memory: MemoryChange[];
  /** Nothing to read or decide. */
  done: InboxEvent[];
};

/** How the sweep marks the events it makes. */
export const sweepType = 'baton.sweep';

export function messageSubject(threadId: string, messageId: string): string {
  return `m:${threadId}:${messageId}`;
}

export function sortEvents(events: InboxEvent[]): SortedEvents {
  const sorted: SortedEvents = {
    messages: new Map(),
    emails: new Map(),
    threadLooks: new Map(),
    newTickets: new Map(),
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
  else if (kind === 'conversation' && threadId && event.subscriptionType === sweepType) {
    sorted.threadLooks.set(threadId, [...(sorted.threadLooks.get(threadId) ?? []), event]);
  } else if (kind === 'ticket-created' && ticketId) {
    sorted.newTickets.set(ticketId, [...(sorted.newTickets.get(ticketId) ?? []), event]);
  } else {
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
      trigger: 'email',
      events: [event],
      previous: undefined,
    });
  }
}

/** Reasons that an association or a status that arrives later can overturn. */
const overturnable = new Set(['no-ticket', 'ticket-gone', 'not-a-message', 'sent-elsewhere', 'reply-elsewhere']);

/**
 * Takes out what is decided already. A message is decided once; an email may be decided anew by an event of its own after the first,
 * while its record rests on something that was missing. What died may always be tried again.
 */
export function dropDecided(sorted: SortedEvents, decided: Map<string, DecidedSubject>): void {
  for (const [subject, entry] of [...sorted.messages, ...sorted.emails]) {
    entry.previous = decided.get(subject);
    const { previous } = entry;
    if (!previous || previous.outcome === 'dead') continue;
    if (entry.kind === 'email' && previous.reason !== null && overturnable.has(previous.reason)) continue;
    sorted.done.push(...entry.events);
    if (entry.kind === 'email') sorted.emails.delete(subject);
    else sorted.messages.delete(subject);
  }
}
