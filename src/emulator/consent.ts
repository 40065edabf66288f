// The consent page: choose the portal, see the scopes, connect or cancel (PLATFORM.md 4.1).
import express, { type Request, type Response, Router } from 'express';
import { escapeHtml } from './messages.ts';
import { grantableScopes, makeCode } from './oauth.ts';
import { page } from './page.ts';
import type { PortalState, User } from './state.ts';
import type { World } from './world.ts';

type Asked = { redirectUri: string; state: string | null; scopes: string[]; required: string[] };
type Checked = { ok: true; asked: Asked } | { ok: false; reason: string };

function words(text: string | null): string[] {
  return (text ?? '').split(/[ +]/).filter((word) => word !== '');
}

function isAllowedRedirect(world: World, text: string): boolean {
  if (world.app.redirectUris) return world.app.redirectUris.includes(text);
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && (hostname === 'localhost' || hostname === '127.0.0.1'));
}

function mayManageApps(user: User): boolean {
  return user.mayManageApps !== false;
}

/**
 * The right is asked for wherever a scope is new to the account; who comes back to a connected app without a new one is not
 * asked (PLATFORM.md 4.1; changelog "new-permission-requirements-for-installing-public-apps").
 */
function mayConnect({ install }: PortalState, user: User, scopes: string[]): boolean {
  return mayManageApps(user) || (install !== null && scopes.every((scope) => install.scopes.includes(scope)));
}

/** A mismatch with the app's registration ends on a page of HubSpot's and never calls back. */
function check(world: World, query: URLSearchParams): Checked {
  const redirectUri = query.get('redirect_uri') ?? '';
  if (query.get('client_id') !== world.app.clientId)
    return { ok: false, reason: 'client_id is missing or unknown. Look it up on the Auth tab of the app.' };
  if (!isAllowedRedirect(world, redirectUri))
    return { ok: false, reason: 'redirect_uri is missing or not among the redirect URLs of the app.' };
  const scopes = words(query.get('scope'));
  const missing = world.app.requiredScopes.filter((scope) => !scopes.includes(scope));
  if (missing.length > 0) return { ok: false, reason: `scope lacks what the app requires: ${missing.join(' ')}.` };
  const optional = words(query.get('optional_scope'));
  const known = [...world.app.requiredScopes, ...world.app.optionalScopes];
  const unknown = [...scopes, ...optional].filter((scope) => !known.includes(scope));
  if (unknown.length > 0) return { ok: false, reason: `The app does not list these scopes: ${unknown.join(' ')}.` };
  return {
    ok: true,
    asked: {
      redirectUri,
      state: query.get('state'),
      scopes: [...new Set([...scopes, ...optional])],
      required: scopes,
    },
  };
}

function refusePage(response: Response, reason: string): void {
  const body = `<h1>This app cannot be connected</h1><p>${escapeHtml(reason)}</p>`;
  response.status(400).send(page('Authorization error', body));
}

/** HubSpot's own page, which never calls back: 403 and the rights that are missing, as people report it. */
function refuseUser(response: Response, portal: PortalState, user: User): void {
  const name = escapeHtml(`${user.firstName} ${user.lastName}`);
  const settings = `<a href="/portals/${portal.id}/settings#people">People</a>`;
  const body = `<h1>You don't have the right permissions to install this app</h1>
<p>${name} lacks:</p><ul><li>App Marketplace access</li></ul>
<p>A super admin, or somebody with this permission, can connect it. In this emulator: ${settings} on the portal's settings page.</p>`;
  response.status(403).send(page('Request for permissions', body));
}

function userChoice({ id, domain, users }: PortalState): string {
  const options = users.map((user) => {
    const name = escapeHtml(`${user.firstName} ${user.lastName}`);
    const note = mayManageApps(user) ? '' : ', without App Marketplace access';
    return `<option value="${escapeHtml(user.userId)}">${name}${note}</option>`;
  });
  const label = `as <span class="unseen">(a user of ${escapeHtml(domain)})</span>`;
  return `<label>${label} <select name="userId.${id}">${options.join('')}</select></label>`;
}

