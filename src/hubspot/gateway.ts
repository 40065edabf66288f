// What the rest of Baton may ask of HubSpot, in Baton's nouns: one PortalGateway a portal, made by createHubSpot.
import type { ChannelAccount, Contact, Email, Message, Owner, Pipeline, Thread, Ticket } from '../crm.ts';
import type { BatonError } from '../errors.ts';

export type AccountDetails = { portalId: string; uiDomain: string; timeZone: string };

export type StageMove = { ticketId: string; stageId: string };
/** How one move of a batch ended. `refused` = HubSpot's own words on why, shown to people; `unknown` = look before trying again. */
export type MoveOutcome = { ok: true; at: Date } | { ok: false; error: BatonError };

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
  /** Every associated id per input, all pages; 1,000 inputs a call. */
  readAssociations(
    from: 'tickets' | 'emails' | 'contacts',
    to: 'tickets' | 'emails' | 'contacts',
    ids: string[],
  ): Promise<Map<string, string[]>>;
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
  readonly calls: { total: number };
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
