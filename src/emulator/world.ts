// What every part of the emulator is given: the state, the clock, the switches, and the way to tell of a change.
import type { LaterTask, ObjectType, PortalState, Source, State } from './state.ts';

/** Where the sheets call a fact uncertain, a switch: the app must be right under either answer. All may change at any time. */
export type Quirks = {
  /** Name of threads in association paths (DATA.md 0.4, 3.4). */
  threadAssociationName: 'conversation' | 'conversations';
  /** Association id that ties a ticket to a thread: 32 "thread" or 278 "conversation"; null = HubSpot takes neither. */
  threadAssociationTypeId: 32 | 278 | null;
  /** Whether the associations API can put a thread on a ticket that exists. */
  associatesThreadsLater: boolean;
  /** A ticket created for a thread that has one (DATA.md 3.1: one each): 400, or made without the thread. */
  secondTicketOfThread: 'refuse' | 'ignore';
  /** Whether a ticket created straight into a stage also sends a property change of it (PLATFORM.md 10, item 3). */
  announcesFirstStage: boolean;
  /** Whether such a ticket gets `hs_conversations_originating_thread_id` (DATA.md 9, item 5). */
  stampsOriginatingThread: boolean;
  /** `toObjectId` printed as a number, as in the v4 documentation. */
  numericToObjectIds: boolean;
  /** Batch update with a bad input (DATA.md 4): all refused with 400 on an invalid value; never; also for an unknown id. */
  batchUpdate: 'refuse-invalid' | 'partial' | 'refuse-any';
  /** Pages of messages hold fewer rows than asked for and still have a next page (DATA.md 3.2). */
  sparseMessagePages: boolean;
  /**
   * Order of a thread's items within one second, where incoming ones have no milliseconds: as they arrived, or by the
   * printed time, which puts every incoming one first. No recording shows which.
   */
  sameSecondOrder: 'arrival' | 'createdAt';
  /** Whether `latestMessageTimestampAfter` includes the very millisecond. */
  latestMessageAfterIsInclusive: boolean;
  /** clientType of a MESSAGE sent through the API: unrecorded (DATA.md 9, item 11). */
  apiMessageClientType: 'HUBSPOT' | 'INTEGRATION';
  /** Whether `idProperty=email` also finds a contact by one of `hs_additional_emails`. */
  findsAdditionalAddresses: boolean;
  /** Source named by an association HubSpot makes by itself for a contact-record mail (DATA.md 2.5). */
  automaticAssociationSource: 'sender' | 'hubspot';
  /** sendResult of a repeated sendId (DATA.md 5: one of the two). */
  repeatedSendResult: 'IDEMPOTENT_IGNORE' | 'IDEMPOTENT_FAIL';
  /** The n-th look at a single send's status shows it COMPLETE; 0 = the POST says so already. */
  singleSendLooks: number;
  /** A single send is not COMPLETE before this many milliseconds by the clock. */
  singleSendMs: number;
  /** How long search does not know of a change (DATA.md 4: "a few moments"). */
  searchLagMs: number;
  /** How long a new message cannot be read yet (PLATFORM.md 2.5: a field integration waits 5 s). */
  messageLagMs: number;
  accessTokenSeconds: number;
  codeSeconds: number;
  /** Whether a refresh answers a new refresh token and kills the old one (PLATFORM.md 4.2: nothing promises either). */
  rotatesRefreshTokens: boolean;
  /** Whether `hub_id`, `user_id`, `scopes`, `user` and `hub_domain` are in OAuth answers: none is required (PLATFORM.md 4.2, 4.3). */
  oauthOptionalFields: boolean;
  /** What a declined consent calls back with (PLATFORM.md 10, item 4): RFC 6749's error, or nothing but the state. */
  cancelledConsent: 'error' | 'bare';
  /** What an element of a delivery calls its type: captures say one, the docs' table the other (PLATFORM.md 2.4). */
  webhookTypeField: 'subscriptionType' | 'eventType';
  /** `changeFlag` of a creation: both were seen (PLATFORM.md 2.4). */
  createdFlag: 'CREATED' | 'NEW';
  /** Whether one delivery may hold events of several portals (PLATFORM.md 10, item 9). */
  mixesPortals: boolean;
  /** What is told of a new email and its ticket, and what first (PLATFORM.md 10, items 1 and 2). */
  emailEvents: 'creation-first' | 'association-first' | 'creation-only' | 'association-only' | 'none';
  /** What is told of threads of a help desk inbox (PLATFORM.md 2.5: not confirmed that it is what an inbox tells). */
  helpDeskEvents: 'all' | 'messages' | 'none';
  /** Whether events still come after an uninstall (PLATFORM.md 2.7). */
  tellsAfterUninstall: boolean;
  /** Whether calls of workflow actions carry v3 headers beside v2 (PLATFORM.md 10, item 10). */
  signsActionsWithV3: boolean;
  /** Whether a batch read names missing ids in a 207 or just leaves them out (DATA.md 4). */
  reportsMissingIds: boolean;
  /** How an association read answers an input that has none: an error of a 207, no row, or a row without targets. */
  unassociated: 'reported' | 'left-out' | 'empty';
  /** A stage of another pipeline than the ticket's, written alone (DATA.md 4, 9.4): refused, or the pipeline follows. */
  otherPipelineStage: 'refuse' | 'follow';
  /** Whether `errors[]` repeats what the message of a refused value says (DATA.md 4). */
  listsPropertyErrors: boolean;
  /** `ticketState` is optional: whether an open stage has one, and any stage `isClosed` (DATA.md 1.4). */
  printsOpenStates: boolean;
  /** Whether the object of a merge is a new one, into which both go: `newObjectId` may differ (PLATFORM.md 2.4). */
  mergeMakesNewTicket: boolean;
  /** Whether threads of a ticket that was merged away name the survivor (DATA.md 7c, 9.8). */
  threadsFollowMerge: boolean;
  /** What the listing of threads makes of `associatedTicketId`, which one spec file lacks (DATA.md 3.2). */
  threadsOfTicket: 'filtered' | 'ignored' | 'refused';
  /** Whether message lists obey `sort`: the one recorded list is ascending (DATA.md 3.2). */
  messageSort: 'asked' | 'ascending';
  /** The actor of an address that HubSpot does not resolve: none, or `E-<address>` (DATA.md 3.1). */
  unresolvedActors: 'absent' | 'E-';
  /** An unknown address that writes in: becomes a contact, a visitor who is none, or nobody (DATA.md 3.1). */
  unknownSenders: 'contact' | 'visitor' | 'nobody';
  /** The sender of a MESSAGE sent through the API (DATA.md 9, item 11). */
  apiMessageSender: 'agent' | 'app';
  /** Whether the thread of a mail composed on a ticket with a team address is that ticket's (DATA.md 9, item 10). */
  ticketMailThread: 'associated' | 'apart';
  /** Where mail composed on a contact with a team address lands (DATA.md 9, item 9). */
  contactMailThread: 'new-thread' | 'open-thread' | 'no-thread';
  /** `hs_object_source` of a mail sent from the composer: its name is recorded, its value for such mail is not (DATA.md 2.3). */
  composerMailSource: 'CRM_UI' | 'EMAIL';
  /** Whether answers by mailbox bear the `hs_email_thread_id` of what they answer (DATA.md 7b B3). */
  mailboxThreadIds: 'shared' | 'apart' | 'absent';
  /** Whether addresses in `hs_email_headers` are written `Name<address>` (DATA.md 2.2). */
  namedMailAddresses: boolean;
};

