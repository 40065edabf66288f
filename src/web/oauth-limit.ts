// Keeps one address from starting sign-ins without end: each costs a session row, and each callback a call to HubSpot.
import type { RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import { BatonError } from '../errors.ts';

/** Per client address (IPv6: per /56): an office behind one address is far below it, and a day of abuse makes 172,800 rows at most. */
const requestsPerMinute = 120;

/** Counts in this process alone: several web processes allow several times as much, which is still a bound. */
export function createOAuthLimit(): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit: requestsPerMinute,
    standardHeaders: 'draft-7',
    legacyHeaders: false,
    // Without a proxy of ours these headers are anybody's to send, and are not looked at: no reason to complain of them.
    validate: { xForwardedForHeader: false, forwardedHeader: false },
    handler: (_req, _res, next) => next(new BatonError('too-many-requests')),
  });
}
