// Transactional single sends: handed over with a sendId, looked at until they are COMPLETE (DATA.md 5).
import { type Answer, invalid, isoTime, missingScopes, notFound, propertyErrorBody, Refusal } from './answers.ts';
import type { Call } from './call.ts';
import { dashedId } from './item-ids.ts';
import { ensureContact, isMailAddress } from './messages.ts';
import { findProblems, readWrittenProperties } from './properties.ts';
import { updateRecord } from './records.ts';
import type { PortalState, SingleSend } from './state.ts';
import type { World } from './world.ts';

export const transactionalScope = 'transactional-email';

/** HubSpot mails none of these (transactional email guide, INVALID_TO_ADDRESS). */
const rolePrefixes = new Set(
  'abuse no-reply noreply root spam security undisclosed-recipients unsubscribe inoc postmaster privacy'.split(' '),
);

// What 2026-09 calls required, empty ones included (PublicSingleSendRequestEgg, PublicSingleSendEmail); before it only two.
const requestFields = ['contactProperties', 'customProperties', 'emailId', 'message'];
const messageFields = ['bcc', 'cc', 'replyTo'];

type Fields = Record<string, unknown>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function requireFields(fields: Fields, names: string[]): void {
  const missing = names.filter((name) => fields[name] === undefined || fields[name] === null);
  if (missing.length > 0)
    throw invalid(`Invalid input JSON: some required fields were not set: [${missing.join(', ')}]`);
}

function refuseOthers(fields: Fields, known: string[]): void {
  const unknown = Object.keys(fields).filter((name) => !known.includes(name));
  if (unknown.length > 0) throw invalid(`Invalid input JSON: unknown fields: [${unknown.join(', ')}]`);
}

function readLists(message: Fields): void {
  for (const name of messageFields) {
    const list = message[name];
    if (list !== undefined && (!Array.isArray(list) || list.some((one) => typeof one !== 'string')))
      throw invalid(`Invalid input JSON: message.${name} must be a list of addresses`);
  }
}

type Asked = {
  emailId: string;
  to: string;
  from: string | null;
  sendId: string | null;
  customProperties: Fields;
  contactProperties: Record<string, string>;
};

function readCustomProperties(value: unknown): Fields {
  if (!isFields(value)) throw invalid('Invalid input JSON: customProperties must be an object');
  const list = Object.keys(value).find((name) => Array.isArray(value[name]));
  if (list) throw invalid(`Custom properties do not support arrays: ${list}`);
  return value;
}

function readContactProperties({ portal, world, version }: Call, value: unknown): Record<string, string> {
  const written = readWrittenProperties(value);
  if (!written) throw invalid('Invalid input JSON: contactProperties must be an object');
  const problems = findProblems(portal, 'contacts', written, {}, version >= '2026-09');
  if (problems.length > 0)
    throw new Refusal({ status: 400, body: propertyErrorBody(portal.id, problems, world.quirks) });
  return written;
}

