// The emulator's whole memory as one plain JSON value, so that it can be written to a file and read back.

import type { Quirks } from './world.ts';

export type ObjectType = 'tickets' | 'emails' | 'contacts' | 'notes' | 'tasks';

/** Who made a change: `CRM_UI` + `userId:<n>`, `INTEGRATION` + app id, ... (DATA.md 1.3). */
export type Source = { type: string; id: string | null };
export type HistoryEntry = { value: string; timestamp: number; sourceType: string; sourceId: string | null };

/** A CRM record. Times are epoch milliseconds; property values are strings, an absent one is null in answers. */
export type CrmRecord = {
  id: string;
  createdAt: number;
  updatedAt: number;
  archivedAt: number | null;
  properties: Record<string, string>;
  /** Newest first, of properties that changed since the creation; `historyOf` knows the others. */
  history: Record<string, HistoryEntry[]>;
  mergedInto: string | null;
  /** What search still shows while the index lags behind the last change; null = nothing yet. */
  indexed: { properties: Record<string, string>; updatedAt: number } | null;
};

export type Link = { id: string; category: string; typeId: number };

/** One element of a thread's message list, kept exactly as HubSpot prints it. */
export type Item = { id: string; type: string; createdAt: string; [field: string]: unknown };

export type Thread = {
  id: string;
  status: 'OPEN' | 'CLOSED';
  inboxId: string;
  channelId: string;
  channelAccountId: string;
  contactId: string;
  createdAt: number;
  closedAt: number | null;
  assignedTo: string | null;
  spam: boolean;
  archived: boolean;
  latestMessageAt: number | null;
  latestReceivedAt: number | null;
  latestSentAt: number | null;
  ticketId: string | null;
  /** The messages an app sent through the API; no field of them says so for certain (DATA.md 9, item 11). */
  appMessageIds: string[];
  /** Its 0-49 activities, in a portal that makes them. */
  twinIds: string[];
  /** Message-IDs of imported mails by item id; other items have one made of their own id. */
  mailIds?: Record<string, string>;
  /** In order of arrival; lists are sorted by `createdAt`. */
  items: Item[];
};

export type Stage = { id: string; label: string; ticketState: 'OPEN' | 'CLOSED' };
export type Pipeline = { id: string; label: string; stages: Stage[] };
/** A person of the team. The owner id is not the user id (DATA.md 6). */
export type User = {
  userId: string;
  ownerId: string;
  email: string;
  firstName: string;
  lastName: string;
  /** Super admin, or App Marketplace access: may install apps (PLATFORM.md 4.1). Absent in older files = true. */
  mayManageApps?: boolean;
};
export type Inbox = { id: string; name: string; type: 'INBOX' | 'HELP_DESK' };
export type ChannelAccount = { id: string; channelId: string; inboxId: string; name: string; address: string };

/** An email of the portal's marketing tool; only one published for it can be sent singly (DATA.md 5). */
export type MarketingEmail = {
  id: string;
  name: string;
  publishedForSingleSend: boolean;
  /** `{{custom.NAME}}` values its template cannot do without. */
  requiredCustomProperties: string[];
};

/** One accepted single send (DATA.md 5), whatever came of it. */
export type SingleSend = {
  sendId: string | null;
  emailId: string;
  to: string;
  at: number;
  statusId: string;
  status: 'PENDING' | 'PROCESSING' | 'CANCELED' | 'COMPLETE';
  /** How it ends; told once the status is COMPLETE. Null when it was cancelled. */
  sendResult: string | null;
  customProperties: Record<string, unknown>;
  eventId: string;
  /** Status looks that are still answered with something unfinished, and until when (epoch ms, as delays are counted). */
  looksLeft: number;
  pendingUntil: number;
};

/** HubSpot's own status automation of one pipeline: the stages it moves a ticket to, `delayMs` after the message. */
export type OwnStatusAutomation = { outgoing?: string; incoming?: string; delayMs?: number };

