// Turns a change into webhook events, one for each subscription that asked for it (PLATFORM.md 2.2 to 2.4).
import { findObjectType, objectTypes } from './object-types.ts';
import type { PortalState, Source, WaitingEvent } from './state.ts';
import type { Change, Quirks } from './world.ts';

/** As in webhooks-hsmeta.json; `objectType` with `object.*` only, `propertyName` with `*.propertyChange` only. */
export type Subscription = { subscriptionType: string; objectType?: string; propertyName?: string; active?: boolean };

export const defaultSubscriptions: Subscription[] = [
  { subscriptionType: 'object.creation', objectType: 'email' },
  { subscriptionType: 'object.associationChange', objectType: 'email' },
  { subscriptionType: 'object.propertyChange', objectType: 'email', propertyName: 'hs_email_status' },
  { subscriptionType: 'object.propertyChange', objectType: 'ticket', propertyName: 'hs_pipeline_stage' },
  { subscriptionType: 'object.creation', objectType: 'ticket' },
  { subscriptionType: 'object.deletion', objectType: 'ticket' },
  { subscriptionType: 'object.merge', objectType: 'ticket' },
  { subscriptionType: 'conversation.creation' },
  { subscriptionType: 'conversation.newMessage' },
  { subscriptionType: 'conversation.privacyDeletion' },
  { subscriptionType: 'contact.privacyDeletion' },
];

const crmKinds = ['creation', 'deletion', 'merge', 'propertyChange', 'restore', 'associationChange'];
/** The closed list of what can be subscribed to (PLATFORM.md 2.3). */
const subscribable: Record<string, string[]> = {
  ...Object.fromEntries(['company', 'deal', 'ticket', 'line_item', 'object'].map((family) => [family, crmKinds])),
  contact: [...crmKinds, 'privacyDeletion'],
  product: crmKinds.filter((kind) => kind !== 'associationChange'),
  conversation: ['creation', 'deletion', 'newMessage', 'privacyDeletion', 'propertyChange'],
  event: ['completed'],
};
/** "Not subscribable"; html and subject of emails only (PLATFORM.md 2.3). */
const silentProperties = ['num_unique_conversion_events', 'hs_lastmodifieddate'];
const silentEmailProperties = ['hs_email_html', 'hs_email_subject'];

/** Throws, as an upload to HubSpot fails, for a subscription it does not take. */
export function checkSubscriptions(subscriptions: Subscription[]): void {
  for (const { subscriptionType, objectType, propertyName } of subscriptions) {
    const [family = '', kind = ''] = subscriptionType.split('.');
    const refuse = (why: string) => new Error(`emulator: subscription ${subscriptionType}: ${why}`);
    if (!subscribable[family]?.includes(kind)) throw refuse('HubSpot has none of this type');
    if ((family === 'object') !== (objectType !== undefined))
      throw refuse('objectType goes with object.* and only there');
    if ((kind === 'propertyChange') !== (propertyName !== undefined))
      throw refuse('propertyName goes with propertyChange and only there');
    const ofEmail = findObjectType(objectType ?? '') === 'emails';
    const silent = ofEmail ? [...silentProperties, ...silentEmailProperties] : silentProperties;
    if (silent.includes(propertyName ?? '')) throw refuse(`${propertyName} cannot be subscribed to`);
  }
}

// Read scope a subscription needs to be told anything (PLATFORM.md 2.3).
function hasScope(subscription: Subscription, scopes: string[]): boolean {
  const family = subscription.subscriptionType.split('.')[0] ?? '';
  if (family === 'conversation') return scopes.includes('conversations.read');
  const type = findObjectType(family === 'object' ? (subscription.objectType ?? '') : family);
  return type !== undefined && objectTypes[type].readScopes.every((scope) => scopes.includes(scope));
}

function changeType(change: Change): string {
  if (change.kind === 'newMessage') return 'conversations';
  return change.kind === 'associationChange' ? change.fromType : change.type;
}

function fits(subscription: Subscription, change: Change): boolean {
  const [family = '', kind] = subscription.subscriptionType.split('.');
  if (subscription.active === false || kind !== change.kind) return false;
  const name = family === 'object' ? (subscription.objectType ?? '') : family;
  const type = name === 'conversation' ? 'conversations' : findObjectType(name);
  if (type !== changeType(change)) return false;
  // Privacy deletion is a hub event of contacts and conversations, not an object.* type (PLATFORM.md 2.3).
  if (family === 'object' && kind === 'privacyDeletion') return false;
  if (change.kind === 'propertyChange') return subscription.propertyName === change.name;
  // Classic association events know only pairs of the CRM's own objects, never emails (PLATFORM.md 2.3).
  if (change.kind === 'associationChange' && family !== 'object')
    return [change.fromType, change.toType].every((side) => side === 'contacts' || side === 'tickets');
  return true;
}

function sourceFields(source: Source | undefined): Record<string, unknown> {
  if (!source) return {};
  return { changeSource: source.type, ...(source.id ? { sourceId: source.id } : {}) };
}

