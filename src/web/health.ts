// Says whether the process lives, whether it can work, and what it has counted.
import { createHash, timingSafeEqual } from 'node:crypto';
import express, { type Router } from 'express';
import type { Registry } from 'prom-client';
import type { Db } from '../db/open-db.ts';
import { BatonError } from '../errors.ts';
import { withDeadline } from './deadline.ts';
import { refuseOtherMethods } from './error-answers.ts';

const readyDeadlineMs = 4_000;

/** Equal in a time that does not tell how much of the token fits. */
function isSameToken(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** GET /health, /ready and /metrics; for a worker's own METRICS_PORT too. `/metrics` asks for the bearer token when one is set. */
export function createHealthRoutes(parts: {
  db: Pick<Db, 'checkReady'>;
  registry: Registry;
  metricsToken: string | undefined;
}): Router {
  const { db, registry, metricsToken } = parts;
  const router = express.Router();
  for (const path of ['/health', '/ready', '/metrics']) router.all(path, refuseOtherMethods('GET, HEAD'));

  router.get('/health', (_req, res) => {
    res.set('Cache-Control', 'no-store').json({ status: 'ok' });
  });

  router.get('/ready', async (_req, res) => {
    await withDeadline(db.checkReady(), readyDeadlineMs);
    res.set('Cache-Control', 'no-store').json({ status: 'ready' });
  });

  router.get('/metrics', async (req, res) => {
    const given = /^Bearer +(\S+) *$/i.exec(req.get('Authorization') ?? '')?.[1] ?? '';
    if (metricsToken !== undefined && !isSameToken(given, metricsToken)) {
      res.set('WWW-Authenticate', 'Bearer');
      throw new BatonError('bad-bearer-token');
    }
    res
      .set('Cache-Control', 'no-store')
      .type(registry.contentType)
      .send(await registry.metrics());
  });

  return router;
}
