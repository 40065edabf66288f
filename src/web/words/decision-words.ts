// The shape of the words about decisions, which each language fills: a missing key does not compile.
import type { Outcome, Trigger } from '../../db/db.ts';
import type { ErrorCode } from '../../errors.ts';
import type { Check, Reason, Verdict } from '../../rules/decide.ts';

/** Kinds of stage actions, PRODUCT.md 3. */
export const actionKinds = [
  'send-notification',
  'create-task',
  'add-note',
  'set-property',
  'assign-owner',
  'post-webhook',
] as const;
export type ActionKind = (typeof actionKinds)[number];

/** Reasons and verdicts are clauses: lower case, no full stop, so that they follow a colon. */
export type DecisionWords = {
  reasons: Record<Reason, string>;
  verdicts: Record<Verdict, string>;
  checks: Record<Check, string>;
  outcomes: Record<Outcome, string>;
  triggers: Record<Trigger, string>;
  actions: Record<ActionKind, string>;
  errors: Record<ErrorCode, string>;
  movedTo(stage: string, why: string): string;
  movedInShadow(stage: string, why: string): string;
  notMovedTo(stage: string, why: string): string;
  stayed(stage: string, why: string): string;
  leftAlone(why: string): string;
  created(stage: string, why: string): string;
  createdInShadow(stage: string, why: string): string;
  notCreated(why: string): string;
  acted(stage: string, action: string): string;
  actedInShadow(stage: string, action: string): string;
  notActed(stage: string, action: string, why: string): string;
  otherAction(kind: string): string;
  /** In place of the verdict's clause when the one who replied is no contact of the ticket. */
  strangerReplied: string;
  somethingFailed: string;
  givenUp: string;
  noWhy: string;
  unnamedStage: string;
};