function specificFields(change: Change, generic: boolean): Record<string, unknown> {
  const typeId =
    change.kind !== 'newMessage' && 'type' in change && change.type !== 'conversations'
      ? objectTypes[change.type].typeId
      : undefined;
  const objectTypeId = generic && typeId ? { objectTypeId: typeId } : {};
  switch (change.kind) {
    case 'newMessage':
      return {
        objectId: change.threadId,
        messageId: change.messageId,
        messageType: change.messageType,
        changeFlag: 'NEW_MESSAGE',
      };
    case 'creation':
    case 'deletion':
    case 'privacyDeletion': {
      const flag = change.kind === 'creation' ? 'CREATED' : change.kind === 'deletion' ? 'DELETED' : undefined;
      return {
        objectId: change.id,
        ...objectTypeId,
        ...(change.type !== 'conversations' && flag ? { changeFlag: flag } : {}),
        ...sourceFields(change.source),
      };
    }
    case 'propertyChange': {
      const fields = { objectId: change.id, ...objectTypeId, propertyName: change.name, propertyValue: change.value };
      return { ...fields, ...sourceFields(change.source), ...(generic ? { isSensitive: false } : {}) };
    }
    case 'merge':
      return {
        ...objectTypeId,
        primaryObjectId: change.primaryId,
        mergedObjectIds: [change.mergedId],
        newObjectId: change.newId,
        numberOfPropertiesMoved: 2,
        ...sourceFields(change.source),
      };
    case 'associationChange': {
      const from = objectTypes[change.fromType];
      const to = objectTypes[change.toType];
      const ids = { fromObjectId: change.fromId, toObjectId: change.toId };
      const shared = {
        associationRemoved: change.removed,
        isPrimaryAssociation: false,
        ...sourceFields(change.source),
      };
      if (!generic) return { ...ids, associationType: `${from.singular}_TO_${to.singular}`.toUpperCase(), ...shared };
      return {
        ...ids,
        fromObjectTypeId: from.typeId,
        toObjectTypeId: to.typeId,
        associationTypeId: change.typeId,
        associationCategory: change.category,
        ...shared,
      };
    }
  }
}

function isNewEmail(change: Change): boolean {
  return change.kind === 'creation' && change.type === 'emails';
}

/** Whether it is told after what was caused later. */
export function comesLate(change: Change, { emailEvents }: Quirks): boolean {
  return isNewEmail(change) && emailEvents === 'association-first';
}

/** What `quirks.emailEvents` and `quirks.helpDeskEvents` leave untold. */
function isTold(change: Change, portal: PortalState, quirks: Quirks): boolean {
  if (changeType(change) === 'emails') {
    const { emailEvents } = quirks;
    if (emailEvents === 'none') return false;
    if (isNewEmail(change)) return emailEvents !== 'association-only';
    return change.kind !== 'associationChange' || emailEvents !== 'creation-only';
  }
  const threadId = change.kind === 'newMessage' ? change.threadId : change.kind === 'creation' ? change.id : undefined;
  if (threadId === undefined || changeType(change) !== 'conversations') return true;
  const inboxId = portal.threads[threadId]?.inboxId;
  if (portal.inboxes.find(({ id }) => id === inboxId)?.type !== 'HELP_DESK') return true;
  return quirks.helpDeskEvents === 'all' || (quirks.helpDeskEvents === 'messages' && change.kind === 'newMessage');
}

/** The events one change causes in one portal; none without the app. `subscriptionId` follows the order of the list. */
export function makeEvents(
  subscriptions: Subscription[],
  change: Change,
  portal: PortalState,
  facts: { appId: string; occurredAt: number; eventId: () => number; quirks: Quirks },
): WaitingEvent[] {
  const { quirks } = facts;
  const scopes = portal.install?.scopes ?? (quirks.tellsAfterUninstall ? portal.endedScopes : undefined);
  if (!scopes || !isTold(change, portal, quirks)) return [];
  const events: WaitingEvent[] = [];
  subscriptions.forEach((subscription, index) => {
    if (!fits(subscription, change) || !hasScope(subscription, scopes)) return;
    const fields = {
      eventId: facts.eventId(),
      subscriptionId: 2_371_671 + index,
      portalId: portal.id,
      appId: facts.appId,
      occurredAt: facts.occurredAt,
      subscriptionType: subscription.subscriptionType,
      ...specificFields(change, subscription.subscriptionType.startsWith('object.')),
    };
    if ('changeFlag' in fields && fields.changeFlag === 'CREATED') fields.changeFlag = quirks.createdFlag;
    events.push({ portalId: portal.id, fields });
  });
  return events;
}

const numberFields = /^(portalId|appId|objectId|fromObjectId|toObjectId|primaryObjectId|newObjectId)$/;

/** Ids are JSON numbers in webhooks, printed digit by digit: a JavaScript number would round those beyond 2^53. */
export function printDelivery(
  events: WaitingEvent[],
  attemptNumber: number,
  typeField: (event: WaitingEvent) => Quirks['webhookTypeField'],
): string {
  const rawJson = (JSON as unknown as { rawJSON: (text: string) => unknown }).rawJSON;
  const printed = events.map((waiting) => {
    const event: Record<string, unknown> = {};
    for (const [field, value] of Object.entries(waiting.fields)) {
      const name = field === 'subscriptionType' ? typeField(waiting) : field;
      if (Array.isArray(value)) event[name] = value.map((id) => rawJson(String(id)));
      else event[name] = numberFields.test(name) ? rawJson(String(value)) : value;
    }
    return { ...event, attemptNumber };
  });
  return JSON.stringify(printed);
}
