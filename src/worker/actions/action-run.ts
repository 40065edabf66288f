// What every kind of action is given, and what it answers. Types, and the two answers that many share.
import type { Message } from '../../crm.ts';
import type { PlannedAction } from '../../db/planned-actions.ts';
import type { Evidence, Reason } from '../../rules/decide.ts';
import type { StageAction } from '../../rules/stage-actions.ts';
import type { StagePlan } from '../../rules/stage-entry.ts';
import type { Batch } from '../batch.ts';
import type { TicketEntry } from '../stage-entry-facts.ts';
import type { ActionFacts } from './action-facts.ts';

export type ActionRun<Action extends StageAction = StageAction> = {
  batch: Batch;
  facts: ActionFacts;
  entry: TicketEntry;
  plan: StagePlan;
  action: Action;
  /** That of its record. */
  subject: string;
  /** What an earlier try left: to be looked for before it is done again. */
  planned: PlannedAction | undefined;
};

export type ActionEnd = {
  outcome: 'done' | 'skipped' | 'shadow' | 'failed';
  reason: Reason | null;
  /** Words for people; never an address or a text. */
  error: string | null;
  evidence: Evidence[];
  /** The reply posted to the ticket's thread: its echo is decided with it. */
  posted?: Message;
};
/** Under way at HubSpot: to be asked again. */
export type ActionWait = { waitMs: number };
export type ActionResult = ActionEnd | ActionWait;

export function endAction(outcome: ActionEnd['outcome'], more: Partial<Omit<ActionEnd, 'outcome'>> = {}): ActionEnd {
  return { outcome, reason: null, error: null, evidence: [], ...more };
}

/** Nothing was done, and `error` says what would have to change; null where the reason says it all. */
export function holdAction(reason: Reason, error: string | null, evidence: Evidence[] = []): ActionEnd {
  return endAction('skipped', { reason, error, evidence });
}
