// Room 6 for one message or email: its verdict, and whether what the verdict rests on may still come.
import type { NewRecord } from '../db/new-records.ts';
import { BatonError } from '../errors.ts';
import { describeAccount, findCreationRule } from '../rules/creation-rule.ts';
import { judgeEmail } from '../rules/email-verdict.ts';
import type { Creation, Facts, Judged, MessageFacts } from '../rules/facts.ts';
import { judgeMessage } from '../rules/message-verdict.ts';
import { nextLookMs } from './backoff.ts';
import type { Batch } from './batch.ts';
import { failEvents, putOff } from './failure.ts';
import type { Gathered } from './gather.ts';
import { isNews, judgedRecord, plainRecord } from './new-record.ts';
import type { Subject } from './subjects.ts';
import type { JudgedTicket } from './ticket-plans.ts';

/** What the judging of a batch leaves to decide. */
export type Judgements = {
  /** By ticket. */
  tickets: Map<string, JudgedTicket>;
  /** Messages that ask for a ticket of their own. */
  opened: Opened[];
  /** Messages without a ticket on threads that may be about to get one, by thread. */
  ticketless: Map<string, Waiting[]>;
};
export type Opened = { subject: Subject; judged: Judged; creation: Creation };
export type Waiting = { subject: Subject; judged: Judged };

/** Puts the message or email where it is decided: with its ticket, among what opens one, or recorded. */
export function judgeOne(batch: Batch, { subject, facts }: Gathered, judgements: Judgements): void {
  if (facts instanceof BatonError) failEvents(batch, subject, subject.events, facts);
  else if (facts === 'missing') endMissing(batch, subject);
  else if (facts === 'forgotten') putOff(batch, subject, subject.events, 0, false);
  else {
    const judged = facts.kind === 'message' ? judgeMessage(facts, batch.context) : judgeEmail(facts, batch.context);
    if (isInGraceTime(batch, subject, judged) || isCreationOpen(batch, subject, judged)) return;
    if (isAssociatorToCome(batch, subject, judged) && waitForFact(batch, subject, facts)) return;
    const { ticket } = facts;
    const { tickets, opened, ticketless } = judgements;
    if (judged.creation) opened.push({ subject, judged, creation: judged.creation });
    else if (judged.reason === null && typeof ticket === 'object') {
      const plan = tickets.get(ticket.ticket.id) ?? { facts: ticket, judged: [] };
      tickets.set(ticket.ticket.id, plan);
      plan.judged.push({ subject, judged });
    } else if (facts.kind === 'message' && judged.reason === 'no-ticket') {
      ticketless.set(facts.thread.id, [...(ticketless.get(facts.thread.id) ?? []), { subject, judged }]);
    } else recordJudged(batch, subject, judged);
  }
}

/**
 * Whether a conversation's ticket may still come by HubSpot's own hand: until its grace time is over its messages wait. Then the
 * thread has been read again.
 */
function isInGraceTime(batch: Batch, subject: Subject, { facts, creation, verdict, reason }: Judged): boolean {
  if (facts.kind !== 'message' || facts.ticket !== 'none' || facts.openedBy !== 'INCOMING') return false;
  if (creation?.target === null || (verdict !== 'opens-conversation' && reason !== 'no-ticket')) return false;
  const waitMs = graceLeftMs(batch, subject, facts);
  if (waitMs > 0) putOff(batch, subject, subject.events, waitMs, false);
  return waitMs > 0;
}

/** As long as an opening message is tried again (backoff.ts), and a little more. */
const creationPatienceMs = 26 * 3_600_000;

/**
 * Whether a ticket that Baton has sent for this thread may be the one it carries: after a crash or a lost answer the thread is known as its
 * own only when the opening message has been tried again. What comes before that waits, a quarter of the time it has waited already.
 */
