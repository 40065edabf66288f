// Who moved a ticket when, read from its stage history (DATA.md 1.3). Pure.
import type { StageChange, Ticket } from '../crm.ts';

/** HubSpot's own names for "a person did it" among the sources seen; a source id `userId:<n>` says the same. */
const personSources = new Set(['CRM_UI', 'CRM_UI_BULK_ACTION', 'MOBILE_IOS', 'MOBILE_ANDROID']);

export function isPerson(change: Pick<StageChange, 'sourceType' | 'sourceId'>): boolean {
  return personSources.has(change.sourceType) || (change.sourceId?.startsWith('userId:') ?? false);
}

export function isOwnMove(change: StageChange, appId: string): boolean {
  return change.sourceType === 'INTEGRATION' && change.sourceId === appId;
}

/** Whole seconds: HubSpot stamps incoming messages to the second. */
export function toSecond(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}

/**
 * The newest change somebody else made after a message was sent: a person's if there is one, since people come first whatever an
 * automation did later. A person's change in the same second wins over the message; an automation must be later. The ticket's
 * birth in a stage is nobody's move, unless a person made the ticket in a later second than the message.
 */
export function findLaterChange(
  ticket: Ticket,
  sentAt: Date,
  appId: string,
): { change: StageChange; by: 'person' | 'automation' } | undefined {
  const second = toSecond(sentAt);
  const birth = ticket.stageHistory.at(-1);
  const byPerson = ticket.stageHistory.find(
    (change) => isPerson(change) && toSecond(change.at) >= (change === birth ? second + 1 : second),
  );
  if (byPerson) return { change: byPerson, by: 'person' };
  const byAutomation = ticket.stageHistory.find(
    (change) => change !== birth && !isPerson(change) && !isOwnMove(change, appId) && toSecond(change.at) > second,
  );
  return byAutomation && { change: byAutomation, by: 'automation' };
}

/**
 * Baton's own move of an intent written before a crash: a change by this app from and to the intended stages, not long before the
 * intent (HubSpot's clock and ours may differ by `slackMs`). Undefined = the move never reached HubSpot.
 */
export function findIntendedMove(
  ticket: Ticket,
  intent: { fromStageId: string; toStageId: string; at: Date },
  appId: string,
  slackMs = 60_000,
): StageChange | undefined {
  return ticket.stageHistory.find(
    (change, index) =>
      isOwnMove(change, appId) &&
      change.stageId === intent.toStageId &&
      ticket.stageHistory[index + 1]?.stageId === intent.fromStageId &&
      change.at.getTime() >= intent.at.getTime() - slackMs,
  );
}
