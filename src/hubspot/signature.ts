// Whether a request was signed by HubSpot with our client secret ("Validating requests from HubSpot", PLATFORM.md 3).
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Older than 5 min HubSpot itself says to refuse (PLATFORM.md 3.1); its own client takes any future time, we one minute of clock skew. */
const maxAgeMs = 300_000;
const maxAheadMs = 60_000;

export type SignedRequest = {
  secret: string;
  method: string;
  /** Configured public origin + `req.originalUrl`: behind a proxy `Host` and protocol are not what HubSpot called (PLATFORM.md 3.4). */
  url: string;
  /** The bytes as received; empty when there is no body. */
  body: Buffer;
};

export type SignatureCheck = { ok: true } | { ok: false; code: 'bad-signature' | 'signature-expired' };

/**
 * Checks the v3 signature of a request. `headers` are Node's (lower-case names). Allowed age: 5 min old to 1 min ahead of
 * `now`, both inclusive. A missing or unreadable time is `signature-expired`. Constant time; never throws.
 */
export function verifySignature(
  request: SignedRequest & { headers: Record<string, string | string[] | undefined>; now: Date },
): SignatureCheck {
  const given = request.headers['x-hubspot-signature-v3'];
  const timestamp = request.headers['x-hubspot-request-timestamp'];
  if (typeof given !== 'string') return { ok: false, code: 'bad-signature' };
  // Strictly digits: the official client lets `abc` skip the age check (PLATFORM.md 3.2).
  if (typeof timestamp !== 'string' || !/^[1-9]\d{0,15}$/.test(timestamp)) {
    return { ok: false, code: 'signature-expired' };
  }
  if (!equals(given, signV3(request, timestamp))) return { ok: false, code: 'bad-signature' };
  const ageMs = request.now.getTime() - Number(timestamp);
  if (ageMs > maxAgeMs || ageMs < -maxAheadMs) return { ok: false, code: 'signature-expired' };
  return { ok: true };
}

/**
 * As verifySignature; where no v3 signature is there, the v2 one counts, which carries no time: only for requests whose repetition
 * does nothing. Workflow actions are documented to come with v2 (PLATFORM.md 7.5), and may carry both.
 */
export function verifyActionSignature(request: Parameters<typeof verifySignature>[0]): SignatureCheck {
  if (request.headers['x-hubspot-signature-v3'] !== undefined) return verifySignature(request);
  const given = request.headers['x-hubspot-signature'];
  // Its version header says nothing that counts: no other version's digest can equal this one.
  const fits = typeof given === 'string' && equals(given, signV2(request));
  return fits ? { ok: true } : { ok: false, code: 'bad-signature' };
}

/** v3: base64 HMAC over method, decoded URI, body and the timestamp header. */
function signV3(request: SignedRequest, timestamp: string): string {
  return createHmac('sha256', request.secret)
    .update(request.method.toUpperCase() + decodeUri(request.url))
    .update(request.body)
    .update(timestamp)
    .digest('base64');
}

/** v2, still sent by workflow actions (PLATFORM.md 7.5): plain SHA-256, hex, and no protection against replay. */
export function signV2(request: SignedRequest): string {
  return createHash('sha256')
    .update(request.secret + request.method.toUpperCase() + request.url)
    .update(request.body)
    .digest('hex');
}

/** v1, the oldest webhook signature; kept to recognise what it covers: secret and body only. */
export function signV1(request: Pick<SignedRequest, 'secret' | 'body'>): string {
  return createHash('sha256').update(request.secret).update(request.body).digest('hex');
}

/** The only escapes HubSpot decodes before hashing (table of PLATFORM.md 3.1); `%20`, `%26`, `%3D`, `%25`, `%2B` ... stay. */
function decodeUri(uri: string): string {
  return uri.replace(/%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi, decodeURIComponent);
}

function equals(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}
