// The last checks before a ticket decides: is there a rule for this direction, switched on, with a stage that exists.
import type { Contact, Party } from '../crm.ts';
import type { Evidence, Reason } from './decide.ts';
import type { BatchContext, Direction, TicketFacts } from './facts.ts';
import { rulesOf } from './settings.ts';

export type Applicable = { reason: Reason | null; targetStageId: string | null };

/** `paused`, `rule-off`, `stage-missing` or `unknown-sender`, in this order; else the stage to move to. Adds its evidence. */
export function findApplicableRule(
  direction: Direction,
  { ticket, contacts }: TicketFacts,
  senders: Party[],
  context: BatchContext,
  evidence: Evidence[],
): Applicable {
  if (context.settings.paused) return { reason: 'paused', targetStageId: null };
  const rules = rulesOf(context.settings, ticket.pipelineId);
  const rule = direction === 'OUTGOING' ? rules.outgoing : rules.incoming;
  if (!rule.enabled) return { reason: 'rule-off', targetStageId: null };
  const pipeline = context.pipelines.find((candidate) => candidate.id === ticket.pipelineId);
  const stage = pipeline?.stages.find((candidate) => candidate.id === rule.stageId);
  evidence.push({ check: 'stage-exists', passed: stage !== undefined, seen: rule.stageId ?? 'no stage chosen' });
  if (!stage) return { reason: 'stage-missing', targetStageId: null };
  if (direction === 'INCOMING' && !rules.incoming.anySender) {
    const known = senders.some((sender) => isOneOf(sender, contacts));
    evidence.push({ check: 'sender-is-contact', passed: known, seen: describeActors(senders) });
    if (!known) return { reason: 'unknown-sender', targetStageId: stage.id };
  }
  return { reason: null, targetStageId: stage.id };
}

/** Whether a sender or recipient is one of these contacts: by `V-<contactId>`, or by any of their addresses. */
export function isOneOf(party: Party, contacts: Contact[]): boolean {
  const address = party.address?.toLowerCase();
  return contacts.some(
    (contact) => party.actorId === `V-${contact.id}` || (address !== undefined && contact.addresses.includes(address)),
  );
}

/**
 * Ids of machines and of the team only: an address never reaches a record (an `E-` actor is one, DATA.md 3.1), nor does a customer's
 * id, so that a contact erased in HubSpot has left nothing here.
 */
export function describeActors(parties: Party[]): string {
  if (parties.length === 0) return 'nobody';
  return parties
    .map(({ actorId }) => {
      if (actorId?.startsWith('V-')) return 'visitor';
      return /^[ABILS]-[\w-]+$/.test(actorId ?? '') ? actorId : 'unresolved';
    })
    .join(', ');
}