function portalChoices(portals: PortalState[]): string {
  return portals
    .map(
      (portal, index) =>
        `<div><label><input type="radio" name="portalId" value="${portal.id}"${index === 0 ? ' checked' : ''}> ${escapeHtml(portal.domain)} (${portal.id})${portal.install ? ', connected already' : ''}</label> ${userChoice(portal)}</div>`,
    )
    .join('');
}

function showConsent(world: World, request: Request, response: Response): void {
  const query = new URL(request.originalUrl, 'http://emulator.invalid').searchParams;
  const checked = check(world, query);
  if (!checked.ok) {
    refusePage(response, checked.reason);
    return;
  }
  const fixed = typeof request.params.portalId === 'string' ? request.params.portalId : undefined;
  const portals = Object.values(world.state.portals).filter((portal) => !fixed || portal.id === fixed);
  if (portals.length === 0) {
    refusePage(response, 'There is no account to connect it to.');
    return;
  }
  const scopes = checked.asked.scopes.map((scope) => `<li><code>${escapeHtml(scope)}</code></li>`).join('');
  const body = `<h1>Connect the app to HubSpot (emulated)</h1>
<form method="post" action="/oauth/authorize">
<input type="hidden" name="query" value="${escapeHtml(query.toString())}">
<fieldset><legend>Account</legend>${portalChoices(portals)}</fieldset>
<p>The app will be able to use:</p><ul>${scopes}</ul>
<p><button name="decision" value="connect">Connect app</button> <button name="decision" value="cancel">Cancel</button></p>
</form>`;
  response.send(page('Connect app', body));
}

function callBack(response: Response, asked: Asked, fields: Record<string, string>): void {
  const url = new URL(asked.redirectUri);
  for (const [name, value] of Object.entries(fields)) url.searchParams.set(name, value);
  if (asked.state !== null) url.searchParams.set('state', asked.state);
  response.redirect(302, url.href);
}

async function decide(world: World, save: () => Promise<void>, request: Request, response: Response): Promise<void> {
  const form = (request.body ?? {}) as Record<string, string | undefined>;
  const checked = check(world, new URLSearchParams(form.query ?? ''));
  if (!checked.ok) return refusePage(response, checked.reason);
  // What HubSpot sends on a refusal is not documented (PLATFORM.md 10, item 4).
  const told = { error: 'access_denied', error_description: 'The user cancelled.' };
  if (form.decision !== 'connect')
    return callBack(response, checked.asked, world.quirks.cancelledConsent === 'error' ? told : {});
  const portal = world.state.portals[form.portalId ?? ''];
  // Programs name the user plainly; the page has a choice for each account.
  const userId = form.userId ?? form[`userId.${form.portalId}`];
  const user = portal?.users.find((candidate) => candidate.userId === userId) ?? portal?.users[0];
  if (!portal || !user) return refusePage(response, 'Choose one of the accounts.');
  const { redirectUri, required } = checked.asked;
  const scopes = grantableScopes(portal, checked.asked.scopes);
  const lacking = required.filter((scope) => !scopes.includes(scope));
  // "A scope whose product tier is missing blocks the whole install if requested as required" (PLATFORM.md 4.6).
  if (lacking.length > 0) return refusePage(response, `This account's subscription lacks: ${lacking.join(' ')}.`);
  if (!mayConnect(portal, user, scopes)) return refuseUser(response, portal, user);
  const code = makeCode(world, { portalId: portal.id, userId: user.userId, scopes, redirectUri });
  await save();
  callBack(response, checked.asked, { code });
}

/** `GET /oauth/authorize`, its account-fixed variant, and the form behind it. */
export function createConsent(world: World, save: () => Promise<void>): Router {
  const router = Router();
  router.get(['/oauth/authorize', '/oauth/:portalId/authorize'], (request, response) =>
    showConsent(world, request, response),
  );
  router.post('/oauth/authorize', express.urlencoded({ extended: false }), (request, response) =>
    decide(world, save, request, response),
  );
  return router;
}
