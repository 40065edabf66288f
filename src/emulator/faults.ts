// Faults a test or a person orders: a status, silence, slowness, a connection lost before or after the change.

export type Fault = {
  portalId?: string;
  method?: string;
  /** Tested against the path without its query. */
  path?: RegExp;
  /** How many requests it hits; absent = until removed. */
  times?: number;
  /**
   * `status` answers without doing anything; `hang` never answers; `slow` waits `ms` first; `drop` cuts the connection;
   * `apply-then-drop` and `apply-then-hang` make the change and lose the answer.
   */
  kind: 'status' | 'hang' | 'slow' | 'apply-then-drop' | 'apply-then-hang' | 'drop';
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
  ms?: number;
};

export function createFaults() {
  let faults: Fault[] = [];
  return {
    /** Adds a fault; the first that fits a request hits it. Returns a function that removes it. */
    add(fault: Fault): () => void {
      const own = { ...fault };
      faults.push(own);
      return () => {
        faults = faults.filter((other) => other !== own);
      };
    },
    clear(): void {
      faults = [];
    },
    /** The fault that hits this request, counted. */
    take(request: { portalId: string | null; method: string; path: string }): Fault | undefined {
      const fault = faults.find(
        ({ portalId, method, path, times }) =>
          (times === undefined || times > 0) &&
          (portalId === undefined || portalId === request.portalId) &&
          (method === undefined || method.toUpperCase() === request.method) &&
          (path === undefined || request.path.search(path) >= 0),
      );
      if (fault?.times !== undefined) fault.times -= 1;
      return fault;
    },
  };
}

export type Faults = ReturnType<typeof createFaults>;
