// Webhook deliveries, read leniently: each element becomes an Event of ids, flags and times, or is counted as malformed.
import { hash } from 'node:crypto';
import type { Event } from '../crm.ts';
import { BatonError } from '../errors.ts';
import { parseJson } from './json.ts';

export type Delivery = { events: Event[]; malformed: number };

type Element = Record<string, unknown>;

/** HubSpot's object type ids (PLATFORM.md 2.3, 2.4). */
const ticketType = '0-5';
const emailType = '0-49';

const maxId = 2n ** 63n - 1n;
/** Within JavaScript's dates and PostgreSQL's timestamptz. */
const maxTime = Date.UTC(9999, 11, 31);

/**
 * Reads the raw body of a delivery. Throws BatonError `bad-request` when it is not JSON and `not-an-array` when it is
 * something else than an array; an element that is no event is counted in `malformed` and never loses the others.
 * `deliveryId` goes into every event, so that what is done about it can be traced back to the request that told of it.
 */
export function parseDelivery(raw: Buffer, deliveryId?: string): Delivery {
  let body: unknown;
  try {
    const text = raw.toString('utf8');
    body = JSON.parse(text);
    // Looking at the values costs a tenth of scanning the text for long numbers, as parseJson does for nested answers.
    if (Array.isArray(body) && body.some(holdsLongNumber)) body = parseJson(text);
  } catch {
    // The parser's own message quotes the text, which may hold an address: it is not passed on.
    throw new BatonError('bad-request', { detail: 'The body is not JSON.' });
  }
  return readDelivery(body, deliveryId);
}

/** Whether parsing has rounded some number of an element: an id beyond 2^53. */
function holdsLongNumber(element: unknown): boolean {
  const isLong = (value: unknown) => typeof value === 'number' && !Number.isSafeInteger(value);
  if (!isElement(element)) return false;
  return Object.values(element).some((value) => isLong(value) || (Array.isArray(value) && value.some(isLong)));
}

/** As parseDelivery, for a body already parsed (ids beyond 2^53 must then be strings, or they are malformed). */
export function readDelivery(body: unknown, deliveryId?: string): Delivery {
  if (!Array.isArray(body)) throw new BatonError('not-an-array');
  const events: Event[] = [];
  for (const element of body) {
    const event = isElement(element) ? readEvent(element) : undefined;
    if (event) events.push(deliveryId === undefined ? event : { ...event, deliveryId });
  }
  return { events, malformed: body.length - events.length };
}

function readEvent(element: Element): Event | undefined {
  const portalId = readId(element.portalId);
  // Deliveries say `subscriptionType`; the docs' table and one example say `eventType` (PLATFORM.md 2.4).
  const subscriptionType = readText(element.subscriptionType ?? element.eventType, 64);
  const occurredAt = readTime(element.occurredAt);
  if (portalId === null || portalId === '0' || subscriptionType === null || occurredAt === null) return undefined;
  const meaning = readMeaning(element, subscriptionType);
  if (meaning === undefined) return undefined;
  return {
    portalId,
    key: duplicateKey(element, subscriptionType),
    kind: 'ignored',
    subscriptionType,
    occurredAt,
    threadId: null,
    messageId: null,
    messageType: null,
    emailId: null,
    ticketId: null,
    contactId: null,
    removed: false,
    mergedTicketIds: [],
    stageId: null,
    changeSource: readText(element.changeSource, 64),
    sourceId: readText(element.sourceId, 128),
    ...meaning,
  };
}

/** What the element tells; an empty object = nothing Baton acts on, undefined = it lacks the ids its type must carry. */
function readMeaning(element: Element, subscriptionType: string): Partial<Event> | undefined {
  const [subject = '', change = ''] = subscriptionType.split('.', 2);
  const objectTypeId = subject === 'ticket' ? ticketType : subject === 'object' ? element.objectTypeId : undefined;
  if (change === 'associationChange') return readAssociation(element);
  if (objectTypeId === ticketType) return readTicketChange(element, change);
  if (objectTypeId === emailType) return readEmailChange(element, change);
  if (subject === 'conversation') return readConversationChange(element, change);
  if (subscriptionType === 'contact.privacyDeletion') {
    return withId(element.objectId, (contactId) => ({ kind: 'contact-erased', contactId }));
  }
  return {};
}

function readTicketChange(element: Element, change: string): Partial<Event> | undefined {
  switch (change) {
    case 'creation':
      return withId(element.objectId, (ticketId) => ({ kind: 'ticket-created', ticketId }));
    case 'deletion':
      return withId(element.objectId, (ticketId) => ({ kind: 'ticket-deleted', ticketId }));
    case 'merge':
      return readMerge(element);
    case 'propertyChange':
      if (element.propertyName !== 'hs_pipeline_stage') return {};
      return withId(element.objectId, (ticketId) => ({
        kind: 'ticket-stage',
        ticketId,
        stageId: readText(element.propertyValue, 128),
      }));
    default:
      return {};
  }
}

