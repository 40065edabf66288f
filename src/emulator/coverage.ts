// What the emulator plays and how sure that is: every route, every open question behind a quirk, and what it leaves out.
import type { Quirks } from './world.ts';

export type RouteCoverage = {
  method: string;
  /** As in routes.ts. */
  path: string;
  /** Section of PLATFORM.md (P) or DATA.md (D), or the file of HubSpot's public spec collection. */
  source: string;
  /** `partly` says what is missing, `uncertain` which quirks hold both answers. */
  status: 'emulated' | 'partly' | 'uncertain';
  missing?: string;
  quirks?: Array<keyof Quirks>;
};

type More = { missing?: string; quirks?: Array<keyof Quirks> };

function on(method: string, path: string, source: string, more: More = {}): RouteCoverage {
  const status = more.quirks ? 'uncertain' : more.missing ? 'partly' : 'emulated';
  return { method, path, source, status, ...more };
}

const objects = '/crm/objects/:v/:type';
const record = '/crm/objects/:v/:from/:id/associations';
const associations = '/crm/associations/:v/:from/:to';
const pipelines = '/crm/pipelines/:v/tickets';
const conversations = '/conversations/conversations/:v';
const threads = `${conversations}/threads`;
const threadQuirks: Array<keyof Quirks> = ['threadAssociationName', 'threadAssociationTypeId'];

