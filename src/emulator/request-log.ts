// Remembers which API calls came in: the last ten thousand in a list, all of them in counters.

export type LoggedRequest = {
  /** Epoch milliseconds. */
  at: number;
  portalId: string | null;
  method: string;
  /** Without the query: codes and tokens must not show on a page. */
  path: string;
  status: number;
  ms: number;
};

const keptRequests = 10_000;

export function createRequestLog() {
  let requests: LoggedRequest[] = [];
  let counts = new Map<string, number>();
  let unknown: { method: string; path: string }[] = [];
  return {
    add(request: LoggedRequest): void {
      requests.push(request);
      // Cut in big steps: shifting a long list at every call would be slow.
      if (requests.length > keptRequests * 2) requests = requests.slice(-keptRequests);
      if (request.portalId) counts.set(request.portalId, (counts.get(request.portalId) ?? 0) + 1);
    },
    addUnknown(method: string, path: string): void {
      if (unknown.length < 1_000) unknown.push({ method, path });
    },
    list: (): LoggedRequest[] => requests.slice(-keptRequests),
    listUnknown: () => [...unknown],
    /** Calls made with a token of this portal, or for a grant of it, since the last clear. */
    count: (portalId: string): number => counts.get(portalId) ?? 0,
    clear(): void {
      requests = [];
      counts = new Map();
      unknown = [];
    },
  };
}

export type RequestLog = ReturnType<typeof createRequestLog>;
