// GET /activity and GET /tickets/:ticketId: records newest first, each with its why, and what is new while the page is open.
import type { Request, Response } from 'express';
import { type BatonRecord, type Outcome, outcomes } from '../../db/db.ts';
import { countedAtMost } from '../../db/dead-events.ts';
import type { RecordQuery } from '../../db/records.ts';
import { BatonError } from '../../errors.ts';
import { type Reason, reasons } from '../../rules/decide.ts';
import { signedIn } from '../session.ts';
import type { Words } from '../words/en.ts';
import { isId, linkTo, readFilter } from './activity-filter.ts';
import { linkToRecord } from './hubspot-links.ts';
import { wordsFor } from './language.ts';
import { knownTimeZone } from './moments.ts';
import type { PageParts } from './page-parts.ts';
import { renderPlainPage } from './plain-page.ts';
import { type PortalPipelines, readPipelines } from './portal-pipelines.ts';
import { viewRecords } from './record-view.ts';
import { findTurn, tellTurn } from './turn.ts';
import { renderPage } from './view.ts';

const pageSize = 50;
// Labels of stages may be ten minutes old here: a renamed stage is no reason to ask HubSpot at every look.
const labelsMaxAgeMs = 600_000;

type Choice = { value: string; label: string; chosen: boolean };

function listOutcomes(words: Words, chosen: Outcome | undefined): Choice[] {
  return outcomes.map((value) => ({ value, label: words.outcomes[value], chosen: value === chosen }));
}

/** In the alphabet's order, as nobody knows theirs. */
function listReasons(words: Words, chosen: Reason | undefined): Choice[] {
  return reasons
    .map((value) => ({ value, label: words.reasonNames[value], chosen: value === chosen }))
    .sort((left, right) => left.label.localeCompare(right.label, words.dateLocale));
}

function findRetryable({ db }: PageParts, portalId: string, records: BatonRecord[]): Promise<Set<string>> {
  const troubled = records.filter(({ outcome }) => outcome === 'dead' || outcome === 'failed');
  return db.deadEvents.findRetryable(
    portalId,
    troubled.map(({ id }) => id),
  );
}

/** Records of a query with what is needed to show them. */
async function readRecords(parts: PageParts, portalId: string, query: RecordQuery) {
  const [known, { records, next }] = await Promise.all([
    readPipelines(parts.pipelines, parts.log, portalId, labelsMaxAgeMs),
    parts.db.records.listRecords(portalId, query),
  ]);
  return { known, next, records, retryable: await findRetryable(parts, portalId, records) };
}

/** The id to ask for newer ones with; undefined when a whole page is asked for. A script that asks wrongly is told so. */
function readNewerThan({ query }: Request): string | undefined {
  if (query.fragment === undefined) return undefined;
  if (query.fragment === 'records' && isId(query.newerThan)) return query.newerThan;
  throw new BatonError('bad-request', { detail: 'fragment is `records`, and newerThan the id of a record.' });
}

/** What came since, as a piece of the page; 204 at the cost of one look into an index when nothing did. */
async function showNewer(
  parts: PageParts,
  req: Request,
  res: Response,
  query: RecordQuery & { newerThan: string },
): Promise<void> {
  const { portal } = signedIn(res);
  const words = wordsFor(req);
  const { records } = await parts.db.records.listRecords(portal.id, query);
  res.set('Cache-Control', 'no-store');
  if (records.length === 0) return void res.sendStatus(204);
  const known = await readPipelines(parts.pipelines, parts.log, portal.id, labelsMaxAgeMs);
  const retryable = await findRetryable(parts, portal.id, records);
  const onTicketPage = req.params.ticketId !== undefined;
  renderPage(req, res, {
    view: 'newer',
    title: '',
    data: {
      showTicket: !onTicketPage,
      turn: onTicketPage ? describeTurn(records, known, words) : undefined,
      records: viewRecords({ portal, config: parts.config }, known, words, { records, retryable }),
      here: linkTo(req.path, {
        ticketId: onTicketPage ? undefined : query.ticketId,
        outcome: query.outcome,
        reason: query.reason,
      }),
      newestId: records[0]?.id,
    },
  });
}

