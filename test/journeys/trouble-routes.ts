// Every route as somebody asks it, for tests of what it answers when something else is in trouble.
import { createHmac } from 'node:crypto';
import { signedHeaders } from '../support/signature.ts';
import type { InstalledPortal, System } from '../support/system.ts';
import { signCall, workflowCall } from '../support/workflow-call.ts';

/** What a route needs of the database: nothing, to read, or to write. */
export type Needs = 'nothing' | 'reading' | 'writing';
export type Route = { name: string; path: string; needs: Needs; ask(): Promise<Response> };
export type Asked = { system: System; acme: InstalledPortal; ticketId: string };

let lastEventId = 900_000;

/** A delivery of two events nobody has told of, as its body. */
export function makeDelivery(portalId: string): string {
  const events = [1, 2].map(() => {
    lastEventId += 1;
    const ids = { eventId: lastEventId, portalId: Number(portalId), appId: 2_000_001, objectId: lastEventId };
    return { ...ids, subscriptionType: 'company.creation', occurredAt: Date.now(), attemptNumber: 0 };
  });
  return JSON.stringify(events);
}

async function signIn({ acme }: Asked) {
  // supertest keeps the cookie; fetch needs it as a header.
  const answer = await acme.agent.get('/api/settings').expect(200);
  const jar = acme.agent.jar as unknown as { getCookies(access: object): { toValueString(): string } };
  const access = { path: '/', domain: '127.0.0.1', secure: false, script: false };
  return { cookie: jar.getCookies(access).toValueString(), csrfToken: String(answer.body.csrfToken) };
}

type Send = (path: string, init: RequestInit) => Promise<Response>;

/** What HubSpot asks for under its signature. */
function listSignedRoutes({ system, acme, ticketId }: Asked, send: Send): Route[] {
  const { publicUrl, workerOptions } = system;
  const { clientSecret, appId } = workerOptions.hubspot;
  const delivery: Route = {
    name: 'POST /webhooks/hubspot',
    path: '/webhooks/hubspot',
    needs: 'writing',
    ask() {
      const body = makeDelivery(acme.id);
      const headers = signedHeaders(clientSecret, `${publicUrl}/webhooks/hubspot`, body);
      return send('/webhooks/hubspot', { method: 'POST', headers, body });
    },
  };
  const card: Route = {
    name: 'GET /hubspot/card',
    path: '/hubspot/card',
    needs: 'reading',
    ask() {
      const path = `/hubspot/card?${new URLSearchParams({ ticketId, userId: '7', portalId: acme.id, userEmail: 'rep', appId })}`;
      const at = String(Date.now());
      const mac = createHmac('sha256', clientSecret).update(`GET${publicUrl}${path}${at}`).digest('base64');
      return send(path, { headers: { 'x-hubspot-signature-v3': mac, 'x-hubspot-request-timestamp': at } });
    },
  };
  const action: Route = {
    name: 'POST /hubspot/workflow-actions/decide-ticket',
    path: '/hubspot/workflow-actions/:name',
    needs: 'writing',
    ask() {
      lastEventId += 1;
      // Of a portal without Baton: refused after the database was asked, and no look at a ticket waits for its facts.
      const call = workflowCall({ callbackId: `ap-1-2-${lastEventId}`, portalId: '57999999', ticketId });
      const path = '/hubspot/workflow-actions/decide-ticket';
      const body = JSON.stringify(call);
      return send(path, { method: 'POST', headers: signCall(clientSecret, publicUrl + path, body, 'v3'), body });
    },
  };
  return [delivery, action, card];
}

/** Asked for while nothing is wrong; each may be asked at any time after. */
export async function listRoutes(asked: Asked): Promise<Route[]> {
  const { system, ticketId } = asked;
  const { publicUrl } = system;
  const { cookie, csrfToken } = await signIn(asked);
  const send: Send = (path, init) => fetch(publicUrl + path, { redirect: 'manual', ...init });
  const html = { accept: 'text/html' };
  const open = (path: string, needs: Needs = 'nothing'): Route => ({
    name: `GET ${path}`,
    path,
    needs,
    ask: () => send(path, { headers: html }),
  });
  const page = (path: string, pattern = path): Route => ({
    name: `GET ${path}`,
    path: pattern,
    needs: 'reading',
    ask: () => send(path, { headers: { ...html, cookie } }),
  });
  const form = (path: string, fields: Record<string, string> = {}, needs: Needs = 'writing'): Route => ({
    name: `POST ${path}`,
    path,
    needs,
    ask: () =>
      send(path, {
        method: 'POST',
        headers: { ...html, cookie },
        body: new URLSearchParams({ _csrf: csrfToken, ...fields }),
      }),
  });
  const api = (method: string, path: string, needs: Needs, body?: unknown): Route => {
    const headers = { cookie, 'x-csrf-token': csrfToken, 'content-type': 'application/json' };
    const ask = () => send(path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    return { name: `${method} ${path}`, path, needs, ask };
  };
  return [
    open('/health'),
    open('/metrics'),
    open('/ready', 'reading'),
    open('/'),
    open('/privacy'),
    open('/disconnected'),
    open('/oauth/install'),
    ...listSignedRoutes(asked, send),
    page('/settings'),
    page('/settings/actions?pipeline=0&stage=1&add=add-note', '/settings/actions'),
    page('/settings/versions'),
    page('/settings/webhook-secret'),
    page('/settings/mailbox-check'),
    page('/activity'),
    page(`/tickets/${ticketId}`, '/tickets/:ticketId'),
    // Based on no version there is: read, compared, and refused with 409, so that the rules stay as they are.
    form('/settings', { basedOn: '0' }),
    form('/settings/forget', { pipelineId: '0', basedOn: '0' }),
    form('/settings/actions', { pipeline: '0', stage: '1', kind: 'add-note', basedOn: '0' }),
    form('/settings/preview', {}, 'reading'),
    form('/settings/restore', { version: '1', basedOn: '0' }),
    form('/settings/webhook-secret'),
    form('/settings/mailbox-check', { step: 'start' }),
    form('/activity/retry'),
    api('GET', '/api/settings', 'reading'),
    api('PUT', '/api/settings', 'writing', { basedOn: 0, settings: {} }),
    api('GET', '/api/records', 'reading'),
    api('POST', '/api/webhook-secret', 'writing'),
  ];
}