export type PortalState = {
  id: string;
  domain: string;
  timeZone: string;
  uiDomain: string;
  users: User[];
  inboxes: Inbox[];
  channelAccounts: ChannelAccount[];
  pipelines: Pipeline[];
  /** HubSpot's own "create tickets for new conversations": milliseconds after the message, null = off. */
  ticketDelayMs: number | null;
  /**
   * Mail sent from a contact record is associated with that contact's open tickets (DATA.md 2.5): never, always, or
   * `some`: only where the contact has exactly one.
   */
  automaticAssociation: boolean | 'some';
  /**
   * What tells mail composed on a ticket from mail composed on a contact (DATA.md 7a, A5: unknown): nothing,
   * `hs_object_source_detail_1`, or `hs_email_encoded_email_associations_request`.
   */
  fingerprints: 'none' | 'detail' | 'associations-request';
  /** By pipeline id; HubSpot's own toggles (DATA.md 8). */
  ownStatusAutomation: Record<string, OwnStatusAutomation>;
  /** Without it nobody may hold `transactional-email` (PLATFORM.md 4.6). */
  transactionalAddOn: boolean;
  marketingEmails: MarketingEmail[];
  sends: SingleSend[];
  /** What the next single sends, and the next messages of an app, come to; a test orders it. */
  nextSendResults: string[];
  nextMessageStatuses: string[];
  /** Mail through a team address also leaves a 0-49 activity (DATA.md 9, item 2: unknown). */
  twins: boolean;
  /** Properties a ticket must have to enter a stage: people are asked, the API is refused from 2026-09 on (PLATFORM.md 1). */
  requiredForStage: Record<string, string[]>;
  objects: Record<ObjectType, Record<string, CrmRecord>>;
  /** Keyed `fromType:fromId:toType`, both directions kept. */
  links: Record<string, Link[]>;
  threads: Record<string, Thread>;
  /** Which thread an imported mail belongs to, by its Message-ID; absent = none was imported yet. */
  mailThreads?: Record<string, string>;
  install: { scopes: string[]; userId: string; installedAt: number } | null;
  /** The scopes of an install that has ended. */
  endedScopes?: string[];
  /** Switches of this portal alone (world.ts); absent = as everywhere. */
  quirks?: Partial<Quirks>;
};

/** One of the clock's two times: moved by so much against its base, or held at one moment. */
export type Line = { movedMs: number; heldAt: number | null };
export type ClockState = { dates: Line; delays: Line };

export type Grant = { portalId: string; userId: string; scopes: string[] };

/** A webhook event that waits for its delivery: everything but `attemptNumber`, ids as decimal strings. */
export type WaitingEvent = { portalId: string; fields: Record<string, unknown> };
/** A delivery that failed and is tried again at `dueAt` (epoch milliseconds). */
export type WaitingDelivery = { portalId: string; events: WaitingEvent[]; attempt: number; dueAt: number };

/** Something the portal does by itself a little later. */
export type LaterTask =
  | { kind: 'create-ticket'; portalId: string; threadId: string; dueAt: number }
  | { kind: 'associate-email'; portalId: string; emailId: string; ticketIds: string[]; userId: string; dueAt: number }
  | { kind: 'own-status'; portalId: string; ticketId: string; stageId: string; dueAt: number }
  | { kind: 'queue-event'; portalId: string; event: WaitingEvent; dueAt: number };

/** Grows when this file's types change: an older data file is refused, not misread. */
export const stateFormat = 5;
/** 4 kept every property's history from its creation on, which reads the same; its file is written anew at the first change. */
export const readableFormats = [4, stateFormat];

export type State = {
  format: number;
  lastIds: Record<string, number>;
  portals: Record<string, PortalState>;
  codes: Record<string, Grant & { redirectUri: string; expiresAt: number }>;
  accessTokens: Record<string, Grant & { expiresAt: number }>;
  refreshTokens: Record<string, Grant>;
  waitingEvents: WaitingEvent[];
  waitingDeliveries: WaitingDelivery[];
  later: LaterTask[];
  /** Absent = never moved. */
  clock?: ClockState;
};

export function emptyState(): State {
  return {
    format: stateFormat,
    lastIds: {},
    portals: {},
    codes: {},
    accessTokens: {},
    refreshTokens: {},
    waitingEvents: [],
    waitingDeliveries: [],
    later: [],
  };
}

// Ranges of the recordings: ids have nine digits and more, and kinds do not share a range.
const firstIds: Record<string, number> = {
  tickets: 1_401_690_016,
  emails: 77_033_339_604,
  contacts: 247_729_059_090,
  notes: 30_652_613_125,
  tasks: 31_652_613_125,
  threads: 11_178_480_985,
  inboxes: 948_000_001,
  channelAccounts: 4_021_198_932,
  users: 47_300_001,
  owners: 52_550_153,
  marketingEmails: 61_500_221_001,
};

/** Ids grow by gaps and are never given twice, not even in different portals. */
export function takeId(state: State, kind: string, random: () => number): string {
  const last = state.lastIds[kind] ?? firstIds[kind] ?? 500_000_001;
  const next = last + 1 + Math.floor(random() * 997);
  state.lastIds[kind] = next;
  return String(next);
}
