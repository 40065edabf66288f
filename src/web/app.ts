// Puts the web half together: one Express app of all routes, in the order in which a request meets them.
import { fileURLToPath } from 'node:url';
import express, { type Express, type RequestHandler, type Router } from 'express';
import helmet from 'helmet';
import { Registry } from 'prom-client';
import type { Config } from '../config.ts';
import type { Db } from '../db/open-db.ts';
import type { HubSpot } from '../hubspot/hubspot.ts';
import type { OAuth } from '../hubspot/oauth.ts';
import type { PipelineCache } from '../hubspot/pipeline-cache.ts';
import type { ReferenceCache } from '../hubspot/reference-cache.ts';
import type { Log } from '../log.ts';
import { createApiRoutes } from './api.ts';
import { createCardRoutes } from './card.ts';
import { createDisconnectRoutes } from './disconnect.ts';
import { answerUnknown, createErrorAnswers, refuseOtherMethods } from './error-answers.ts';
import { createHealthRoutes } from './health.ts';
import { createInstallRoutes } from './install.ts';
import { createIntakeLimit } from './intake-limit.ts';
import { createWebMetrics } from './metrics.ts';
import { createOAuthLimit } from './oauth-limit.ts';
import { createPersonLimit } from './person-limit.ts';
import { observeRequests } from './requests.ts';
import { createSessions, requireChange, requireCsrfToken, requireSession } from './session.ts';
import { createWebhookRoutes } from './webhooks.ts';
import { createWorkflowActionRoutes } from './workflow-actions.ts';

export type AppParts = {
  config: Config;
  db: Db;
  oauth: OAuth;
  hubspot: HubSpot;
  pipelines: PipelineCache;
  references: ReferenceCache;
  log: Log;
  /** src/web/pages/routes.ts */
  pageRoutes: Router;
  /** Where the web half registers what it counts, and what /metrics prints. */
  metrics?: Registry;
  now?: () => Date;
};

const publicFolder = fileURLToPath(new URL('../../public', import.meta.url));

/** The routes and the methods they take: what else is asked of them is 405. Those of health and /api say so themselves. */
export const methodsByPath: Record<string, string> = {
  '/webhooks/hubspot': 'POST',
  '/hubspot/card': 'GET, HEAD',
  '/hubspot/workflow-actions/:name': 'POST',
  '/oauth/install': 'GET, HEAD',
  // Not HEAD: a link checker's look would use up the code.
  '/oauth/callback': 'GET',
  '/oauth/disconnect': 'POST',
  '/oauth/sign-out': 'POST',
  '/': 'GET, HEAD',
  '/disconnected': 'GET, HEAD',
  '/privacy': 'GET, HEAD',
  '/settings': 'GET, HEAD, POST',
  '/settings/forget': 'GET, HEAD, POST',
  '/settings/actions': 'GET, HEAD, POST',
  '/settings/preview': 'GET, HEAD, POST',
  '/settings/versions': 'GET, HEAD',
  '/settings/restore': 'GET, HEAD, POST',
  '/settings/webhook-secret': 'GET, HEAD, POST',
  '/settings/mailbox-check': 'GET, HEAD, POST',
  '/activity': 'GET, HEAD',
  '/activity/retry': 'POST',
  '/tickets/:ticketId': 'GET, HEAD',
};

/** A thousand addresses and every status of a pipeline twice may be ticked. */
const settingsForm = { extended: false, limit: '512kb', inflate: false, parameterLimit: 2_000 };

/** The whole web half. Listens on nothing, throws nothing at requests. */
export function createApp(parts: AppParts): Express {
  const { config, db, log, pageRoutes } = parts;
  const registry = parts.metrics ?? new Registry();
  const metrics = createWebMetrics(registry);
  const now = parts.now ?? (() => new Date());
  const intake = createIntakeLimit();
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // Behind https there is exactly one proxy of ours; else nobody may tell us who the client is.
  app.set('trust proxy', isHttps(config) ? 1 : false);

  app.use(observeRequests({ log, metrics }));
  app.use(createSecurityHeaders(config));
  // First, so that a probe costs no session and no query.
  for (const [path, allow] of Object.entries(methodsByPath)) app.all(path, refuseOtherMethods(allow));
  app.use(createHealthRoutes({ db, registry, metricsToken: config.metricsToken }));
  app.use(createWebhookRoutes({ config, db, intake, log, metrics, now }));
  app.use(createCardRoutes({ ...parts, now }));
  app.use(createWorkflowActionRoutes({ config, db, intake, log, now }));
  app.use('/public', express.static(publicFolder, { index: false, redirect: false, maxAge: '1h' }));

  app.use('/oauth', createOAuthLimit());
  app.use(createSessions({ config, db, log, now }));
  app.use(createPersonLimit());
  app.use(createInstallRoutes({ ...parts, now }));
  app.use(createDisconnectRoutes(parts));
  app.use('/api', createApiRoutes(parts));
  app.use(['/settings', '/activity', '/tickets'], requireSession);
  app.post('/settings{/*page}', express.urlencoded(settingsForm), requireCsrfToken, requireChange);
  const retryForm = { extended: false, limit: '16kb', inflate: false };
  app.post('/activity/retry', express.urlencoded(retryForm), requireCsrfToken, requireChange);
  app.use(pageRoutes);

  app.use(answerUnknown);
  app.use(createErrorAnswers({ log }));
  return app;
}

function isHttps(config: Config): boolean {
  return config.publicUrl.startsWith('https:');
}

function createSecurityHeaders(config: Config): RequestHandler {
  const https = isHttps(config);
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        // A form sent after the session ended is redirected to HubSpot's consent page, which Chrome counts as its action.
        formAction: ["'self'", new URL(config.hubspot.appUrl).origin],
        frameAncestors: ["'none'"],
      },
    },
    frameguard: { action: 'deny' },
    strictTransportSecurity: https && { maxAge: 31_536_000, includeSubDomains: false },
  });
}
