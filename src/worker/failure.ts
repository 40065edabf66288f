// What a failure leaves to settle: a pause of the portal, a counted try of the events, or after the last one their end.
import type { InboxEvent } from '../db/lanes.ts';
import type { NewRecord } from '../db/new-records.ts';
import type { OpenDb } from '../db/open-db.ts';
import type { BatonError } from '../errors.ts';
import { nextRetryMs } from './backoff.ts';
import { plainRecord } from './new-record.ts';
import { dropDecided, type Subject, sortEvents } from './subjects.ts';
import { stopsPortal } from './thread-facts.ts';
import { emptyWork, type Work } from './work.ts';

/** When HubSpot's answer names no time: its rolling window (PLATFORM.md 5.1). */
const pauseMs = 10_000;

type Failing = { work: Work; settingsVersion: number; now: () => Date };

/** The events of one subject (or of none) failed: another try with growing gaps, or a record of the end. */
export function failEvents(
  { work, settingsVersion, now }: Failing,
  subject: Subject | undefined,
  events: InboxEvent[],
  failure: BatonError,
): void {
  const end = (outcome: 'failed' | 'dead', reason: NewRecord['reason']): void => {
    if (!subject) return;
    const fields = { verdict: null, reason, outcome, error: failure.detail ?? failure.message, evidence: [] };
    work.records.push(plainRecord(subject, settingsVersion, fields));
  };
  if (failure.code === 'hubspot-scope-missing') {
    // No further try helps until an admin grants the scope; the record says so.
    work.done.push(...events);
    return end('failed', 'scope-missing');
  }
  const attempts = Math.max(0, ...events.map((event) => event.attempts));
  const delayMs = nextRetryMs(attempts, Math.random());
  if (delayMs === undefined) {
    work.dead.push(...events.map((event) => ({ event, errorCode: failure.code })));
    return end('dead', null);
  }
  const askedMs = failure.retryAt ? failure.retryAt.getTime() - now().getTime() : 0;
  work.later.push(...events.map((event) => ({ event, delayMs: Math.max(delayMs, askedMs), failed: true })));
}

/** A failure of a whole batch. Waiting for the portal's limit or migration is nobody's failure and counts no try. */
export async function settleFailure(
  parts: { db: Pick<OpenDb, 'ticketMemory' | 'settings'>; now: () => Date },
  portalId: string,
  events: InboxEvent[],
  failure: BatonError,
): Promise<{ work: Work; pausedForMs: number }> {
  const work = emptyWork();
  if (stopsPortal(failure)) {
    work.later.push(...events.map((event) => ({ event, delayMs: 0, failed: false })));
    // With its grant gone the portal has nothing to wait for: its events end as `uninstalled` in the next batch.
    if (failure.code === 'hubspot-revoked') return { work, pausedForMs: 1_000 };
    const waitMs = failure.retryAt ? failure.retryAt.getTime() - parts.now().getTime() : pauseMs;
    return { work, pausedForMs: Math.max(1_000, waitMs) };
  }
  const sorted = sortEvents(events);
  const subjects = [...sorted.messages.keys(), ...sorted.emails.keys()];
  dropDecided(sorted, await parts.db.ticketMemory.findDecided(portalId, subjects));
  const { version } = await parts.db.settings.getSettings(portalId);
  const failing = { work, settingsVersion: version, now: parts.now };
  for (const subject of [...sorted.messages.values(), ...sorted.emails.values()]) {
    failEvents(failing, subject, subject.events, failure);
  }
  const others = [
    ...sorted.threadLooks.values(),
    ...sorted.newTickets.values(),
    ...sorted.sweeps.map((event) => [event]),
  ];
  for (const one of others) failEvents(failing, undefined, one, failure);
  work.done.push(...sorted.done);
  work.memory.push(...sorted.memory);
  return { work, pausedForMs: 0 };
}
