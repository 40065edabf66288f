// The door for HubSpot's deliveries: raw bytes, signature, inbox, and only then 204 (HOUSE.md 3, rooms 1 to 3).
import express, { type ErrorRequestHandler, type Router } from 'express';
import type { Config } from '../config.ts';
import type { Db } from '../db/open-db.ts';
import { BatonError, type ErrorCode } from '../errors.ts';
import { parseDelivery } from '../hubspot/events.ts';
import { verifySignature } from '../hubspot/signature.ts';
import { describeError, type Log } from '../log.ts';
import { toBatonError } from './error-answers.ts';
import type { IntakeLimit } from './intake-limit.ts';
import type { WebMetrics } from './metrics.ts';

/** CONTRACT.md 3. The most HubSpot sends is 100 events of a few hundred bytes each. */
const maxBytes = 1024 * 1024;

type Parts = {
  config: Config;
  db: Pick<Db, 'events'>;
  intake: IntakeLimit;
  log: Log;
  metrics: WebMetrics;
  now: () => Date;
};

/** POST /webhooks/hubspot. Answers 204, 400, 401, 413, 415 or 503, and never another 5xx. */
export function createWebhookRoutes({ config, db, intake, log, metrics, now }: Parts): Router {
  const router = express.Router();
  router.post(
    '/webhooks/hubspot',
    (_req, res, next) => {
      res.once('finish', () => metrics.deliveries.inc({ status: String(res.statusCode) }));
      next();
    },
    intake.countBody,
    // Any content type: the signature covers the bytes, whatever they are called. Compressed ones are refused (415).
    express.raw({ type: () => true, limit: maxBytes, inflate: false }),
    async (req, res) => {
      const body = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
      const check = verifySignature({
        secret: config.hubspot.clientSecret,
        method: req.method,
        url: config.publicUrl + req.originalUrl,
        body,
        headers: req.headers,
        now: now(),
      });
      if (!check.ok) throw new BatonError(check.code);
      if (res.headersSent) return;
      let malformed = 0;
      const { correlationId } = res.locals;
      const counts = await intake.admit(body.length, async () => {
        const delivery = parseDelivery(body, correlationId);
        malformed = delivery.malformed;
        return db.events.store(delivery.events);
      });
      metrics.events.inc({ fate: 'stored' }, counts.stored);
      metrics.events.inc({ fate: 'duplicate' }, counts.duplicates);
      metrics.events.inc({ fate: 'not-installed' }, counts.notInstalled);
      metrics.events.inc({ fate: 'malformed' }, malformed);
      log.debug({ correlationId, bytes: body.length, ...counts, malformed }, 'a delivery is in the inbox');
      if (malformed > 0) log.warn({ correlationId, malformed }, 'a delivery held elements that are no events');
      res.status(204).end();
    },
  );

  const unavailable = new Set<ErrorCode>(['database-unavailable', 'overloaded', 'schema-behind']);
  // CONTRACT.md 3 knows one 5xx here. A fault of ours is told apart in the log; to HubSpot both mean: send it again.
  const onlyUnavailable: ErrorRequestHandler = (thrown, _req, res, next) => {
    const error = toBatonError(thrown);
    if (error.status < 500 || unavailable.has(error.code)) return next(error);
    const { correlationId } = res.locals;
    log.error({ correlationId, errorCode: error.code, ...describeError(thrown) }, 'a delivery could not be stored');
    next(new BatonError('database-unavailable', { cause: thrown }));
  };
  router.use('/webhooks', onlyUnavailable);
  return router;
}
