// One HTTP exchange with HubSpot: bounded in time and size, and honest about whether a change may have been made.
//
// Not the official client's `apiRequest`: it calls fetch without a signal (lib/src/services/http/Transport.js of 14.0.1),
// so a request that hangs can be left but not ended and keeps its socket; it holds any length of answer; and retry and
// limits hang on a process-wide singleton (ApiDecoratorService). Its models serve as types (batches.ts), and its
// signature check as an oracle in the tests.
import { BatonError } from '../errors.ts';

export type HubSpotRequest = {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  query?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as a form instead: the OAuth endpoints take nothing else (PLATFORM.md 4.2). */
  form?: Record<string, string>;
  accessToken?: string;
  /** It may change something in the portal: when its answer is lost, the outcome is unknown. */
  write?: boolean;
};

export type Answer = { status: number; headers: Headers; text: string };

export type Transport = (request: HubSpotRequest) => Promise<Answer>;

/** CONTRACT.md 5 */
const timeoutMs = 5_000;
/** 100 emails with their html are some MB; what is beyond this is no answer we asked for. */
const maxAnswerBytes = 32 * 1024 * 1024;

/** Nothing of the request left this machine: safe to repeat even when it is a write. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * Resolves with every answer, whatever its status; follows no redirect. Throws `hubspot-transient` when there was no
 * answer (`hubspot-unknown-outcome` for a write that may have arrived) and `hubspot-unreadable` when it is too large.
 * The signal ends the request and its socket, reading of the body included.
 */
export function createTransport(options: { apiUrl: string; timeoutMs?: number; maxAnswerBytes?: number }): Transport {
  const limits = {
    apiUrl: options.apiUrl,
    timeoutMs: options.timeoutMs ?? timeoutMs, // callers pass their own optional on: undefined must not win
    maxAnswerBytes: options.maxAnswerBytes ?? maxAnswerBytes,
  };
  return async (request) => {
    const url = new URL(limits.apiUrl + request.path);
    url.search = new URLSearchParams(request.query).toString();
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), limits.timeoutMs);
    try {
      const response = await fetch(url, { ...buildRequest(request), signal: abort.signal });
      const text = await readText(response, limits.maxAnswerBytes);
      if (text === undefined) throw new BatonError('hubspot-unreadable', { detail: 'The answer is too large.' });
      return { status: response.status, headers: response.headers, text };
    } catch (error) {
      abort.abort(); // whatever went wrong, nothing of it may keep a socket
      if (error instanceof BatonError && !request.write) throw error;
      throw describeLoss(error, request.write === true, limits.timeoutMs);
    } finally {
      clearTimeout(timer);
    }
  };
}

function buildRequest(request: HubSpotRequest): RequestInit {
  const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'Baton' };
  if (request.accessToken) headers.authorization = `Bearer ${request.accessToken}`;
  if (request.form)
    return { method: request.method, headers, body: new URLSearchParams(request.form), redirect: 'manual' };
  if (request.body === undefined) return { method: request.method, headers, redirect: 'manual' };
  headers['content-type'] = 'application/json';
  return { method: request.method, headers, body: JSON.stringify(request.body), redirect: 'manual' };
}

/** Undefined when there are more bytes than allowed, counted after decompression. */
async function readText(response: Response, maxBytes: number): Promise<string | undefined> {
  if (!response.body) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString('utf8');
}

/** Node hides what happened in `cause.code`; its texts are not passed on, only the code. */
function describeLoss(error: unknown, write: boolean, afterMs: number): BatonError {
  if (error instanceof Error && error.name === 'AbortError') {
    const detail = `HubSpot did not answer within ${afterMs / 1000} s.`;
    return new BatonError(write ? 'hubspot-unknown-outcome' : 'hubspot-transient', { detail });
  }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'no code';
  const unknown = write && !neverSent.has(code);
  return new BatonError(unknown ? 'hubspot-unknown-outcome' : 'hubspot-transient', {
    detail: unknown ? `The answer was lost (${code}).` : `HubSpot could not be reached (${code}).`,
    cause: error,
  });
}
