// Gives each request its correlation id, and notes how it was answered.
import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { Log } from '../log.ts';
import type { WebMetrics } from './metrics.ts';

/** The matched route's pattern: a path or query itself may hold a code, an address or a token. */
function routeOf(req: Request, res: Response): string {
  if (typeof res.locals.route === 'string') return res.locals.route;
  return req.route ? `${req.baseUrl}${String(req.route.path)}` : 'none';
}

export function observeRequests({ log, metrics }: { log: Log; metrics: WebMetrics }): RequestHandler {
  return (req, res, next) => {
    const correlationId = randomUUID();
    const startedAt = performance.now();
    res.locals.correlationId = correlationId;
    res.set('X-Correlation-Id', correlationId);
    res.once('close', () => {
      const route = routeOf(req, res);
      const latencyMs = performance.now() - startedAt;
      metrics.answerSeconds.observe({ route, method: req.method, status: String(res.statusCode) }, latencyMs / 1000);
      log.debug(
        { correlationId, method: req.method, route, status: res.statusCode, latencyMs: Math.round(latencyMs) },
        'answered a request',
      );
    });
    next();
  };
}
