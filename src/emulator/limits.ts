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
  const used = new Map<string, number[]>();

  function take(key: string, max: number, windowMs: number): { admitted: boolean; remaining: number } {
    const now = limits.byClock ? clockNow() : Date.now();
    const times = (used.get(key) ?? []).filter((time) => time > now - windowMs);
    const admitted = times.length < max;
    if (admitted) times.push(now);
    used.set(key, times);
    return { admitted, remaining: Math.max(0, max - times.length) };
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
