// /settings/webhook-secret: makes a new secret for signed messages to other systems, and shows it this once.
import type { Request, Response } from 'express';
import { signedIn } from '../session.ts';
import { wordsFor } from './language.ts';
import type { PageParts } from './page-parts.ts';
import { renderPage } from './view.ts';

function render(req: Request, res: Response, secret: string | undefined): void {
  renderPage(req, res, {
    view: 'webhook-secret',
    title: wordsFor(req).panel.secret.title,
    section: 'settings',
    data: { secret },
  });
}

export async function showWebhookSecret(_parts: PageParts, req: Request, res: Response): Promise<void> {
  render(req, res, undefined);
}

export async function replaceWebhookSecret(parts: PageParts, req: Request, res: Response): Promise<void> {
  const { portal, userId } = signedIn(res);
  const secret = await parts.db.webhookSecrets.replaceSecret(portal.id);
  parts.log.info({ portalId: portal.id, userId }, 'webhook secret replaced');
  render(req, res, secret);
}