function readText(fields: Fields, name: string): string | null {
  const value = fields[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw invalid(`Invalid input JSON: message.${name} must be a string`);
  return value;
}

function readAsked(call: Call): Asked {
  const { body, version } = call;
  if (!isFields(body)) throw invalid('Invalid input JSON: an object is needed');
  requireFields(body, version >= '2026-09' ? requestFields : ['emailId', 'message']);
  refuseOthers(body, requestFields);
  const { emailId, message, customProperties = {}, contactProperties = {} } = body;
  if (typeof emailId !== 'number' || !Number.isSafeInteger(emailId))
    throw invalid('Invalid input JSON: emailId must be a whole number');
  if (!isFields(message)) throw invalid('Invalid input JSON: message must be an object');
  requireFields(message, version >= '2026-09' ? messageFields : []);
  refuseOthers(message, [...messageFields, 'from', 'sendId', 'to']);
  readLists(message);
  const to = readText(message, 'to');
  if (to === null) throw invalid('Invalid input JSON: some required fields were not set: [to]');
  return {
    emailId: String(emailId),
    to,
    from: readText(message, 'from'),
    sendId: readText(message, 'sendId'),
    customProperties: readCustomProperties(customProperties),
    contactProperties: readContactProperties(call, contactProperties),
  };
}

export function wentOut(send: SingleSend): boolean {
  return send.sendResult === 'SENT' || send.sendResult === 'QUEUED';
}

function isReachable(address: string): boolean {
  return isMailAddress(address) && !rolePrefixes.has(address.slice(0, address.indexOf('@')).toLowerCase());
}

/** How a send ends; `CANCELED` is a status of its own and has no result. */
function decideResult(world: World, portal: PortalState, asked: Asked): string {
  const { sendId, emailId, from, to, customProperties } = asked;
  // A sendId is used up by a mail that went out; one that failed may be sent again.
  if (sendId !== null && portal.sends.some((send) => send.sendId === sendId && wentOut(send)))
    return world.quirks.repeatedSendResult;
  const ordered = portal.nextSendResults.shift();
  if (ordered) return ordered;
  const email = portal.marketingEmails.find((candidate) => candidate.id === emailId);
  if (!email?.publishedForSingleSend) return 'MISSING_CONTENT';
  if (from !== null && !/^[^<>]*<?[^\s<>@]+@[^\s<>@]+>?$/.test(from)) return 'INVALID_FROM_ADDRESS';
  if (!isReachable(to)) return 'INVALID_TO_ADDRESS';
  const filled = (name: string) => customProperties[name] !== undefined && customProperties[name] !== '';
  return email.requiredCustomProperties.every(filled) ? 'SENT' : 'MISSING_TEMPLATE_PROPERTIES';
}

function print(send: SingleSend) {
  const ended = send.status === 'COMPLETE' || send.status === 'CANCELED';
  return {
    status: send.status,
    statusId: send.statusId,
    requestedAt: isoTime(send.at),
    ...(send.status === 'PENDING' ? {} : { startedAt: isoTime(send.at) }),
    ...(ended ? { completedAt: isoTime(send.at) } : {}),
    ...(ended && send.sendResult ? { sendResult: send.sendResult } : {}),
    ...(ended && wentOut(send) ? { eventId: { id: send.eventId, created: isoTime(send.at) } } : {}),
  };
}

/** Moves on to COMPLETE once nothing holds it back. */
function settle(world: World, send: SingleSend): void {
  if (send.looksLeft > 0 || world.delayNow() < send.pendingUntil) return;
  send.status = send.sendResult === null ? 'CANCELED' : 'COMPLETE';
}

function requireAddOn(portal: PortalState): void {
  if (!portal.transactionalAddOn) throw missingScopes([transactionalScope]);
}

/** `POST /marketing/transactional/{v}/single-email/send`: 200 whatever becomes of the mail; the status tells. */
export function sendSingleEmail(call: Call): Answer {
  const { world, portal, source } = call;
  requireAddOn(portal);
  const asked = readAsked(call);
  const result = decideResult(world, portal, asked);
  const { singleSendLooks, singleSendMs } = world.quirks;
  const send: SingleSend = {
    sendId: asked.sendId,
    emailId: asked.emailId,
    to: asked.to,
    at: world.now(),
    statusId: dashedId(world),
    status: 'PENDING',
    sendResult: result === 'CANCELED' ? null : result,
    customProperties: asked.customProperties,
    eventId: dashedId(world),
    looksLeft: singleSendLooks,
    pendingUntil: singleSendMs > 0 ? world.delayNow() + singleSendMs : 0,
  };
  settle(world, send);
  portal.sends.push(send);
  if (wentOut(send)) {
    const contact = ensureContact(world, portal, { address: asked.to }, source);
    const properties = asked.contactProperties;
    if (Object.keys(properties).length > 0) updateRecord(world, portal, 'contacts', contact, { properties, source });
  }
  return { status: 200, body: print(send) };
}

/** `GET /marketing/v3/email/send-statuses/{statusId}`: the one path without a dated twin. */
export function getSendStatus({ world, portal, params }: Call): Answer {
  requireAddOn(portal);
  const send = portal.sends.find((candidate) => candidate.statusId === params.statusId);
  if (!send) throw notFound();
  if (send.status === 'PENDING' || send.status === 'PROCESSING') {
    send.looksLeft = Math.max(0, send.looksLeft - 1);
    send.status = 'PROCESSING';
    settle(world, send);
  }
  return { status: 200, body: print(send) };
}
