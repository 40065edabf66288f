// HubSpot's rolling request windows per portal and app (PLATFORM.md 5.1), in real time unless told otherwise.

export type Limits = {
  /** Requests per rolling ten seconds; search is not counted. */
  requestsPerTenSeconds: number;
  searchesPerSecond: number;
  /** Whether the windows pass with the emulator's clock instead: moving it frees them, stopping it holds them. */
  byClock: boolean;
};

export const defaultLimits: Limits = { requestsPerTenSeconds: 110, searchesPerSecond: 5, byClock: false };

export type Admission = { policyName: string | null; headers: Record<string, string> };

/** `clockNow`: the emulator's clock, for `byClock`. */
export function createLimiter(limits: Limits, clockNow: () => number) {
  /** When calls were admitted, oldest first; those before `start` are out of the window. */
  type Used = { times: number[]; start: number };
  const used = new Map<string, Used>();

  function take(key: string, max: number, windowMs: number): { admitted: boolean; remaining: number } {
    const now = limits.byClock ? clockNow() : Date.now();
    const window = used.get(key) ?? { times: [], start: 0 };
    used.set(key, window);
    const { times } = window;
    while (window.start < times.length && (times[window.start] as number) <= now - windowMs) window.start += 1;
    // Cut seldom: a bench raises the limit and fills the window with tens of thousands.
    if (window.start > 1_000 && window.start * 2 > times.length) {
      times.splice(0, window.start);
      window.start = 0;
    }
    const admitted = times.length - window.start < max;
    const last = times.at(-1) ?? now;
    if (admitted) times.push(now);
    // The clock was moved backward.
    if (now < last) times.sort((a, b) => a - b);
    return { admitted, remaining: Math.max(0, max - (times.length - window.start)) };
  }

  return {
    limits,
    /** Counts one call. `policyName` names the limit that refuses it; search answers carry no rate headers. */
    admit(portalId: string, isSearch: boolean): Admission {
      if (isSearch) {
        const { admitted } = take(`search:${portalId}`, limits.searchesPerSecond, 1_000);
        return { policyName: admitted ? null : 'SECONDLY', headers: {} };
      }
      const { admitted, remaining } = take(`all:${portalId}`, limits.requestsPerTenSeconds, 10_000);
      const headers = {
        'X-HubSpot-RateLimit-Max': String(limits.requestsPerTenSeconds),
        'X-HubSpot-RateLimit-Remaining': String(remaining),
        'X-HubSpot-RateLimit-Interval-Milliseconds': '10000',
      };
      return { policyName: admitted ? null : 'TEN_SECONDLY_ROLLING', headers };
    },
    clear: () => used.clear(),
  };
}

export type Limiter = ReturnType<typeof createLimiter>;
