// What the rest of Baton may ask of HubSpot, in Baton's nouns: one PortalGateway a portal, made by createHubSpot.
import type { ChannelAccount, Contact, Email, Message, Owner, Pipeline, Thread, Ticket } from '../crm.ts';
import type { BatonError } from '../errors.ts';

export type AccountDetails = { portalId: string; uiDomain: string; timeZone: string };

export type StageMove = { ticketId: string; stageId: string };
/** How one move of a batch ended. `refused` = HubSpot's own words on why, shown to people; `unknown` = look before trying again. */
export type MoveOutcome = { ok: true; at: Date } | { ok: false; error: BatonError };

/** Objects by their names in paths. `conversations` only where associations are read. */
export type ObjectName = 'tickets' | 'emails' | 'contacts' | 'notes' | 'tasks';

export type NewTicket = {
  pipelineId: string;
  stageId: string;
  subject: string;
  /** The ticket's description; null leaves it empty. */
  content: string | null;
  contactId: string | null;
  /** The thread it is created from; null where that thread has its one HubSpot ticket already. */
  threadId: string | null;
  /** The ticket it follows. */
  followsTicketId: string | null;
};
export type NewThreadMessage = {
  /** `A-<userId>` of the agent in whose name it goes. */
  senderActorId: string;
  channelId: string;
  channelAccountId: string;
  recipients: { actorId: string | null; address: string }[];
  subject: string | null;
  text: string;
  html: string;
};
export type TransactionalSend = {
  emailId: number;
  address: string;
  sendId: string;
  /** Reach HubSpot's template as `{{custom.NAME}}`. */
  customProperties: Record<string, string>;
};
/**
 * How far a transactional send is. `fault`: `theirs` = the recipient (bounced, opted out, no such address), `ours` = set up wrongly
 * (email, sender, add-on), `later` = HubSpot asks to try again. `code` is HubSpot's sendResult; null while it is under way.
 */
export type SendStatus =
  | { state: 'pending'; statusId: string }
  | { state: 'sent'; statusId: string | null; code: string }
  | { state: 'failed'; statusId: string | null; code: string; fault: 'theirs' | 'ours' | 'later' };
/** An email or ticket as the search shows it: `sentAt` (`hs_timestamp`) is null for tickets, `stageId` for emails. */
export type ChangedObject = {
  id: string;
  createdAt: Date;
  changedAt: Date;
  sentAt: Date | null;
  stageId: string | null;
};
export type TicketProperty = {
  name: string;
  label: string;
  /** HubSpot's `type`: string, number, date, datetime, bool, enumeration. */
  type: string;
  options: { value: string; label: string }[];
};

/**
 * Calls for one portal. Every method throws BatonError with a `hubspot-*` code (or `hubspot-revoked`), waits for the
 * portal's own pace, and never waits for another portal. Reads are retried twice on transient answers; a write never is.
 */
