// One portal's share of HubSpot's limits (PLATFORM.md 5.1): a sliding window over calls, one over searches, few in flight.
import type { Pace, PaceState } from './gateway.ts';

export type PaceLimits = {
  /** 100 of HubSpot's 110 in 10 s: calls in flight may arrive late and fall into the next window, and pages read too. */
  calls: number;
  windowMs: number;
  /** 5/s per account; HubSpot does not count searches among the 110, we do, which is right under either answer. */
  searches: number;
  searchWindowMs: number;
  inFlight: number;
};
const hubspotLimits: PaceLimits = { calls: 100, windowMs: 10_000, searches: 5, searchWindowMs: 1_000, inFlight: 4 };

type Waiting = { search: boolean; start: () => void };

/**
 * Paces one portal, first come first served; other portals have their own. `used`: the state that came with the lease.
 * `spent`: the lease was not released, so the whole window counts as used as of now. `now`: epoch ms.
 */
export function createPace(
  options: { used?: PaceState; spent?: boolean; limits?: Partial<PaceLimits>; now?: () => number } = {},
): Pace {
  const limits = { ...hubspotLimits, ...options.limits };
  const now = options.now ?? Date.now;
  // A stamp from a clock ahead of ours would never leave the window: it counts as now.
  const startedAt = now();
  let calls = options.spent
    ? Array.from({ length: limits.calls }, () => startedAt)
    : (options.used ?? []).map((at) => Math.min(at, startedAt)).sort((a, b) => a - b);
  let searches: number[] = [];
  let inFlight = 0;
  let timer: NodeJS.Timeout | undefined;
  const queue: Waiting[] = [];

  /** How long until the window has a place: 0 = now. */
  function placeInMs(stamps: number[], limit: number, windowMs: number): number {
    const blocking = stamps.at(-limit);
    return blocking === undefined ? 0 : Math.max(0, blocking + windowMs - now());
  }

  function startDue(): void {
    clearTimeout(timer);
    timer = undefined;
    while (queue[0] && inFlight < limits.inFlight) {
      const { search, start } = queue[0];
      const waitMs = Math.max(
        placeInMs(calls, limits.calls, limits.windowMs),
        search ? placeInMs(searches, limits.searches, limits.searchWindowMs) : 0,
      );
      if (waitMs > 0) {
        timer = setTimeout(startDue, waitMs);
        return;
      }
      queue.shift();
      inFlight += 1;
      calls = [...calls, now()].slice(-limits.calls);
      if (search) searches = [...searches, now()].slice(-limits.searches);
      start();
    }
  }

  return {
    async run(kind, call) {
      await new Promise<void>((resolve) => {
        queue.push({ search: kind === 'search', start: resolve });
        startDue();
      });
      try {
        return await call();
      } finally {
        inFlight -= 1;
        startDue();
      }
    },
    state: () => calls.filter((at) => now() - at < limits.windowMs),
  };
}
