// The missed-message sweep of one portal: threads newer than anything recorded are looked at whole (PRODUCT.md 7).
import type { Portal, Thread } from '../crm.ts';
import type { InboxEvent } from '../db/lanes.ts';
import type { Db } from '../db/open-db.ts';
import { BatonError } from '../errors.ts';
import type { PortalGateway } from '../hubspot/gateway.ts';
import { toSecond } from '../rules/stage-history.ts';
import { continuedSweep, lookEvent } from './own-events.ts';
import type { Work } from './work.ts';

export const messageSweep = 'messages';

/** How far back of the last sweep's end each sweep looks again: HubSpot's listing may lag behind its messages. */
const overlapMs = 5 * 60_000;
/** 500 threads a page; what is left after these pages goes on as a further event, so that the portal's lane is not held for long. */
const pagesPerRun = 10;
/** 50,000 threads: beyond this the list does not end, or its cursor repeats itself. */
const maxPages = 100;

export type MessageRun = {
  portal: Portal;
  gateway: PortalGateway;
  event: InboxEvent;
  work: Work;
  /** When the portal was last swept before a gap: something was down since, and deliveries may have been lost with it. */
  gapSince?: Date | undefined;
};

/** One call per 500 threads that had messages since; adds the looks, the watermark and the done-mark to `work`. */
export async function sweepMissedMessages(
  parts: { db: Pick<Db, 'sweeps'>; now: () => Date },
  run: MessageRun,
): Promise<void> {
  const { portal, gateway, event, work, gapSince } = run;
  const now = parts.now();
  const reached = (await parts.db.sweeps.findWatermark(portal.id, messageSweep)) ?? portal.installedAt;
  const latestMessageAfter = new Date(Math.max(reached.getTime() - overlapMs, portal.installedAt.getTime()));
  const progress: Progress = { newest: reached, last: null, sorted: true };
  let cursor: string | null = null;
  for (let page = 1; ; page += 1) {
    if (page > maxPages) throw new BatonError('hubspot-unreadable', { detail: 'The list of threads has no end.' });
    const listed = await gateway.listThreads({ latestMessageAfter, ...(cursor === null ? {} : { cursor }) });
    const ids = listed.threads.map((thread) => thread.id);
    const recorded = await parts.db.sweeps.findNewestRecorded(portal.id, ids);
    follow(progress, listed.threads, now);
    for (const thread of listed.threads) {
      const age = compareNewest(thread, recorded.get(thread.id));
      if (age === 'newer') work.newEvents.push(lookEvent(portal.id, thread, now));
      else if (age === 'same-second' && gapSince) work.newEvents.push(lookEvent(portal.id, thread, now, gapSince));
    }
    cursor = listed.cursor;
    // Cut only a list whose order held, and only where the next run starts later than this one did.
    const canGoOn = progress.sorted && progress.newest.getTime() - overlapMs > latestMessageAfter.getTime();
    if (cursor === null || (page >= pagesPerRun && canGoOn)) break;
  }
  const { newest } = progress;
  if (newest > reached) work.memory.push({ kind: 'swept', sweep: messageSweep, reachedAt: newest });
  if (cursor !== null) work.newEvents.push(continuedSweep(event, newest));
  work.done.push(event);
}

type Progress = { newest: Date; last: Date | null; sorted: boolean };

/** A time in the future is nobody's: as a watermark it would hide everything until then. */
function follow(progress: Progress, threads: Thread[], now: Date): void {
  for (const { latestMessageAt: at } of threads) {
    if (at === null || (progress.last && at < progress.last)) progress.sorted = false;
    progress.last = at ?? progress.last;
    if (at && at <= now && at > progress.newest) progress.newest = at;
  }
}

/**
 * To the millisecond: an agent's message may follow a customer's in the same second. HubSpot stamps incoming ones to the second
 * (PRODUCT.md 2), so one of these may also hide in the second of what is recorded; looking for that costs a call for each thread.
 * Whether the listing's time is the message's own to the millisecond is not known (DATA.md 3.1): if it is finer, each newest message is
 * looked at once more, by the key of its look.
 */
function compareNewest(thread: Thread, recorded: Date | undefined): 'newer' | 'same-second' | 'older' {
  if (!recorded || !thread.latestMessageAt || thread.latestMessageAt > recorded) return 'newer';
  return toSecond(thread.latestMessageAt) === toSecond(recorded) ? 'same-second' : 'older';
}
