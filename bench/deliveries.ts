// Webhook deliveries as HubSpot sends them, signed ahead of time, with the rows that Baton makes of them.
import { createHmac } from 'node:crypto';
import type { Event } from '../src/crm.ts';
import { packEvent, seenSlot } from '../src/db/events.ts';
import { parseDelivery } from '../src/hubspot/events.ts';

export type Delivery = {
  body: Buffer;
  headers: Record<string, string>;
  parsed: Event[];
  /** The same events as columns of `seen` and `inbox`. */
  rows: { portalIds: string[]; keys: string[]; slots: number[]; events: string[] };
};

/** The most HubSpot puts into one POST (PLATFORM.md 2.6). */
export const eventsPerDelivery = 100;

let lastId = 1_000_000;

/** Of five events three are messages; a mailbox email brings two, its creation and its association with a ticket. */
function makeElement(portalId: string, index: number, occurredAt: number): Record<string, unknown> {
  lastId += 1;
  const shared = {
    eventId: lastId,
    subscriptionId: 2_371_671 + (index % 5),
    portalId: Number(portalId),
    appId: 2_000_001,
    occurredAt,
    attemptNumber: 0,
  };
  if (index % 5 === 3) {
    const creation = { subscriptionType: 'object.creation', objectId: lastId, objectTypeId: '0-49' };
    return { ...shared, ...creation, changeFlag: 'CREATED', changeSource: 'CRM_UI', sourceId: 'userId:77' };
  }
  if (index % 5 === 4) {
    const ends = { fromObjectId: lastId - 1, fromObjectTypeId: '0-49', toObjectId: lastId, toObjectTypeId: '0-5' };
    const type = { associationTypeId: 224, associationCategory: 'HUBSPOT_DEFINED', associationRemoved: false };
    return { ...shared, subscriptionType: 'object.associationChange', ...ends, ...type, changeSource: 'USER' };
  }
  const message = { objectId: lastId, messageId: `${lastId}`.padStart(32, 'a'), messageType: 'MESSAGE' };
  return { ...shared, subscriptionType: 'conversation.newMessage', ...message, changeFlag: 'NEW_MESSAGE' };
}

/** `count` deliveries of 100 events nobody has seen, each of one portal, taken in turn. `url` is what HubSpot signs. */
export function makeDeliveries(
  count: number,
  portalIds: string[],
  signing: { secret: string; url: string },
): Delivery[] {
  const at = Date.now();
  return Array.from({ length: count }, (_, number) => {
    const portalId = portalIds[number % portalIds.length] as string;
    const elements = Array.from({ length: eventsPerDelivery }, (_each, index) => makeElement(portalId, index, at));
    const body = Buffer.from(JSON.stringify(elements));
    const mac = createHmac('sha256', signing.secret).update(`POST${signing.url}`).update(body).update(String(at));
    const { events } = parseDelivery(body);
    return {
      body,
      headers: {
        'content-type': 'application/json',
        'content-length': String(body.length),
        'x-hubspot-signature-v3': mac.digest('base64'),
        'x-hubspot-request-timestamp': String(at),
      },
      parsed: events,
      rows: {
        portalIds: events.map((event) => event.portalId),
        keys: events.map((event) => event.key),
        slots: events.map((event) => seenSlot(event.occurredAt)),
        events: events.map(packEvent),
      },
    };
  });
}
