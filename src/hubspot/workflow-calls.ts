// A workflow calls one of Baton's actions ("Custom workflow actions", PLATFORM.md 7.3): read leniently, down to what Baton uses.
import { hash } from 'node:crypto';
import { z } from 'zod';
import { BatonError } from '../errors.ts';
import { parseJson } from './json.ts';

export type WorkflowCall = {
  /** 32 hex digits made of the callbackId, which HubSpot keeps when it repeats a call: the same call has the same key. */
  key: string;
  portalId: string;
  objectId: string;
  isTicket: boolean;
  /** As the admin filled them in, by name; anything may stand there. */
  inputFields: Record<string, unknown>;
};

/** 18 digits always fit PostgreSQL's bigint. */
const id = z
  .union([z.number(), z.string()])
  .transform(String)
  .pipe(z.string().regex(/^[1-9]\d{0,17}$/));

const callShape = z.object({
  callbackId: z.string().min(1).max(500),
  origin: z.object({ portalId: id }),
  object: z.object({ objectId: id, objectType: z.string().max(64) }),
  inputFields: z.record(z.string(), z.unknown()).nullish(),
});

/** Deals, contacts and so on have other names; `0-5` is what HubSpot's newer interfaces call a ticket (PLATFORM.md 2.3). */
const ticketTypes = ['TICKET', 'TICKETS', '0-5'];

/** Throws BatonError `bad-request` for what is no call of a workflow action, naming the field. */
export function parseWorkflowCall(raw: Buffer): WorkflowCall {
  const read = callShape.safeParse(parseBody(raw));
  if (!read.success) {
    const names = [...new Set(read.error.issues.map(({ path }) => path.join('.') || 'the body'))];
    throw new BatonError('bad-request', { detail: `Missing or not understood: ${names.join(', ')}.` });
  }
  const { callbackId, origin, object, inputFields } = read.data;
  return {
    key: hash('sha256', JSON.stringify(['workflow-action', origin.portalId, callbackId]), 'hex').slice(0, 32),
    portalId: origin.portalId,
    objectId: object.objectId,
    isTicket: ticketTypes.includes(object.objectType.toUpperCase()),
    inputFields: inputFields ?? {},
  };
}

function parseBody(raw: Buffer): unknown {
  try {
    return parseJson(raw.toString('utf8'));
  } catch {
    // The parser's own message quotes the text.
    throw new BatonError('bad-request', { detail: 'The body is not JSON.' });
  }
}