function isCreationOpen(batch: Batch, subject: Subject, { facts, reason }: Judged): boolean {
  if (facts.kind !== 'message' || (reason !== 'reply-elsewhere' && reason !== 'sent-elsewhere')) return false;
  const ages = [...facts.plannedTickets.values()].map((plannedAt) => ageMs(batch, [plannedAt]));
  const age = Math.min(...ages);
  if (age > creationPatienceMs) return false;
  putOff(batch, subject, subject.events, Math.max(1_000, age / 4), false);
  return true;
}

/** Since the opening message, or since it was heard of where HubSpot's clock is ahead. */
function graceLeftMs(batch: Batch, { events }: Subject, facts: MessageFacts): number {
  const rule = findCreationRule(batch.context.settings, describeAccount(facts));
  if (!rule || !facts.openedAt) return 0;
  return Math.min(rule.graceMs, rule.graceMs - ageMs(batch, [facts.openedAt, ...events.map((one) => one.receivedAt)]));
}

/** Records what needs no ticket to be decided, unless a fact may still come. */
export function recordJudged(batch: Batch, subject: Subject, judged: Judged): void {
  if (isToCome(judged) && waitForFact(batch, subject, judged.facts)) return;
  record(batch, subject, judgedRecord(subject, judged, batch.settingsVersion));
}

/** Not readable: HubSpot may need some seconds after its webhook; after the grace time it does not exist. */
function endMissing(batch: Batch, subject: Subject): void {
  if (waitForFact(batch, subject, undefined)) return;
  const seen = subject.kind === 'message' ? subject.messageId : subject.emailId;
  record(
    batch,
    subject,
    plainRecord(subject, batch.settingsVersion, {
      verdict: 'not-a-message',
      reason: 'not-a-message',
      outcome: 'skipped',
      error: null,
      evidence: [{ check: 'message-found', passed: false, seen }],
    }),
  );
}

/**
 * Whether what the reason rests on may still come to a message: its ticket, or the end of its sending. (DATA.md 3.1 lists SENT,
 * RECEIVED, READ, FAILED; an agent's message with another status or none is on its way.) An email has events of its own for both.
 */
function isToCome({ facts, reason, evidence }: Judged): boolean {
  if (facts.kind !== 'message') return false;
  const byAgent = evidence.some(({ check, passed }) => check === 'agent-sender' && passed);
  const isSending = byAgent && !['SENT', 'RECEIVED', 'READ', 'FAILED'].includes(facts.message.status ?? '');
  return reason === 'no-ticket' || (reason === 'not-a-message' && isSending);
}

/**
 * What a portal's own mail has proven is taken back by an association that something other than the sender made. Who made it is told by
 * an event of its own, which may come after the one of the email: nothing moves before, unless it does not come within a minute.
 */
function isAssociatorToCome({ context }: Batch, { previous }: Subject, { facts, verdict, reason }: Judged): boolean {
  if (facts.kind !== 'email' || previous || context.settings.mailbox.evidence !== 'auto') return false;
  return facts.associatedBy === null && verdict === 'sent-from-ticket' && reason === null;
}

/** Since the earliest: a time in the future, which HubSpot's clock may name, would be waited for. */
export function ageMs({ now }: Batch, times: Date[]): number {
  return now().getTime() - Math.min(...times.map((at) => at.getTime()));
}

/** True when the subject is put off because a fact may still come. */
function waitForFact(batch: Batch, subject: Subject, facts?: Facts): boolean {
  const message = facts?.kind === 'message' ? facts : undefined;
  const told = subject.events.flatMap((event) => [event.occurredAt, event.receivedAt]);
  const times = told.length > 0 ? told : [message?.message.createdAt ?? batch.now()];
  const opens = message?.isFirst === true && message.message.direction === 'INCOMING';
  const waitMs = nextLookMs(ageMs(batch, times), opens);
  if (waitMs === undefined) return false;
  putOff(batch, subject, subject.events, waitMs, false);
  return true;
}

/** Writes the record unless it says nothing new; what led to it is done. */
export function record(batch: Batch, subject: Subject, fresh: NewRecord): void {
  if (isNews(fresh, subject.previous)) batch.work.records.push(fresh);
  batch.work.done.push(...subject.events);
}
