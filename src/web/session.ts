// Who is signed in: the session in PostgreSQL, the portal it belongs to, and the token that proves a form is ours.
import { csrfSync } from 'csrf-sync';
import type { Request, RequestHandler, Response } from 'express';
import session from 'express-session';
import type { Config } from '../config.ts';
import type { Portal } from '../crm.ts';
import type { Db } from '../db/open-db.ts';
import { BatonError } from '../errors.ts';
import { describeError, type Log } from '../log.ts';
import { proofMs } from './proof.ts';

declare module 'express-session' {
  interface SessionData {
    /** On the top level: `endSessions` finds a portal's sessions by it. */
    portalId: string;
    userId: string;
    scopes: string[];
    /** When the install this session belongs to was made: after an uninstall and a new install it no longer counts. */
    installedAt: string;
    /** When this browser signed in; a session ends `longestSessionMs` after it, however much it is used. */
    signedInAt: string;
    /** When HubSpot last asked this person for the right to install apps (proof.ts); null = they returned without being asked. */
    provedAt: string | null;
  }
}

/** From the last use by a person: a page that looks for news by itself does not count as one. */
const sessionMs = 12 * 60 * 60 * 1000;
const longestSessionMs = 7 * 24 * 60 * 60 * 1000;

const csrf = csrfSync({
  size: 32,
  getTokenFromRequest: (req) => req.get('X-CSRF-Token') ?? (req.body as { _csrf?: string } | undefined)?._csrf,
});

function cookieOf(config: Config) {
  const secure = config.publicUrl.startsWith('https:');
  // A browser takes a __Host- cookie only from https and for this very host, so no other subdomain can plant one.
  return { name: secure ? '__Host-baton' : 'baton', secure };
}

type SessionParts = { config: Config; db: Pick<Db, 'sessions' | 'portals'>; log: Log; now: () => Date };

/**
 * Loads the session, and of a signed-in one the portal: sets `res.locals.portal`, `userId`, `csrfToken` and `change`. A session of a
 * portal that is no longer installed, or one over a week old, counts as none. Fails with `database-unavailable`.
 */
export function createSessions(parts: SessionParts): RequestHandler[] {
  const { config, db, log, now } = parts;
  const { loadUsed, loadWatched } = createLoaders(config, db.sessions.createStore(), now);
  return [
    (req, res, next) => {
      let loaded = false;
      (isWatching(req) ? loadWatched : loadUsed)(req, res, (error?: unknown) => {
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
      const { portalId, userId, installedAt, signedInAt, provedAt } = req.session;
      if (portalId !== undefined && userId !== undefined && isYoung(signedInAt, now())) {
        const portal = await db.portals.findPortal(portalId);
        if (portal?.status === 'installed' && portal.installedAt.toISOString() === installedAt) {
          res.locals.portal = portal;
          res.locals.userId = userId;
          res.locals.csrfToken = csrfToken(req);
          res.locals.change = judgeProof(provedAt, now());
        }
      }
      next();
    },
  ];
}

/** Not so is one from before sessions had an end: its person signs in anew. */
function isYoung(signedInAt: string | undefined, now: Date): boolean {
  return now.getTime() - Date.parse(signedInAt ?? '') < longestSessionMs;
}

function createLoaders(config: Config, store: session.Store, now: () => Date) {
  const { name, secure } = cookieOf(config);
  const options = {
    name,
    secret: config.sessionSecret,
    // Nobody gets a row before there is something to remember.
    saveUninitialized: false,
    resave: false,
    cookie: { httpOnly: true, sameSite: 'lax' as const, secure, maxAge: sessionMs, path: '/' },
  };
  // The same store, which leaves the session's end where it is but where `prolongs` says so. Bound: the store has private members.
  const storeThat = (prolongs: (data: session.SessionData) => boolean): session.Store =>
    Object.create(store, {
      get: { value: store.get.bind(store) },
      set: { value: store.set.bind(store) },
      destroy: { value: store.destroy.bind(store) },
      touch: {
        value(sid: string, data: session.SessionData, done?: () => void): void {
          if (prolongs(data)) store.touch?.(sid, data, done);
          else done?.();
        },
      },
    });
  // An aged one signs nobody in any more; kept by a browser in use, its row would outlive what is erased of its portal (db/retention.ts).
  const used = storeThat(({ portalId, signedInAt }) => portalId === undefined || isYoung(signedInAt, now()));
  return {
    loadUsed: session({ ...options, store: used, rolling: true }),
    // For a page that only watches.
    loadWatched: session({ ...options, store: storeThat(() => false), rolling: false }),
  };
}

/** What a page's script reads by itself: browsers say so (Sec-Fetch-Dest), and the list of activity by its query. */
function isWatching(req: Request): boolean {
  if (req.method !== 'GET' && req.method !== 'HEAD') return false;
  return req.get('Sec-Fetch-Dest') === 'empty' || req.query.fragment !== undefined;
}

/** Whether the person may change anything: `yes`, or why not. */
export type Change = 'yes' | 'aged' | 'returned';

function judgeProof(provedAt: string | null | undefined, now: Date): Change {
  if (!provedAt) return 'returned';
  return now.getTime() - Date.parse(provedAt) < proofMs ? 'yes' : 'aged';
}

/** Refuses every change by somebody whom HubSpot has not asked, or asked too long ago: `may-not-change`. */
export const requireChange: RequestHandler = (_req, res, next) => {
  next(signedIn(res).change === 'yes' ? undefined : new BatonError('may-not-change'));
};

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
export function signedIn(res: Response): SignedIn {
  return res.locals as SignedIn;
}

type SignedIn = { portal: Portal; userId: string; csrfToken: string; change: Change };

/** Signs in under a new session id, so that an id planted before the sign-in is worth nothing. Throws `database-unavailable`. */
export async function startSession(
  req: Request,
  signIn: { portal: Portal; userId: string; now: Date; proved: boolean },
): Promise<void> {
  await inSession((done) => req.session.regenerate(done));
  const { portal, userId, now, proved } = signIn;
  Object.assign(req.session, {
    portalId: portal.id,
    userId,
    scopes: portal.scopes,
    installedAt: portal.installedAt.toISOString(),
    signedInAt: now.toISOString(),
    provedAt: proved ? now.toISOString() : null,
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
