// Events that Baton makes itself: a thread or a message to look at that no webhook told of, and what is left of a sweep.
import { createHash } from 'node:crypto';
import type { Event, Thread } from '../crm.ts';
import { unpackEvent } from '../db/events.ts';
import type { InboxEvent } from '../db/lanes.ts';

/** How these events are told from HubSpot's. */
export const sweepType = 'baton.sweep';
/** What is left of a sweep that was cut. */
export const restOfSweep = 'baton.sweep-rest';

function keyOf(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

function makeEvent(
  portalId: string,
  made: Pick<Event, 'key' | 'kind' | 'occurredAt'> &
    Partial<Pick<Event, 'threadId' | 'messageId' | 'emailId' | 'ticketId' | 'stageId' | 'changeSource' | 'sourceId'>>,
): Event {
  return unpackEvent(portalId, { ...made, subscriptionType: sweepType, occurredAt: made.occurredAt.toISOString() });
}

/**
 * To look at a whole thread: once for each newest message, and once more for each gap in the sweeps. One without its time is looked at
 * once a day, by the day of `now`.
 */
export function lookEvent(portalId: string, thread: Thread, now: Date, gapSince?: Date): Event {
  const newest = thread.latestMessageAt?.toISOString() ?? 'unknown';
  const key = keyOf(sweepType, portalId, thread.id, newest, ...(gapSince ? [gapSince.toISOString()] : []));
  const occurredAt = thread.latestMessageAt ?? now;
  return makeEvent(portalId, { key, kind: 'conversation', threadId: thread.id, occurredAt });
}

/** To look at a message again that was found without an event of its own: as if its webhook had come. */
export function messageEvent(
  portalId: string,
  message: { threadId: string; messageId: string; createdAt: Date },
): Event {
  const { threadId, messageId, createdAt } = message;
  const key = keyOf(sweepType, portalId, threadId, messageId);
  return makeEvent(portalId, { key, kind: 'message', threadId, messageId, occurredAt: createdAt });
}

/** To look at an email that changed at `changedAt`: once for each change. */
export function emailEvent(portalId: string, emailId: string, changedAt: Date): Event {
  const key = keyOf(sweepType, portalId, 'email', emailId, changedAt.toISOString());
  return makeEvent(portalId, { key, kind: 'email', emailId, occurredAt: changedAt });
}

/** To look at a ticket's entry into the stage it is in: as if its webhook had come. */
export function entryEvent(portalId: string, entry: { ticketId: string; stageId: string; enteredAt: Date }): Event {
  const { ticketId, stageId, enteredAt } = entry;
  const key = keyOf(sweepType, portalId, 'entry', ticketId, stageId, enteredAt.toISOString());
  return makeEvent(portalId, { key, kind: 'ticket-stage', ticketId, stageId, occurredAt: enteredAt });
}

/**
 * To run what a ticket that Baton made has in store in its first stage: as if the webhook of its creation had come, which may be lost.
 * The entry is its birth, whatever HubSpot's clock says.
 */
export function birthEvent(portalId: string, made: { ticketId: string; at: Date }, appId: string): Event {
  const key = keyOf(sweepType, portalId, 'birth', made.ticketId);
  const byBaton = { changeSource: 'INTEGRATION', sourceId: appId };
  return makeEvent(portalId, { key, kind: 'ticket-created', ticketId: made.ticketId, occurredAt: made.at, ...byBaton });
}

/** To go on with a sweep that was cut at `reachedAt`. */
export function continuedSweep(event: InboxEvent, reachedAt: Date): Event {
  const { id: _id, runAt: _runAt, attempts: _attempts, receivedAt: _receivedAt, intents: _intents, ...rest } = event;
  const key = keyOf(restOfSweep, event.portalId, reachedAt.toISOString());
  return { ...rest, key, subscriptionType: restOfSweep, occurredAt: reachedAt };
}
