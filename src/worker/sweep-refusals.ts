// What a sweep does about an answer that every further try would get: it asks again each hour, and a person reads of it meanwhile.
import { refusalOf } from '../db/sweeps.ts';
import type { MemoryChange } from '../db/ticket-memory.ts';
import type { BatonError } from '../errors.ts';

/** 24 calls a day, where the ticks would be 288; an admin who has granted the permission waits no longer. */
const askAgainMs = 3_600_000;

/** A missing permission mostly: no try helps until a person has done something. */
export function isRefusal({ code }: BatonError): boolean {
  return code === 'hubspot-scope-missing' || code === 'hubspot-refused' || code === 'hubspot-not-found';
}

/** What remembers that HubSpot refused a sweep. */
export function refusedNow(sweep: string, now: Date): MemoryChange {
  return { kind: 'swept', sweep: refusalOf(sweep), reachedAt: now };
}

/** Whether HubSpot refused it so lately that it is not to be asked yet. */
export function isResting(sweep: string, reached: ReadonlyMap<string, Date>, now: Date): boolean {
  const refusedAt = reached.get(refusalOf(sweep));
  return refusedAt !== undefined && now.getTime() - refusedAt.getTime() < askAgainMs;
}
