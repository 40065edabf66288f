// Where a conversation message came from, and the first reason not to act on it. Pure (DATA.md 7a A1, 7b B1).
import { describeActors, findApplicableRule, isOneOf } from './applicable-rule.ts';
import { findAutomaticReason } from './automatic-guard.ts';
import { type CreationRule, describeAccount, findCreationRule, planOf } from './creation-rule.ts';
import type { Evidence, Reason, Verdict } from './decide.ts';
import type { BatchContext, Direction, Judged, MessageFacts, TicketFacts } from './facts.ts';

/** Verdict, evidence, and the reason that holds first in the order of decide.ts; null leaves it to the ticket, or to the one to be made. */
export function judgeMessage(facts: MessageFacts, context: BatchContext): Judged {
  const judged = judgeNow(facts, context);
  const plan = planOf(facts.thread.id, null);
  if (judged.creation || !facts.isFirst || !facts.plannedTickets.has(plan)) return judged;
  // Whatever holds now: what an earlier try may have made is looked for first.
  const creation = { plan, target: null, followsTicketId: null };
  return { ...judged, verdict: 'opens-conversation', reason: null, creation };
}

function judgeNow(facts: MessageFacts, context: BatchContext): Judged {
  const { message } = facts;
  const evidence: Evidence[] = [];
  const judged = (verdict: Verdict, reason: Reason | null, targetStageId: string | null = null): Judged => ({
    facts,
    direction: message.direction,
    at: message.createdAt,
    verdict,
    evidence,
    reason,
    targetStageId,
  });
  const unfit = findUnfit(facts, context, evidence);
  if (unfit) return judged('not-a-message', unfit);
  const direction = message.direction as Direction;
  const account = describeAccount(facts);
  const { channelId } = account;
  const opens = direction === 'INCOMING' && isOpening(facts);
  const rule = opens ? findCreationRule(context.settings, account) : undefined;
  const channelOn = context.settings.channels.includes(channelId) || rule?.named === true;
  evidence.push({ check: 'channel', passed: channelOn, seen: channelId });

  const automatic =
    direction === 'INCOMING' ? findAutomaticReason(facts.classification, facts.outOfOffice, context, evidence) : null;
  if (automatic) return judged('automatic', channelOn ? automatic : 'channel-off');
  if (direction === 'INCOMING')
    evidence.push({ check: 'not-first-message', passed: !opens, seen: `item ${facts.position + 1}` });
  const verdict = opens ? 'opens-conversation' : findOrigin(facts, direction, evidence);
  if (!channelOn) return judged(verdict, 'channel-off');
  if (opens && facts.ticket === 'none') return openConversation(judged(verdict, null), facts, rule, context);
  if (opens) return judged(verdict, rule && facts.lookedBefore ? 'ticket-exists' : 'first-message');
  if (facts.ticket === 'none') return judged(verdict, 'no-ticket');
  if (facts.ticket === 'gone') {
    evidence.push({ check: 'ticket-found', passed: false, seen: facts.thread.ticketId ?? 'no ticket' });
    return judged(verdict, 'ticket-gone');
  }
  if (verdict === 'reply-elsewhere' || verdict === 'sent-elsewhere' || verdict === 'sent-to-others') {
    return judged(verdict, verdict);
  }
  const applicable = findApplicableRule(direction, facts.ticket, message.senders, context, evidence);
  return judged(verdict, applicable.reason, applicable.targetStageId);
}

/** Automation A: the ticket to make of a conversation that has none, or the reason why none is made. */
function openConversation(
  judged: Judged,
  facts: MessageFacts,
  rule: CreationRule | undefined,
  context: BatchContext,
): Judged {
  const { accountId } = describeAccount(facts);
  const { evidence } = judged;
  evidence.push({ check: 'new-conversation', passed: rule !== undefined, seen: accountId ?? 'no channel account' });
  if (!rule) return { ...judged, reason: 'no-ticket' };
  if (context.settings.paused) return { ...judged, reason: 'paused' };
  const { pipelineId } = rule;
  const stages = context.pipelines.find((pipeline) => pipeline.id === pipelineId)?.stages ?? [];
  const stageId = stages.find((stage) => stage.id === rule.stageId)?.id;
  evidence.push({ check: 'stage-exists', passed: stageId !== undefined, seen: rule.stageId ?? 'no stage chosen' });
  if (stageId === undefined) return { ...judged, reason: 'stage-missing' };
  const plan = planOf(facts.thread.id, null);
  return {
    ...judged,
    targetStageId: stageId,
    creation: { plan, target: { pipelineId, stageId }, followsTicketId: null },
  };
}

