// Facts as the gatherer would bring them, for one ticket of one pipeline; each test changes what it is about.
import type { Contact, Email, Message, Party, Pipeline, StageChange, Thread, Ticket } from '../../src/crm.ts';
import type {
  BatchContext,
  Classification,
  Direction,
  EmailFacts,
  Judged,
  MessageFacts,
  TicketFacts,
} from '../../src/rules/facts.ts';
import { defaultSettings, type PipelineRules, rulesOf, type Settings } from '../../src/rules/settings.ts';

export const appId = '4242';
export const pipeline: Pipeline = {
  id: '0',
  label: 'Support Pipeline',
  stages: [
    { id: '1', label: 'New', closed: false },
    { id: '2', label: 'Waiting on contact', closed: false },
    { id: '3', label: 'Waiting on us', closed: false },
    { id: '4', label: 'Closed', closed: true },
  ],
};
export const contact: Contact = { id: '101', addresses: ['casey@customer.example', 'casey@home.example'] };
export const casey: Party = { actorId: 'V-101', address: 'casey@customer.example', field: 'FROM' };
export const alex: Party = { actorId: 'A-7', address: 'support@agency.example', field: 'FROM' };

/** A moment of one morning: hours, minutes and seconds of 2026-05-04, by HubSpot's clock. */
export function at(time: string): Date {
  return new Date(`2026-05-04T${time}Z`);
}

export const humanMail: Classification = { automatic: false, kind: null, thanks: false, reason: 'none' };

export type RuleChanges = {
  outgoing?: Partial<PipelineRules['outgoing']>;
  incoming?: Partial<PipelineRules['incoming']>;
};

/** Both toggles on: outgoing to 2 (Waiting on contact), incoming to 3 (Waiting on us). */
export function context(rules: RuleChanges = {}, settings: Partial<Settings> = {}): BatchContext {
  const off = rulesOf(defaultSettings, pipeline.id);
  const on: PipelineRules = {
    ...off,
    outgoing: { ...off.outgoing, enabled: true, stageId: '2', ...rules.outgoing },
    incoming: { ...off.incoming, enabled: true, stageId: '3', ...rules.incoming },
  };
  return {
    settings: { ...defaultSettings, pipelines: { [pipeline.id]: on }, ...settings },
    pipelines: [pipeline],
    appId,
  };
}

export function change(stageId: string, time: Date, sourceType: string, sourceId: string | null = null): StageChange {
  return { stageId, at: time, sourceType, sourceId };
}

export function ticket(changes: Partial<Ticket> = {}): Ticket {
  const stageId = changes.stageId ?? '1';
  return {
    id: '900',
    pipelineId: pipeline.id,
    stageId,
    createdAt: at('09:00:00'),
    originatingThreadId: 't1',
    originatingMessageId: 'm-first',
    originatingEmailId: null,
    lastClosedAt: null,
    threadCount: 1,
    mergedIds: [],
    stageHistory: [change(stageId, at('09:00:00'), 'CONVERSATIONS')],
    ...changes,
  };
}

export function ticketFacts(changes: Partial<TicketFacts> = {}): TicketFacts {
  return {
    ticket: ticket(),
    contacts: [contact],
    ownThreadIds: new Set(['t1']),
    applied: null,
    recentMoves: 0,
    ...changes,
  };
}

export function thread(changes: Partial<Thread> = {}): Thread {
  return {
    id: 't1',
    ticketId: '900',
    contactId: '101',
    channelId: '1002',
    channelAccountId: '77',
    spam: false,
    archived: false,
    latestMessageAt: at('10:00:00'),
    ...changes,
  };
}

export function message(direction: Direction, changes: Partial<Message> = {}): Message {
  const [from, to] = direction === 'INCOMING' ? [casey, alex] : [alex, casey];
  return {
    id: 'm1',
    threadId: 't1',
    type: 'MESSAGE',
    createdAt: at('10:00:00'),
    createdBy: from.actorId,
    direction,
    clientType: 'HUBSPOT',
    integrationAppId: null,
    status: direction === 'INCOMING' ? 'RECEIVED' : 'SENT',
    channelId: '1002',
    channelAccountId: '77',
    senders: [from],
    // HubSpot resolves the From address alone (DATA.md 3.1).
    recipients: [{ actorId: null, address: to.address, field: 'TO' }],
    subject: 'Re: the printer on floor three',
    text: 'It is still jammed.',
    html: null,
    archived: false,
    ...changes,
  };
}

/** A later message on the thread the ticket was created from, both ways. */
export function messageFacts(
  direction: Direction,
  changes: Partial<MessageFacts> = {},
  messageChanges: Partial<Message> = {},
): MessageFacts {
  const one = changes.message ?? message(direction, messageChanges);
  return {
    kind: 'message',
    subject: `m:${one.threadId}:${one.id}`,
    message: one,
    thread: thread({ id: one.threadId }),
    position: 1,
    isFirst: false,
    openedBy: 'INCOMING',
    openedAt: at('09:00:00'),
    visitors: new Set(['V-101', 'casey@customer.example']),
    ticket: ticketFacts(),
    postedByBaton: false,
    outOfOffice: false,
    lookedBefore: false,
    plannedTickets: new Map(),
    positions: new Map([
      ['m-first', 0],
      [one.id, 1],
    ]),
    classification: humanMail,
    ...changes,
  };
}

export function email(direction: Direction, changes: Partial<Email> = {}): Email {
  const outgoing = direction === 'OUTGOING';
  return {
    id: 'e1',
    createdAt: at('10:00:00'),
    sentAt: at('10:00:00'),
    direction: outgoing ? 'EMAIL' : 'INCOMING_EMAIL',
    status: outgoing ? 'SENT' : null,
    fromAddress: outgoing ? 'alex@agency.example' : 'casey@customer.example',
    toAddresses: [outgoing ? 'casey@customer.example' : 'alex@agency.example'],
    ownerId: outgoing ? '55' : null,
    createdByUserId: null,
    objectSource: 'EMAIL',
    objectSourceId: null,
    emailThreadId: 'mail-thread-1',
    outOfOffice: false,
    subject: 'Re: the printer on floor three',
    text: 'It is still jammed.',
    html: null,
    ...changes,
  };
}

/** An email activity of exactly this ticket, associated at once, in the mail thread of the email that created it. */
export function emailFacts(
  direction: Direction,
  changes: Partial<EmailFacts> = {},
  emailChanges: Partial<Email> = {},
): EmailFacts {
  const one = changes.email ?? email(direction, emailChanges);
  return {
    kind: 'email',
    subject: `e:${one.id}`,
    email: one,
    ticketIds: ['900'],
    ticket: ticketFacts(),
    originatingEmailThreadId: 'mail-thread-1',
    associatedAfterMs: 800,
    associatedBy: 'sender',
    unheard: false,
    mailbox: { counts: true, why: 'associated' },
    looksLike: null,
    fromOwner: direction === 'OUTGOING',
    classification: humanMail,
    ...changes,
  };
}

/** What the verdict hands to the ticket when a rule applies. */
export function judged(
  facts: MessageFacts | EmailFacts,
  direction: Direction,
  sentAt: Date,
  targetStageId: string = direction === 'OUTGOING' ? '2' : '3',
): Judged {
  const verdict = direction === 'OUTGOING' ? 'sent-from-ticket' : 'reply-on-originating-thread';
  return { facts, direction, at: sentAt, verdict, evidence: [], reason: null, targetStageId };
}
