// Who is signed in: the session in PostgreSQL, the portal it belongs to, and the token that proves a form is ours.
import { csrfSync } from 'csrf-sync';
import type { Request, RequestHandler, Response } from 'express';
import session from 'express-session';
import type { Config } from '../config.ts';
import type { Portal } from '../crm.ts';
import type { Db } from '../db/open-db.ts';
import { BatonError } from '../errors.ts';
import { describeError, type Log } from '../log.ts';

declare module 'express-session' {
  interface SessionData {
    /** On the top level: `endSessions` finds a portal's sessions by it. */
    portalId: string;
    userId: string;
    scopes: string[];
    /** When the install this session belongs to was made: after an uninstall and a new install it no longer counts. */
    installedAt: string;
  }
}

const sessionMs = 12 * 60 * 60 * 1000;

const csrf = csrfSync({
  size: 32,
  getTokenFromRequest: (req) => req.get('X-CSRF-Token') ?? (req.body as { _csrf?: string } | undefined)?._csrf,
});

function cookieOf(config: Config) {
  const secure = config.publicUrl.startsWith('https:');
  // A browser takes a __Host- cookie only from https and for this very host, so no other subdomain can plant one.
  return { name: secure ? '__Host-baton' : 'baton', secure };
}

/**
 * Loads the session, and of a signed-in one the portal: sets `res.locals.portal`, `userId` and `csrfToken`. A session of a
 * portal that is no longer installed counts as none. Fails with `database-unavailable`.
 */
export function createSessions(parts: {
  config: Config;
  db: Pick<Db, 'sessions' | 'portals'>;
  log: Log;
}): RequestHandler[] {
  const { config, db, log } = parts;
  const { name, secure } = cookieOf(config);
  const loadSession = session({
    name,
    secret: config.sessionSecret,
    store: db.sessions.createStore(),
    // Nobody gets a row before there is something to remember.
    saveUninitialized: false,
    resave: false,
    rolling: true,
    cookie: { httpOnly: true, sameSite: 'lax', secure, maxAge: sessionMs, path: '/' },
  });
  return [
    (req, res, next) => {
      let loaded = false;
      loadSession(req, res, (error?: unknown) => {
        if (loaded) {
          // express-session calls a second time when it could not prolong the session after the answer. Handed on, that would end
          // in Express's own handler where ours has had its turn, which prints PostgreSQL's whole error.
          log.warn({ correlationId: res.locals.correlationId, ...describeError(error) }, 'a session was not prolonged');
          return;
        }
        loaded = true;
        next(error ? new BatonError('database-unavailable', { cause: error }) : undefined);
      });
    },
    async (req, res, next) => {
      const { portalId, userId, installedAt } = req.session;
      if (portalId !== undefined && userId !== undefined) {
        const portal = await db.portals.findPortal(portalId);
        if (portal?.status === 'installed' && portal.installedAt.toISOString() === installedAt) {
          res.locals.portal = portal;
          res.locals.userId = userId;
          res.locals.csrfToken = csrfToken(req);
        }
      }
      next();
    },
  ];
}

/** The token a form of this session carries as `_csrf`, or a script as `X-CSRF-Token`. */
export function csrfToken(req: Request): string {
  return csrf.generateToken(req);
}

/** Refuses a change without the session's token: `bad-csrf-token`. Comes after the body parser of a form. */
export const requireCsrfToken: RequestHandler = (req, res, next) =>
  csrf.csrfSynchronisedProtection(req, res, (error?: unknown) =>
    next(error ? new BatonError('bad-csrf-token') : undefined),
  );

/** For pages: without a session, to the sign-in. */
export const requireSession: RequestHandler = (_req, res, next) => {
  if (res.locals.portal) next();
  else res.redirect('/oauth/install');
};

/** For the JSON API: without a session, `no-session`. */
export const requireApiSession: RequestHandler = (_req, res, next) => {
  next(res.locals.portal ? undefined : new BatonError('no-session'));
};

/** The portal and user behind `requireSession` or `requireApiSession`. */
export function signedIn(res: Response): { portal: Portal; userId: string; csrfToken: string } {
  return res.locals as { portal: Portal; userId: string; csrfToken: string };
}

/** Signs in under a new session id, so that an id planted before the sign-in is worth nothing. Throws `database-unavailable`. */
export async function startSession(req: Request, signIn: { portal: Portal; userId: string }): Promise<void> {
  await inSession((done) => req.session.regenerate(done));
  const { portal, userId } = signIn;
  Object.assign(req.session, {
    portalId: portal.id,
    userId,
    scopes: portal.scopes,
    installedAt: portal.installedAt.toISOString(),
  });
  csrf.generateToken(req);
  await inSession((done) => req.session.save(done));
}

/** Signs this browser out. Throws `database-unavailable`. */
export async function endSession(req: Request, res: Response, config: Config): Promise<void> {
  await inSession((done) => req.session.destroy(done));
  const { name, secure } = cookieOf(config);
  res.clearCookie(name, { httpOnly: true, sameSite: 'lax', secure, path: '/' });
}

function inSession(work: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    work((error) => (error ? reject(new BatonError('database-unavailable', { cause: error })) : resolve()));
  });
}
