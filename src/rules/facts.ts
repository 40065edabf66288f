// What a verdict and a decision may look at: everything already read, nothing to wait for. Types only.
import type { Contact, Email, Message, Pipeline, Thread, Ticket } from '../crm.ts';
import type { Evidence, Reason, Verdict } from './decide.ts';
import type { MailOrigin } from './mailbox-check.ts';
import type { MailboxEvidence } from './mailbox-picture.ts';
import type { Settings } from './settings.ts';

/** What the text and sender of a message say about who wrote it (rules/automatic.ts). */
export type Classification = {
  automatic: boolean;
  kind: 'out-of-office' | 'auto-reply' | 'bounce' | 'calendar-answer' | null;
  thanks: boolean;
  reason: string;
};

export type Direction = 'INCOMING' | 'OUTGOING';

/** The newest message that set whose turn it is on a ticket. */
export type AppliedMessage = { subject: string; threadId: string | null; direction: Direction; at: Date };

export type TicketFacts = {
  ticket: Ticket;
  /** Contacts of the ticket; empty when nothing in the batch asked for them. */
  contacts: Contact[];
  /** Threads that count as the ticket's own (PRODUCT.md 2, "Which thread is the ticket's own"). */
  ownThreadIds: ReadonlySet<string>;
  applied: AppliedMessage | null;
  /** Automatic moves done in the last hour. */
  recentMoves: number;
};

/** `gone`: the association names a ticket HubSpot no longer knows. */
export type TicketState = TicketFacts | 'none' | 'gone';

export type MessageFacts = {
  kind: 'message';
  /** m:<thread>:<message> */
  subject: string;
  message: Message;
  thread: Thread;
  /** Place among the thread's items, oldest first. */
  position: number;
  /** Whether it is the first message of its thread. */
  isFirst: boolean;
  /** Who opened the thread, and when; null when its beginning was not read. */
  openedBy: Direction | null;
  openedAt: Date | null;
  /** Addresses and actor ids of those who wrote in on this thread. */
  visitors: ReadonlySet<string>;
  ticket: TicketState;
  /** Positions of the thread's items by message id. */
  positions: ReadonlyMap<string, number>;
  /** Posted by an action of ours whose record is not written yet. */
  postedByBaton: boolean;
  /** Whether an earlier look at it found something missing, its ticket above all. */
  lookedBefore: boolean;
  /** Tickets that were about to be made for its thread and of which nobody knows whether they were: when, by their plan. */
  plannedTickets: ReadonlyMap<string, Date>;
  /** HubSpot's own mark, which only the message's email activity carries, where there is one. */
  outOfOffice: boolean;
  classification: Classification;
};

export type EmailFacts = {
  kind: 'email';
  /** e:<email> */
  subject: string;
  email: Email;
  /** Every ticket it is associated with. */
  ticketIds: string[];
  /** The one ticket, when it is exactly one. */
  ticket: TicketState;
  /** `hs_email_thread_id` of the email that created the ticket. */
  originatingEmailThreadId: string | null;
  /** How long after the email's creation the association was seen at the latest; null when unknown. */
  associatedAfterMs: number | null;
  /** Whether no webhook told of it at all: when it was put on the ticket is then taken as its creation. */
  unheard: boolean;
  /** Who put it on the ticket, as far as webhooks have told; null = none has told yet. */
  associatedBy: 'sender' | 'other' | null;
  /** Whether an association counts in this portal; said of outgoing mail. */
  mailbox: MailboxEvidence;
  /** What it looks like by a check's fingerprint; null where none decides. */
  looksLike: MailOrigin | 'neither' | null;
  /** Whether the from address is an owner's. */
  fromOwner: boolean;
  classification: Classification;
};

export type Facts = MessageFacts | EmailFacts;

/** What is the same for the whole batch. */
export type BatchContext = {
  settings: Settings;
  pipelines: Pipeline[];
  /** Baton's own HubSpot app id. */
  appId: string;
};

/** A ticket that a message asks for. */
export type Creation = {
  /** Key of what is written before it is sent: one ticket a thread, and one for each closed ticket that a thread leaves behind. */
  plan: string;
  /** Null = none is to be made now; only one that an earlier try may have made is looked for. */
  target: { pipelineId: string; stageId: string } | null;
  /** The closed ticket it follows. */
  followsTicketId: string | null;
};

/** A message with its verdict; `reason` null = its rule applies, the ticket decides (ticket-decisions.ts). */
export type Judged = {
  facts: Facts;
  direction: Direction | null;
  /** When it was sent, by HubSpot's clock. */
  at: Date;
  verdict: Verdict;
  evidence: Evidence[];
  reason: Reason | null;
  /** Stage the rule names; null when no rule applies. */
  targetStageId: string | null;
  /** For a message that opens a conversation, in place of a ticket to decide on. */
  creation?: Creation;
};

export type Decided = {
  judged: Judged;
  /** `wait` = its thread is about to go on with a ticket of its own, which decides it then. */
  decision: 'move' | 'create' | 'stay' | 'wait';
  reason: Reason | null;
  fromStageId: string | null;
  toStageId: string | null;
  /** Whether this message now is the newest that says whose turn it is. */
  applied: boolean;
  /** For decision `create`. */
  creation?: Creation;
};
