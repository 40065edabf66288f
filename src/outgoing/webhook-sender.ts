// Posts a signed webhook to a customer's own server, as Standard Webhooks has it: once, by https, and only over the open internet.
import { type ClientRequest, type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Webhook } from 'standardwebhooks';
import { checkWebhookUrl, isLoopback } from '../rules/webhook-url.ts';
import { createPublicLookup, privateAddressCode, type Resolve } from './public-lookup.ts';

export type WebhookPost = {
  url: string;
  /** The same at every try: how the receiver knows a repeated one. */
  id: string;
  at: Date;
  body: string;
  /** Each signs: two while a new secret is being put in place. */
  secrets: string[];
};
/** `failed` = trying again would not help; `later` = it may. `error` says what to do, without the address. */
export type PostOutcome =
  | { state: 'done' }
  | { state: 'failed'; error: string }
  | {
      state: 'later';
      error: string;
      retryAfterMs: number | null;
      /** No answer at all: another post to the same receiver would only wait as long. */
      unreachable: boolean;
    };

export type WebhookSender = {
  /** Never throws, and never takes longer than `timeoutMs` in all: DNS, connection, answer. */
  post(post: WebhookPost): Promise<PostOutcome>;
};

/** Standard Webhooks advises 15 to 30 s; a portal's other work waits meanwhile. */
const timeoutMs = 5_000;
/** Enough for any receiver to end its answer in peace; nothing of it is kept. */
const maxAnswerBytes = 64 * 1024;
/** What a receiver may ask for with Retry-After. */
const maxRetryAfterMs = 86_400_000;

export type SenderOptions = {
  /** A receiver on this very machine, over plain http: outside production only. */
  allowLoopback: boolean;
  timeoutMs?: number;
  /** Node's own DNS unless a test answers. */
  resolve?: Resolve;
};

export function createWebhookSender(options: SenderOptions): WebhookSender {
  const limitMs = options.timeoutMs ?? timeoutMs;
  const lookup = createPublicLookup(options.resolve);
  return {
    async post(post) {
      const mistake = checkWebhookUrl(post.url);
      if (mistake) return { state: 'failed', error: mistake };
      const url = new URL(post.url);
      const local = isLoopback(url.hostname);
      if (local && !options.allowLoopback) return { state: 'failed', error: privateWords };
      try {
        const headers = signedHeaders(post);
        // A socket of its own each time: one kept open would be used without the look at its address.
        const answer = await exchange(url, { agent: false, headers, ...(local ? {} : { lookup }) }, post.body, limitMs);
        return readAnswer(answer);
      } catch (error) {
        return describeLoss(error, limitMs);
      }
    },
  };
}

const privateWords =
  'The address leads into a private network, which Baton does not post to. Change it in the settings.';

function signedHeaders({ id, at, body, secrets }: WebhookPost): Record<string, string> {
  return {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'user-agent': 'Baton',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
  };
}

type Answer = { status: number; retryAfter: string | undefined };

/** Follows no redirect: node's own request never does. */
function exchange(url: URL, options: RequestOptions, body: string, limitMs: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const sent: ClientRequest = send(url, { ...options, method: 'POST' });
    let answer: Answer | undefined;
    // The status is all that counts: a receiver that answers 200 and then drips has taken it.
    const end = (error?: Error): void => {
      clearTimeout(timer);
      sent.destroy();
      if (answer) resolve(answer);
      else reject(error ?? new Error('no answer'));
    };
    const timer = setTimeout(() => end(Object.assign(new Error(), { code: 'ETIMEDOUT' })), limitMs);
    sent.on('error', end);
    sent.once('response', (response) => {
      answer = { status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] };
      drain(response, end);
    });
    sent.end(body);
  });
}

function drain(response: IncomingMessage, end: () => void): void {
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.byteLength;
    if (size > maxAnswerBytes) end();
  });
  response.once('close', end);
  response.on('error', end);
}

function readAnswer({ status, retryAfter }: Answer): PostOutcome {
  if (status >= 200 && status < 300) return { state: 'done' };
  if (status === 410) {
    return {
      state: 'failed',
      error: 'The receiver answered 410: it is gone. Take this action out or change its address.',
    };
  }
  if (status >= 300 && status < 400) {
    const error = `The receiver answered ${status}, a redirect, which Baton does not follow. Use the address it leads to.`;
    return { state: 'failed', error };
  }
  if (status === 429 || status === 408 || status >= 500) {
    const error = `The receiver answered ${status}.`;
    return { state: 'later', error, retryAfterMs: readRetryAfter(retryAfter), unreachable: false };
  }
  return { state: 'failed', error: `The receiver answered ${status}. It must answer with a status from 200 to 299.` };
}

/** Seconds; the date form is rare, and our own growing gaps serve as well. */
function readRetryAfter(value: string | undefined): number | null {
  return value !== undefined && /^\d{1,9}$/.test(value) ? Math.min(Number(value) * 1_000, maxRetryAfterMs) : null;
}

/** Of the error only its code: its text names the address. */
function describeLoss(error: unknown, limitMs: number): PostOutcome {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no code';
  if (code === privateAddressCode) return { state: 'failed', error: privateWords };
  const timedOut = code === 'ETIMEDOUT';
  const words = timedOut ? `did not answer within ${limitMs / 1000} s` : `could not be reached (${code})`;
  return { state: 'later', error: `The receiver ${words}.`, retryAfterMs: null, unreachable: true };
}
