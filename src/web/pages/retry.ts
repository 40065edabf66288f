// POST /activity/retry: a person says that what died is to be tried again.
import type { Request, Response } from 'express';
import { BatonError } from '../../errors.ts';
import { signedIn } from '../session.ts';
import { isId } from './activity-filter.ts';
import type { PageParts } from './page-parts.ts';

/** The page the form is on, told what became of it; anything else would let a form lead away from here. */
function wayBack(given: unknown, retried: number): string {
  const path = typeof given === 'string' && URL.canParse(given, 'http://here') ? given : '/activity';
  const here = new URL(path, 'http://here');
  const known = here.host === 'here' && /^\/(activity|tickets\/\d{1,18})$/.test(here.pathname);
  const back = new URL(known ? `${here.pathname}${here.search}` : '/activity', 'http://here');
  back.searchParams.set('retried', String(retried));
  return `${back.pathname}${back.search}`;
}

/** Form fields: `record` with a record's id, or `all`; `back` with the page to go back to. Answers 303, or 400 `bad-request`. */
export async function retryDead(parts: PageParts, req: Request, res: Response): Promise<void> {
  const { portal, userId } = signedIn(res);
  const { record, all, back } = (req.body ?? {}) as { record?: unknown; all?: unknown; back?: unknown };
  if (all === undefined && !isId(record)) {
    throw new BatonError('bad-request', { detail: 'Send `record` with the number of a decision, or `all`.' });
  }
  const retried = isId(record)
    ? await parts.db.deadEvents.retryRecord(portal.id, record)
    : await parts.db.deadEvents.retryAll(portal.id);
  parts.log.info({ portalId: portal.id, userId, events: retried }, 'dead events are tried again');
  res.redirect(303, wayBack(back, retried));
}