export const defaultQuirks: Quirks = {
  threadAssociationName: 'conversation',
  threadAssociationTypeId: 32,
  associatesThreadsLater: false,
  secondTicketOfThread: 'refuse',
  announcesFirstStage: false,
  stampsOriginatingThread: false,
  numericToObjectIds: false,
  batchUpdate: 'refuse-invalid',
  sparseMessagePages: false,
  sameSecondOrder: 'arrival',
  latestMessageAfterIsInclusive: false,
  apiMessageClientType: 'HUBSPOT',
  findsAdditionalAddresses: false,
  automaticAssociationSource: 'sender',
  repeatedSendResult: 'IDEMPOTENT_IGNORE',
  singleSendLooks: 0,
  singleSendMs: 0,
  searchLagMs: 1_000,
  messageLagMs: 0,
  accessTokenSeconds: 1_800,
  codeSeconds: 60,
  rotatesRefreshTokens: false,
  oauthOptionalFields: true,
  cancelledConsent: 'error',
  webhookTypeField: 'subscriptionType',
  createdFlag: 'CREATED',
  mixesPortals: false,
  emailEvents: 'creation-first',
  helpDeskEvents: 'all',
  tellsAfterUninstall: false,
  signsActionsWithV3: true,
  reportsMissingIds: true,
  unassociated: 'reported',
  otherPipelineStage: 'refuse',
  listsPropertyErrors: true,
  printsOpenStates: true,
  mergeMakesNewTicket: false,
  threadsFollowMerge: true,
  threadsOfTicket: 'filtered',
  messageSort: 'asked',
  unresolvedActors: 'absent',
  unknownSenders: 'contact',
  apiMessageSender: 'agent',
  ticketMailThread: 'associated',
  contactMailThread: 'new-thread',
  composerMailSource: 'CRM_UI',
  mailboxThreadIds: 'shared',
  namedMailAddresses: false,
};

