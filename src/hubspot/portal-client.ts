// Calls in one portal's name: its token, its pace, a fresh token after a 401, and two more tries for reads.
import { setTimeout as wait } from 'node:timers/promises';
import { BatonError } from '../errors.ts';
import { describeError, type Log } from '../log.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { ObserveCall, ObservedCall } from './call-metrics.ts';
import { describeFailure, type ErrorBody, readErrorBody } from './failures.ts';
import type { Pace } from './gateway.ts';
import { parseJson } from './json.ts';
import type { Answer, HubSpotRequest, Transport } from './transport.ts';

export type PortalRequest = Omit<HubSpotRequest, 'accessToken' | 'write' | 'form'> & {
  /** Values in the body that are somebody's own: an error never repeats them. */
  personal?: string[];
};

type CallKind = Exclude<ObservedCall['kind'], 'token'>;

/** `ok: false` = HubSpot understood and did nothing: 400, 404 or 409. */
export type WriteOutcome =
  | { ok: true; body: unknown }
  | { ok: false; status: number; body: ErrorBody; error: BatonError };

export type PortalClient = {
  /** The parsed body of a 2xx answer, undefined when it has none. Throws BatonError `hubspot-*`. */
  read(request: PortalRequest): Promise<unknown>;
  /** As `read`, sent once. An answer that cannot be read is `hubspot-unknown-outcome`. */
  write(request: PortalRequest): Promise<unknown>;
  /** As `write`, for who can do something else when HubSpot refuses; every other failure is thrown. */
  tryWrite(request: PortalRequest): Promise<WriteOutcome>;
  /** Tells what was left out of a list because it could not be read. */
  warnUnreadable(path: string, count: number): void;
  calls: { total: number /** No answer, or a 5xx. */; failed: number };
};

export type PortalClientParts = {
  portalId: string;
  pace: Pace;
  transport: Transport;
  accessTokens: AccessTokens;
  log: Log;
  onCall?: ObserveCall | undefined;
  now: () => Date;
};

/** "Retry with backoff" (PLATFORM.md 5.3), for reads only. Short: the batch behind it has its own, longer backoff. */
const retryDelaysMs = [200, 1_000];
/** Answers that say "not like this": nothing was made. 403 is not among them, another body would not help. */
const refusals = new Set([400, 404, 409]);
/** Far less than the five minutes ahead of its end at which a token is refreshed (access-tokens.ts). */
const tokenMaxAgeMs = 5_000;
/** A limit or lock that ends within this is waited for here, a longer one by who called. */
const maxWaitMs = 2_500;
/** Two reads with all their tries: after that many failures in a row HubSpot is down, and the rest of the batch need not find out too. */
const maxFailuresInRow = 6;

