// What every emulator test starts from: an emulator with one portal, the app installed, and a caller with its token.
import type { TestContext } from 'node:test';
import { createEmulator, type Emulator, type EmulatorOptions } from '../../src/emulator/emulator.ts';
import type { PortalControl } from '../../src/emulator/portal-control.ts';

export const app = { appId: '2000001', clientId: 'client-1', clientSecret: 'secret-1' };
export const allScopes = [
  'oauth',
  'tickets',
  'crm.objects.contacts.read',
  'crm.objects.contacts.write',
  'crm.objects.owners.read',
  'conversations.read',
  'conversations.write',
  'sales-email-read',
];

/** Read field by field: a wrong one fails the assertion. */
export type Json = ReturnType<typeof JSON.parse>;
export type Answered = { status: number; body: Json; headers: Headers };
export type Caller = (method: string, path: string, body?: unknown) => Promise<Answered>;

export async function startEmulator(t: TestContext, options: Partial<EmulatorOptions> = {}): Promise<Emulator> {
  const emulator = await createEmulator({ ...app, ...options });
  t.after(() => emulator.close());
  return emulator;
}

export function createCaller(url: string, token: string): Caller {
  return async (method, path, body) => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text), headers: response.headers };
  };
}

export type Rig = { emulator: Emulator; portal: PortalControl; call: Caller; agentId: string; portalId: string };

/** One portal, 41000001, with search that knows of everything at once. */
export async function createRig(t: TestContext, options: Partial<EmulatorOptions> = {}): Promise<Rig> {
  const emulator = await startEmulator(t, { ...options, quirks: { searchLagMs: 0, ...options.quirks } });
  const portalId = '41000001';
  const portal = emulator.addPortal({ portalId });
  const { accessToken } = portal.install({ scopes: allScopes });
  const agentId = portal.look().users[0]?.userId ?? '';
  return { emulator, portal, call: createCaller(emulator.url, accessToken), agentId, portalId };
}

export async function postForm(url: string, fields: Record<string, string>): Promise<Answered> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
}
