// What a failure leaves to settle: a pause of the portal, a counted try of the events, or after the last one their end.
import type { InboxEvent } from '../db/lanes.ts';
import type { NewRecord } from '../db/new-records.ts';
import type { Db } from '../db/open-db.ts';
import type { BatonError } from '../errors.ts';
import { nextRetryMs } from './backoff.ts';
import { isNews, plainRecord } from './new-record.ts';
import { dropDecided, type Subject, sortEvents } from './subjects.ts';
import { type BatchEnd, emptyWork, type Work } from './work.ts';

/** When HubSpot's answer names no time: its rolling window (PLATFORM.md 5.1). */
const pauseMs = 10_000;

/** Failures that every further call of this portal would meet: its limit, its migration, its end. */
export function stopsPortal({ code }: BatonError): boolean {
  return code === 'hubspot-rate-limited' || code === 'hubspot-migrating' || code === 'hubspot-revoked';
}

/** The database is out of reach, or not yet (or no longer) the one this program was written for. */
export function isDatabaseTrouble({ code }: BatonError): boolean {
  return code === 'database-unavailable' || code === 'schema-behind';
}

/** Waiting for the portal, for a lease or for the database is nobody's failure and counts no try. */
export function countsAsTry(error: BatonError): boolean {
  return !stopsPortal(error) && error.code !== 'lease-lost' && !isDatabaseTrouble(error);
}

/** Failures of one call to HubSpot that say nothing of the next: only what asked for it has to wait. */
export function concernsOneCall(error: BatonError): boolean {
  return error.code.startsWith('hubspot-') && !stopsPortal(error);
}

type Failing = { work: Work; settingsVersion: number | null; now: () => Date };

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
    const record = plainRecord(subject, settingsVersion, fields);
    // A day of tries is news every time; that a permission is still missing is not.
    if (outcome === 'dead' || isNews(record, subject.previous)) work.records.push(record);
  };
  const failed = countsAsTry(failure);
  const attempts = Math.max(0, ...events.map((event) => event.attempts));
  const delayMs = nextRetryMs(failed ? attempts : 0, Math.random());
  const askedMs = failure.retryAt ? failure.retryAt.getTime() - now().getTime() : 0;
  if (failure.code === 'hubspot-scope-missing') {
    // No further try helps until an admin grants the scope; the record says so, and the events are kept for then.
    work.dead.push(...events.map((event) => ({ event, errorCode: failure.code })));
    end('failed', 'scope-missing');
  } else if (delayMs === undefined) {
    work.dead.push(...events.map((event) => ({ event, errorCode: failure.code })));
    end('dead', null);
  } else putOff({ work }, subject, events, Math.max(delayMs, askedMs), failed);
}

/** The events wait; a message that no event told of gets one, or nothing would lead back to it. */
export function putOff(
  { work }: { work: Work },
  subject: Subject | undefined,
  events: InboxEvent[],
  delayMs: number,
  failed: boolean,
): void {
  work.later.push(...events.map((event) => ({ event, delayMs, failed })));
  if (events.length === 0 && subject?.kind === 'message' && subject.unheard) work.newEvents.push(subject.unheard);
}

/** A failure of a whole batch. Throws `database-unavailable`. */
export async function settleFailure(
  parts: { db: Pick<Db, 'ticketMemory'>; now: () => Date },
  portalId: string,
  events: InboxEvent[],
  failure: BatonError,
): Promise<BatchEnd> {
  const work = emptyWork();
  if (stopsPortal(failure)) {
    work.later.push(...events.map((event) => ({ event, delayMs: 0, failed: false })));
    // With its grant gone the portal has nothing to wait for: its events end as `uninstalled` in the next batch.
    if (failure.code === 'hubspot-revoked') return { work, pausedForMs: 1_000, held: false };
    const waitMs = failure.retryAt ? failure.retryAt.getTime() - parts.now().getTime() : pauseMs;
    return { work, pausedForMs: Math.max(1_000, waitMs), held: false };
  }
  const sorted = sortEvents(events);
  const subjects = [...sorted.messages.keys(), ...sorted.emails.keys()];
  dropDecided(sorted, await parts.db.ticketMemory.findDecided(portalId, subjects));
  const failing = { work, settingsVersion: null, now: parts.now };
  for (const subject of [...sorted.messages.values(), ...sorted.emails.values()]) {
    failEvents(failing, subject, subject.events, failure);
  }
  // What needs no reading too: its memory may be what the database refused.
  const others = [
    ...sorted.threadLooks.values(),
    ...sorted.newThreads.values(),
    ...sorted.ticketLooks.values(),
    ...sorted.notifications.map((event) => [event]),
    ...sorted.stageEvents.map((event) => [event]),
    ...sorted.done.map((event) => [event]),
  ];
  for (const one of others) failEvents(failing, undefined, one, failure);
  // A sweep that waits would keep the next tick's from coming, which looks just as far back.
  work.done.push(...sorted.sweeps);
  return { work, pausedForMs: 0, held: false };
}
