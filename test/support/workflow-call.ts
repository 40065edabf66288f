// A workflow's call of one of Baton's actions, signed as HubSpot does, written apart from src/hubspot/signature.ts (PLATFORM.md 7.3, 7.5).
import { createHash, createHmac } from 'node:crypto';
import type { System } from './system.ts';

export type Signing = 'v2' | 'v3' | 'both' | 'none';

/** The documented example's shape. */
export function workflowCall(fields: {
  callbackId: string;
  portalId: string | number;
  ticketId: string | number;
  inputFields?: object;
}) {
  return {
    callbackId: fields.callbackId,
    origin: { portalId: Number(fields.portalId), actionDefinitionId: 10646377, actionDefinitionVersion: 1 },
    context: { source: 'WORKFLOWS', workflowId: 192814114 },
    object: { objectId: Number(fields.ticketId), objectType: 'TICKET', properties: {} },
    inputFields: fields.inputFields ?? {},
  };
}

/** Headers over the very bytes; `url` must need no decoding. */
export function signCall(secret: string, url: string, body: string, signing: Signing, at = Date.now()) {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (signing === 'v2' || signing === 'both') {
    headers['x-hubspot-signature'] = createHash('sha256').update(`${secret}POST${url}${body}`).digest('hex');
    headers['x-hubspot-signature-version'] = 'v2';
  }
  if (signing === 'v3' || signing === 'both') {
    const mac = createHmac('sha256', secret).update(`POST${url}${body}${at}`);
    headers['x-hubspot-signature-v3'] = mac.digest('base64');
    headers['x-hubspot-request-timestamp'] = String(at);
  }
  return headers;
}

/** Calls the action as HubSpot would; answers its `hs_execution_state`. */
export async function callAction(
  { publicUrl, workerOptions }: Pick<System, 'publicUrl' | 'workerOptions'>,
  name: string,
  call: ReturnType<typeof workflowCall>,
  signing: Signing = 'v3',
): Promise<string | undefined> {
  const url = `${publicUrl}/hubspot/workflow-actions/${name}`;
  const body = JSON.stringify(call);
  const headers = signCall(workerOptions.hubspot.clientSecret, url, body, signing);
  const answer = await fetch(url, { method: 'POST', body, headers });
  const { outputFields } = (await answer.json()) as { outputFields?: { hs_execution_state: string } };
  return outputFields?.hs_execution_state;
}
