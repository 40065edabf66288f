// HubSpot's API as one table of paths, and the way of one request through it: fault, token, limit, scope, handler, answer.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, errorBody, missingScopes, Refusal, rateLimited, refuse } from './answers.ts';
import type { Fault, Faults } from './faults.ts';
import { findDatedPath } from './legacy-paths.ts';
import type { Limiter } from './limits.ts';
import { authenticate, findFormPortal } from './oauth.ts';
import { addFailures, refuseBatch, splitBatch } from './partial-fault.ts';
import type { RequestLog } from './request-log.ts';
import { routes } from './routes.ts';
import type { PortalState } from './state.ts';
import { type World, worldOf } from './world.ts';

export type RequestInfo = { portalId: string | null; method: string; path: string };
export type RequestHook = (info: RequestInfo, phase: 'before' | 'applied') => void | Promise<void>;

export type ApiParts = {
  world: World;
  limiter: Limiter;
  faults: Faults;
  log: RequestLog;
  hooks: Set<RequestHook>;
  save: () => Promise<void>;
  /** v1, v3 and v4 paths are taken for their dated ones. */
  legacyPaths?: boolean;
};

type Parsed = { url: URL; method: string; raw: Buffer; contentType: string; authorization: string | undefined };

function findPortalId(world: World, parsed: Parsed, form: URLSearchParams): string | null {
  const token = /^Bearer (.+)$/i.exec(parsed.authorization ?? '')?.[1];
  if (token !== undefined) return world.state.accessTokens[token]?.portalId ?? null;
  return findFormPortal(world, form);
}

function readForm({ contentType, raw }: Parsed): URLSearchParams {
  return new URLSearchParams(contentType.startsWith('application/x-www-form-urlencoded') ? raw.toString('utf8') : '');
}

function readJson({ method, contentType, raw }: Parsed): unknown {
  if (method === 'GET' || method === 'DELETE' || raw.length === 0) return undefined;
  if (!contentType.startsWith('application/json'))
    throw refuse(415, 'VALIDATION_ERROR', 'Unsupported media type: send application/json');
  try {
    return JSON.parse(raw.toString('utf8'));
  } catch {
    throw refuse(400, 'VALIDATION_ERROR', 'Invalid input JSON on line 1, column 1: Unexpected character');
  }
}

const routesByMethod = Map.groupBy(routes, (route) => route.method);

function findRoute(method: string, path: string, legacyPaths: boolean) {
  for (const route of routesByMethod.get(method) ?? []) {
    const match = route.path.exec(path);
    if (match && (legacyPaths || !route.isLegacy))
      return { route, params: (match.groups ?? {}) as Record<string, string> };
  }
  return undefined;
}

/** 405 on a path that has other methods, 404 otherwise; both are listed, as a mistake of the caller's or a gap here. */
function refuseUnknown(log: RequestLog, method: string, path: string, datedPath: string): Answer {
  log.addUnknown(method, path);
  if (routes.some((route) => !route.isLegacy && route.path.test(datedPath)))
    return { status: 405, body: errorBody('VALIDATION_ERROR', `The method ${method} is not allowed here`) };
  return { status: 404, body: errorBody('OBJECT_NOT_FOUND', 'resource not found') };
}

function decodeParams(params: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, value === undefined ? '' : decodeURIComponent(value)]),
  );
}

/** Token, limit, scope, handler: the order in which HubSpot's gateway refuses. */
function answer({ world, limiter, log, legacyPaths }: ApiParts, parsed: Parsed, form: URLSearchParams): Answer {
  const { method, url } = parsed;
  const path = legacyPaths ? findDatedPath(url.pathname) : url.pathname;
  const found = findRoute(method, path, legacyPaths ?? false);
  if (!found) return refuseUnknown(log, method, url.pathname, path);
  const { route } = found;
  const params = decodeParams(found.params);
  const version = params.v ?? '';
  const source = { type: 'INTEGRATION', id: world.app.appId };
  const shared = { world, source, params, query: url.searchParams, form, version };
  if (route.access === 'public') {
    // No portal is named by a token here; handlers of public routes never touch `portal`.
    return route.handle({ ...shared, portal: undefined as unknown as PortalState, body: undefined });
  }
  const grant = authenticate(world, parsed.authorization);
  const portal = world.state.portals[grant.portalId];
  if (!portal) throw refuse(401, 'INVALID_AUTHENTICATION', 'This portal does not exist any more.');
  const { policyName, headers } = route.isUncounted
    ? { policyName: null, headers: {} }
    : limiter.admit(portal.id, route.isSearch ?? false);
  if (policyName) return { ...rateLimited(policyName), headers };
  try {
    const needed = route.scopes?.(params, version) ?? [];
    if (!needed.every((scope) => grant.scopes.includes(scope))) throw missingScopes(needed);
    const result = route.handle({ ...shared, world: worldOf(world, portal), portal, body: readJson(parsed) });
    return { ...result, headers: { ...headers, ...result.headers } };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ...error.answer, headers: { ...headers, ...error.answer.headers } };
  }
}

