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
  | { kind: 'merge'; type: ObjectType; primaryId: string; mergedId: string; source: Source }
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

/** The portal, or an error that says what to do. */
export function getPortal(world: World, portalId: string): PortalState {
  const portal = world.state.portals[portalId];
  if (!portal) throw new Error(`emulator: no portal ${portalId}; call addPortal({ portalId }) first`);
  return portal;
}
