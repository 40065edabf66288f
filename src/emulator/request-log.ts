// Remembers what went over the wire: API calls in a list and in counters, and the last of both directions with their bodies.
import type { Window } from './page-index.ts';

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

/** What was sent and answered, as text; secrets in it are masked before it is kept. */
export type Bodies = { query: string; sent: string; answered: string };

/** One API call of the app, or one try to deliver a webhook to it. `status` null = no answer. */
export type Exchange = Bodies & {
  /** Grows by one an exchange. */
  id: number;
  kind: 'call' | 'webhook';
  at: number;
  portalId: string | null;
  /** `GET /path` of a call; the event types of a delivery. */
  title: string;
  /** 0 for a first try and for every call. */
  attempt: number;
  status: number | null;
  ms: number;
};

const keptRequests = 10_000;
const keptExchanges = 200;
const keptBodyCharacters = 65_536;

const secretNames = 'access_token|refresh_token|id_token|client_secret|client_assertion|code|token';
const secretInJson = new RegExp(`("(?:${secretNames.replace('|code', '')})"\\s*:\\s*")[^"]*`, 'g');
const secretInForm = new RegExp(`((?:^|[?&])(?:${secretNames})=)[^&]*`, 'g');

/** Tokens, codes and secrets become ***, wherever a call carries them. */
function mask(text: string): string {
  // Most bodies hold none: looking for a word costs a hundredth of the patterns.
  if (!text.includes('token') && !text.includes('secret') && !text.includes('code=')) return text;
  return text.replace(secretInJson, '$1***').replace(secretInForm, '$1***');
}

/**
 * Holds one text after the other in bytes of its own. Strings that live as long as 200 calls do would move to V8's old
 * space: 66 MB a second at 2,000 batch reads, and a collection of a whole large portal every few seconds.
 */
function createKeptText() {
  let bytes = Buffer.alloc(0);
  let length = 0;
  return {
    write(text: string): void {
      const whole = text.length <= keptBodyCharacters;
      const kept = whole ? text : `${text.slice(0, keptBodyCharacters)}\n(cut here: ${text.length} characters in all)`;
      length = Buffer.byteLength(kept);
      if (length > bytes.length) bytes = Buffer.allocUnsafeSlow(length * 2);
      bytes.write(kept);
    },
    read: (): string => bytes.toString('utf8', 0, length),
  };
}

type KeptExchange = {
  facts: Omit<Exchange, keyof Bodies>;
  query: string;
  sent: ReturnType<typeof createKeptText>;
  answered: ReturnType<typeof createKeptText>;
};

/** Masked when looked at, which is seldom: at every call it would cost more than the call. */
function readExchange({ facts, query, sent, answered }: KeptExchange): Exchange {
  return { ...facts, query: mask(query), sent: mask(sent.read()), answered: mask(answered.read()) };
}

export function isFailed({ status }: Pick<Exchange, 'status'>): boolean {
  return status === null || status >= 400;
}

/** The last exchanges, each in the place of the one that went out. */
function createExchanges() {
  const places: KeptExchange[] = [];
  let lastId = 0;
  return {
    add({ query, sent, answered, ...facts }: Omit<Exchange, 'id'>): void {
      lastId += 1;
      const { sent: sentText = createKeptText(), answered: answeredText = createKeptText() } =
        places[lastId % keptExchanges] ?? {};
      places[lastId % keptExchanges] = {
        facts: { ...facts, id: lastId },
        query,
        sent: sentText,
        answered: answeredText,
      };
      sentText.write(sent);
      answeredText.write(answered);
    },
    /** Newest first. */
    list: (portalId?: string): KeptExchange[] =>
      places
        .filter(({ facts }) => portalId === undefined || facts.portalId === portalId)
        .sort((a, b) => b.facts.id - a.facts.id),
    clear(): void {
      places.length = 0;
    },
  };
}

/** `changed` is called when something new can be shown. */
export function createRequestLog(changed: () => void = () => {}) {
  let requests: LoggedRequest[] = [];
  let counts = new Map<string, number>();
  let unknown: { method: string; path: string }[] = [];
  const exchanges = createExchanges();

  function addExchange(made: Omit<Exchange, 'id'>): void {
    exchanges.add(made);
    changed();
  }

  return {
    /** `bodies` absent = the call is counted and listed, and not shown with bodies. */
    add(request: LoggedRequest, bodies?: Bodies): void {
      requests.push(request);
      // Cut in big steps: shifting a long list at every call would be slow.
      if (requests.length > keptRequests * 2) requests = requests.slice(-keptRequests);
      if (request.portalId) counts.set(request.portalId, (counts.get(request.portalId) ?? 0) + 1);
      if (!bodies) return;
      const { at, portalId, status, ms } = request;
      const title = `${request.method} ${request.path}`;
      addExchange({ kind: 'call', at, portalId, title, attempt: 0, status: status || null, ms, ...bodies });
    },
    /** One try to deliver a webhook, with its body. */
    addDelivery(made: Omit<Exchange, 'id' | 'kind' | 'query'>): void {
      addExchange({ kind: 'webhook', query: '', ...made });
    },
    addUnknown(method: string, path: string): void {
      if (unknown.length < 1_000) unknown.push({ method, path });
    },
    list: (): LoggedRequest[] => requests.slice(-keptRequests),
    listUnknown: () => [...unknown],
    /** The last 200 calls and deliveries, or a window of them, newest first; of one portal, or of all and of none. */
    listExchanges: (portalId?: string, { skip, take }: Window = { skip: 0, take: keptExchanges }): Exchange[] =>
      exchanges
        .list(portalId)
        .slice(skip, skip + take)
        .map(readExchange),
    countExchanges(portalId?: string): { count: number; failed: number } {
      const all = exchanges.list(portalId);
      return { count: all.length, failed: all.filter(({ facts }) => isFailed(facts)).length };
    },
    findExchange(portalId: string, id: string): Exchange | undefined {
      const found = exchanges.list(portalId).find(({ facts }) => String(facts.id) === id);
      return found && readExchange(found);
    },
    /** Calls made with a token of this portal, or for a grant of it, since the last clear. */
    count: (portalId: string): number => counts.get(portalId) ?? 0,
    clear(): void {
      requests = [];
      counts = new Map();
      unknown = [];
      exchanges.clear();
    },
  };
}

export type RequestLog = ReturnType<typeof createRequestLog>;
