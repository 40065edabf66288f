// GET /activity and GET /tickets/:ticketId: records newest first, each with its why.
import type { Request, Response } from 'express';
import type { Outcome } from '../../db/db.ts';
import { signedIn } from '../session.ts';
import { wordsFor } from './language.ts';
import { knownTimeZone } from './moments.ts';
import type { PageParts } from './page-parts.ts';
import { renderPlainPage } from './plain-page.ts';
import { readPipelines } from './portal-pipelines.ts';
import { linkToHubSpot, recordViewer } from './record-view.ts';
import { renderPage } from './view.ts';

const pageSize = 50;
// Labels of stages may be ten minutes old here: a renamed stage is no reason to ask HubSpot at every look.
const labelsMaxAgeMs = 600_000;
const outcomes: readonly Outcome[] = ['done', 'skipped', 'shadow', 'failed', 'dead'];

// HubSpot's ids and ours are whole numbers of at most 19 digits; longer ones would not fit bigint.
const idPattern = /^\d{1,18}$/;

function readQuery(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

function linkTo(path: string, query: Record<string, string | undefined>): string {
  const kept = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return kept.length > 0 ? `${path}?${new URLSearchParams(kept)}` : path;
}

export async function showActivity(parts: PageParts, req: Request, res: Response): Promise<void> {
  const { portal } = signedIn(res);
  const words = wordsFor(req);
  const ticketId = readQuery(req.query.ticketId);
  const outcome = outcomes.find((each) => each === req.query.outcome);
  const after = readQuery(req.query.after);
  const ticketIdWrong = ticketId !== '' && !idPattern.test(ticketId);
  const query = {
    limit: pageSize,
    ...(ticketId && { ticketId }),
    ...(outcome && { outcome }),
    ...(idPattern.test(after) && { after }),
  };
  const [known, list, deadCount] = await Promise.all([
    readPipelines(parts.pipelines, parts.log, portal.id, labelsMaxAgeMs),
    ticketIdWrong ? { records: [], next: null } : parts.db.records.listRecords(portal.id, query),
    parts.db.deadEvents.countDead(portal.id),
  ]);
  renderPage(req, res, {
    view: 'activity',
    title: words.activity.title,
    section: 'activity',
    status: ticketIdWrong ? 422 : 200,
    data: {
      ticketId,
      ticketIdWrong,
      outcomes: outcomes.map((each) => ({ value: each, label: words.outcomes[each], chosen: each === outcome })),
      filtered: ticketId !== '' || outcome !== undefined,
      deadCount: outcome === 'dead' ? 0 : deadCount,
      records: list.records.map(recordViewer(portal, known, words)),
      timeZone: knownTimeZone(portal.timeZone),
      olderHref: list.next && linkTo('/activity', { ticketId, outcome, after: list.next }),
      newestHref: query.after && linkTo('/activity', { ticketId, outcome }),
    },
  });
}

export async function showTicket(parts: PageParts, req: Request, res: Response): Promise<void> {
  const { portal } = signedIn(res);
  const words = wordsFor(req);
  const ticketId = String(req.params.ticketId);
  const after = readQuery(req.query.after);
  const query = { ticketId, limit: pageSize, ...(idPattern.test(after) && { after }) };
  const list = idPattern.test(ticketId) ? await parts.db.records.listRecords(portal.id, query) : undefined;
  if (!list || (list.records.length === 0 && !query.after)) {
    return renderPlainPage(res, {
      status: 404,
      title: words.ticket.unknownTitle,
      message: words.ticket.unknown,
      action: { href: '/activity', label: words.ticket.back },
    });
  }
  const known = await readPipelines(parts.pipelines, parts.log, portal.id, labelsMaxAgeMs);
  renderPage(req, res, {
    view: 'ticket',
    title: words.ticket.title(ticketId),
    section: 'activity',
    data: {
      ticketId,
      hubspotHref: linkToHubSpot(portal, ticketId),
      records: list.records.map(recordViewer(portal, known, words)),
      timeZone: knownTimeZone(portal.timeZone),
      olderHref: list.next && linkTo(`/tickets/${ticketId}`, { after: list.next }),
      newestHref: query.after && `/tickets/${ticketId}`,
    },
  });
}