export const routeCoverage: RouteCoverage[] = [
  on('POST', '/oauth/:v/token', 'P 4.2, 4.5', {
    quirks: ['rotatesRefreshTokens', 'accessTokenSeconds', 'codeSeconds', 'oauthOptionalFields'],
    missing: 'grant_type client_credentials; code_verifier is not checked',
  }),
  on('POST', '/oauth/:v/token/introspect', 'P 4.3', {
    quirks: ['oauthOptionalFields'],
    missing: 'signed_access_token is empty',
  }),
  on('POST', '/oauth/:v/token/revoke', 'P 4.3'),
  on('GET', '/oauth/v1/access-tokens/:token', 'P 4.3', { missing: 'with `legacyPaths` only' }),
  on('GET', '/oauth/v1/refresh-tokens/:token', 'P 4.3', { missing: 'with `legacyPaths` only' }),
  on('DELETE', '/oauth/v1/refresh-tokens/:token', 'P 4.3', { missing: 'with `legacyPaths` only' }),
  on('DELETE', '/appinstalls/:v/external-install', 'P 4.4'),
  on('GET', '/account-info/:v/details', 'P 4.7'),
  on('POST', `${objects}/batch/read`, 'D 4; spec 2026-09/objects.json', { quirks: ['reportsMissingIds'] }),
  on('POST', `${objects}/batch/update`, 'D 4; spec 2026-09/objects.json', {
    quirks: ['batchUpdate', 'otherPipelineStage', 'listsPropertyErrors'],
  }),
  on('POST', `${objects}/batch/create`, 'D 4; spec 2026-09/objects.json', {
    quirks: [
      'secondTicketOfThread',
      'announcesFirstStage',
      'stampsOriginatingThread',
      'threadAssociationTypeId',
      'listsPropertyErrors',
    ],
  }),
  on('POST', `${objects}/batch/upsert`, 'P 5.3; spec 2026-09/objects.json', {
    missing: 'email of contacts is the only unique property',
  }),
  on('POST', `${objects}/batch/archive`, 'D 4; spec 2026-09/objects.json'),
  on('POST', `${objects}/search`, 'D 4, P 5.1; spec 2026-09/objects.json', {
    quirks: ['searchLagMs'],
    missing: 'upper and lower case are one in every filter; relative dates are not read',
  }),
  on('POST', '/crm/objects/:v/tickets/merge', 'D 1.1; spec 2026-09/tickets.json', {
    quirks: ['mergeMakesNewTicket', 'threadsFollowMerge'],
    missing: 'the survivor keeps its own values and takes none of the other ticket',
  }),
  on('POST', '/crm/objects/:v/contacts/gdpr-delete', 'P 2.7; spec 2026-09/contacts.json', {
    missing: 'the address is free again; HubSpot blocks it',
  }),
  on('GET', objects, 'D 4; spec 2026-09/objects.json', {
    missing: 'associations come in one page, threads not at all',
  }),
  on('POST', objects, 'D 1.1, 4; spec 2026-09/objects.json', {
    quirks: [
      'secondTicketOfThread',
      'announcesFirstStage',
      'stampsOriginatingThread',
      'threadAssociationTypeId',
      'listsPropertyErrors',
    ],
  }),
  on('GET', `${objects}/:id`, 'D 1.1, 1.3, 4; spec 2026-09/objects.json', {
    quirks: ['findsAdditionalAddresses'],
    missing: 'associations come in one page, threads not at all',
  }),
  on('PATCH', `${objects}/:id`, 'D 1.1, 4; P 1; spec 2026-09/objects.json', {
    quirks: ['otherPipelineStage', 'listsPropertyErrors'],
  }),
  on('DELETE', `${objects}/:id`, 'D 1.1; spec 2026-09/objects.json', { missing: 'no purge after 90 days' }),
  on('GET', `${record}/:to`, 'D 3.4; spec 2026-03/associations.json (2026-09: beta only)', {
    quirks: ['numericToObjectIds'],
  }),
  on('PUT', `${record}/default/:to/:toId`, 'D 3.4; spec 2026-09/associations.json'),
  on('PUT', `${record}/:to/:toId`, 'D 3.4; spec 2026-09/associations.json', { missing: 'labels of a portal' }),
  on('DELETE', `${record}/:to/:toId`, 'D 3.4; spec 2026-09/associations.json'),
  on('POST', `${associations}/batch/read`, 'D 3.4', {
    quirks: [...threadQuirks, 'numericToObjectIds', 'unassociated'],
  }),
  on('POST', `${associations}/batch/create`, 'D 3.4', { quirks: [...threadQuirks, 'associatesThreadsLater'] }),
  on('POST', `${associations}/batch/archive`, 'D 0.7; spec 2026-09/associations.json'),
  on('POST', `${associations}/batch/associate/default`, 'D 3.4; spec 2026-09/associations.json'),
  on('GET', `${associations}/labels`, 'spec 2026-09/associationsSchema.json', { missing: 'labels of a portal' }),
  on('GET', pipelines, 'D 1.4', { quirks: ['printsOpenStates'] }),
  on('GET', `${pipelines}/:id`, 'D 1.4', { quirks: ['printsOpenStates'] }),
  on('GET', `${pipelines}/:id/stages`, 'D 1.4; spec 2026-09/pipelines.json', { quirks: ['printsOpenStates'] }),
  on('GET', `${pipelines}/:id/stages/:stageId`, 'D 1.4; spec 2026-09/pipelines.json', { quirks: ['printsOpenStates'] }),
  on('GET', '/crm/properties/:v/:type', 'D 1.2, 2.2, 2.3', {
    missing: 'properties are those the app can meet, not all',
  }),
  on('GET', '/crm/properties/:v/:type/:name', 'spec 2026-09/properties.json', { missing: 'as the list' }),
  on('POST', '/crm/properties/:v/:type/batch/read', 'spec 2026-09/properties.json', { missing: 'as the list' }),
  on('GET', '/crm/owners/:v', 'D 6', { missing: 'teams, queues, archived owners' }),
  on('GET', '/crm/owners/:v/:id', 'D 6', { missing: 'teams, queues, archived owners' }),
  on('GET', threads, 'D 3.2', { quirks: ['latestMessageAfterIsInclusive', 'threadsOfTicket'] }),
  on('GET', `${threads}/:id`, 'D 3.2'),
  on('PATCH', `${threads}/:id`, 'D 3.2'),
  on('DELETE', `${threads}/:id`, 'D 3.2', { missing: 'no purge after 30 days' }),
  on('PUT', `${threads}/:id/assignee`, 'spec 2026-09/conversations.json'),
  on('DELETE', `${threads}/:id/assignee`, 'spec 2026-09/conversations.json'),
  on('GET', `${threads}/:id/messages`, 'D 3.1, 3.2', {
    quirks: [
      'sparseMessagePages',
      'sameSecondOrder',
      'messageLagMs',
      'messageSort',
      'unresolvedActors',
      'unknownSenders',
    ],
  }),
  on('POST', `${threads}/:id/messages`, 'D 3.2', { quirks: ['apiMessageClientType', 'apiMessageSender'] }),
  on('GET', `${threads}/:id/messages/:messageId`, 'D 3.2; P 2.5', {
    quirks: ['messageLagMs', 'unresolvedActors', 'unknownSenders'],
  }),
  on('GET', `${threads}/:id/messages/:messageId/original-content`, 'D 3.1; spec 2026-09/conversations.json', {
    missing: 'text is never cut, so this is the same text again',
  }),
  on('GET', `${conversations}/channels`, 'D 3.1'),
  on('GET', `${conversations}/channels/:id`, 'D 3.1'),
  on('GET', `${conversations}/channel-accounts`, 'D 3.1', { missing: 'email accounts only' }),
  on('GET', `${conversations}/channel-accounts/:id`, 'D 3.1', { missing: 'email accounts only' }),
  on('GET', `${conversations}/inboxes`, 'D 3.1'),
  on('GET', `${conversations}/inboxes/:id`, 'D 3.1'),
  on('GET', `${conversations}/actors/:id`, 'D 3.1', { missing: 'bots, AI agents, E- actors' }),
  on('POST', `${conversations}/actors/batch/read`, 'D 3.1', { missing: 'bots, AI agents, E- actors' }),
  on('POST', '/marketing/transactional/:v/single-email/send', 'D 5', {
    quirks: ['repeatedSendResult', 'singleSendLooks', 'singleSendMs'],
    missing: 'templates are not rendered, no activity is left',
  }),
  on('GET', '/marketing/v3/email/send-statuses/:statusId', 'D 5', { quirks: ['singleSendLooks', 'singleSendMs'] }),
];

