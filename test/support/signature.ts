// HubSpot's v3 signature, written apart from src/hubspot/signature.ts and from the emulator's signer (PLATFORM.md 3.1).
import { createHmac } from 'node:crypto';

/** Headers of a delivery as HubSpot sends it at `at` (epoch ms). `url` must need no decoding. */
export function signedHeaders(
  secret: string,
  url: string,
  body: string | Buffer,
  at = Date.now(),
): Record<string, string> {
  const mac = createHmac('sha256', secret).update(`POST${url}`).update(body).update(String(at));
  return {
    'content-type': 'application/json',
    'x-hubspot-signature-v3': mac.digest('base64'),
    'x-hubspot-request-timestamp': String(at),
  };
}
