// What HubSpot's refusals mean to us (PLATFORM.md 5.2 and 5.3): status and body -> BatonError, safe to show and to store.
import { BatonError } from '../errors.ts';
import { parseJson } from './json.ts';
import type { Answer } from './transport.ts';

const secondMs = 1_000;
const dayMs = 86_400_000;

export type ErrorBody = {
  message?: unknown;
  category?: unknown;
  policyName?: unknown;
  errors?: unknown;
  context?: unknown;
  correlationId?: unknown;
};

/**
 * The BatonError of an answer that is not 2xx. `write`: it may have changed something, so a lost or broken answer is
 * `hubspot-unknown-outcome` and not `hubspot-transient`. `detail` holds no address, no token, none of the `personal` values
 * that were sent, and at most 300 characters.
 */
export function describeFailure(answer: Answer, write: boolean, now: Date, personal: string[] = []): BatonError {
  const { status } = answer;
  const body = readErrorBody(answer.text);
  const after = (waitMs: number) => new Date(now.getTime() + waitMs);
  const asked = retryAfterMs(answer.headers);
  if (status >= 500 || status === 408) {
    return new BatonError(write ? 'hubspot-unknown-outcome' : 'hubspot-transient', {
      detail: `HubSpot answered ${status}.`,
      retryAt: asked === undefined ? undefined : after(asked),
    });
  }
  switch (status) {
    case 401:
      // Only the refresh may say that the grant is gone (PLATFORM.md 4.5). A minute: repeating at once would refresh again.
      return new BatonError('hubspot-transient', {
        detail: 'HubSpot did not accept a fresh access token.',
        retryAt: after(60 * secondMs),
      });
    case 403:
      return describeForbidden(body, personal);
    case 404:
      return new BatonError('hubspot-not-found');
    case 423:
      // "wait at least 2 seconds" (error-handling page, PLATFORM.md 5.3)
      return new BatonError('hubspot-locked', { retryAt: after(Math.max(2 * secondMs, asked ?? 0)) });
    case 429:
      return new BatonError('hubspot-rate-limited', { retryAt: after(Math.max(limitWaitMs(body), asked ?? 0)) });
    case 477:
      // Retry-After in seconds, up to 24 h (error-handling page, PLATFORM.md 5.3)
      return new BatonError('hubspot-migrating', { retryAt: after(asked ?? 300 * secondMs) });
    default:
      if (status < 400) return new BatonError('hubspot-unreadable', { detail: `HubSpot answered ${status}.` });
      return new BatonError('hubspot-refused', {
        detail: describeBody(body, personal) ?? `HubSpot answered ${status}.`,
      });
  }
}

/** HubSpot's own words for one failed input of a batch, or of a whole answer; undefined when there are none. */
export function describeBody(body: ErrorBody, personal: string[] = []): string | undefined {
  const inner = typeof body.message === 'string' ? readValidation(body.message) : undefined;
  const details = inner ?? (Array.isArray(body.errors) ? body.errors.map(messageOf) : []);
  const said = details.filter((text) => typeof text === 'string' && text !== '');
  const words = said.length > 0 ? said.join(' ') : body.message;
  return typeof words === 'string' && words.trim() !== '' ? scrub(words, personal) : undefined;
}

/** Removes what must never be shown or stored: `personal` values, addresses, token-like runs, control characters, length. */
export function scrub(text: string, personal: string[] = []): string {
  // Cut before matching, so that a hostile length costs nothing; the last word may be half an address, so it goes too.
  const start = text.length > 2_000 ? text.slice(0, 2_000).replace(/\S*$/, '') : text;
  const clean = hide(flatten(start), personal)
    .replace(/[^\s@"'<>()[\],;:]*@[^\s@"'<>()[\],;:]*/g, '(address)')
    .replace(/[\w.~+/=-]{40,}/g, '(removed)')
    .trim();
  return clean.length > 300 ? `${clean.slice(0, 299).toWellFormed()}…` : clean;
}

function flatten(text: string): string {
  return text.toWellFormed().replace(/[\p{Cc}\s]+/gu, ' ');
}

/** Takes out what HubSpot repeats of the values sent. A long one it may cut anywhere: from its beginning on, all goes. */
function hide(text: string, personal: string[]): string {
  const values = personal.map((value) => flatten(value.slice(0, 500)).trim()).filter((value) => value !== '');
  return values
    .sort((a, b) => b.length - a.length)
    .reduce((clean, value) => clean.replace(patternOf(value), '(removed)'), text);
}

function patternOf(value: string): RegExp {
  const maxWhole = 24;
  const start = value.slice(0, maxWhole).replace(/[\uD800-\uDBFF]$/, '');
  const escaped = start.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&');
  // A short one only as a word of its own: a first name "Al" must not take the beginning of "Already".
  const end = value.length > maxWhole ? '.*' : '(?![\\p{L}\\p{N}])';
  return new RegExp(`(?<![\\p{L}\\p{N}])${escaped}${end}`, 'giu');
}

function describeForbidden(body: ErrorBody, personal: string[]): BatonError {
  if (body.category !== 'MISSING_SCOPES') {
    return new BatonError('hubspot-refused', { detail: describeBody(body, personal) ?? 'HubSpot answered 403.' });
  }
  const details = Array.isArray(body.errors) ? body.errors : [];
  const contexts = [body, ...details].map((part) => (isRecord(part) && isRecord(part.context) ? part.context : {}));
  const scopes = contexts
    .flatMap((context) => [context.requiredGranularScopes, context.requiredScopes, context.missingScopes].flat())
    .filter((scope) => typeof scope === 'string' && /^[\w.-]{1,80}$/.test(scope));
  const detail = scopes.length > 0 ? `Missing: ${[...new Set(scopes)].slice(0, 8).join(', ')}.` : undefined;
  return new BatonError('hubspot-scope-missing', { detail });
}

/** 429 carries no documented Retry-After: the policy says how long (PLATFORM.md 5.2). DAILY: look again every hour. */
function limitWaitMs(body: ErrorBody): number {
  const policy = String(body.policyName ?? body.message ?? '').toUpperCase();
  if (policy.includes('DAILY')) return 3_600 * secondMs;
  if (policy.includes('TEN_SECONDLY')) return 10 * secondMs;
  return policy.includes('SECONDLY') ? secondMs : 10 * secondMs;
}

function retryAfterMs(headers: Answer['headers']): number | undefined {
  const value = headers.get('retry-after')?.trim() ?? '';
  return /^\d{1,9}$/.test(value) ? Math.min(Number(value) * secondMs, dayMs) : undefined;
}

/** `Property values were not valid: [{"message": ...}]`: the sentences are in JSON inside the message (DATA.md 4). */
function readValidation(message: string): unknown[] | undefined {
  const start = message.indexOf('[{');
  if (start < 0) return undefined;
  try {
    const list = parseJson(message.slice(start));
    return Array.isArray(list) ? list.map(messageOf) : undefined;
  } catch {
    return undefined; // not JSON after all: the message itself is shown
  }
}

/** The body of an answer that is not 2xx; empty when it is none of HubSpot's. */
export function readErrorBody(text: string): ErrorBody {
  try {
    const body = parseJson(text);
    return isRecord(body) ? body : {};
  } catch {
    return {}; // a proxy's HTML page: the status alone decides
  }
}

function messageOf(part: unknown): unknown {
  return isRecord(part) ? part.message : undefined;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
