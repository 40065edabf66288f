// Renders the views: eta templates inside one layout, in the reader's language.
import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';
import type { Request, Response } from 'express';
import type { Portal } from '../../crm.ts';
import type { Change } from '../session.ts';
import { languages, words } from '../words/words.ts';
import { chooseLanguage, linkInLanguage } from './language.ts';

const views = new Eta({
  views: fileURLToPath(new URL('../../../views/', import.meta.url)),
  cache: true,
  autoTrim: [false, 'nl'],
});

export type Page = {
  view:
    | 'landing'
    | 'plain'
    | 'privacy'
    | 'settings'
    | 'activity'
    | 'ticket'
    | 'newer'
    | 'action'
    | 'actions'
    | 'versions'
    | 'mailbox-check'
    | 'webhook-secret';
  title: string;
  status?: number;
  section?: 'settings' | 'activity';
  /** What the view reads as `it`, beside the words and the frame. */
  data?: Record<string, unknown>;
};

/** The portal of the session, when there is one. */
export function portalOf(res: Response): Portal | undefined {
  return res.locals.portal as Portal | undefined;
}

/**
 * Answers with a whole page. Works without a session (the frame then shows no navigation). Throws when a view is broken.
 */
export function renderPage(req: Request, res: Response, page: Page): void {
  const language = chooseLanguage(req);
  const portal = portalOf(res);
  const frame = {
    lang: language,
    words: words[language],
    title: page.title,
    section: page.section,
    portal,
    change: portal ? (res.locals.change as Change) : undefined,
    csrfToken: typeof res.locals.csrfToken === 'string' ? res.locals.csrfToken : undefined,
    languageLinks: languages.map((each) => ({
      language: each,
      name: words[each].languageName,
      href: linkInLanguage(req, each),
      current: each === language,
    })),
  };
  const html = views.render(`./${page.view}`, { ...page.data, ...frame });
  res.status(page.status ?? 200);
  res.set('Content-Language', language);
  res.vary('Accept-Language');
  res.vary('Cookie');
  // A portal's pages must not be shown from a shared cache or after signing out.
  if (portal) res.set('Cache-Control', 'no-store');
  res.type('html').send(html);
}