function answerSafely(parts: ApiParts, parsed: Parsed, form: URLSearchParams): Answer {
  try {
    return answer(parts, parsed, form);
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    if (error instanceof URIError) return { status: 400, body: errorBody('VALIDATION_ERROR', 'The URL is malformed.') };
    throw error;
  }
}

/** Some inputs of a batch fail by order of a fault, the others are handled. */
function answerInPart(parts: ApiParts, parsed: Parsed, form: URLSearchParams, fault: Fault): Answer {
  const split = splitBatch(parsed.raw, fault, parts.faults.random);
  if (!split) return answerSafely(parts, parsed, form);
  const portal = parts.world.state.portals[findPortalId(parts.world, parsed, form) ?? ''];
  const { quirks } = portal ? worldOf(parts.world, portal) : parts.world;
  if (quirks.batchUpdate === 'refuse-any') return refuseBatch(split.failed, fault);
  return addFailures(answerSafely(parts, { ...parsed, raw: split.kept }, form), split.failed, fault);
}

function printBody({ body, json }: Answer): string {
  if (json !== undefined) return json;
  return typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
}

function send(response: ServerResponse, { status, body, json, headers }: Answer, text: string): void {
  if (response.destroyed) return;
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
  response.statusCode = status;
  if (json !== undefined || (body !== undefined && typeof body !== 'string'))
    response.setHeader('Content-Type', 'application/json;charset=utf-8');
  const bytes = Buffer.byteLength(text);
  if (text !== '') response.setHeader('Content-Length', bytes);
  // As many bytes as characters: ASCII, which Latin-1 writes the same in half the time.
  response.end(text, bytes === text.length ? 'latin1' : 'utf8');
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

async function runHooks(hooks: Set<RequestHook>, info: RequestInfo, phase: 'before' | 'applied'): Promise<void> {
  for (const hook of [...hooks]) await hook(info, phase);
}

/** Reads need no write of the data file, which holds everything; a look at a send may be the one that shows its end. */
function mayChange({ method, path }: RequestInfo): boolean {
  if (method === 'GET') return path.includes('/send-statuses/');
  return !/\/(read|search|introspect)$/.test(path);
}

/** Undefined = no answer is sent: the connection is cut or left open. */
async function respond(parts: ApiParts, parsed: Parsed, info: RequestInfo, form: URLSearchParams, fault?: Fault) {
  await runHooks(parts.hooks, info, 'before');
  if (fault?.kind === 'status') return { status: fault.status ?? 500, body: fault.body, headers: fault.headers };
  if (fault?.kind === 'hang' || fault?.kind === 'drop') return undefined;
  if (fault?.kind === 'slow') await sleep(fault.ms ?? 0);
  const result =
    fault?.kind === 'partial' ? answerInPart(parts, parsed, form, fault) : answerSafely(parts, parsed, form);
  if (mayChange(info)) await parts.save();
  await runHooks(parts.hooks, info, 'applied');
  return fault?.kind === 'apply-then-drop' || fault?.kind === 'apply-then-hang' ? undefined : result;
}

/** Serves one API request whose body has been read. Never rejects for what a client sends. */
export async function serveApi(
  parts: ApiParts,
  request: IncomingMessage,
  response: ServerResponse,
  raw: Buffer,
): Promise<void> {
  const startedAt = Date.now();
  const method = request.method ?? 'GET';
  const url = new URL(request.url ?? '/', 'http://emulator.invalid');
  const contentType = String(request.headers['content-type'] ?? '').toLowerCase();
  const parsed = { url, method, raw, contentType, authorization: request.headers.authorization };
  const form = readForm(parsed);
  const info = { portalId: findPortalId(parts.world, parsed, form), method, path: url.pathname };
  const fault = parts.faults.take(info);
  const result = await respond(parts, parsed, info, form, fault);
  const text = result ? printBody(result) : '';
  const logged = { at: startedAt, ...info, status: result?.status ?? 0, ms: Date.now() - startedAt };
  parts.log.add(logged, { query: url.search, sent: raw.toString('utf8'), answered: text });
  if (result) send(response, result, text);
  else if (fault?.kind === 'drop' || fault?.kind === 'apply-then-drop') request.socket.destroy();
}
