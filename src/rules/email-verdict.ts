// Where an email activity (0-49) came from, and the first reason not to act on it. Pure (DATA.md 7a A3, 7b B3; PRODUCT.md 4).
import type { Party } from '../crm.ts';
import { findApplicableRule, isOneOf } from './applicable-rule.ts';
import { findAutomaticReason } from './automatic-guard.ts';
import type { Evidence, Reason, Verdict } from './decide.ts';
import type { BatchContext, Direction, EmailFacts, Judged, TicketFacts } from './facts.ts';

/** An association made later than this after the email's creation may be anybody's (PRODUCT.md 4). */
export const associationWindowMs = 60_000;
export const emailChannelId = '1002';

/** Verdict, evidence, and the reason that holds first in the order of decide.ts; null leaves it to the ticket. */
export function judgeEmail(facts: EmailFacts, context: BatchContext): Judged {
  const { email } = facts;
  const evidence: Evidence[] = [];
  const direction = email.direction === 'EMAIL' ? 'OUTGOING' : email.direction === 'INCOMING_EMAIL' ? 'INCOMING' : null;
  const judged = (verdict: Verdict, reason: Reason | null, targetStageId: string | null = null): Judged => ({
    facts,
    direction,
    at: sentAt(facts),
    verdict,
    evidence,
    reason,
    targetStageId,
  });
  const unfit = findUnfit(facts, direction, context, evidence);
  if (unfit) return judged('not-a-message', unfit);
  const channelOn = context.settings.channels.includes(emailChannelId);
  evidence.push({ check: 'channel', passed: channelOn, seen: emailChannelId });
  const automatic =
    direction === 'INCOMING' ? findAutomaticReason(facts.classification, email.outOfOffice, context, evidence) : null;
  if (automatic) return judged('automatic', channelOn ? automatic : 'channel-off');
  const verdict =
    direction === 'INCOMING' ? originOfIncoming(facts, context, evidence) : originOfOutgoing(facts, context, evidence);
  if (!channelOn) return judged(verdict, 'channel-off');
  if (verdict === 'opens-conversation') return judged(verdict, 'first-message');
  if (facts.ticketIds.length === 0) return judged(verdict, 'no-ticket');
  if (facts.ticket === 'gone') {
    evidence.push({ check: 'ticket-found', passed: false, seen: facts.ticketIds.join(', ') });
    return judged(verdict, 'ticket-gone');
  }
  if (verdict === 'reply-elsewhere' || verdict === 'sent-elsewhere' || verdict === 'sent-to-others') {
    return judged(verdict, verdict);
  }
  const rule = findApplicableRule(
    direction as Direction,
    facts.ticket as TicketFacts,
    sendersOf(facts),
    context,
    evidence,
  );
  return judged(verdict, rule.reason, rule.targetStageId);
}

/** When it was sent. An app may log mail with a timeline date in the future (recorded 2025): never later than its creation. */
function sentAt({ email }: EmailFacts): Date {
  return email.sentAt && email.sentAt < email.createdAt ? email.sentAt : email.createdAt;
}

function sendersOf({ email }: EmailFacts): Party[] {
  return [{ actorId: null, address: email.fromAddress, field: 'FROM' }];
}

function findUnfit(
  { email }: EmailFacts,
  direction: Direction | null,
  context: BatchContext,
  evidence: Evidence[],
): Reason | undefined {
  const ours = email.objectSource === 'INTEGRATION' && email.objectSourceId === context.appId;
  evidence.push({ check: 'not-ours', passed: !ours, seen: email.objectSource ?? 'no source' });
  if (ours) return 'own-message';
  evidence.push({ check: 'email-direction', passed: direction !== null, seen: email.direction ?? 'none' });
  if (direction === null) return 'not-a-message';
  // SCHEDULED and SENDING come first, SENT last; its change is an event of its own that decides anew.
  const sent = direction === 'INCOMING' || email.status === 'SENT';
  evidence.push({ check: 'email-status', passed: sent, seen: email.status ?? 'none' });
  return sent ? undefined : 'not-a-message';
}

/**
 * B3: the same mail thread as the email that created the ticket, both known. It needs no proof of how the portal puts mail on tickets:
 * the thread says what the answer is to, whoever associated it; so it counts unless mailbox mail is switched off.
 */
