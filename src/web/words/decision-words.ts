// The shape of the words about decisions, which each language fills: a missing key does not compile.
import type { Outcome, Trigger } from '../../db/db.ts';
import type { ErrorCode } from '../../errors.ts';
import type { Reason, Verdict } from '../../rules/decide.ts';

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
  /** The same in a few words, to choose from a list. */
  reasonNames: Record<Reason, string>;
  /** Where a reason reads otherwise when it is about an action of a status. */
  actionReasons: Partial<Record<Reason, string>>;
  verdicts: Record<Verdict, string>;
  outcomes: Record<Outcome, string>;
  triggers: Record<Trigger, string>;
  actions: Record<ActionKind, string>;
  /** Clauses about an action of a status: it was done, would have been done in shadow, was not done. */
  deeds: Record<ActionKind | 'other', { done: string; planned: string; undone: string }>;
  errors: Record<ErrorCode, string>;
  movedTo(stage: string, why: string): string;
  movedInShadow(stage: string, why: string): string;
  notMovedTo(stage: string, why: string): string;
  stayed(stage: string, why: string): string;
  leftAlone(why: string): string;
  created(stage: string, why: string): string;
  createdInShadow(stage: string, why: string): string;
  notCreated(why: string): string;
  acted(stage: string, deed: string): string;
  notActed(stage: string, deed: string, why: string): string;
  /** In place of the trigger, and of the two sentences above, when a workflow of HubSpot asked for the action. */
  askedByWorkflow: string;
  actedForWorkflow(deed: string): string;
  notActedForWorkflow(deed: string, why: string): string;
  otherAction(kind: string): string;
  /** In place of the verdict's clause when the one who replied is no contact of the ticket. */
  strangerReplied: string;
  /** In place of the verdict's clause when a reply came too late for its ticket and opened a new one. */
  repliedLate: string;
  somethingFailed: string;
  givenUp: string;
  noWhy: string;
  unnamedStage: string;
};
