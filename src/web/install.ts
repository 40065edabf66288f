// The way into Baton: to HubSpot's consent page, back with a code, and from there an install and a session.
import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import passport from 'passport';
import OAuth2Strategy from 'passport-oauth2';
import type { Config } from '../config.ts';
import type { Install } from '../db/db.ts';
import type { Db } from '../db/open-db.ts';
import { BatonError } from '../errors.ts';
import type { HubSpot } from '../hubspot/hubspot.ts';
import type { OAuth } from '../hubspot/oauth.ts';
import { requiredScopes } from '../hubspot/scopes.ts';
import { describeError, type Log } from '../log.ts';
import { type Consent, HubSpotStrategy } from './hubspot-strategy.ts';
import { type InstallFailure, installFailures, isFailure } from './install-failures.ts';
import { chooseLanguage } from './pages/language.ts';
import { renderPlainPage } from './pages/plain-page.ts';
import { isProof } from './proof.ts';
import { startSession } from './session.ts';

type Parts = {
  config: Config;
  db: Pick<Db, 'portals' | 'tokens'>;
  oauth: OAuth;
  hubspot: Pick<HubSpot, 'accountDetails'>;
  log: Log;
  now: () => Date;
};

/** The longest code ever seen is well below; more is not sent on to HubSpot. */
const maxCodeLength = 2_000;

/** An install that did not come about: shown to the admin, never logged as a fault of ours. */
class InstallRefused extends Error {
  readonly failure: InstallFailure;
  readonly status: number;

  constructor(failure: InstallFailure, options: { status?: number; cause?: unknown } = {}) {
    super(failure, { cause: options.cause });
    this.name = 'InstallRefused';
    this.failure = failure;
    this.status = options.status ?? 400;
  }
}

/**
 * GET /oauth/install: 302 to HubSpot's consent page. GET /oauth/callback: stores the install, starts a session, 302 to
 * /settings; who returns to a standing install without proof (proof.ts) is signed in to read, and the install stays as it is; otherwise a page with the reason and a link to start again, and nothing is stored.
 */
export function createInstallRoutes(parts: Parts): Router {
  const authenticator = new passport.Passport();
  authenticator.use('hubspot', new HubSpotStrategy(parts));
  const router = express.Router();
  router.get(
    '/oauth/install',
    warnOfProxy(parts),
    ignoreQuery,
    authenticator.authenticate('hubspot', { session: false }),
  );
  router.get('/oauth/callback', finishInstall(parts, authenticator));
  return router;
}

/** Without the header the session's cookie, which is for https alone, is never set, and every callback fails for its state. */
function warnOfProxy({ config, log }: Parts): RequestHandler {
  return (req, _res, next) => {
    if (config.publicUrl.startsWith('https:') && !req.secure) {
      log.warn({}, 'PUBLIC_URL is https, but the proxy did not say X-Forwarded-Proto: https, so nobody can sign in');
    }
    next();
  };
}

/** HubSpot's marketplace opens this address with whatever query it likes; passport would take a `code` in it for the callback. */
const ignoreQuery: RequestHandler = (req, _res, next) => {
  Object.defineProperty(req, 'query', { value: {} });
  next();
};

function finishInstall(parts: Parts, authenticator: passport.Authenticator): RequestHandler {
  const { db, log, now } = parts;
  return async (req, res) => {
    // Every page links to itself in the other language: none of this try's may repeat its code and state.
    req.originalUrl = '/oauth/callback';
    try {
      requireCode(req);
      const install = await prepareInstall(parts, await finishConsent(authenticator, req, res));
      const proved = await isProof(parts, install).catch((error: unknown) => {
        throw explain(error);
      });
      // Some calls hinge on the rights of the person behind the token (PLATFORM.md 4.6): a reader's must not replace an admin's.
      if (proved) await db.portals.install(install);
      const portal = await db.portals.findPortal(install.portalId);
      if (!portal) throw new BatonError('internal', { detail: 'The install just made is gone.' });
      const { userId } = install;
      await startSession(req, { portal, userId, now: now(), proved });
      log.info({ portalId: portal.id, userId }, proved ? 'installed' : 'signed in to read');
      res.redirect('/settings');
    } catch (error) {
      if (!(error instanceof InstallRefused)) throw error;
      const { failure, status } = error;
      const level = status >= 500 ? 'warn' : 'info';
      log[level]({ failure, ...(error.cause ? describeError(error.cause) : {}) }, 'an install did not come about');
      showFailure(res, failure, status);
    }
  };
}

/** What HubSpot sends when a person declines is not documented (PLATFORM.md 4.1): any `error`, or no code at all. */
function requireCode(req: Request): void {
  const { error, code, failed } = req.query;
  if (isFailure(failed)) throw new InstallRefused(failed);
  if (error === 'access_denied') throw new InstallRefused('cancelled');
  if (error !== undefined) throw new InstallRefused('refused-by-hubspot');
  if (typeof code !== 'string' || code === '' || code.length > maxCodeLength) throw new InstallRefused('no-code');
}

/** Checks the state, exchanges the code, introspects the token: all by passport. */
function finishConsent(authenticator: passport.Authenticator, req: Request, res: Response): Promise<Consent> {
  return new Promise((resolve, reject) => {
    const settle = (error: unknown, consent: Consent | false | undefined) => {
      if (error) reject(explain(error));
      else if (!consent) reject(new InstallRefused('wrong-state'));
      else resolve(consent);
    };
    authenticator.authenticate('hubspot', { session: false }, settle)(req, res, reject);
  });
}

/** HubSpot's answers to exchange and introspection, told apart as PLATFORM.md 4.5 does. */
function explain(thrown: unknown): unknown {
  const error = thrown instanceof OAuth2Strategy.InternalOAuthError ? thrown.oauthError : thrown;
  if (!(error instanceof BatonError)) return error;
  if (error.code === 'install-failed') return new InstallRefused('code-refused', { cause: error });
  if (error.code.startsWith('hubspot-')) return new InstallRefused('hubspot-silent', { status: 502, cause: error });
  return error;
}

/** Everything an install needs, or the reason why there is none. Nothing is stored yet. */
async function prepareInstall({ hubspot }: Parts, { grant, introspection }: Consent): Promise<Install> {
  if (!introspection.active) throw new InstallRefused('code-refused');
  const { portalId, domain, scopes } = introspection;
  const userId = introspection.userId ?? grant.userId;
  if (userId === null || (grant.portalId ?? portalId) !== portalId) throw new InstallRefused('no-portal');
  if (!requiredScopes.every((scope) => scopes.includes(scope))) throw new InstallRefused('scopes-missing');
  const account = await hubspot.accountDetails(grant.accessToken).catch((error: unknown) => {
    throw explain(error);
  });
  if (account.portalId !== portalId) throw new InstallRefused('no-portal');
  return {
    portalId,
    userId,
    domain,
    uiDomain: account.uiDomain,
    timeZone: account.timeZone,
    scopes,
    accessToken: grant.accessToken,
    refreshToken: grant.refreshToken,
    expiresAt: grant.expiresAt,
  };
}

function showFailure(res: Response, failure: InstallFailure, status: number): void {
  const words = installFailures[chooseLanguage(res.req)];
  res.req.originalUrl = `/oauth/callback?failed=${failure}`;
  renderPlainPage(res, {
    status,
    title: words.title,
    message: words[failure],
    action: { href: '/oauth/install', label: words.startAgain },
  });
}
