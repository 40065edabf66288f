// One ticket with the messages that reach it, decided and held to what holds for every decision.
import assert from 'node:assert/strict';
import type { StageChange, Ticket } from '../../src/crm.ts';
import type { BatchContext, Direction, Judged, TicketFacts } from '../../src/rules/facts.ts';
import { decideTicket } from '../../src/rules/ticket-decisions.ts';
import { assertTellsNothing } from './evidence-privacy.ts';
import {
  at,
  change,
  context,
  emailFacts,
  humanMail,
  judged,
  message,
  messageFacts,
  ticket,
  ticketFacts,
} from './sample-facts.ts';

type Place = { id?: string; threadId?: string; position?: number; positions?: Map<string, number>; thanks?: boolean };

export function sent(direction: Direction, sentAt: Date, place: Place = {}): Judged {
  const { id = 'm1', threadId = 't1', position = 1, positions = new Map([[id, position]]), thanks = false } = place;
  const one = message(direction, { id, threadId, createdAt: sentAt });
  const classification = { ...humanMail, thanks };
  return judged(messageFacts(direction, { message: one, position, positions, classification }), direction, sentAt);
}

export function mailed(direction: Direction, sentAt: Date, id: string): Judged {
  return judged(emailFacts(direction, {}, { id, sentAt, createdAt: sentAt }), direction, sentAt);
}

/** Subject -> reason, `move` for the one that moves. */
export function decide(facts: TicketFacts, all: Judged[], where: BatchContext = context()) {
  const decided = decideTicket(facts, all, where);
  assert.equal(decided.length, all.length);
  assert.ok(decided.filter((one) => one.decision === 'move').length <= 1);
  assert.ok(decided.filter((one) => one.applied).length <= 1);
  for (const one of decided) {
    assertTellsNothing(one.judged);
    assert.equal(one.reason === null, one.decision === 'move');
    assert.equal(one.fromStageId, facts.ticket.stageId);
    assert.equal(one.toStageId, one.decision === 'move' ? one.judged.targetStageId : null);
  }
  return Object.fromEntries(decided.map((one) => [one.judged.facts.subject, one.reason ?? 'move']));
}

export function decideOne(facts: TicketFacts, one: Judged, where?: BatchContext): string | undefined {
  return decide(facts, [one], where)[one.facts.subject];
}

export function standing(stageId: string, changes: Partial<Ticket> = {}, more: Partial<TicketFacts> = {}): TicketFacts {
  return ticketFacts({ ticket: ticket({ stageId, ...changes }), ...more });
}

/** Newest first, as HubSpot lists it; the ticket was born by a conversation. */
export function movedBy(...changes: StageChange[]): Partial<Ticket> {
  return { stageHistory: [...changes, change('1', at('09:00:00'), 'CONVERSATIONS')] };
}
