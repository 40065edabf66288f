// Tells a record in one sentence: what happened to the ticket, and why.
import type { BatonRecord } from '../../db/db.ts';
import { type ActionKind, actionKinds } from '../words/decision-words.ts';
import type { Words } from '../words/en.ts';

type Names = { words: Words; nameStage: (stageId: string) => string };

/** The clause that says what happened before: `the contact replied on the thread this ticket was created from`. */
export function tellCause(record: BatonRecord, words: Words): string {
  const { verdict, decision, evidence } = record;
  if (verdict === 'reply-on-originating-thread') {
    if (decision === 'create') return words.repliedLate;
    if (evidence.some(({ check, passed }) => check === 'sender-is-contact' && !passed)) return words.strangerReplied;
  }
  return verdict ? words.verdicts[verdict] : words.noWhy;
}

function tellFailure({ reason, outcome }: BatonRecord, words: Words): string {
  if (reason) return words.reasons[reason];
  return outcome === 'dead' ? words.givenUp : words.somethingFailed;
}

/** An action whose record names no status: a workflow of HubSpot asked for it. */
export function isAskedByWorkflow({ action, toStageId, fromStageId }: BatonRecord): boolean {
  return action !== null && toStageId === null && fromStageId === null;
}

/** An action of a status or a workflow, whatever became of it: also one that was not done is recorded as `stay` (PRODUCT.md 3). */
function tellAction(record: BatonRecord, stage: string, words: Words): string {
  const { reason, outcome, decision } = record;
  const asked = isAskedByWorkflow(record);
  const known = actionKinds.find((each): each is ActionKind => each === record.action?.kind);
  const deed = words.deeds[known ?? 'other'];
  if (decision === 'act' && (outcome === 'done' || outcome === 'shadow')) {
    const told = outcome === 'done' ? deed.done : deed.planned;
    return asked ? words.actedForWorkflow(told) : words.acted(stage, told);
  }
  const why = (reason && words.actionReasons[reason]) ?? tellFailure(record, words);
  return asked ? words.notActedForWorkflow(deed.undone, why) : words.notActed(stage, deed.undone, why);
}

/** One sentence, for example `Moved to Waiting on us: the contact replied on the thread this ticket was created from.` */
export function tellRecord(record: BatonRecord, { words, nameStage }: Names): string {
  const name = (stageId: string | null): string => (stageId === null ? words.unnamedStage : nameStage(stageId));
  if (record.decision === 'act' || record.action) {
    return tellAction(record, name(record.toStageId ?? record.fromStageId), words);
  }
  const failed = record.outcome === 'failed' || record.outcome === 'dead';
  const shadow = record.outcome === 'shadow';
  const cause = tellCause(record, words);
  switch (record.decision) {
    case 'move':
      if (failed) return words.notMovedTo(name(record.toStageId), tellFailure(record, words));
      return (shadow ? words.movedInShadow : words.movedTo)(name(record.toStageId), cause);
    case 'create':
      if (failed) return words.notCreated(tellFailure(record, words));
      return (shadow ? words.createdInShadow : words.created)(name(record.toStageId), cause);
    case 'stay': {
      const why = failed || record.reason ? tellFailure(record, words) : cause;
      return record.fromStageId === null ? words.leftAlone(why) : words.stayed(nameStage(record.fromStageId), why);
    }
  }
}
