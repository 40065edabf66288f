// Turns every failure into an answer: JSON for programs, a plain page for people, never what went on inside.
import type { ErrorRequestHandler, Request, RequestHandler } from 'express';
import { BatonError, type ErrorCode } from '../errors.ts';
import { describeError, type Log } from '../log.ts';
import { renderErrorPage } from './pages/plain-page.ts';

const programPaths = /^\/(api|webhooks|hubspot|health|ready|metrics)(\/|$)/i;

/** Programs get JSON: by the path, and elsewhere by what the request says it takes. */
export function looksLikeProgram(req: Request): boolean {
  if (programPaths.test(req.path)) return true;
  const order = req.method === 'GET' || req.method === 'HEAD' ? ['html', 'json'] : ['json', 'html'];
  return req.accepts(order) !== 'html';
}

const codesByStatus: Record<number, ErrorCode> = {
  404: 'not-found',
  413: 'too-large',
  415: 'unsupported-content',
  429: 'too-many-requests',
};

/** What Express, body-parser, send and the router throw carries a `status`; a 4xx of theirs is the caller's doing. */
export function toBatonError(error: unknown): BatonError {
  if (error instanceof BatonError) return error;
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  const code = status >= 400 && status < 500 ? (codesByStatus[status] ?? 'bad-request') : 'internal';
  return new BatonError(code, { cause: error });
}

/** 404 for an address nobody answers. */
export const answerUnknown: RequestHandler = (_req, _res, next) => next(new BatonError('not-found'));

/** 405 with Allow for a known address and a method it does not take; `allow` as in the header: `GET, HEAD`. */
export function refuseOtherMethods(allow: string): RequestHandler {
  const allowed = allow.split(', ');
  return (req, res, next) => {
    res.locals.route = `${req.baseUrl}${String(req.route?.path)}`;
    if (allowed.includes(req.method)) return next();
    res.set('Allow', allow);
    next(new BatonError('method-not-allowed'));
  };
}

/** The last handler of an app. `isForProgram` decides who gets JSON and who gets a page. */
export function createErrorAnswers(parts: { log: Log; isForProgram?: (req: Request) => boolean }): ErrorRequestHandler {
  const { log, isForProgram = looksLikeProgram } = parts;
  return (thrown, req, res, _next) => {
    const error = toBatonError(thrown);
    const { correlationId } = res.locals;
    // BatonError of our own tells by its code; anything else is a fault to be found by its stack.
    const cause = describeError(error.code === 'internal' ? thrown : error);
    if (error.status >= 500) log.error({ correlationId, errorCode: error.code, ...cause }, 'a request failed');
    else log.info({ correlationId, errorCode: error.code }, 'a request was refused');
    if (res.headersSent) {
      // Half an answer must not look like a whole one.
      if (!res.writableEnded) res.destroy();
      return;
    }
    res.set('Cache-Control', 'no-store');
    if (error.retryAt) {
      const seconds = Math.max(1, Math.ceil((error.retryAt.getTime() - Date.now()) / 1000));
      res.set('Retry-After', String(seconds));
    }
    if (isForProgram(req)) res.status(error.status).json({ error: { code: error.code, message: error.message } });
    else renderErrorPage(res, error);
  };
}
