// Signs requests the way HubSpot does (PLATFORM.md 3.1), written apart from Baton's verifier so that one checks the other.
import { createHash, createHmac } from 'node:crypto';

const decoded: Record<string, string> = {
  '%3A': ':',
  '%2F': '/',
  '%3F': '?',
  '%40': '@',
  '%21': '!',
  '%24': '$',
  '%27': "'",
  '%28': '(',
  '%29': ')',
  '%2A': '*',
  '%2C': ',',
  '%3B': ';',
};

/** v1: hex SHA-256 of secret + body; still sent beside v3 with CRM webhooks. */
export function signV1(clientSecret: string, body: string): string {
  return createHash('sha256')
    .update(clientSecret + body, 'utf8')
    .digest('hex');
}

/** v2: hex SHA-256 of secret + method + URI + body; workflow actions. */
export function signV2(clientSecret: string, method: string, url: string, body: string): string {
  return createHash('sha256')
    .update(clientSecret + method + url + body, 'utf8')
    .digest('hex');
}

/** v3: base64 HMAC-SHA256 over method + URI + body + timestamp (epoch ms); only twelve escapes of the URI are decoded. */
export function signV3(clientSecret: string, method: string, url: string, body: string, timestamp: string): string {
  const plainUrl = url.replace(/%[0-9A-Fa-f]{2}/g, (code) => decoded[code.toUpperCase()] ?? code);
  return createHmac('sha256', clientSecret)
    .update(method + plainUrl + body + timestamp, 'utf8')
    .digest('base64');
}

function v3Headers(clientSecret: string, method: string, url: string, body: string, timestamp: string) {
  return {
    'X-HubSpot-Signature-v3': signV3(clientSecret, method, url, body, timestamp),
    'X-HubSpot-Request-Timestamp': timestamp,
  };
}

/** The headers of one webhook delivery: v3 with its timestamp, and v1 as before Oct 2021. */
export function signDelivery(clientSecret: string, url: string, body: string, nowMs: number): Record<string, string> {
  return {
    'X-HubSpot-Signature': signV1(clientSecret, body),
    'X-HubSpot-Signature-Version': 'v1',
    ...v3Headers(clientSecret, 'POST', url, body, String(nowMs)),
  };
}

/**
 * The headers of any other request to an app (workflow actions, `hubspot.fetch`): v2 and v3 together. One header carries
 * v1 or v2, its version header says which, so all three never meet in one request (PLATFORM.md 3.1, 7.5).
 */
export function signRequest(
  clientSecret: string,
  request: { method: string; url: string; body: string },
  nowMs: number,
): Record<string, string> {
  const { method, url, body } = request;
  return {
    'X-HubSpot-Signature': signV2(clientSecret, method, url, body),
    'X-HubSpot-Signature-Version': 'v2',
    ...v3Headers(clientSecret, method, url, body, String(nowMs)),
  };
}