/** Spam, our own, or nothing a person sent: the reason, or undefined for a message that counts. */
function findUnfit(facts: MessageFacts, context: BatchContext, evidence: Evidence[]): Reason | undefined {
  const { message, thread } = facts;
  const threadState = thread.spam ? 'spam' : thread.archived ? 'archived' : 'in use';
  evidence.push({ check: 'thread-state', passed: threadState === 'in use', seen: threadState });
  if (thread.spam) return 'spam';
  const ours =
    facts.postedByBaton ||
    message.integrationAppId === context.appId ||
    message.senders.some((sender) => sender.actorId === `I-${context.appId}`);
  evidence.push({ check: 'not-ours', passed: !ours, seen: message.clientType ?? 'no client type' });
  if (ours) return 'own-message';
  const kind = message.archived ? 'archived' : message.type;
  const isMessage = kind === 'MESSAGE' && message.direction !== null && !thread.archived;
  evidence.push({ check: 'message-type', passed: isMessage, seen: `${kind} ${message.direction ?? ''}`.trim() });
  if (!isMessage) return 'not-a-message';
  const sentByPerson = message.direction === 'OUTGOING' ? isFromAgent(facts, evidence) : isFromOutside(facts, evidence);
  return sentByPerson ? undefined : 'not-a-message';
}

/** Evidence A1: an agent (`A-`), written in HubSpot itself, really sent. Bots, apps, scheduled and failed sends are not. */
function isFromAgent({ message }: MessageFacts, evidence: Evidence[]): boolean {
  const agent = message.clientType === 'HUBSPOT' && message.senders.some((sender) => sender.actorId?.startsWith('A-'));
  const seen = `${describeActors(message.senders)} by ${message.clientType ?? 'unknown'}`;
  evidence.push({ check: 'agent-sender', passed: agent, seen });
  const sent = message.status === 'SENT' || message.status === 'READ';
  evidence.push({ check: 'message-status', passed: sent, seen: message.status ?? 'none' });
  return agent && sent;
}

/** Incoming from a visitor or an address HubSpot did not resolve (PLATFORM.md: E- actors are now simply absent). */
function isFromOutside({ message }: MessageFacts, evidence: Evidence[]): boolean {
  const machine = message.senders.some((sender) => /^[BLIS]-/.test(sender.actorId ?? ''));
  if (!machine && message.clientType !== 'SYSTEM') return true;
  evidence.push({ check: 'agent-sender', passed: false, seen: describeActors(message.senders) });
  return false;
}

function isOpening({ message, ticket, isFirst }: MessageFacts): boolean {
  return isFirst || (typeof ticket === 'object' && ticket.ticket.originatingMessageId === message.id);
}

/** The thread's relation to its ticket, then, for outgoing mail, whom it went to. */
function findOrigin(facts: MessageFacts, direction: Direction, evidence: Evidence[]): Verdict {
  const { ticket, thread } = facts;
  const elsewhere = direction === 'INCOMING' ? 'reply-elsewhere' : 'sent-elsewhere';
  evidence.push({ check: 'thread-ticket', passed: ticket !== 'none', seen: thread.ticketId ?? 'no ticket' });
  if (typeof ticket !== 'object') return elsewhere;
  const own = ticket.ownThreadIds.has(thread.id);
  evidence.push({ check: 'own-thread', passed: own, seen: [...ticket.ownThreadIds].join(', ') || 'none known' });
  if (direction === 'INCOMING') return own ? 'reply-on-originating-thread' : elsewhere;
  if (!own) {
    // A thread that an agent opened and that carries the ticket was composed on the ticket's record: mail from the contact
    // record never carries a ticket in the inbox (DATA.md 2.5, 7a A1). A thread a customer opened elsewhere does not
    // become the ticket's by being associated later.
    const opened = facts.openedBy === 'OUTGOING';
    evidence.push({ check: 'opened-by-agent', passed: opened, seen: facts.openedBy ?? 'beginning not read' });
    if (!opened) return elsewhere;
  }
  return isToContact(facts, ticket, evidence) ? 'sent-from-ticket' : 'sent-to-others';
}

function isToContact({ message, visitors }: MessageFacts, ticket: TicketFacts, evidence: Evidence[]): boolean {
  const reached = message.recipients.some(
    (recipient) =>
      isOneOf(recipient, ticket.contacts) ||
      (recipient.actorId !== null && visitors.has(recipient.actorId)) ||
      (recipient.address !== null && visitors.has(recipient.address.toLowerCase())),
  );
  evidence.push({ check: 'recipient-is-contact', passed: reached, seen: `${message.recipients.length} recipients` });
  return reached;
}
