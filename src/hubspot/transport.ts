// One HTTP exchange with HubSpot: bounded in time and size, and honest about whether a change may have been made.
//
// Not the official client's `apiRequest`: it calls fetch without a signal (lib/src/services/http/Transport.js of 14.0.1),
// so a request that hangs can be left but not ended and keeps its socket; it holds any length of answer; and retry and
// limits hang on a process-wide singleton (ApiDecoratorService). Its models serve as types (batches.ts), and its
// signature check as an oracle in the tests.
//
// Nor fetch: 209 to 260 µs of processor a call, against 64 to 95 of node:http and 53 to 61 of undici's `request`, which would
// be one more dependency (medians of 3,000 calls on one keep-alive server, five rounds side by side).
import http from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
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

/** `get`: the value of a header named in lower case. */
export type Answer = { status: number; headers: Pick<Headers, 'get'>; text: string };

export type Transport = (request: HubSpotRequest) => Promise<Answer>;

/** CONTRACT.md 5 */
const timeoutMs = 5_000;
/** 100 emails with their html are some MB; what is beyond this is no answer we asked for. */
const maxAnswerBytes = 32 * 1024 * 1024;

/** Nothing of the request left this machine: safe to repeat even when it is a write. */
const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
/** A socket unused for so long may have been closed at the other end: a write that is sent on it would have an unknown outcome. */
const idleSocketMs = 4_000;

/**
 * Resolves with every answer, whatever its status; follows no redirect. Throws `hubspot-transient` when there was no
 * answer (`hubspot-unknown-outcome` for a write that may have arrived) and `hubspot-unreadable` when it is too large.
 * A timeout ends the request and its socket, reading of the body included.
 */
export function createTransport(options: { apiUrl: string; timeoutMs?: number; maxAnswerBytes?: number }): Transport {
  const limits = {
    apiUrl: options.apiUrl,
    timeoutMs: options.timeoutMs ?? timeoutMs, // callers pass their own optional on: undefined must not win
    maxAnswerBytes: options.maxAnswerBytes ?? maxAnswerBytes,
  };
  const { protocol } = new URL(limits.apiUrl);
  const { request: open, Agent } = protocol === 'https:' ? https : http;
  const agent = new Agent({ keepAlive: true, timeout: idleSocketMs });
  return async (request) => {
    const search = request.query ? `?${new URLSearchParams(request.query)}` : '';
    const { body, headers } = buildRequest(request);
    const exchange = open(limits.apiUrl + request.path + search, { method: request.method, headers, agent });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      exchange.destroy();
    }, limits.timeoutMs);
    try {
      const response = await send(exchange, body);
      const text = await readText(response, limits.maxAnswerBytes);
      if (text === undefined) throw new BatonError('hubspot-unreadable', { detail: 'The answer is too large.' });
      return { status: response.statusCode as number, headers: readHeaders(response), text };
    } catch (error) {
      exchange.destroy(); // whatever went wrong, nothing of it may keep a socket
      if (error instanceof BatonError && !request.write) throw error;
      throw describeLoss(error, request.write === true, late ? limits.timeoutMs : undefined);
    } finally {
      clearTimeout(timer);
    }
  };
}

function buildRequest(request: HubSpotRequest): { headers: Record<string, string | number>; body: string | undefined } {
  const headers: Record<string, string | number> = {
    accept: 'application/json',
    'accept-encoding': 'gzip',
    'user-agent': 'Baton',
  };
  if (request.accessToken) headers.authorization = `Bearer ${request.accessToken}`;
  const body = request.form ? new URLSearchParams(request.form).toString() : JSON.stringify(request.body);
  if (body === undefined) return { headers, body };
  headers['content-type'] = request.form ? 'application/x-www-form-urlencoded;charset=UTF-8' : 'application/json';
  headers['content-length'] = Buffer.byteLength(body);
  return { headers, body };
}

/** Resolves with the answer's head. What breaks the exchange later is told by the answer itself. */
function send(exchange: http.ClientRequest, body: string | undefined): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    exchange.on('response', resolve).on('error', reject).end(body);
  });
}

function readHeaders({ headers }: http.IncomingMessage): Answer['headers'] {
  return {
    get(name) {
      const value = headers[name];
      return value === undefined ? null : String(value);
    },
  };
}

/** Undefined when there are more bytes than allowed, counted after decompression. */
function readText(response: http.IncomingMessage, maxBytes: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let plain: Readable = response.on('error', reject);
    if (response.headers['content-encoding'] === 'gzip') plain = response.pipe(createGunzip()).on('error', reject);
    plain.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) {
        plain.destroy();
        resolve(undefined);
      } else chunks.push(chunk);
    });
    plain.on('end', () => resolve(Buffer.concat(chunks, size).toString('utf8')));
  });
}

/** The texts of Node's errors are not passed on, only the code. */
function describeLoss(error: unknown, write: boolean, afterMs: number | undefined): BatonError {
  if (afterMs !== undefined) {
    const detail = `HubSpot did not answer within ${afterMs / 1000} s.`;
    return new BatonError(write ? 'hubspot-unknown-outcome' : 'hubspot-transient', { detail });
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no code';
  const unknown = write && !neverSent.has(code);
  return new BatonError(unknown ? 'hubspot-unknown-outcome' : 'hubspot-transient', {
    detail: unknown ? `The answer was lost (${code}).` : `HubSpot could not be reached (${code}).`,
    cause: error,
  });
}
