// The pages for people, their forms, and the same actions as JSON under /emulator/portals/:id/:action.
import express, { type NextFunction, type Request, type Response, Router } from 'express';
import { escapeHtml } from './messages.ts';
import { page } from './page.ts';
import { isActionName, type PortalControl } from './portal-control.ts';
import { portalPage, statusFacts, type Watched } from './portal-page.ts';
import type { World } from './world.ts';

function listPage(world: World, emulator: Watched): string {
  const rows = emulator.listPortalIds().map((id) => {
    const portal = world.state.portals[id];
    if (!portal) return '';
    const count = Object.values(portal.objects.tickets).filter((ticket) => ticket.archivedAt === null).length;
    return `<tr><td><a href="/portals/${id}">${id}</a></td><td>${escapeHtml(portal.domain)}</td><td>${count}</td><td>${portal.install ? 'connected' : 'not connected'}</td></tr>`;
  });
  return page(
    'Portals',
    `<h1>Portals</h1><table><thead><tr><th>Id</th><th>Domain</th><th>Tickets</th><th>App</th></tr></thead><tbody>${rows.join('')}</tbody></table>`,
  );
}

type Fields = Record<string, string | undefined>;

/** Empty fields count as absent; `to` and ticked tickets become lists. */
function readFields(body: unknown): Record<string, unknown> {
  const { to, tickTickets, ...rest } = (body ?? {}) as Fields;
  const lists = { to, tickTickets };
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(rest)) if (value) result[name] = value;
  for (const [name, value] of Object.entries(lists)) if (value) result[name] = value.split(/[ ,;]+/).filter(Boolean);
  return result;
}

function hasPortal(world: World, request: Request): string | undefined {
  const id = String(request.params.portalId);
  return world.state.portals[id] ? id : undefined;
}

/** Runs an action by name. Throws what the action throws. */
function perform(control: PortalControl, name: string, args: unknown[]): unknown {
  if (!isActionName(name)) throw new Error(`emulator: no action ${name}`);
  return (control[name] as (...rest: unknown[]) => unknown)(...args);
}

function explain(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown error';
}

async function takeForm(emulator: Watched, portalId: string, request: Request, response: Response): Promise<void> {
  try {
    const fields = readFields(request.body);
    // An answer by mail on a ticket record needs one address as text.
    if (request.params.action === 'startThread') fields.to = (fields.to as string[] | undefined)?.[0];
    perform(emulator.portal(portalId), String(request.params.action), [fields]);
    await emulator.saved();
  } catch (error) {
    const back = `<p><a href="/portals/${portalId}">Back to the portal</a></p>`;
    response
      .status(400)
      .send(page('Not done', `<h1>That did not work</h1><p>${escapeHtml(explain(error))}</p>${back}`));
    return;
  }
  response.redirect(303, `/portals/${portalId}`);
}

/** `{ args: [...] }` or the one argument itself; answers `{ result }`, 400 with the reason otherwise. */
async function takeJson(emulator: Watched, portalId: string, request: Request, response: Response): Promise<void> {
  try {
    const body = request.body as { args?: unknown } | undefined;
    const args = Array.isArray(body?.args) ? body.args : [body];
    const result = perform(emulator.portal(portalId), String(request.params.action), args);
    await emulator.saved();
    response.json({ result: result ?? null });
  } catch (error) {
    response.status(400).json({ error: explain(error) });
  }
}

/** A page of another site must not press these buttons: browsers name the origin of every form they send. */
function refuseForeignOrigin(request: Request, response: Response, next: NextFunction): void {
  const { origin, host } = request.headers;
  if (!origin || origin === `http://${host}`) next();
  else response.status(403).send(page('Refused', '<h1>This form belongs to another site</h1>'));
}

/** `GET /`, `GET /portals/:portalId` and its forms, `/emulator/...` for programs. */
export function createPages(world: World, emulator: Watched): Router {
  const router = Router();
  const missing = (response: Response) => response.status(404).send(page('Not found', '<h1>No such portal</h1>'));
  router.get('/', (_request, response) => void response.send(listPage(world, emulator)));
  router.get('/favicon.ico', (_request, response) => void response.status(204).end());
  router.get('/portals/:portalId', (request, response) => {
    const id = hasPortal(world, request);
    if (id) response.send(portalPage(emulator, id));
    else missing(response);
  });
  router.post(
    '/portals/:portalId/:action',
    refuseForeignOrigin,
    express.urlencoded({ extended: false, limit: '1mb' }),
    async (request, response) => {
      const id = hasPortal(world, request);
      if (id) await takeForm(emulator, id, request, response);
      else missing(response);
    },
  );
  router.get('/emulator/portals/:portalId/status', (request, response) => {
    const id = hasPortal(world, request);
    if (id) response.json(statusFacts(emulator, id));
    else response.status(404).json({ error: 'no such portal' });
  });
  const json = express.json({ limit: '1mb' });
  router.post('/emulator/portals/:portalId/:action', refuseForeignOrigin, json, async (request, response) => {
    const id = hasPortal(world, request);
    if (id) await takeJson(emulator, id, request, response);
    else response.status(404).json({ error: 'no such portal' });
  });
  return router;
}