function describeTurn(records: BatonRecord[], known: PortalPipelines, words: Words) {
  const closed = new Set(
    known.pipelines.flatMap(({ stages }) => stages.flatMap((one) => (one.closed ? [one.id] : []))),
  );
  const turn = findTurn(records, (stageId) => closed.has(stageId));
  return turn && { whose: turn.whose, sentence: tellTurn(turn, words) };
}

/** `?retried=` of the page that a retry leads back to. */
function readRetried({ query }: Request): number | undefined {
  return isId(query.retried) ? Number(query.retried) : undefined;
}

export async function showActivity(parts: PageParts, req: Request, res: Response): Promise<void> {
  const { portal } = signedIn(res);
  const words = wordsFor(req);
  const filter = readFilter(req.query, portal.id);
  const { ticketId, outcome, reason, fault, after } = filter;
  const kept = { ticketId, outcome, reason };
  const newerThan = readNewerThan(req);
  if (newerThan !== undefined) return showNewer(parts, req, res, { ...kept, newerThan, limit: pageSize });
  const [shown, deadCount, someLackScope] = await Promise.all([
    fault ? undefined : readRecords(parts, portal.id, { ...kept, after, limit: pageSize }),
    parts.db.deadEvents.countDead(portal.id),
    parts.db.deadEvents.someLackScope(portal.id),
  ]);
  renderPage(req, res, {
    view: 'activity',
    title: words.activity.title,
    section: 'activity',
    status: fault ? 422 : 200,
    data: {
      ...filter,
      faultText:
        fault && (fault === 'another-portal' ? words.activity.ticketElsewhere : words.activity.ticketNumberWrong),
      outcomes: listOutcomes(words, outcome),
      reasons: listReasons(words, reason),
      filtered: filter.typed !== '' || outcome !== undefined || reason !== undefined,
      deadText: deadCount > 0 && words.activity.dead(Math.min(deadCount, countedAtMost), deadCount > countedAtMost),
      someLackScope,
      retried: readRetried(req),
      records: shown ? viewRecords({ portal, config: parts.config }, shown.known, words, shown) : [],
      timeZone: knownTimeZone(portal.timeZone),
      here: linkTo('/activity', { ...kept, after }),
      // Newer entries belong on the first page alone.
      live: !fault && !after && linkTo('/activity', { ...kept, fragment: 'records' }),
      newestId: shown?.records[0]?.id ?? '0',
      olderHref: shown?.next && linkTo('/activity', { ...kept, after: shown.next }),
      newestHref: req.query.after && linkTo('/activity', kept),
    },
  });
}

export async function showTicket(parts: PageParts, req: Request, res: Response): Promise<void> {
  const { portal } = signedIn(res);
  const words = wordsFor(req);
  const ticketId = String(req.params.ticketId);
  const after = isId(req.query.after) ? req.query.after : undefined;
  const newerThan = readNewerThan(req);
  if (newerThan !== undefined && isId(ticketId)) {
    return showNewer(parts, req, res, { ticketId, newerThan, limit: pageSize });
  }
  const shown = isId(ticketId) ? await readRecords(parts, portal.id, { ticketId, after, limit: pageSize }) : undefined;
  if (!shown || (shown.records.length === 0 && !req.query.after)) {
    return renderPlainPage(res, {
      status: 404,
      title: words.ticket.unknownTitle,
      message: words.ticket.unknown,
      action: { href: '/activity', label: words.ticket.back },
    });
  }
  const path = `/tickets/${ticketId}`;
  renderPage(req, res, {
    view: 'ticket',
    title: words.ticket.title(ticketId),
    section: 'activity',
    data: {
      ticketId,
      hubspotHref: linkToRecord({ portal, config: parts.config }, '0-5', ticketId),
      turn: after ? undefined : describeTurn(shown.records, shown.known, words),
      retried: readRetried(req),
      records: viewRecords({ portal, config: parts.config }, shown.known, words, shown),
      timeZone: knownTimeZone(portal.timeZone),
      here: linkTo(path, { after }),
      live: !after && linkTo(path, { fragment: 'records' }),
      newestId: shown.records[0]?.id ?? '0',
      olderHref: shown.next && linkTo(path, { after: shown.next }),
      newestHref: req.query.after && path,
    },
  });
}