function originOfIncoming(facts: EmailFacts, context: BatchContext, evidence: Evidence[]): Verdict {
  const { email, ticket } = facts;
  if (typeof ticket === 'object' && ticket.ticket.originatingEmailId === email.id) {
    evidence.push({ check: 'not-first-message', passed: false, seen: email.id });
    return 'opens-conversation';
  }
  evidence.push({
    check: 'thread-ticket',
    passed: facts.ticketIds.length > 0,
    seen: facts.ticketIds.join(', ') || 'no ticket',
  });
  if (typeof ticket !== 'object') return 'reply-elsewhere';
  const mode = context.settings.mailbox.evidence;
  evidence.push({ check: 'mailbox-evidence', passed: mode !== 'off', seen: mode });
  if (mode === 'off') return 'reply-elsewhere';
  const same = email.emailThreadId !== null && email.emailThreadId === facts.originatingEmailThreadId;
  evidence.push({ check: 'email-thread', passed: same, seen: describeThreads(facts, same) });
  return same ? 'reply-on-originating-thread' : 'reply-elsewhere';
}

function describeThreads({ email, originatingEmailThreadId }: EmailFacts, same: boolean): string {
  if (same) return 'same thread';
  if (email.emailThreadId === null) return 'the email names no thread';
  return originatingEmailThreadId === null ? "the thread of the ticket's first email is unknown" : 'another thread';
}

/** An association by itself proves nothing (DATA.md 7a A7): the portal's own mail or a check must have shown what it tells (PRODUCT.md 4). */
function originOfOutgoing(facts: EmailFacts, { settings }: BatchContext, evidence: Evidence[]): Verdict {
  const { ticket, ticketIds, mailbox } = facts;
  const mode = settings.mailbox.evidence;
  evidence.push({ check: 'one-ticket', passed: ticketIds.length === 1, seen: `${ticketIds.length} tickets` });
  evidence.push({ check: 'mailbox-evidence', passed: mailbox.counts, seen: mailbox.why });
  if (!mailbox.counts || typeof ticket !== 'object' || ticketIds.length !== 1) return 'sent-elsewhere';
  const fromRecord =
    mode === 'fingerprint' ? looksSentFromTicket(facts, evidence) : isPutThereAtOnce(facts, mode, evidence);
  const byUser = isFromUser(facts, ticket);
  evidence.push({ check: 'email-sender', passed: byUser, seen: facts.email.objectSource ?? 'no source' });
  if (!fromRecord || !byUser) return 'sent-elsewhere';
  const reached = facts.email.toAddresses.some((address) =>
    isOneOf({ actorId: null, address, field: 'TO' }, ticket.contacts),
  );
  evidence.push({
    check: 'recipient-is-contact',
    passed: reached,
    seen: `${facts.email.toAddresses.length} recipients`,
  });
  return reached ? 'sent-from-ticket' : 'sent-to-others';
}

function looksSentFromTicket({ looksLike }: EmailFacts, evidence: Evidence[]): boolean {
  const passed = looksLike === 'ticket';
  evidence.push({ check: 'fingerprint', passed, seen: looksLike ?? 'unknown' });
  return passed;
}

/** Within a minute; and where Baton itself found the proof, not by something other than the sender. */
function isPutThereAtOnce(facts: EmailFacts, mode: string, evidence: Evidence[]): boolean {
  const { associatedAfterMs, associatedBy, unheard } = facts;
  const inTime = associatedAfterMs !== null && associatedAfterMs <= associationWindowMs;
  const seen =
    associatedAfterMs === null || unheard
      ? 'time of association unknown'
      : `${Math.max(0, Math.round(associatedAfterMs / 1000))} s after`;
  evidence.push({ check: 'associated-in-time', passed: inTime, seen });
  if (mode !== 'auto') return inTime;
  const bySender = associatedBy !== 'other';
  evidence.push({ check: 'association-source', passed: bySender, seen: associatedBy ?? 'unknown' });
  return inTime && bySender;
}

/**
 * By a user or owner: from an owner's address, or made by a user while the from address is not the customer's (a sales tool may
 * log a whole mailbox, inbound mail included, as `EMAIL`: DATA.md 2.2). What an app logged was not sent from a record.
 */
function isFromUser(facts: EmailFacts, ticket: TicketFacts): boolean {
  const { email } = facts;
  if (email.objectSource === 'INTEGRATION') return false;
  if (facts.fromOwner) return true;
  const fromCustomer = sendersOf(facts).some((sender) => isOneOf(sender, ticket.contacts));
  return (email.ownerId !== null || email.createdByUserId !== null) && !fromCustomer;
}
