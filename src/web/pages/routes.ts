// The routes of the pages people see; the session itself is session.ts's.
import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { saveAction, showAction, showPreview } from './action-page.ts';
import { showActivity, showTicket } from './activity-page.ts';
import { keepLanguage, wordsFor } from './language.ts';
import { changeCheck, showCheck } from './mailbox-check-page.ts';
import type { PageParts } from './page-parts.ts';
import { retryDead } from './retry.ts';
import { forgetPipeline, saveSettings, showSettings } from './settings-page.ts';
import { restoreVersion, showVersions } from './versions-page.ts';
import { portalOf, renderPage } from './view.ts';
import { replaceWebhookSecret, showWebhookSecret } from './webhook-secret-page.ts';

function handle(parts: PageParts, page: (parts: PageParts, req: Request, res: Response) => Promise<void>) {
  return (req: Request, res: Response): Promise<void> => page(parts, req, res);
}

function searchOf(req: Request): string {
  return new URL(req.originalUrl, 'http://here').search;
}

/**
 * Pages for people. Expects before it the session of createSessions, `requireSession` on /settings, /activity and /tickets, and for
 * each POST the read form with its checked CSRF token; after it, the app's error handler (all in app.ts).
 */
export function createPageRoutes(parts: PageParts): Router {
  const router = express.Router();
  const secure = parts.config.publicUrl.startsWith('https:');
  const rememberLanguage: RequestHandler = (req, res, next) => {
    keepLanguage(req, res, { secure });
    next();
  };
  router.get('/', rememberLanguage, (req, res) => {
    renderPage(req, res, { view: 'landing', title: wordsFor(req).landing.title });
  });
  router.get('/privacy', rememberLanguage, (req, res) => {
    renderPage(req, res, { view: 'privacy', title: wordsFor(req).privacy.title });
  });
  router.get('/disconnected', rememberLanguage, (req, res) => {
    // The page would not be true for somebody who is signed in.
    if (portalOf(res)) return res.redirect(302, '/settings');
    const { title, lead, kept, again } = wordsFor(req).disconnected;
    const action = { href: '/oauth/install', label: again };
    renderPage(req, res, { view: 'plain', title, data: { paragraphs: [lead, kept], action } });
  });
  router.get('/settings', rememberLanguage, handle(parts, showSettings));
  router.post('/settings', handle(parts, saveSettings));
  router.post('/settings/forget', handle(parts, forgetPipeline));
  router.get('/settings/forget', (_req, res) => res.redirect(302, '/settings'));
  router.get('/settings/actions', rememberLanguage, handle(parts, showAction));
  router.post('/settings/actions', handle(parts, saveAction));
  router.post('/settings/preview', handle(parts, showPreview));
  router.get('/settings/versions', rememberLanguage, handle(parts, showVersions));
  router.post('/settings/restore', handle(parts, restoreVersion));
  router.get('/settings/webhook-secret', rememberLanguage, handle(parts, showWebhookSecret));
  router.post('/settings/webhook-secret', handle(parts, replaceWebhookSecret));
  router.get('/settings/mailbox-check', rememberLanguage, handle(parts, showCheck));
  router.post('/settings/mailbox-check', handle(parts, changeCheck));
  // Where the link to the other language leads from the answer to a form.
  router.get('/settings/preview', (req, res) => res.redirect(302, `/settings/actions${searchOf(req)}`));
  router.get('/settings/restore', (req, res) => res.redirect(302, `/settings/versions${searchOf(req)}`));
  router.get('/activity', rememberLanguage, handle(parts, showActivity));
  router.post('/activity/retry', handle(parts, retryDead));
  router.get('/tickets/:ticketId', rememberLanguage, handle(parts, showTicket));
  return router;
}