export function createPortalClient(parts: PortalClientParts): PortalClient {
  const { portalId, pace, transport, accessTokens, log, onCall, now } = parts;
  const calls = { total: 0, failed: 0 };
  let failuresInRow = 0;
  let pausedUntil: { at: Date; error: BatonError } | undefined;
  let token: { value: Promise<string>; knownUntilMs: number } | undefined;

  /** Asked for again after some seconds, and after a 401: a batch's ten calls, two of them at once, would each read and decrypt the same row. */
  function findToken(options?: { rejected?: string }): Promise<string> {
    if (!options && token && now().getTime() < token.knownUntilMs) return token.value;
    const asked = {
      value: askForToken(options),
      knownUntilMs: now().getTime() + tokenMaxAgeMs,
    };
    token = asked;
    asked.value.catch(() => {
      if (token === asked) token = undefined; // who waits for it hears of it; who comes later asks again
    });
    return asked.value;
  }

  async function askForToken(options?: { rejected?: string }): Promise<string> {
    const startedAt = performance.now();
    try {
      return await accessTokens.getAccessToken(portalId, options);
    } catch (error) {
      // It counts, or from the half hour of an outage on, when no token works any more, nothing would rest (worker/circuit.ts) and alert.
      if (error instanceof BatonError && error.code === 'hubspot-transient')
        countUnrenewed(performance.now() - startedAt);
      throw error;
    }
  }

  function countUnrenewed(ms: number): void {
    calls.total += 1;
    calls.failed += 1;
    failuresInRow += 1;
    onCall?.({ kind: 'token', status: undefined, ms });
  }

  async function send(request: HubSpotRequest, kind: CallKind, accessToken: string): Promise<Answer> {
    calls.total += 1;
    const startedAt = performance.now();
    const fields = { portalId, method: request.method, path: request.path };
    const end = (status: number | undefined): number => {
      const ms = Math.round(performance.now() - startedAt);
      const failed = status === undefined || status >= 500;
      failuresInRow = failed ? failuresInRow + 1 : 0;
      if (failed) calls.failed += 1;
      onCall?.({ kind, status, ms });
      return ms;
    };
    try {
      const answer = await transport({ ...request, accessToken });
      const { status } = answer;
      const ms = end(status);
      // What HubSpot did not do is told with the id its support asks for; what went well only to who looks for it.
      const level = status < 400 || status === 404 ? 'debug' : 'info';
      log[level]({ ...fields, status, ms, hubspotCorrelationId: readCorrelationId(answer) }, 'hubspot answered');
      return answer;
    } catch (error) {
      const { code } = describeError(error);
      log.info({ ...fields, ms: end(undefined), code }, 'hubspot did not answer');
      throw error;
    }
  }

  /** One exchange; on 401 (nothing was done) a fresh token and once more (PLATFORM.md 5.3). */
  async function exchange(request: HubSpotRequest): Promise<Answer> {
    // A 429 pauses this portal alone: until then nothing is sent that HubSpot would count and refuse.
    if (pausedUntil && now() < pausedUntil.at) throw pausedUntil.error;
    if (failuresInRow >= maxFailuresInRow) {
      // Nothing is sent, so a write's outcome is known: it was not made.
      throw new BatonError('hubspot-transient', { detail: `HubSpot failed ${failuresInRow} times in a row.` });
    }
    const kind = request.write ? 'write' : request.path.endsWith('/search') ? 'search' : 'read';
    const accessToken = await findToken();
    const answer = await pace.run(kind, () => send(request, kind, accessToken));
    if (answer.status !== 401) return answer;
    const fresh = await findToken({ rejected: accessToken });
    return pace.run(kind, () => send(request, kind, fresh));
  }

  async function attempt(request: PortalRequest, write: boolean): Promise<WriteOutcome> {
    const { personal, ...rest } = request;
    const answer = await exchange({ ...rest, write });
    if (answer.status >= 200 && answer.status < 300) return { ok: true, body: readAnswer(answer, write) };
    const error = describeFailure(answer, write, now(), personal);
    if (error.code === 'hubspot-rate-limited' && error.retryAt) pausedUntil = { at: error.retryAt, error };
    return { ok: false, status: answer.status, body: readErrorBody(answer.text), error };
  }

  async function call(request: PortalRequest, write: boolean): Promise<unknown> {
    const outcome = await attempt(request, write);
    if (outcome.ok) return outcome.body;
    throw outcome.error;
  }

  async function read(request: PortalRequest): Promise<unknown> {
    for (const delayMs of retryDelaysMs) {
      try {
        return await call(request, false);
      } catch (error) {
        const waitMs = error instanceof BatonError ? retryInMs(error, delayMs, now()) : undefined;
        if (waitMs === undefined || failuresInRow >= maxFailuresInRow) throw error;
        await wait(waitMs);
      }
    }
    return call(request, false);
  }

  return {
    read,
    write: (request) => call(request, true),
    async tryWrite(request) {
      const outcome = await attempt(request, true);
      if (!outcome.ok && !refusals.has(outcome.status)) throw outcome.error;
      return outcome;
    },
    warnUnreadable(path, count) {
      if (count > 0) log.warn({ portalId, path, count }, 'left out of a list: unreadable');
    },
    calls,
  };
}

/** HubSpot's own id of an exchange; undefined when it is none, so that nothing else gets into the log. */
function readCorrelationId({ status, headers, text }: Answer): string | undefined {
  const said =
    headers.get('x-hubspot-correlation-id') ?? (status < 400 ? undefined : readErrorBody(text).correlationId);
  return typeof said === 'string' && /^[\w-]{8,64}$/.test(said) ? said : undefined;
}

/** How long to wait before reading again; undefined = another try now would not help. */
function retryInMs(error: BatonError, delayMs: number, now: Date): number | undefined {
  const passing = ['hubspot-transient', 'hubspot-rate-limited', 'hubspot-locked'].includes(error.code);
  const askedMs = error.retryAt ? error.retryAt.getTime() - now.getTime() : 0;
  return passing && askedMs <= maxWaitMs ? Math.max(delayMs, askedMs) : undefined;
}

function readAnswer(answer: Answer, write: boolean): unknown {
  if (answer.text.trim() === '') return undefined;
  try {
    return parseJson(answer.text);
  } catch {
    const code = write ? 'hubspot-unknown-outcome' : 'hubspot-unreadable';
    throw new BatonError(code, { detail: `HubSpot answered ${answer.status} with something that is not JSON.` });
  }
}
