// The pages for people, their forms, and the same actions as JSON under /emulator/portals/:id/:action.
import { readFileSync } from 'node:fs';
import express, { type NextFunction, type Request, type Response, Router } from 'express';
import { page } from './page.ts';
import { listLatestTickets } from './page-index.ts';
import { boardPage } from './pages/board-page.ts';
import { contactPage, contactsPage } from './pages/contact-page.ts';
import * as facts from './pages/facts.ts';
import { besidePage, portalPage, type Where } from './pages/frame.ts';
import { inboxPage } from './pages/inbox-page.ts';
import { laboratoryPage } from './pages/laboratory-page.ts';
import { changeLaboratory } from './pages/laboratory-posts.ts';
import { streamChanges } from './pages/live.ts';
import { type Html, html, table } from './pages/markup.ts';
import { refuseForeignOrigin } from './pages/own-origin.ts';
import { readPage } from './pages/pager.ts';
import type { PageParts } from './pages/parts.ts';
import { explain, refuseForm, takeForm, takeJson } from './pages/posts.ts';
import { sentPage } from './pages/sent-page.ts';
import { settingsPage } from './pages/settings-page.ts';
import { threadPage } from './pages/thread-page.ts';
import { ticketPage } from './pages/ticket-page.ts';
import { exchangePage, trafficPage } from './pages/traffic-page.ts';
import type { PortalState } from './state.ts';

function listPage({ world, emulator }: PageParts): string {
  const rows = emulator.listPortalIds().map((id) => {
    const portal = world.state.portals[id];
    if (!portal) return html``;
    const { count } = listLatestTickets(portal, 0);
    return html`<tr><td><a href="/portals/${id}">${id}</a></td><td>${portal.domain}</td><td>${count}</td><td>${portal.install ? 'connected' : 'not connected'}</td></tr>`;
  });
  const body = html`<h1>Portals</h1>${table('Portals', ['Id', 'Domain', 'Tickets', 'App'], rows)}
<p><a href="/laboratory">Laboratory</a>: faults, limits and uncertain facts.</p>`;
  return page('Portals', body.html);
}

/** What programs ask for: the tickets' statuses, and the traffic of the last minute in a line each. */
function statusFacts({ emulator }: PageParts, portalId: string) {
  const tickets = emulator.portal(portalId).listTickets();
  const since = Date.now() - 60_000;
  return {
    stages: Object.fromEntries(tickets.map((ticket) => [ticket.id, ticket.stageLabel])),
    deliveries: emulator.webhooks
      .deliveries()
      .filter((one) => one.portalId === portalId && one.at > since)
      .map((one) => `${one.types.join(', ')} (${one.events}), try ${one.attempt + 1}: ${one.status ?? 'no answer'}`),
    calls: emulator.requests
      .filter((one) => one.portalId === portalId && one.at > since)
      .map((one) => `${one.method} ${one.path}: ${one.status}`),
  };
}

type Shown = { title: string; where: Where; content: Html; beside?: false } | undefined;
type Draw = (portal: PortalState, request: Request, parts: PageParts) => Shown;

const drawings: Record<string, Draw> = {
  '/portals/:portalId': (portal, { query }) => ({
    title: 'Inbox',
    where: '',
    content: inboxPage(portal, readPage(query.page)),
  }),
  '/portals/:portalId/threads/:id': (portal, { params }) => {
    const thread = Object.hasOwn(portal.threads, String(params.id)) ? portal.threads[String(params.id)] : undefined;
    return thread && { title: facts.subjectOf(thread), where: null, content: threadPage(portal, thread) };
  },
  '/portals/:portalId/tickets': (portal, { query }) => ({
    title: 'Tickets',
    where: '/tickets',
    content: boardPage(portal, query),
  }),
  '/portals/:portalId/tickets/:id': (portal, { params, query }, { world }) => {
    const ticket = facts.findTicket(portal, String(params.id));
    const asked = { page: readPage(query.page), appId: world.app.appId };
    return ticket && { title: facts.titleOf(ticket), where: null, content: ticketPage(portal, ticket, asked) };
  },
  '/portals/:portalId/contacts': (portal, { query }) => {
    const address = typeof query.address === 'string' ? query.address : undefined;
    const content = contactsPage(portal, { page: readPage(query.page), address });
    return { title: 'Contacts', where: '/contacts', content };
  },
  '/portals/:portalId/contacts/:id': (portal, { params, query }) => {
    const contact = facts.findPerson(portal, String(params.id));
    const content = contact && contactPage(portal, contact, readPage(query.page));
    return content && { title: facts.nameOf(contact), where: null, content };
  },
  '/portals/:portalId/sent': (portal, { query }, { world }) => ({
    title: 'Sent mail',
    where: '/sent',
    content: sentPage(world, portal, readPage(query.page)),
  }),
  '/portals/:portalId/settings': (portal) => ({
    title: 'Settings',
    where: '/settings',
    content: settingsPage(portal),
    beside: false,
  }),
  '/portals/:portalId/traffic': (portal, { query }, { log }) => {
    const content = trafficPage(portal, log, readPage(query.page));
    return { title: 'Webhooks and API calls', where: '/traffic', content, beside: false };
  },
  '/portals/:portalId/traffic/:id': (portal, { params }, { log }) => {
    const found = log.findExchange(portal.id, String(params.id));
    return found && { title: `Entry ${found.id}`, where: null, content: exchangePage(portal, found), beside: false };
  },
};

const missing = (response: Response) =>
  void response.status(404).send(page('Not found', '<h1>There is no such page</h1>'));

