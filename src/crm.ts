// The nouns of HubSpot's world as Baton uses them, already parsed: ids are strings, times are Dates. Types only.

/** Whether the portal's OAuth grant still works: `revoked` = HubSpot refused the refresh token, `uninstalled` = by Baton's own disconnect. */
export type PortalStatus = 'installed' | 'revoked' | 'uninstalled';

export type Portal = {
  id: string;
  status: PortalStatus;
  /** The customer's own domain (`hub_domain`), null when HubSpot did not say. */
  domain: string | null;
  /** Host of the portal's HubSpot pages, e.g. `app-eu1.hubspot.com`. */
  uiDomain: string;
  /** IANA name, e.g. `Europe/Paris`. */
  timeZone: string;
  scopes: string[];
  installedAt: Date;
  /** How long its records are kept. */
  retentionDays: number;
};

export type Stage = { id: string; label: string; closed: boolean };
export type Pipeline = { id: string; label: string; stages: Stage[] };

/** One entry of the stage's property history, newest first in lists. `sourceType` e.g. CRM_UI, INTEGRATION, API (an open set). */
export type StageChange = { stageId: string; at: Date; sourceType: string; sourceId: string | null };

export type Ticket = {
  id: string;
  pipelineId: string;
  stageId: string;
  createdAt: Date;
  /** Thread the ticket was created from; null for a ticket made by hand, form or API. */
  originatingThreadId: string | null;
  originatingMessageId: string | null;
  originatingEmailId: string | null;
  lastClosedAt: Date | null;
  /** How many conversation threads HubSpot counts on it; null when the property is absent. */
  threadCount: number | null;
  mergedIds: string[];
  /** Newest first. Empty when it was not asked for. */
  stageHistory: StageChange[];
};

export type Contact = { id: string /** lower case: `email` and `hs_additional_emails` */; addresses: string[] };
export type Owner = {
  id: string;
  userId: string | null;
  email: string | null;
  firstName: string | null;
  lastName: string | null;
};
export type ChannelAccount = { id: string; channelId: string; inboxId: string | null; name: string };

export type Thread = {
  id: string;
  ticketId: string | null;
  contactId: string | null;
  channelId: string;
  channelAccountId: string | null;
  spam: boolean;
  archived: boolean;
  /** `latestMessageTimestamp`; null when HubSpot does not say. */
  latestMessageAt: Date | null;
};

/** Somebody named on a message. `actorId` e.g. `A-1` agent, `V-1` visitor, `I-1` app, `L-`, `B-`, `S-hubspot`, `E-x`; null when unresolved. */
export type Party = {
  actorId: string | null;
  address: string | null;
  field: 'FROM' | 'TO' | 'CC' | 'BCC' | null;
  /** As HubSpot prints it, for a contact made from a sender; may be an address. Absent where HubSpot says none. */
  name?: string;
};

/** One item of a thread's list. Texts and addresses live in memory only: they never reach a table, a log or an error. */
export type Message = {
  id: string;
  threadId: string;
  /** MESSAGE, COMMENT, WELCOME_MESSAGE, ASSIGNMENT, THREAD_STATUS_CHANGE, ... (an open set) */
  type: string;
  createdAt: Date;
  createdBy: string | null;
  direction: 'INCOMING' | 'OUTGOING' | null;
  /** HUBSPOT, INTEGRATION, SYSTEM, UNKNOWN */
  clientType: string | null;
  integrationAppId: string | null;
  /** SENT, RECEIVED, READ, FAILED, ...; null when absent */
  status: string | null;
  channelId: string | null;
  channelAccountId: string | null;
  senders: Party[];
  recipients: Party[];
  subject: string | null;
  text: string | null;
  html: string | null;
  archived: boolean;
};

/** An email activity (0-49). */
export type Email = {
  id: string;
  createdAt: Date;
  /** `hs_timestamp`: the time on the timeline; null when absent. */
  sentAt: Date | null;
  /** EMAIL, INCOMING_EMAIL, FORWARDED_EMAIL, ... */
  direction: string | null;
  /** BOUNCED, FAILED, SCHEDULED, SENDING, SENT, ... */
  status: string | null;
  fromAddress: string | null;
  toAddresses: string[];
  ownerId: string | null;
  createdByUserId: string | null;
  /** `hs_object_source`: EMAIL (mailbox sync), CRM_UI, INTEGRATION, ... */
  objectSource: string | null;
  objectSourceId: string | null;
  emailThreadId: string | null;
  outOfOffice: boolean;
  subject: string | null;
  text: string | null;
  html: string | null;
};

/** What Baton understands of one webhook element. `ignored` = well formed, but nothing Baton acts on; `sweep` = Baton's own, by its clock. */
export type EventKind =
  | 'sweep'
  | 'message'
  | 'conversation'
  | 'thread-erased'
  | 'email'
  | 'email-association'
  | 'ticket-created'
  | 'ticket-stage'
  | 'ticket-deleted'
  | 'ticket-merged'
  | 'contact-erased'
  | 'workflow-look'
  | 'workflow-notification'
  | 'ignored';

/** What a workflow's action `send-notification` is to send: the admin's text with its placeholders, never a message's. */
export type WorkflowNotification =
  | { via: 'transactional'; emailId: number }
  | { via: 'thread'; senderUserId: string; body: string };

/** One element of a delivery, reduced to ids, flags and times: property values and addresses are never kept. */
export type Event = {
  portalId: string;
  /** Duplicate key: 32 hex digits over the fields of PLATFORM.md 2.6, `attemptNumber` left out. */
  key: string;
  kind: EventKind;
  /** As HubSpot calls it, e.g. `conversation.newMessage`; at most 64 characters. */
  subscriptionType: string;
  occurredAt: Date;
  threadId: string | null;
  messageId: string | null;
  /** MESSAGE, COMMENT, WELCOME_MESSAGE; null for other kinds. */
  messageType: string | null;
  emailId: string | null;
  ticketId: string | null;
  contactId: string | null;
  /** For `email-association`: whether the association was removed. */
  removed: boolean;
  /** For `ticket-merged`: the tickets that were merged away; `ticketId` is the survivor. */
  mergedTicketIds: string[];
  /** For `ticket-stage`: the stage entered. */
  stageId: string | null;
  /** `changeSource` and `sourceId` (e.g. INTEGRATION + app id = an echo of our own write); null when absent. */
  changeSource: string | null;
  sourceId: string | null;
  /** For `workflow-notification` alone. */
  notification?: WorkflowNotification;
  /** The correlation id of the delivery that first told of it; absent for what Baton found or made itself. */
  deliveryId?: string;
};
