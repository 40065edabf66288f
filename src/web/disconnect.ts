// Ends an install from our side: uninstalls through HubSpot, forgets the tokens, signs everybody out.
import express, { type Response, type Router } from 'express';
import type { Config } from '../config.ts';
import type { Db } from '../db/open-db.ts';
import { BatonError } from '../errors.ts';
import type { HubSpot } from '../hubspot/hubspot.ts';
import { createPace } from '../hubspot/pace.ts';
import type { Log } from '../log.ts';
import { looksLikeProgram } from './error-answers.ts';
import { chooseLanguage } from './pages/language.ts';
import { renderPlainPage } from './pages/plain-page.ts';
import { endSession, requireChange, requireCsrfToken, requireSession, signedIn } from './session.ts';
import type { Language } from './words/words.ts';

type Parts = { config: Config; db: Pick<Db, 'portals' | 'sessions'>; hubspot: Pick<HubSpot, 'portal'>; log: Log };

const form = { extended: false, limit: '16kb', inflate: false };

/**
 * POST /oauth/disconnect: 303 to /disconnected. When HubSpot does not answer, the install stays as it is and the answer
 * says so: the tokens are the only means to uninstall, so they are never dropped before HubSpot has agreed. POST /oauth/sign-out ends the
 * session of this browser alone: 303 to /.
 */
export function createDisconnectRoutes({ config, db, hubspot, log }: Parts): Router {
  const router = express.Router();
  router.post('/oauth/sign-out', requireSession, express.urlencoded(form), requireCsrfToken, async (req, res) => {
    await endSession(req, res, config);
    res.redirect(303, '/');
  });
  router.post(
    '/oauth/disconnect',
    requireSession,
    express.urlencoded(form),
    requireCsrfToken,
    requireChange,
    async (req, res) => {
      const { portal, userId } = signedIn(res);
      const failure = await uninstall(hubspot, portal.id);
      if (failure) {
        log.warn({ portalId: portal.id, errorCode: failure.code }, 'disconnecting failed, the install is kept');
        return sayStillConnected(res, failure);
      }
      await db.portals.markUninstalled(portal.id);
      await db.sessions.endSessions(portal.id);
      await endSession(req, res, config);
      log.info({ portalId: portal.id, userId }, 'disconnected');
      res.redirect(303, '/disconnected');
    },
  );
  return router;
}

/** What HubSpot answered when it did not uninstall; undefined when Baton is gone from the portal. */
async function uninstall(hubspot: Pick<HubSpot, 'portal'>, portalId: string): Promise<BatonError | undefined> {
  try {
    // One call outside the lease's pace: HubSpot allows ten more than the worker plans for (CONTRACT.md 5).
    await hubspot.portal(portalId, createPace()).uninstall();
  } catch (error) {
    if (!(error instanceof BatonError) || !error.code.startsWith('hubspot-')) throw error;
    // Gone already: an admin removed Baton on HubSpot's side, or an earlier try got through without its answer.
    return ['hubspot-revoked', 'hubspot-not-found'].includes(error.code) ? undefined : error;
  }
  return undefined;
}

const stillConnected: Record<Language, { title: string; message: string; back: string }> = {
  en: {
    title: 'Baton is still connected',
    message: 'HubSpot does not answer as it should at the moment, so nothing was changed. Try again in a few minutes.',
    back: 'Back to the settings',
  },
  fr: {
    title: 'Baton est toujours connecté',
    message:
      'HubSpot ne répond pas comme il faut pour le moment ; rien n’a donc été modifié. Réessayez dans quelques minutes.',
    back: 'Retour aux réglages',
  },
};

function sayStillConnected(res: Response, failure: BatonError): void {
  if (looksLikeProgram(res.req)) throw failure;
  const { title, message, back } = stillConnected[chooseLanguage(res.req)];
  // The link to the other language cannot repeat a form: it leads to where the form is.
  res.req.originalUrl = '/settings';
  renderPlainPage(res, { status: failure.status, title, message, action: { href: '/settings', label: back } });
}
