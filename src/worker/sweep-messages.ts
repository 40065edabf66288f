// The missed-message sweep of one portal: threads newer than anything recorded are looked at whole (PRODUCT.md 7).
import { createHash } from 'node:crypto';
import type { Event, Portal, Thread } from '../crm.ts';
import type { InboxEvent, Settlement } from '../db/lanes.ts';
import type { OpenDb } from '../db/open-db.ts';
import type { PortalGateway } from '../hubspot/gateway.ts';
import { sweepType } from './subjects.ts';

export const messageSweep = 'messages';

/** How far back of the last sweep's end each sweep looks again: HubSpot's listing may lag behind its messages. */
const overlapMs = 5 * 60_000;
/** 500 threads a page; what is left after these pages goes on as a further event, so that the portal's lane is not held for long. */
const pagesPerRun = 10;

/** One call per 500 threads that had messages since; adds the looks, the watermark and the done-mark to `work`. */
export async function sweepMissedMessages(
  parts: { db: Pick<OpenDb, 'sweeps'> },
  run: {
    portal: Portal;
    gateway: PortalGateway;
    event: InboxEvent;
    work: Pick<Settlement, 'newEvents' | 'memory' | 'done'>;
  },
): Promise<void> {
  const { portal, gateway, event, work } = run;
  const reached = (await parts.db.sweeps.findWatermark(portal.id, messageSweep)) ?? portal.installedAt;
  const latestMessageAfter = new Date(Math.max(reached.getTime() - overlapMs, portal.installedAt.getTime()));
  let cursor: string | null = null;
  let newest = reached;
  for (let page = 0; page < pagesPerRun; page += 1) {
    const listed = await gateway.listThreads({ latestMessageAfter, ...(cursor === null ? {} : { cursor }) });
    const recorded = await parts.db.sweeps.findNewestRecorded(
      portal.id,
      listed.threads.map((thread) => thread.id),
    );
    for (const thread of listed.threads) {
      if (thread.latestMessageAt && thread.latestMessageAt > newest) newest = thread.latestMessageAt;
      if (isNewer(thread, recorded.get(thread.id))) work.newEvents.push(lookEvent(portal.id, thread));
    }
    cursor = listed.cursor;
    if (cursor === null) break;
  }
  // The listing is sorted by time, so where it was cut the next run goes on.
  if (newest > reached) work.memory.push({ kind: 'swept', sweep: messageSweep, reachedAt: newest });
  if (cursor !== null && newest > reached) work.newEvents.push(continuation(event, newest));
  work.done.push(event);
}

/** HubSpot stamps incoming messages to the second, so compare whole seconds. */
function isNewer(thread: Thread, recorded: Date | undefined): boolean {
  if (!recorded || !thread.latestMessageAt) return true;
  return Math.floor(thread.latestMessageAt.getTime() / 1000) > Math.floor(recorded.getTime() / 1000);
}

function keyOf(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

function lookEvent(portalId: string, thread: Thread): Event {
  const occurredAt = thread.latestMessageAt ?? new Date(0);
  return {
    portalId,
    key: keyOf(sweepType, portalId, thread.id, occurredAt.toISOString()),
    kind: 'conversation',
    subscriptionType: sweepType,
    occurredAt,
    threadId: thread.id,
    messageId: null,
    messageType: null,
    emailId: null,
    ticketId: null,
    contactId: null,
    removed: false,
    mergedTicketIds: [],
    stageId: null,
    changeSource: null,
    sourceId: null,
  };
}

function continuation(event: InboxEvent, newest: Date): Event {
  const { id: _id, runAt: _runAt, attempts: _attempts, receivedAt: _receivedAt, intents: _intents, ...rest } = event;
  return { ...rest, key: keyOf(messageSweep, event.portalId, newest.toISOString()), occurredAt: newest };
}
