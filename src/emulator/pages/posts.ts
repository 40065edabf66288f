// Forms and JSON calls that act in a portal: from the bytes of a request to the action and back to a page.
import type { Request, Response } from 'express';
import { page } from '../page.ts';
import { isActionName, type PortalControl } from '../portal-control.ts';
import { PropertiesAsked } from '../ticket-actions.ts';
import { askedPage } from './asked-page.ts';
import { type Fields, readArguments } from './form-actions.ts';
import { html } from './markup.ts';
import type { PageParts } from './parts.ts';

/** Runs an action by name. Throws what the action throws. */
async function perform(control: PortalControl, name: string, args: unknown[]): Promise<unknown> {
  if (!isActionName(name)) throw new Error(`emulator: no action ${name}`);
  return (control[name] as (...rest: unknown[]) => unknown)(...args);
}

export function explain(error: unknown): string {
  return (error instanceof Error ? error.message : 'unknown error').replace(/^emulator: /, '');
}

/** Only a path of this portal: a form must not lead to another site. */
function readBack(portalId: string, back: unknown): string {
  const root = `/portals/${portalId}`;
  const isOwn =
    typeof back === 'string' && /^[\w/?=&%.-]+$/.test(back) && (back === root || /^[/?]/.test(back.slice(root.length)));
  return isOwn && back.startsWith(root) ? back : root;
}

export function refuseForm(response: Response, status: number, reason: string, back: string): void {
  const body = html`<h1>That did not work</h1><p role="alert">${reason}</p><p><a href="${back}">Back</a></p>`;
  response.status(status).send(page('Not done', body.html));
}

/** The file of an upload form and its other fields. Throws, in words for people, when there is none. */
async function readUpload(request: Request): Promise<{ raw: Uint8Array; fields: Fields }> {
  const type = request.headers['content-type'] ?? '';
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  if (!type.startsWith('multipart/form-data')) return { raw: bytes, fields: {} };
  const form = await new globalThis.Response(bytes, { headers: { 'content-type': type } })
    .formData()
    .catch((cause: unknown) => {
      throw new Error('The upload cannot be read: send one file in a field named "file"', { cause });
    });
  const file = form.get('file');
  if (!file || typeof file === 'string') throw new Error('Choose an .eml or .mbox file');
  const words = [...form].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []));
  return { raw: new Uint8Array(await file.arrayBuffer()), fields: Object.fromEntries(words) };
}

export async function takeForm(
  parts: PageParts,
  portalId: string,
  request: Request,
  response: Response,
): Promise<void> {
  const action = String(request.params.action);
  const isUpload = Buffer.isBuffer(request.body);
  let back = readBack(portalId, isUpload ? undefined : request.body?.back);
  try {
    const portal = parts.world.state.portals[portalId];
    if (!portal) throw new Error(`no portal ${portalId}`);
    const control = parts.emulator.portal(portalId);
    if (isUpload) {
      const { raw, fields } = await readUpload(request);
      back = readBack(portalId, fields.back);
      await perform(control, action, [{ raw, keepsDates: fields.keepsDates === 'true' }]);
    } else {
      const { back: _, ...fields } = (request.body ?? {}) as Fields;
      await perform(control, action, readArguments(action, fields, portal));
    }
    await parts.emulator.saved();
  } catch (error) {
    const portal = parts.world.state.portals[portalId];
    const { back: _, ...given } = (isUpload ? {} : (request.body ?? {})) as Fields;
    if (portal && error instanceof PropertiesAsked)
      response.status(400).send(askedPage({ portal, back }, { action, given, missing: error }));
    else refuseForm(response, 400, explain(error), back);
    return;
  }
  response.redirect(303, back);
}

function readJsonArguments(request: Request): unknown[] {
  if (Buffer.isBuffer(request.body)) return [{ raw: request.body, keepsDates: request.query.keepsDates === 'true' }];
  const body = request.body as { args?: unknown } | undefined;
  return Array.isArray(body?.args) ? body.args : [body];
}

/**
 * `{ args: [...] }` or the one argument itself, and for `importMail` also the file as the body; answers `{ result }`, 400 with
 * the reason otherwise.
 */
export async function takeJson(
  parts: PageParts,
  portalId: string,
  request: Request,
  response: Response,
): Promise<void> {
  try {
    const args = readJsonArguments(request);
    const result = await perform(parts.emulator.portal(portalId), String(request.params.action), args);
    await parts.emulator.saved();
    response.json({ result: result ?? null });
  } catch (error) {
    response.status(400).json({ error: explain(error) });
  }
}
