// Whose turn it is on a ticket, as far as its records say. Pure.
import type { BatonRecord } from '../../db/db.ts';
import type { Reason } from '../../rules/decide.ts';
import type { Words } from '../words/en.ts';
import { tellCause } from './story.ts';

/** `nobody`: the ticket is closed. `status`: somebody else set the status after the newest message, so it alone tells. */
export type Turn = { whose: 'team' | 'customer' | 'nobody' | 'status'; record: BatonRecord };

/** A message with one of these says nothing of how the ticket stands now. */
const silent: ReadonlySet<Reason> = new Set([
  'channel-off',
  'ticket-gone',
  'unknown-sender',
  'stale',
  'superseded',
] satisfies Reason[]);

function whoseTurn(record: BatonRecord, isClosed: (stageId: string) => boolean): Turn['whose'] | undefined {
  const { verdict, reason, action, decision, outcome, toStageId, fromStageId } = record;
  if (action || decision === 'act' || (reason && silent.has(reason))) return undefined;
  if (reason === 'person-moved-it' || reason === 'moved-by-automation') return 'status';
  const by =
    verdict === 'sent-from-ticket'
      ? 'customer'
      : verdict === 'reply-on-originating-thread' || verdict === 'opens-conversation'
        ? 'team'
        : undefined;
  // Where it stands afterwards; a change that shadow only noted leaves it open what the status should be.
  const stageId = decision === 'stay' ? fromStageId : outcome === 'done' ? toStageId : null;
  return by && stageId !== null && isClosed(stageId) ? 'nobody' : by;
}

/** By the newest record that says so; `records` newest first. Undefined = none does. */
export function findTurn(records: BatonRecord[], isClosed: (stageId: string) => boolean): Turn | undefined {
  const replaced = new Set(records.map((record) => record.replaces));
  for (const record of records) {
    const whose = replaced.has(record.id) ? undefined : whoseTurn(record, isClosed);
    if (whose) return { whose, record };
  }
  return undefined;
}

/** One sentence: `It is your team’s turn: the contact replied …`. */
export function tellTurn({ whose, record }: Turn, words: Words): string {
  const { turn } = words.ticket;
  if (whose === 'nobody') return turn.nobody;
  if (whose === 'status') return turn.status(words.reasons[record.reason ?? 'person-moved-it']);
  return turn[whose](tellCause(record, words));
}
