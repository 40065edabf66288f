// OAuth as HubSpot does it: grants, the token endpoint, introspection, revocation, uninstall (PLATFORM.md 4).
import { randomBytes, randomUUID } from 'node:crypto';
import { type Answer, notFound, oauthError, refuse } from './answers.ts';
import type { Call } from './call.ts';
import { transactionalScope } from './single-sends.ts';
import type { Grant, PortalState } from './state.ts';
import { type World, worldOf } from './world.ts';

/** Scopes of Baton's first issue; `optional` are the ones an app may ask for besides (PLATFORM.md 4.6). */
export const defaultScopes = {
  required: [
    'oauth',
    'tickets',
    'crm.objects.contacts.read',
    'crm.objects.contacts.write',
    'crm.objects.owners.read',
    'conversations.read',
    'conversations.write',
    'sales-email-read',
  ],
  optional: ['transactional-email', 'automation'],
};

// Real tokens are long, and columns of 255 characters break on them (PLATFORM.md 4.2: at least 512).
function makeAccessToken(): string {
  return `C${randomBytes(390).toString('base64url')}`;
}

export type Tokens = { accessToken: string; refreshToken: string; expiresInSeconds: number };

function issueAccessToken(world: World, grant: Grant): string {
  const token = makeAccessToken();
  const expiresAt = world.now() + world.quirks.accessTokenSeconds * 1_000;
  world.state.accessTokens[token] = { ...grant, expiresAt };
  return token;
}

/** Scopes a portal's subscription can grant: an optional one that it cannot is left out (PLATFORM.md 4.6). */
export function grantableScopes(portal: PortalState, scopes: string[]): string[] {
  return portal.transactionalAddOn ? scopes : scopes.filter((scope) => scope !== transactionalScope);
}

/** Grants the app what a consent would: the portal has it from now on. */
export function installApp(world: World, portal: PortalState, grant: { userId: string; scopes: string[] }): Tokens {
  const granted = { ...grant, scopes: grantableScopes(portal, grant.scopes) };
  const full = { portalId: portal.id, ...granted };
  portal.install = { ...granted, installedAt: world.now() };
  const refreshToken = `na1-${randomUUID()}`;
  world.state.refreshTokens[refreshToken] = full;
  const expiresInSeconds = world.quirks.accessTokenSeconds;
  return { accessToken: issueAccessToken(world, full), refreshToken, expiresInSeconds };
}

/** Ends the grant: every token of the portal dies, no event is made any more. There is no webhook for it. */
export function uninstallApp(world: World, portal: PortalState): void {
  portal.endedScopes = portal.install?.scopes ?? portal.endedScopes;
  portal.install = null;
  for (const table of ['codes', 'accessTokens', 'refreshTokens'] as const)
    for (const [token, grant] of Object.entries(world.state[table]))
      if (grant.portalId === portal.id) delete world.state[table][token];
}

/** A single-use code, as the consent page sends it to the redirect URI. */
export function makeCode(world: World, grant: Grant & { redirectUri: string }): string {
  const code = randomUUID();
  world.state.codes[code] = { ...grant, expiresAt: world.now() + world.quirks.codeSeconds * 1_000 };
  return code;
}

function checkClient(world: World, form: URLSearchParams): void {
  if (form.get('client_id') !== world.app.clientId)
    throw oauthError('invalid_client', 'BAD_CLIENT_ID', 'missing or unknown client id');
  if (form.get('client_secret') !== world.app.clientSecret)
    throw oauthError('invalid_client', 'BAD_CLIENT_SECRET', 'missing or invalid client secret');
}

function tokenAnswer(world: World, grant: Grant, tokens: { accessToken: string; refreshToken: string }): Answer {
  return {
    status: 200,
    body: {
      token_type: 'bearer',
      token_use: 'access_token',
      refresh_token: tokens.refreshToken,
      access_token: tokens.accessToken,
      expires_in: world.quirks.accessTokenSeconds,
      ...(world.quirks.oauthOptionalFields
        ? { hub_id: Number(grant.portalId), user_id: Number(grant.userId), scopes: grant.scopes }
        : {}),
    },
  };
}

function exchangeCode(everywhere: World, form: URLSearchParams): Answer {
  const code = form.get('code') ?? '';
  const grant = everywhere.state.codes[code];
  const portal = grant && everywhere.state.portals[grant.portalId];
  const world = portal ? worldOf(everywhere, portal) : everywhere;
  const message = 'missing or unknown auth code';
  if (!grant) throw oauthError('invalid_grant', 'BAD_AUTH_CODE', message);
  // Single use, whatever comes of it: a code shown twice is worth nothing.
  delete world.state.codes[code];
  if (grant.expiresAt <= world.now()) throw oauthError('invalid_grant', 'BAD_AUTH_CODE', message);
  if (form.get('redirect_uri') !== grant.redirectUri)
    throw oauthError('invalid_grant', 'BAD_REDIRECT_URI', 'missing or invalid redirect URI');
  if (!portal) throw oauthError('access_denied', 'BAD_HUB', 'unknown hub id');
  const tokens = installApp(world, portal, { userId: grant.userId, scopes: grant.scopes });
  return tokenAnswer(world, { ...grant, scopes: grantableScopes(portal, grant.scopes) }, tokens);
}

