// Tells a record in one sentence: what happened to the ticket, and why.
import type { BatonRecord } from '../../db/db.ts';
import { type ActionKind, actionKinds } from '../words/decision-words.ts';
import type { Words } from '../words/en.ts';

type Names = { words: Words; nameStage: (stageId: string) => string };

function tellCause(record: BatonRecord, words: Words): string {
  const stranger = record.evidence.some(({ check, passed }) => check === 'sender-is-contact' && !passed);
  if (record.verdict === 'reply-on-originating-thread' && stranger) return words.strangerReplied;
  return record.verdict ? words.verdicts[record.verdict] : words.noWhy;
}

function tellFailure(record: BatonRecord, words: Words): string {
  if (record.reason) return words.reasons[record.reason];
  return record.outcome === 'dead' ? words.givenUp : words.somethingFailed;
}

function tellAction(record: BatonRecord, words: Words): string {
  const kind = record.action?.kind ?? '';
  const known = actionKinds.find((each): each is ActionKind => each === kind);
  return known ? words.actions[known] : words.otherAction(kind);
}

/** One sentence, for example `Moved to Waiting on us: the contact replied on the thread this ticket was created from.` */
export function tellRecord(record: BatonRecord, { words, nameStage }: Names): string {
  const name = (stageId: string | null): string => (stageId === null ? words.unnamedStage : nameStage(stageId));
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
    case 'act': {
      const stage = name(record.toStageId ?? record.fromStageId);
      const action = tellAction(record, words);
      if (failed) return words.notActed(stage, action, tellFailure(record, words));
      return (shadow ? words.actedInShadow : words.acted)(stage, action);
    }
    case 'stay': {
      const why = failed || record.reason ? tellFailure(record, words) : cause;
      return record.fromStageId === null ? words.leftAlone(why) : words.stayed(nameStage(record.fromStageId), why);
    }
  }
}