/** What the sheets call uncertain and another switch than a quirk holds, or none; `tested` = where the app meets it. */
export const otherUncertainties: Array<{ fact: string; source: string; switch: string; tested: string }> = [
  {
    fact: 'Mail of a team address leaves email activities',
    source: 'D 9.2',
    switch: 'portal option `twins`',
    tested: 'test/journeys/uncertain-facts.test.ts',
  },
  {
    fact: 'HubSpot puts contact-record mail on tickets',
    source: 'D 2.5',
    switch: 'portal option `automaticAssociation`',
    tested: 'test/journeys/mailbox.test.ts',
  },
  {
    fact: 'Some property tells mail of a ticket from mail of a contact',
    source: 'D 7a A5',
    switch: 'portal option `fingerprints`',
    tested: 'test/journeys/mailbox-check.test.ts',
  },
  {
    fact: "HubSpot's own toggles move tickets too",
    source: 'P 9.16; D 7c',
    switch: 'portal option `ownStatusAutomation`',
    tested: 'test/journeys/uncertain-facts.test.ts',
  },
  {
    fact: 'HubSpot makes the ticket, and how late',
    source: 'D 7d',
    switch: 'portal option `ticketsForNewConversations`',
    tested: 'test/journeys/new-conversations.test.ts',
  },
  {
    fact: 'Events come twice, out of order, under one eventId',
    source: 'P 2.4, 2.6',
    switch: 'webhook settings `duplicateRate`, `shuffles`, `repeatsEventIds`',
    tested: 'test/journeys/disorder.test.ts',
  },
  {
    fact: 'Events still on their way at an uninstall arrive',
    source: 'P 2.7',
    switch: '`webhooks.hold` and `release`',
    tested: 'test/journeys/uncertain-facts.test.ts',
  },
  {
    fact: 'Required properties refuse a write of an app',
    source: 'P 1; D 1.4',
    switch: 'portal option `requiredForStage`, version of the path',
    tested: 'test/journeys/uncertain-facts.test.ts',
  },
  {
    fact: 'Spelling of object types in the project file, journal, PKCE, headers of hubspot.fetch',
    source: 'P 10.1, 10.5 to 10.8',
    switch: 'none: no call of the app depends on it',
    tested: 'test/hubspot-project.test.ts',
  },
  {
    fact: 'What moves `hs_last_email_activity`, what `hs_thread_ids_to_restore` means',
    source: 'D 1.2, 9.1, 9.3',
    switch: 'none: the app reads neither',
    tested: 'test/hubspot/properties.test.ts',
  },
];

/** What an app may meet in HubSpot and not here; README.md holds the same lines (a test compares them). */
export const notEmulated: string[] = [
  'Answers follow the sheets, the public spec and the recordings, not a live portal.',
  'No journal, workflow actions, custom channels, custom objects, labels, lists, companies or deals.',
  'No webhooks API: subscriptions are an option, in the words of `webhooks-hsmeta.json`.',
  'No writes of pipelines and properties, no pipeline audit, no restore, no merge of contacts.',
  'Single sends render no template and leave no activity; besides role addresses, results come only by order.',
  'Properties are the ones the app can meet, not all of a portal. What moves `hs_last_email_activity` is unknown: nothing does.',
  'Contacts are not resolved from CC addresses.',
  'An association made later (`associateAfterMs`) always names the sender. Those of a ticket’s own mail go to that ticket only.',
  'Nothing is purged: threads stay after 30 days, deleted records after 90.',
  'No 414 for long URLs, and no 423 or 477 by itself: `faults` orders them.',
  'A user’s own rights do not narrow a token. No daily limit, no private apps.',
  'Undated paths (v1, v3, v4) answer only with `legacyPaths`, and v3 association batches not even then.',
];

/** Where an answer had to be chosen and nothing says so but us. */
export const chosenWithoutSource: string[] = [
  'names of HubSpot’s own sources (`CONVERSATIONS`, `AUTOMATION_PLATFORM`)',
  'error codes `READ_ONLY_VALUE`, `MISSING_REQUIRED_PROPERTY`, `INVALID_OWNER_ID` and `VALUE_TOO_LONG`',
  'a 207 with `NO_ASSOCIATIONS_FOUND` for inputs without associations',
  'duplicate ids refused in a batch update',
  'merge events without `objectId`',
  'an archived thread found by `GET` only with `archived=true`',
  'what a cancelled consent sends back',
  '403 for a consent page that refuses a user without App Marketplace access',
  'unknown fields refused in sends and messages',
  'empty required fields of the 2026-09 schema enforced for single sends',
  'a sendId left free by a send that failed',
  'the values (not the names) of a composed mail’s properties',
  '`0-11` as the type of a thread',
  '405 for a known path with another method',
  '204 for an association batch archive, and for removing an association that is none',
  'every word of a search `query` beginning some word of the record',
  '2026-03 for the versions of what v3 and v4 answered, under `legacyPaths`',
];