/** A change that subscriptions may ask for. */
export type Change =
  | {
      kind: 'creation' | 'deletion' | 'privacyDeletion';
      type: ObjectType | 'conversations';
      id: string;
      source?: Source;
    }
  | {
      kind: 'propertyChange';
      type: ObjectType | 'conversations';
      id: string;
      name: string;
      value: string;
      source?: Source;
    }
  | {
      kind: 'associationChange';
      fromType: ObjectType;
      fromId: string;
      toType: ObjectType;
      toId: string;
      typeId: number;
      category: string;
      removed: boolean;
      source: Source;
    }
  | { kind: 'merge'; type: ObjectType; primaryId: string; mergedId: string; newId: string; source: Source }
  | { kind: 'newMessage'; threadId: string; messageId: string; messageType: string };

export type AppRegistration = {
  appId: string;
  clientId: string;
  clientSecret: string;
  redirectUris: string[] | null;
  requiredScopes: string[];
  optionalScopes: string[];
};

export type World = {
  state: State;
  app: AppRegistration;
  quirks: Quirks;
  /** Epoch milliseconds of HubSpot's clock. */
  now(): number;
  /** Epoch milliseconds by which delays are counted: real time, and moved together with HubSpot's clock. */
  delayNow(): number;
  random(): number;
  /** What ids of messages, losses, repeats and order follow. */
  seed: number;
  /** Queues webhook events for a change, for every subscription that asks for it. */
  emit(portal: PortalState, change: Change): void;
  /** Does a task once its time has come, also after a restart. */
  doLater(task: LaterTask): void;
};

/** The world as one portal shows it: with the switches that are its own. */
export function worldOf(world: World, { quirks }: PortalState): World {
  if (!quirks) return world;
  // By inheritance, so that what is not its own stays what everybody's is at any time.
  return { ...world, quirks: Object.create(world.quirks, Object.getOwnPropertyDescriptors(quirks)) };
}

/** The switches of the portal an event is of. */
export function quirksFor(world: World, { portalId }: { portalId: string }): Quirks {
  const portal = world.state.portals[portalId];
  return portal ? worldOf(world, portal).quirks : world.quirks;
}

/** The portal, or an error that says what to do. */
export function getPortal(world: World, portalId: string): PortalState {
  const portal = world.state.portals[portalId];
  if (!portal) throw new Error(`emulator: no portal ${portalId}; call addPortal({ portalId }) first`);
  return portal;
}