/** `newObjectId` may differ from the primary (PLATFORM.md 2.4): then the primary was merged away too. */
function readMerge(element: Element): Partial<Event> | undefined {
  const primary = element.primaryObjectId ?? element.objectId;
  return withId(element.newObjectId ?? primary, (ticketId) => {
    const merged = Array.isArray(element.mergedObjectIds) ? element.mergedObjectIds : [];
    const ids = [primary, ...merged].map(readId).filter((id) => id !== null && id !== ticketId);
    return { kind: 'ticket-merged', ticketId, mergedTicketIds: [...new Set(ids)] as string[] };
  });
}

function readEmailChange(element: Element, change: string): Partial<Event> | undefined {
  // An email is SCHEDULED or SENDING before it is SENT (DATA.md 2.2): the change of its status is news, others are not.
  const news = change === 'creation' || (change === 'propertyChange' && element.propertyName === 'hs_email_status');
  return news ? withId(element.objectId, (emailId) => ({ kind: 'email', emailId })) : {};
}

/** HubSpot tells of an association from either side, or from both (PLATFORM.md 2.7). */
function readAssociation(element: Element): Partial<Event> | undefined {
  const from = element.fromObjectTypeId;
  const to = element.toObjectTypeId;
  const outward = from === emailType && to === ticketType;
  if (!outward && !(from === ticketType && to === emailType)) return {};
  const emailId = readId(outward ? element.fromObjectId : element.toObjectId);
  const ticketId = readId(outward ? element.toObjectId : element.fromObjectId);
  if (emailId === null || ticketId === null) return undefined;
  return { kind: 'email-association', emailId, ticketId, removed: element.associationRemoved === true };
}

function readConversationChange(element: Element, change: string): Partial<Event> | undefined {
  switch (change) {
    case 'newMessage':
      return withId(element.objectId, (threadId) => {
        const messageId = readText(element.messageId, 128);
        if (messageId === null) return undefined;
        return { kind: 'message', threadId, messageId, messageType: readText(element.messageType, 64) };
      });
    case 'creation':
      return withId(element.objectId, (threadId) => ({ kind: 'conversation', threadId }));
    case 'privacyDeletion':
      return withId(element.objectId, (threadId) => ({ kind: 'thread-erased', threadId }));
    default:
      // `conversation.deletion` too: a deleted thread is archived for 30 days (DATA.md 3.2), only privacyDeletion erases (PLATFORM.md 2.7).
      return {};
  }
}

/** Every field but `attemptNumber`, which a retry changes (PLATFORM.md 2.6). The value is hashed, never kept. */
const keyFields = [
  'portalId',
  'subscriptionId',
  'eventId',
  'occurredAt',
  'objectId',
  'messageId',
  'propertyName',
  'propertyValue',
  'fromObjectId',
  'toObjectId',
] as const;

/** 32 hex digits of SHA-256 over a JSON array: unambiguous, whatever the fields hold; an id is the same as number or string. */
function duplicateKey(element: Element, subscriptionType: string): string {
  const fields = keyFields.map((field) => {
    const value = element[field];
    return typeof value === 'number' || typeof value === 'string' ? String(value) : null;
  });
  return hash('sha256', JSON.stringify([subscriptionType, ...fields]), 'hex').slice(0, 32);
}

function withId(value: unknown, use: (id: string) => Partial<Event> | undefined): Partial<Event> | undefined {
  const id = readId(value);
  return id === null ? undefined : use(id);
}

/** A whole number up to 2^63 - 1 as its digits (a PostgreSQL bigint); null for everything else. */
function readId(value: unknown): string | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? String(value) : null;
  if (typeof value !== 'string' || !/^\d{1,19}$/.test(value)) return null;
  const id = BigInt(value);
  return id <= maxId ? String(id) : null;
}

/** A text PostgreSQL can keep as JSON: no NUL, no half of a surrogate pair, not longer than any real one. */
function readText(value: unknown, maxLength: number): string | null {
  if (typeof value !== 'string' || value === '' || value.length > maxLength) return null;
  return value.includes('\0') || !value.isWellFormed() ? null : value;
}

function readTime(value: unknown): Date | null {
  const ms = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof ms === 'number' && Number.isSafeInteger(ms) && ms >= 0 && ms <= maxTime ? new Date(ms) : null;
}

function isElement(value: unknown): value is Element {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