function refresh(everywhere: World, form: URLSearchParams): Answer {
  const refreshToken = form.get('refresh_token') ?? '';
  const grant = everywhere.state.refreshTokens[refreshToken];
  const portal = grant && everywhere.state.portals[grant.portalId];
  const world = portal ? worldOf(everywhere, portal) : everywhere;
  if (!grant) throw oauthError('invalid_grant', 'BAD_REFRESH_TOKEN', 'refresh token is invalid, expired or revoked');
  if (!world.quirks.rotatesRefreshTokens)
    return tokenAnswer(world, grant, { accessToken: issueAccessToken(world, grant), refreshToken });
  delete world.state.refreshTokens[refreshToken];
  const next = `na1-${randomUUID()}`;
  world.state.refreshTokens[next] = grant;
  return tokenAnswer(world, grant, { accessToken: issueAccessToken(world, grant), refreshToken: next });
}

/** `POST /oauth/{v}/token`; parameters count in the body only (PLATFORM.md 4.2). */
export function exchangeToken({ world, form }: Call): Answer {
  checkClient(world, form);
  const grantType = form.get('grant_type');
  if (grantType === 'authorization_code') return exchangeCode(world, form);
  if (grantType === 'refresh_token') return refresh(world, form);
  throw oauthError('unsupported_grant_type', 'BAD_GRANT_TYPE', 'missing or unknown grant type');
}

/** `POST /oauth/{v}/token/introspect` (PLATFORM.md 4.3). */
export function introspectToken({ world, form }: Call): Answer {
  checkClient(world, form);
  return describeToken(world, form.get('token') ?? '');
}

// What v1 told, less than introspection does (client 14: AccessTokenInfoResponse, RefreshTokenInfoResponse).
const legacyFields = {
  access_token: 'token token_type app_id hub_id hub_domain user_id user scopes expires_in'.split(' '),
  refresh_token: 'token token_type client_id hub_id hub_domain user_id user scopes'.split(' '),
};

/** v1 asked by path and without the secret, and knew 404 for a token that is none (PLATFORM.md 4.3). */
function describeLegacyToken({ world, params }: Call, kind: keyof typeof legacyFields): Answer {
  const described = describeToken(world, params.token ?? '').body as Record<string, unknown>;
  if (!described.active || described.token_use !== kind) throw notFound();
  const fields = legacyFields[kind].filter((name) => described[name] !== undefined);
  return { status: 200, body: Object.fromEntries(fields.map((name) => [name, described[name]])) };
}

/** `GET /oauth/v1/access-tokens/{token}` */
export function getAccessToken(call: Call): Answer {
  return describeLegacyToken(call, 'access_token');
}

/** `GET /oauth/v1/refresh-tokens/{token}` */
export function getRefreshToken(call: Call): Answer {
  return describeLegacyToken(call, 'refresh_token');
}

/** `DELETE /oauth/v1/refresh-tokens/{token}` */
export function deleteRefreshToken({ world, params }: Call): Answer {
  delete world.state.refreshTokens[params.token ?? ''];
  return { status: 204 };
}

function describeToken(world: World, token: string): Answer {
  const access = world.state.accessTokens[token];
  const grant = access ?? world.state.refreshTokens[token];
  const portal = grant && world.state.portals[grant.portalId];
  if (!grant || !portal || (access && access.expiresAt <= world.now())) return { status: 200, body: { active: false } };
  const user = portal.users.find((candidate) => candidate.userId === grant.userId);
  const detailed = worldOf(world, portal).quirks.oauthOptionalFields;
  const shared = {
    active: true,
    token,
    token_type: 'bearer',
    token_use: access ? 'access_token' : 'refresh_token',
    client_id: world.app.clientId,
    app_id: Number(world.app.appId),
    hub_id: Number(portal.id),
    ...(detailed ? { hub_domain: portal.domain } : {}),
    user_id: Number(grant.userId),
    ...(user && detailed ? { user: user.email } : {}),
    scopes: grant.scopes,
    is_private_distribution: false,
  };
  if (!access) return { status: 200, body: shared };
  const expiresInSeconds = Math.floor((access.expiresAt - world.now()) / 1_000);
  return { status: 200, body: { ...shared, expires_in: expiresInSeconds, signed_access_token: {} } };
}

/** `POST /oauth/{v}/token/revoke`: access tokens already issued live on (PLATFORM.md 4.3). */
export function revokeToken({ world, form }: Call): Answer {
  checkClient(world, form);
  const token = form.get('token') ?? '';
  delete world.state.refreshTokens[token];
  delete world.state.accessTokens[token];
  return { status: 204 };
}

/** `DELETE /appinstalls/{v}/external-install` (PLATFORM.md 4.4). */
export function deleteInstall({ world, portal }: Call): Answer {
  uninstallApp(world, portal);
  return { status: 204 };
}

/** The grant behind a bearer token; 401 with HubSpot's words otherwise. */
export function authenticate(world: World, authorization: string | undefined): Grant {
  const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
  const grant = token === undefined ? undefined : world.state.accessTokens[token];
  if (!grant)
    throw refuse(
      401,
      'INVALID_AUTHENTICATION',
      'Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview',
    );
  if (grant.expiresAt > world.now()) return grant;
  const seconds = Math.floor((world.now() - grant.expiresAt) / 1_000);
  throw refuse(
    401,
    'EXPIRED_AUTHENTICATION',
    `The OAuth token used to make this call expired ${seconds} second(s) ago.`,
    {
      context: { expireTime: [new Date(grant.expiresAt).toISOString()] },
    },
  );
}

/** The portal a token request is about, for logs and faults; null when it names none. */
export function findFormPortal(world: World, form: URLSearchParams): string | null {
  const grant = world.state.refreshTokens[form.get('refresh_token') ?? ''] ?? world.state.codes[form.get('code') ?? ''];
  return grant?.portalId ?? null;
}
