// How long a portal rests whose calls to HubSpot all failed, so that new events do not knock at a door that stays shut.

const secondMs = 1_000;
/** A portal finds out that HubSpot is back within this. */
export const longestRestMs = 60 * secondMs;
/** Failures further apart than this have not to do with one another: an event that always fails is tried hours apart. */
const forgetAfterMs = 5 * 60 * secondMs;

export type Calls = { readonly total: number /** No answer, or a 5xx. */; readonly failed: number };

/**
 * Counts, for this worker, the batches of a portal in which no call succeeded. An hour of outage is some seventy batches, whatever
 * arrives meanwhile. The events' own tries go on counting: this only spaces them. `now`: epoch ms.
 */
export function createCircuits(now: () => number = Date.now) {
  const failures = new Map<string, { count: number; at: number }>();
  return {
    /** How long to rest after a batch that made these calls: 0 = not at all. The first failure alone may be chance. */
    restAfter(portalId: string, calls: Calls): number {
      if (calls.total === 0) return 0;
      if (calls.failed < calls.total) {
        failures.delete(portalId);
        return 0;
      }
      const known = failures.get(portalId);
      const count = known && now() - known.at < forgetAfterMs ? known.count + 1 : 1;
      failures.set(portalId, { count, at: now() });
      return count === 1 ? 0 : Math.min(longestRestMs, secondMs * 2 ** (count - 1));
    },
  };
}
