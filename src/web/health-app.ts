// The little app behind a worker's METRICS_PORT: health, readiness and metrics, and nothing else.
import express, { type Express } from 'express';
import type { Registry } from 'prom-client';
import type { Db } from '../db/open-db.ts';
import type { Log } from '../log.ts';
import { answerUnknown, createErrorAnswers } from './error-answers.ts';
import { createHealthRoutes } from './health.ts';

/** GET /health, /ready and /metrics as the web half answers them; every error is JSON. Listens on nothing by itself. */
export function createHealthApp(parts: {
  db: Pick<Db, 'checkReady'>;
  registry: Registry;
  metricsToken: string | undefined;
  log: Log;
}): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(createHealthRoutes(parts));
  app.use(answerUnknown);
  app.use(createErrorAnswers({ log: parts.log, isForProgram: () => true }));
  return app;
}
