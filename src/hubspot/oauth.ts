// HubSpot's OAuth on the dated endpoint: authorize address, code exchange, refresh, introspection, revocation (PLATFORM.md 4).
import { z } from 'zod';
import type { Config } from '../config.ts';
import { BatonError } from '../errors.ts';
import { id, optionalId, optionalText, readAs } from './answers.ts';
import { parseJson } from './json.ts';
import { paths } from './paths.ts';
import { type Answer, createTransport } from './transport.ts';

export type Grant = {
  accessToken: string;
  refreshToken: string;
  expiresAt: Date;
  /** In token answers since 18 Aug 2025 (PLATFORM.md 4.2); null when absent: introspect. */
  portalId: string | null;
  userId: string | null;
  /** The granted ones; null when absent. */
  scopes: string[] | null;
};

export type Introspection =
  | { active: false }
  | { active: true; portalId: string; userId: string | null; domain: string | null; scopes: string[] };

export type OAuth = {
  /** Where HubSpot sends people back: must be among the app's `redirectUrls`. */
  redirectUrl: string;
  /** Throws `install-failed` (the code was refused), `wrong-configuration`, `hubspot-transient`, `hubspot-rate-limited`. */
  exchangeCode(code: string): Promise<Grant>;
  /** Throws `hubspot-revoked` only when HubSpot says that the grant is gone; else as exchangeCode. */
  refresh(refreshToken: string): Promise<Grant>;
  /** A refresh token tells by `active` whether the grant still stands. */
  introspect(token: string, kind?: 'access_token' | 'refresh_token'): Promise<Introspection>;
};

const grantShape = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  expires_in: z.coerce.number().positive(),
  hub_id: optionalId,
  user_id: optionalId,
  scopes: z.array(z.string()).nullish(),
});

const introspectionShape = z.union([
  z.object({ active: z.literal(false) }).transform(() => ({ active: false as const })),
  z
    .object({
      active: z.literal(true),
      hub_id: id,
      user_id: optionalId,
      hub_domain: optionalText,
      scopes: z.array(z.string()),
    })
    .transform((body) => ({
      active: true as const,
      portalId: body.hub_id,
      userId: body.user_id,
      domain: body.hub_domain,
      scopes: body.scopes,
    })),
]);

/** `publicUrl` is the origin without a trailing slash. Tokens and codes are in no error and no log. */
export function createOAuth(parts: {
  config: Config['hubspot'];
  publicUrl: string;
  now?: () => Date;
  timeoutMs?: number;
}): OAuth {
  const { config, now = () => new Date() } = parts;
  const transport = createTransport({ apiUrl: config.apiUrl, timeoutMs: parts.timeoutMs });
  const redirectUrl = `${parts.publicUrl}/oauth/callback`;
  // In the form body: Basic auth is not documented (PLATFORM.md 4.2).
  const client = { client_id: config.clientId, client_secret: config.clientSecret };

  async function post(path: string, form: Record<string, string>): Promise<unknown> {
    const answer = await transport({ method: 'POST', path, form: { ...form, ...client } });
    if (answer.status < 200 || answer.status >= 300) throw describeOAuthFailure(answer, form.grant_type, now());
    return readBody(answer);
  }

  async function requestGrant(form: Record<string, string>): Promise<Grant> {
    const body = readAs(grantShape, await post(paths.token, form));
    return {
      accessToken: body.access_token,
      refreshToken: body.refresh_token,
      expiresAt: new Date(now().getTime() + body.expires_in * 1_000),
      portalId: body.hub_id,
      userId: body.user_id,
      scopes: body.scopes ?? null,
    };
  }

  return {
    redirectUrl,
    exchangeCode: (code) => requestGrant({ grant_type: 'authorization_code', code, redirect_uri: redirectUrl }),
    refresh: (refreshToken) => requestGrant({ grant_type: 'refresh_token', refresh_token: refreshToken }),
    introspect: async (token, kind = 'access_token') =>
      readAs(introspectionShape, await post(paths.introspect, { token, token_type_hint: kind })),
  };
}

/** Statuses and RFC 6749 errors HubSpot uses (PLATFORM.md 4.5), with what an operator should look at. */
const configurationFaults: Record<string, string> = {
  BAD_CLIENT_ID: 'HUBSPOT_CLIENT_ID is not that of the app.',
  BAD_CLIENT_SECRET: 'HUBSPOT_CLIENT_SECRET is not that of the app.',
  BAD_REDIRECT_URI: "PUBLIC_URL + /oauth/callback is not among the app's redirect URLs.",
  BAD_SCOPES: "The scopes differ from the app's.",
  invalid_client: 'HUBSPOT_CLIENT_ID or HUBSPOT_CLIENT_SECRET is not that of the app.',
  unauthorized_client: 'HUBSPOT_CLIENT_ID or HUBSPOT_CLIENT_SECRET is not that of the app.',
  invalid_scope: "The scopes differ from the app's.",
};

function describeOAuthFailure(answer: Answer, grantType: string | undefined, now: Date): BatonError {
  const { status: said, error } = readFailure(answer);
  // `status` first: it is the finer of the two (BAD_CLIENT_SECRET comes with invalid_client).
  const fault = configurationFaults[said] ?? configurationFaults[error];
  if (fault) return new BatonError('wrong-configuration', { detail: fault });
  if (answer.status === 429) {
    return new BatonError('hubspot-rate-limited', { retryAt: new Date(now.getTime() + 10_000) });
  }
  const refused = answer.status >= 400 && answer.status < 500;
  if (refused && grantType === 'authorization_code') {
    return new BatonError('install-failed', { detail: `HubSpot answered ${answer.status}.` });
  }
  if (refused && grantType === 'refresh_token') {
    const gone = said === 'BAD_REFRESH_TOKEN' || said === 'BAD_HUB' || error === 'invalid_grant';
    if (gone) return new BatonError('hubspot-revoked');
  }
  // Whatever else it is, it does not say that the grant is gone (PLATFORM.md 4.5): try again later.
  return new BatonError('hubspot-transient', { detail: `HubSpot's OAuth answered ${answer.status}.` });
}

const failureShape = z.object({
  status: z.string().catch(''),
  error: z.string().catch(''),
});

function readFailure(answer: Answer): { status: string; error: string } {
  try {
    return failureShape.safeParse(parseJson(answer.text)).data ?? { status: '', error: '' };
  } catch {
    return { status: '', error: '' }; // a proxy's page: the HTTP status alone decides
  }
}

function readBody(answer: Answer): unknown {
  if (answer.text.trim() === '') return undefined;
  try {
    return parseJson(answer.text);
  } catch {
    throw new BatonError('hubspot-unreadable', { detail: "HubSpot's OAuth answered something that is not JSON." });
  }
}
