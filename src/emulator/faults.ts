// The fault plan: what a test, a person or another program orders to go wrong, for which requests or webhook events, and when.
import { createRandom } from './random.ts';

/**
 * Of requests: `status` answers without doing anything; `hang` never answers; `slow` waits `ms` first; `drop` cuts the
 * connection; `apply-then-drop` and `apply-then-hang` make the change and lose the answer; `partial` fails some inputs of a
 * batch: 207, or 400 for all where the quirk `batchUpdate` is `refuse-any`.
 */
const requestKinds = ['status', 'hang', 'slow', 'apply-then-drop', 'apply-then-hang', 'drop', 'partial'] as const;
/** Of webhook events: lost, sent twice, sent out of their order (or up to `ms` later), or sent `ms` later. */
const eventKinds = ['webhook-loss', 'webhook-duplicate', 'webhook-disorder', 'webhook-delay'] as const;
export const faultKinds = [...requestKinds, ...eventKinds];

export type EventFaultKind = (typeof eventKinds)[number];

export type FaultOrder = {
  kind: (typeof faultKinds)[number];
  portalId?: string;
  method?: string;
  /** Tested against the path without its query; text is read as a regular expression. */
  path?: RegExp | string;
  /** Tested against the subscription type of a webhook event, e.g. `object.propertyChange`. */
  event?: RegExp | string;
  /** How many requests or events it hits; absent = until removed. */
  times?: number;
  /** Share of the fitting requests or events it hits, 0 to 1, by the seed; absent = all. */
  probability?: number;
  /** Epoch milliseconds by the emulator's clock: it hits from the one on, and no more from the other on. */
  from?: number;
  until?: number;
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
  ms?: number;
  /** `partial`: how many inputs of each batch fail, chosen by the seed; default 1. */
  inputs?: number;
};

/** An order that was taken; `id` names it for `remove`. */
export type Fault = Omit<FaultOrder, 'path' | 'event'> & { id?: string; path?: RegExp; event?: RegExp };

export type EventFault = { kind: EventFaultKind; ms: number };

function readPattern(value: RegExp | string | undefined, name: string): RegExp | undefined {
  if (typeof value !== 'string') return value;
  try {
    return new RegExp(value);
  } catch (cause) {
    throw new Error(`emulator: fault: ${name} is no regular expression`, { cause });
  }
}

/** Throws, saying what to do, for an order that could never be meant. */
function readOrder(order: FaultOrder): Fault {
  const { kind, times, probability, ms, inputs } = order;
  if (!faultKinds.includes(kind)) throw new Error(`emulator: fault: kind must be one of ${faultKinds.join(', ')}`);
  for (const [name, value] of Object.entries({ times, ms, inputs }))
    if (value !== undefined && !(Number.isInteger(value) && value >= 0))
      throw new Error(`emulator: fault: ${name} must be a whole number, 0 or more`);
  if (probability !== undefined && !(probability >= 0 && probability <= 1))
    throw new Error('emulator: fault: probability must be between 0 and 1');
  const path = readPattern(order.path, 'path');
  const event = readPattern(order.event, 'event');
  return { ...order, path, event };
}

function isEventKind(kind: string): kind is EventFaultKind {
  return (eventKinds as readonly string[]).includes(kind);
}

type RequestFacts = { portalId: string | null; method: string; path: string };

function fitsRequest(fault: Fault, request: RequestFacts): boolean {
  const { portalId, method, path, kind } = fault;
  if (isEventKind(kind) || (kind === 'partial' && !request.path.includes('/batch/'))) return false;
  return (
    (portalId === undefined || portalId === request.portalId) &&
    (method === undefined || method.toUpperCase() === request.method) &&
    (path === undefined || request.path.search(path) >= 0)
  );
}

/** `seed` decides what a probability hits; `now` is the emulator's clock. */
export function createFaults(options: { seed?: number; now?: () => number } = {}) {
  const { seed = 1, now = Date.now } = options;
  let random = createRandom(seed);
  let faults: Fault[] = [];
  let lastId = 0;

  const isOver = ({ times, until }: Fault) => times === 0 || (until !== undefined && until <= now());

  function hits(fault: Fault): boolean {
    if (isOver(fault) || (fault.from !== undefined && now() < fault.from)) return false;
    if (fault.probability !== undefined && random() >= fault.probability) return false;
    if (fault.times !== undefined) fault.times -= 1;
    return true;
  }

  return {
    /** Adds a fault; the first that fits a request hits it. Returns a function that removes it. Throws for a wrong order. */
    add(order: FaultOrder): () => void {
      lastId += 1;
      const own: Fault = { ...readOrder(order), id: String(lastId) };
      faults.push(own);
      return () => {
        faults = faults.filter((other) => other !== own);
      };
    },
    /** Whether there was one of this id. */
    remove(id: string): boolean {
      const rest = faults.filter((fault) => fault.id !== id);
      const found = rest.length < faults.length;
      faults = rest;
      return found;
    },
    clear(): void {
      faults = [];
    },
    /** No fault, and the seed from its beginning. */
    reset(): void {
      faults = [];
      random = createRandom(seed);
    },
    /** Those that can still hit something, oldest first: copies. */
    list: (): Fault[] => faults.filter((fault) => !isOver(fault)).map((fault) => ({ ...fault })),
    /** The fault that hits this request, counted. */
    take(request: RequestFacts): Fault | undefined {
      return faults.find((fault) => fitsRequest(fault, request) && hits(fault));
    },
    /** Everything that hits this webhook event, counted. */
    takeForEvent({ portalId, type }: { portalId: string; type: string }): EventFault[] {
      return faults.flatMap((fault) => {
        const { kind, ms = 0 } = fault;
        const fits =
          isEventKind(kind) &&
          (fault.portalId === undefined || fault.portalId === portalId) &&
          (fault.event === undefined || type.search(fault.event) >= 0);
        return fits && hits(fault) ? { kind, ms } : [];
      });
    },
    /** Of the seed: for choices a fault leaves open. */
    random: () => random(),
  };
}

export type Faults = ReturnType<typeof createFaults>;