// Nothing runs or loads but what the emulator itself serves: mail is hostile.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'";

function guard(request: Request, response: Response, next: NextFunction): void {
  response.set({
    'Content-Security-Policy': `${policy}; frame-ancestors 'none'; base-uri 'none'`,
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  });
  refuseForeignOrigin(request, response, next);
}

/** Where the app itself is: the origin its consent leads back to. */
function appUrlOf({ world }: PageParts): string | undefined {
  const [redirectUri] = world.app.redirectUris ?? [];
  return redirectUri && new URL('/', redirectUri).href;
}

function addPortalPages(router: Router, parts: PageParts): void {
  const find = ({ params }: Request) => parts.world.state.portals[String(params.portalId)];
  for (const [path, draw] of Object.entries(drawings))
    router.get(path, (request, response) => {
      const portal = find(request);
      const shown = portal && draw(portal, request, parts);
      if (!portal || !shown) return missing(response);
      const beside = shown.beside === false ? null : parts.log.listExchanges(portal.id, { skip: 0, take: besidePage });
      response.send(portalPage(portal, { ...shown, beside, appUrl: appUrlOf(parts) }));
    });
  router.get('/portals/:portalId/events', (request, response) => {
    if (find(request)) streamChanges(parts.changes, request, response);
    else missing(response);
  });
}

const recordPlaces: Record<string, string | undefined> = { '0-5': 'tickets', '0-1': 'contacts' };

/** The address HubSpot gives a record (PLATFORM.md 4.6): links and bookmarks of people lead there. */
function addRecordAddresses(router: Router, { world }: PageParts): void {
  router.get('/contacts/:portalId/record/:typeId/:id', guard, ({ params }, response) => {
    const [portalId = '', typeId = '', id = ''] = [params.portalId, params.typeId, params.id].map(String);
    const place = Object.hasOwn(recordPlaces, typeId) ? recordPlaces[typeId] : undefined;
    if (!place || !world.state.portals[portalId]) missing(response);
    else response.redirect(302, `/portals/${portalId}/${place}/${encodeURIComponent(id)}`);
  });
}

/** Several MB, as mailboxes are; beyond it a split file does better. */
const uploadLimit = '32mb';
const mailTypes = ['multipart/form-data', 'message/rfc822', 'application/mbox', 'application/octet-stream'];

function addPosts(router: Router, parts: PageParts): void {
  const has = ({ params }: Request) => parts.world.state.portals[String(params.portalId)] !== undefined;
  const form = express.urlencoded({ extended: false, limit: '1mb' });
  const json = express.json({ limit: uploadLimit });
  const file = express.raw({ type: mailTypes, limit: uploadLimit });
  router.post('/portals/:portalId/:action', form, file, async (request, response) => {
    if (has(request)) await takeForm(parts, String(request.params.portalId), request, response);
    else missing(response);
  });
  router.post('/laboratory/:action', form, (request, response) => {
    try {
      changeLaboratory(parts, request.params.action, request.body ?? {});
      response.redirect(303, '/laboratory');
    } catch (error) {
      refuseForm(response, 400, explain(error), '/laboratory');
    }
  });
  router.get('/emulator/portals/:portalId/status', (request, response) => {
    if (has(request)) response.json(statusFacts(parts, String(request.params.portalId)));
    else response.status(404).json({ error: 'no such portal' });
  });
  router.post('/emulator/portals/:portalId/:action', json, file, async (request, response) => {
    if (has(request)) await takeJson(parts, String(request.params.portalId), request, response);
    else response.status(404).json({ error: 'no such portal' });
  });
}

function addAssets(router: Router): void {
  for (const [name, type] of [
    ['page.css', 'text/css'],
    ['page.js', 'text/javascript'],
  ] as const) {
    const text = readFileSync(new URL(`./pages/${name}`, import.meta.url), 'utf8');
    router.get(`/emulator/assets/${name}`, (_request, response) => void response.type(type).send(text));
  }
}

/** A form that is too long or malformed, in words; what is no page's is passed on. */
function explainForm(error: unknown, request: Request, response: Response, next: NextFunction): void {
  const status = typeof error === 'object' && error !== null && 'status' in error ? Number(error.status) : 500;
  const isForm = request.method === 'POST' && /^\/(portals|laboratory)\//.test(request.path);
  if (!isForm || status >= 500) {
    next(error);
    return;
  }
  const reason =
    status === 413 ? `The file is too large: ${uploadLimit.toUpperCase()} at most. Split it.` : explain(error);
  refuseForm(response, status, reason, '/');
}

/** `GET /`, the pages of each portal and their forms, the laboratory, `/emulator/...` for programs. */
export function createPages(parts: PageParts): Router {
  const router = Router();
  router.use(['/portals', '/laboratory', '/emulator'], guard);
  router.get('/', guard, (_request, response) => void response.send(listPage(parts)));
  router.get('/favicon.ico', (_request, response) => void response.status(204).end());
  addAssets(router);
  addPortalPages(router, parts);
  addRecordAddresses(router, parts);
  router.get('/laboratory', (_request, response) => {
    const { quirks, limits, webhooks, faults, clock } = parts.emulator;
    const portalIds = parts.emulator.listPortalIds();
    const shown = {
      quirks,
      limits,
      webhooks: webhooks.settings,
      faults: faults.list(),
      clock: clock.look(),
      portalIds,
    };
    response.send(laboratoryPage(shown));
  });
  addPosts(router, parts);
  router.use(explainForm);
  return router;
}
