// The secret that a portal's outgoing webhooks are signed with: made anew on request, and shown in this one answer only.
import type { RequestHandler } from 'express';
import type { Db } from '../db/open-db.ts';
import { signedIn } from './session.ts';

/** Answers `{ secret }`; the one before signs along for 24 hours. Needs a session and a CSRF token in front. */
export function replaceWebhookSecret({ db }: { db: Pick<Db, 'webhookSecrets'> }): RequestHandler {
  return async (_req, res) => {
    res.json({ secret: await db.webhookSecrets.replaceSecret(signedIn(res).portal.id) });
  };
}
