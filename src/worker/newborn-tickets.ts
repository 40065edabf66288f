// Tickets that Baton has just made: their next messages wait until the actions of their first status have run.
import type { Db } from '../db/open-db.ts';
import type { Settings } from '../rules/settings.ts';
import { actionsOf } from '../rules/stage-entry.ts';
import type { SortedEvents } from './subjects.ts';
import type { Work } from './work.ts';

const lookAgainMs = 1_000;
/** What has not run by then fails or waits, and is not waited for: one action's trouble must not keep a ticket's status wrong. */
const patienceMs = 5 * 60_000;

/**
 * After an outage a customer's second message comes right behind the first, and would take the ticket out of its first status before
 * that one's notification went out: an entry that was left again runs nothing (PRODUCT.md 3). One statement, no HubSpot call.
 */
export async function holdForNewborns(
  parts: { db: Pick<Db, 'ticketMemory'>; now: () => Date },
  run: { portalId: string; settings: Settings; sorted: SortedEvents; work: Work },
): Promise<void> {
  const { sorted, work, settings, portalId } = run;
  const stages = Object.entries(settings.pipelines).flatMap(([pipelineId, { stageActions }]) =>
    Object.keys(stageActions).map((stageId) => ({ stageId, actions: actionsOf(settings, pipelineId, stageId) })),
  );
  if (stages.every(({ actions }) => actions.length === 0)) return;
  const threadIds = new Set([...sorted.messages.values()].map(({ threadId }) => threadId));
  for (const threadId of sorted.threadLooks.keys()) threadIds.add(threadId);
  const since = new Date(parts.now().getTime() - patienceMs);
  const held = new Set<string>();
  for (const { threadId, stageId, actedIds } of await parts.db.ticketMemory.findNewborns(
    portalId,
    [...threadIds],
    since,
  )) {
    const open = stages.some((one) => one.stageId === stageId && one.actions.some(({ id }) => !actedIds.has(id)));
    if (open) held.add(threadId);
  }
  for (const [subject, { threadId, events }] of sorted.messages) {
    if (!held.has(threadId)) continue;
    sorted.messages.delete(subject);
    work.later.push(...events.map((event) => ({ event, delayMs: lookAgainMs, failed: false })));
  }
  for (const threadId of held) {
    const events = sorted.threadLooks.get(threadId) ?? [];
    sorted.threadLooks.delete(threadId);
    work.later.push(...events.map((event) => ({ event, delayMs: lookAgainMs, failed: false })));
  }
}
