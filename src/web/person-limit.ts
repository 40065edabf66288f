// Keeps one signed-in person from asking without end: each page costs queries, and some cost calls to HubSpot.
import type { RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import { BatonError } from '../errors.ts';
import { signedIn } from './session.ts';

/** Fifty a second: two hundred open activity pages of one person, which look for news every 5 s, are below it. */
const requestsPerMinute = 3_000;

/**
 * Per person of a portal and process, not per address: a support team sits behind one. Without a session nothing is counted: a
 * cookie we did not sign costs no query. Comes after createSessions.
 */
export function createPersonLimit(limit = requestsPerMinute): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit,
    standardHeaders: 'draft-7',
    legacyHeaders: false,
    skip: (_req, res) => !signedIn(res).portal,
    keyGenerator: (_req, res) => `${signedIn(res).portal.id}:${signedIn(res).userId}`,
    validate: { xForwardedForHeader: false, forwardedHeader: false },
    handler: (_req, _res, next) => next(new BatonError('too-many-requests')),
  });
}