export type PortalGateway = {
  /** Threads whose latest message is newer than `after`, oldest first, with their ticket; 500 a page. */
  listThreads(query: {
    latestMessageAfter: Date;
    cursor?: string;
  }): Promise<{ threads: Thread[]; latestMessageAt: Date | null; cursor: string | null }>;
  /** Undefined when HubSpot does not know it. Includes the ticket. */
  findThread(threadId: string): Promise<Thread | undefined>;
  /** The threads associated with a ticket. */
  listThreadsOfTicket(ticketId: string): Promise<Thread[]>;
  /**
   * The newest items of a thread, re-sorted oldest first; the order of items of the same second is HubSpot's own.
   * `complete` = the list reaches back to the thread's beginning. Reads at most `maxPages` (default 1) pages of 100.
   */
  listMessages(threadId: string, options?: { maxPages?: number }): Promise<{ messages: Message[]; complete: boolean }>;
  findMessage(threadId: string, messageId: string): Promise<Message | undefined>;
  /** Absent ids are absent from the map. 50 ids a call with stage history, 100 without. */
  readTickets(ticketIds: string[], options: { history: boolean }): Promise<Map<string, Ticket>>;
  /** By single GET, which follows a merge: the answer's id may differ from the one asked for. */
  findTicket(ticketId: string): Promise<Ticket | undefined>;
  readEmails(emailIds: string[]): Promise<Map<string, Email>>;
  readContacts(contactIds: string[]): Promise<Map<string, Contact>>;
  /** Properties by name, for templates and for looking whether an earlier try was made; null = empty. Absent ids are absent. */
  readProperties(type: ObjectName, ids: string[], names: string[]): Promise<Map<string, Record<string, string | null>>>;
  /** Every associated id per input, all pages; 1,000 inputs a call. */
  readAssociations(from: ObjectName, to: ObjectName, ids: string[]): Promise<Map<string, string[]>>;
  /**
   * Id of the contact whose primary address this is, read without lag; else whose additional one it is, which the search knows a few
   * moments late (createContact then answers that contact's id all the same). Throws `hubspot-refused` for what is no address.
   */
  findContactByAddress(address: string): Promise<string | undefined>;
  /** Answers the contact's id; one that exists already (409) answers its own, so that a repeated call makes no second contact. */
  createContact(contact: { address: string; firstName: string | null; lastName: string | null }): Promise<string>;
  /**
   * Makes a ticket, sent once: throws `hubspot-unknown-outcome` when HubSpot may have made it. Associates it with the contact (16),
   * the thread (32 or 278, under whichever name this portal knows threads by: DATA.md 0.4) and the ticket it follows (452).
   * `withThread` = HubSpot took the thread; Baton's own memory keeps it either way. Throws `hubspot-refused` (nothing was made) also
   * when the thread has got a ticket meanwhile, `hubspot-not-found` when the thread is gone.
   */
  createTicket(ticket: NewTicket): Promise<{ ticketId: string; createdAt: Date; withThread: boolean }>;
  /** Sets properties of one ticket; setting them twice is the same as once. */
  updateTicket(ticketId: string, properties: Record<string, string>): Promise<void>;
  /** Sent once: `hubspot-unknown-outcome` as createTicket. `html` is the note's body; beyond 65,536 characters `hubspot-refused`, unsent. */
  createNote(note: { ticketId: string; html: string; at: Date }): Promise<string>;
  /** Sent once: `hubspot-unknown-outcome` as createTicket. */
  createTask(task: { ticketId: string; subject: string; dueAt: Date; ownerId: string | null }): Promise<string>;
  /**
   * Mails the customer through the thread's channel account, sent once: `hubspot-unknown-outcome` as createTicket. A mail HubSpot
   * took and could not send is answered with `status` FAILED, not thrown.
   */
  sendThreadMessage(threadId: string, mail: NewThreadMessage): Promise<Message>;
  /** `sendId` makes it safe to repeat: one email per sendId and portal (DATA.md 5). */
  sendTransactional(send: TransactionalSend): Promise<SendStatus>;
  readSendStatus(statusId: string): Promise<SendStatus>;
  /**
   * Outgoing email activities of a time span (by `hs_timestamp`, both ends included), newest first; 200 a call, at most 10,000 a span.
   * Without subject and texts. The search knows an email a few moments late.
   */
  searchSentEmails(query: {
    after: Date;
    before: Date;
    cursor?: string;
  }): Promise<{ emails: Email[]; cursor: string | null }>;
  /**
   * What changed in a time span (by `hs_lastmodifieddate`, both ends included), oldest change first; 200 a call. A cursor leads to at
   * most 10,000 of a span, beyond it throws `hubspot-refused`. The search knows a change a few moments late.
   */
  searchChanged(query: {
    type: 'emails' | 'tickets';
    after: Date;
    before: Date;
    cursor?: string;
  }): Promise<{ changed: ChangedObject[]; cursor: string | null }>;
  /** Properties of a ticket that may be set, by label; without the stage and what is hidden, for the settings page. */
  listTicketProperties(): Promise<TicketProperty[]>;
  /**
   * Sets stages, 100 a call, never repeated by itself. A batch that fails whole (400) is done one by one; 207 is read per
   * input. Throws only when nothing was sent; every sent move has its outcome, `hubspot-unknown-outcome` included.
   */
  moveTickets(moves: StageMove[]): Promise<Map<string, MoveOutcome>>;
  listPipelines(): Promise<Pipeline[]>;
  listOwners(): Promise<Owner[]>;
  listChannelAccounts(): Promise<ChannelAccount[]>;
  accountDetails(): Promise<AccountDetails>;
  /** Uninstalls Baton from the portal (HubSpot tells its admins). */
  uninstall(): Promise<void>;
  /** Calls made since this gateway was made, by path pattern: for records, logs and metrics. */
  readonly calls: { readonly total: number /** No answer, or a 5xx. */; readonly failed: number };
};

/** Calls of the last ten seconds, as they travel with a lease: epoch milliseconds of each call still in the window. */
export type PaceState = number[];

/** A portal's share of HubSpot: 100 calls in 10 s, 5 searches in 1 s, 4 in flight. */
export type Pace = {
  /** Waits for a place, then runs. Throws what `call` throws. */
  run<T>(kind: 'read' | 'write' | 'search', call: () => Promise<T>): Promise<T>;
  /** What of the window is used, to be stored when the lease is released. */
  state(): PaceState;
};

/** OAuth tokens as the database keeps them; implemented in db/, used by hubspot/access-tokens.ts. */
export type StoredToken = {
  accessToken: string;
  refreshToken: string;
  expiresAt: Date /** grows with every store */;
  generation: number;
};
export type TokenStore = {
  findToken(portalId: string): Promise<StoredToken | undefined>;
  /** True for exactly one asker per generation until `holdMs` have passed: that one refreshes. */
  claimRefresh(portalId: string, generation: number, holdMs: number): Promise<boolean>;
  /** Stores a refreshed pair; false when the generation has moved on (a new install came in between). */
  replaceToken(
    portalId: string,
    generation: number,
    token: { accessToken: string; refreshToken: string; expiresAt: Date },
  ): Promise<boolean>;
  releaseRefresh(portalId: string, generation: number): Promise<void>;
  /** HubSpot said the grant is gone: the portal becomes `revoked`, its tokens are erased, its erasure clock starts. */
  markRevoked(portalId: string, generation: number): Promise<void>;
};
