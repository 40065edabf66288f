// Ends an install from our side: uninstalls through HubSpot, forgets the tokens, signs everybody out.
import express, { type Router } from 'express';
import type { Config } from '../config.ts';
import type { Db } from '../db/db.ts';
import { BatonError } from '../errors.ts';
import type { HubSpot } from '../hubspot/hubspot.ts';
import { createPace } from '../hubspot/pace.ts';
import type { Log } from '../log.ts';
import { endSession, requireCsrfToken, requireSession, signedIn } from './session.ts';

type Parts = { config: Config; db: Pick<Db, 'portals' | 'sessions'>; hubspot: Pick<HubSpot, 'portal'>; log: Log };

/**
 * POST /oauth/disconnect: 303 to /disconnected. When HubSpot does not answer, the install stays as it is and the answer
 * says so: the tokens are the only means to uninstall, so they are never dropped before HubSpot has agreed.
 */
export function createDisconnectRoutes({ config, db, hubspot, log }: Parts): Router {
  const router = express.Router();
  router.post(
    '/oauth/disconnect',
    requireSession,
    express.urlencoded({ extended: false, limit: '16kb', inflate: false }),
    requireCsrfToken,
    async (req, res) => {
      const { portal, userId } = signedIn(res);
      await uninstall(hubspot, portal.id);
      await db.portals.markUninstalled(portal.id);
      await db.sessions.endSessions(portal.id);
      await endSession(req, res, config);
      log.info({ portalId: portal.id, userId }, 'disconnected');
      res.redirect(303, '/disconnected');
    },
  );
  return router;
}

async function uninstall(hubspot: Pick<HubSpot, 'portal'>, portalId: string): Promise<void> {
  try {
    // One call outside the lease's pace: HubSpot allows ten more than the worker plans for (CONTRACT.md 5).
    await hubspot.portal(portalId, createPace()).uninstall();
  } catch (error) {
    // Revoked: an admin removed Baton on HubSpot's side already, or an earlier try got through without an answer.
    if (error instanceof BatonError && ['hubspot-revoked', 'hubspot-not-found'].includes(error.code)) return;
    throw error;
  }
}
