// New conversations HubSpot told of: looked at after the grace time, in case their first message was never told.
import type { Db } from '../db/open-db.ts';
import { longestGraceMs } from '../rules/creation-rule.ts';
import type { Settings } from '../rules/settings.ts';
import type { SortedEvents } from './subjects.ts';
import type { Work } from './work.ts';

/** The message's own event makes its ticket right after the grace time; the look comes after it. */
const messageFirstMs = 3_000;

/**
 * Done without any HubSpot call where no pipeline makes tickets of conversations, or a message of the thread was heard of; else the
 * thread becomes one to look at whole once the longest grace time is over.
 */
export async function sortNewThreads(
  parts: { db: Pick<Db, 'sweeps'>; now: () => Date },
  run: { portalId: string; settings: Settings; sorted: SortedEvents; work: Work },
): Promise<void> {
  const { sorted, work } = run;
  if (sorted.newThreads.size === 0) return;
  const graceMs = longestGraceMs(run.settings);
  const heard = new Set([...sorted.messages.values()].map(({ threadId }) => threadId));
  const open = [...sorted.newThreads].filter(([threadId]) => graceMs !== undefined && !heard.has(threadId));
  const recorded = await parts.db.sweeps.findNewestRecorded(
    run.portalId,
    open.map(([threadId]) => threadId),
  );
  for (const [threadId, events] of sorted.newThreads) {
    if (graceMs === undefined || heard.has(threadId) || recorded.has(threadId)) {
      work.done.push(...events);
      continue;
    }
    const earliest = Math.min(...events.flatMap(({ occurredAt, receivedAt }) => [+occurredAt, +receivedAt]));
    const delayMs = earliest + graceMs + messageFirstMs - parts.now().getTime();
    if (delayMs > 0) work.later.push(...events.map((event) => ({ event, delayMs, failed: false })));
    else sorted.threadLooks.set(threadId, [...(sorted.threadLooks.get(threadId) ?? []), ...events]);
  }
}
