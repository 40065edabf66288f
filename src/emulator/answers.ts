// What an API handler answers, and HubSpot's error bodies (PLATFORM.md 5.2, 5.3; DATA.md 4).
import { randomUUID } from 'node:crypto';

/** `json` in place of `body` = the body is printed already. */
export type Answer = { status: number; body?: unknown; json?: string; headers?: Record<string, string> };

/** Thrown by handlers; becomes the answer. Nothing may have been changed before it is thrown. */
export class Refusal extends Error {
  readonly answer: Answer;
  constructor(answer: Answer) {
    super(`HTTP ${answer.status}`);
    this.answer = answer;
  }
}

export type ErrorDetail = { message: string; code?: string; context?: Record<string, string[]> };

export function errorBody(category: string, message: string, more: Record<string, unknown> = {}) {
  return { status: 'error', message, correlationId: randomUUID(), ...more, category };
}

export function refuse(status: number, category: string, message: string, more: Record<string, unknown> = {}): Refusal {
  return new Refusal({ status, body: errorBody(category, message, more) });
}

export function notFound(): Refusal {
  return refuse(404, 'OBJECT_NOT_FOUND', 'resource not found');
}

/** For malformed requests that are not about property values. */
export function invalid(message: string): Refusal {
  return refuse(400, 'VALIDATION_ERROR', message);
}

export type PropertyProblem = { name: string; code: string; message: string };

/** The message carries a JSON list as text; `errors[]` repeats it (samples doc.error.400-validation), or not: a quirk. */
export function propertyErrorBody(
  portalId: string,
  problems: PropertyProblem[],
  { listsPropertyErrors }: { listsPropertyErrors: boolean },
) {
  const list = problems.map((problem) => ({
    isValid: false,
    message: problem.message,
    error: problem.code,
    name: problem.name,
    localizedErrorMessage: problem.message,
    portalId: Number(portalId),
  }));
  const errors: ErrorDetail[] = problems.map((problem) => ({
    message: problem.message,
    code: problem.code,
    context: { propertyName: [problem.name] },
  }));
  const details = listsPropertyErrors ? { errors } : {};
  return errorBody('VALIDATION_ERROR', `Property values were not valid: ${JSON.stringify(list)}`, details);
}

export function missingScopes(scopes: string[]): Refusal {
  return refuse(
    403,
    'MISSING_SCOPES',
    "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: https://developers.hubspot.com/scopes.",
    {
      errors: [
        {
          message: 'One or more of the following scopes are required.',
          context: { requiredGranularScopes: scopes },
        },
      ],
      links: { scopes: 'https://developers.hubspot.com/scopes' },
    },
  );
}

/** 429: `TEN_SECONDLY_ROLLING` or, for search, `SECONDLY` (PLATFORM.md 5.2). */
export function rateLimited(policyName: string): Answer {
  return {
    status: 429,
    body: {
      status: 'error',
      message: `You have reached your ${policyName.toLowerCase()} limit.`,
      errorType: 'RATE_LIMIT',
      correlationId: randomUUID(),
      policyName,
      requestId: randomUUID(),
    },
  };
}

/** What a batch answer adds for the inputs that failed: HubSpot's StandardError always has `links` and `errors`. */
export function printPartial(errors: object[]): { numErrors?: number; errors?: object[] } {
  if (errors.length === 0) return {};
  return { numErrors: errors.length, errors: errors.map((error) => ({ links: {}, errors: [], ...error })) };
}

/** OAuth errors carry the RFC 6749 fields beside the older ones (PLATFORM.md 4.5). */
export function oauthError(error: string, status: string, message: string): Refusal {
  return new Refusal({ status: 400, body: { error, error_description: message, status, message } });
}

/** A body whose `results` are printed already. */
export function printResults(results: string[], fields: Record<string, unknown>): string {
  const rest = JSON.stringify(fields).slice(1);
  return `{"results":[${results.join(',')}]${rest === '}' ? '' : ','}${rest}`;
}

let lastMs = Number.NaN;
let lastTime = '';

/** The same time again is the same string, which memory holds once. */
export function isoTime(epochMs: number): string {
  if (epochMs === lastMs) return lastTime;
  lastTime = new Date(epochMs).toISOString();
  lastMs = epochMs;
  return lastTime;
}

const dayMs = 86_400_000;
const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));
let lastDay = Number.NaN;
let lastDate = '';

/** As isoTime in a fifth of its time, for text that is sent and forgotten: a page prints hundreds, most of one day. */
export function printTime(epochMs: number): string {
  // Fractions and what is no time at all are left to Date, which cuts the ones and refuses the others.
  if (!Number.isSafeInteger(epochMs)) return isoTime(epochMs);
  const day = Math.floor(epochMs / dayMs);
  if (day !== lastDay) {
    lastDate = new Date(epochMs).toISOString().slice(0, -13);
    lastDay = day;
  }
  const ms = epochMs - day * dayMs;
  const seconds = Math.floor(ms / 1_000);
  const minutes = Math.floor(seconds / 60);
  const clock = `${twoDigits[Math.floor(minutes / 60)]}:${twoDigits[minutes % 60]}:${twoDigits[seconds % 60]}`;
  return `${lastDate}${clock}.${String(ms % 1_000).padStart(3, '0')}Z`;
}
