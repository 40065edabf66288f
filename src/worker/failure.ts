// What a failure of a whole batch leaves to settle: a pause of the portal, or a counted try of each event.
import type { InboxEvent } from '../db/lanes.ts';
import type { OpenDb } from '../db/open-db.ts';
import type { BatonError } from '../errors.ts';
import { nextRetryMs } from './backoff.ts';
import { emptyWork, type Work } from './batch.ts';
import { plainRecord } from './new-record.ts';
import { dropDecided, sortEvents } from './subjects.ts';
import { stopsPortal } from './thread-facts.ts';

/** When HubSpot's answer names no time: its rolling window (PLATFORM.md 5.1). */
const pauseMs = 10_000;

/** Waiting for the portal's limit or migration is nobody's failure and counts no try. Events after their last try get a record. */
export async function settleFailure(
  parts: { db: Pick<OpenDb, 'ticketMemory' | 'settings'>; now: () => Date },
  portalId: string,
  events: InboxEvent[],
  failure: BatonError,
): Promise<{ work: Work; pausedForMs: number }> {
  const work = emptyWork();
  const waitMs = failure.retryAt ? failure.retryAt.getTime() - parts.now().getTime() : pauseMs;
  if (stopsPortal(failure)) {
    work.later.push(...events.map((event) => ({ event, delayMs: 0, failed: false })));
    return { work, pausedForMs: failure.code === 'hubspot-revoked' ? 0 : Math.max(1_000, waitMs) };
  }
  for (const event of events) {
    const delayMs = nextRetryMs(event.attempts, Math.random());
    if (delayMs === undefined) work.dead.push({ event, errorCode: failure.code });
    else work.later.push({ event, delayMs: failure.retryAt ? Math.max(delayMs, waitMs) : delayMs, failed: true });
  }
  const dead = new Set(work.dead.map(({ event }) => event));
  const sorted = sortEvents(events.filter((event) => dead.has(event)));
  const subjects = [...sorted.messages.keys(), ...sorted.emails.keys()];
  if (subjects.length === 0) return { work, pausedForMs: 0 };
  dropDecided(sorted, await parts.db.ticketMemory.findDecided(portalId, subjects));
  const { version } = await parts.db.settings.getSettings(portalId);
  for (const subject of [...sorted.messages.values(), ...sorted.emails.values()]) {
    const end = { verdict: null, reason: null, outcome: 'dead' as const, error: failure.message, evidence: [] };
    work.records.push(plainRecord(subject, version, end));
  }
  return { work, pausedForMs: 0 };
}
