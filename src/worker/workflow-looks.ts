// A workflow asks Baton to look at a ticket again: its threads are looked at whole, as if a sweep had found them.
import type { Portal } from '../crm.ts';
import type { Db } from '../db/open-db.ts';
import { BatonError } from '../errors.ts';
import type { PortalGateway } from '../hubspot/gateway.ts';
import { forEachAtOnce } from './at-once.ts';
import { concernsOneCall, failEvents } from './failure.ts';
import { sweepType } from './own-events.ts';
import type { SortedEvents } from './subjects.ts';
import type { Work } from './work.ts';

/** A workflow may enrol thousands of tickets at once, and each costs a call and two more a thread: messages come in between. */
const ticketsPerBatch = 25;

type Run = { portal: Portal; gateway: PortalGateway; settingsVersion: number; sorted: SortedEvents; work: Work };

/**
 * One call a ticket; its threads, those Baton remembers as its own included, join the batch's thread looks. A ticket without any is
 * done. Throws what concerns the whole portal.
 */
export async function openTicketLooks(
  { db, now }: { db: Pick<Db, 'ticketMemory'>; now: () => Date },
  { portal, gateway, settingsVersion, sorted, work }: Run,
): Promise<void> {
  const looks = [...sorted.ticketLooks];
  if (looks.length === 0) return;
  for (const [, events] of looks.splice(ticketsPerBatch)) {
    work.later.push(...events.map((event) => ({ event, delayMs: 0, failed: false })));
  }
  const remembered = await db.ticketMemory.findOwners(
    portal.id,
    looks.map(([ticketId]) => ticketId),
  );
  await forEachAtOnce(looks, async ([ticketId, events]) => {
    try {
      const threads = new Map<string, Date>();
      for (const threadId of remembered.get(ticketId) ?? []) threads.set(threadId, portal.installedAt);
      for (const { id, latestMessageAt } of await gateway.listThreadsOfTicket(ticketId)) {
        threads.set(id, latestMessageAt ?? portal.installedAt);
      }
      if (threads.size === 0) work.done.push(...events);
      // With the time of the thread's newest message: that one has to be there when the thread is read.
      for (const [threadId, occurredAt] of threads) {
        const told = events.map((event) => ({ ...event, subscriptionType: sweepType, occurredAt }));
        sorted.threadLooks.set(threadId, [...(sorted.threadLooks.get(threadId) ?? []), ...told]);
      }
    } catch (error) {
      if (!(error instanceof BatonError) || !concernsOneCall(error)) throw error;
      failEvents({ work, settingsVersion, now }, undefined, events, error);
    }
  });
}
