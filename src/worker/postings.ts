// Replies that Baton posts to threads, and how their echo is known before its id is: thread, sender and hash of the text.
import { createHash } from 'node:crypto';
import type { Message } from '../crm.ts';
import type { PlannedAction } from '../db/planned-actions.ts';

/** HubSpot's clock and ours may differ, and it stamps some messages to the second only. */
const clockSlackMs = 60_000;

/** Over the letters and digits alone: HubSpot may change white space and line ends on the way, and quote or decorate nothing else. */
export function hashText(text: string): string {
  return createHash('sha256')
    .update(text.normalize('NFKC').replace(/[^\p{L}\p{N}]+/gu, ''))
    .digest('hex');
}

/** Whether a message is what this plan was to post. */
export function isPosting(message: Message, plan: PlannedAction): boolean {
  return (
    plan.textHash !== null &&
    message.threadId === plan.threadId &&
    message.direction === 'OUTGOING' &&
    message.senders.some((sender) => sender.actorId === plan.senderActorId) &&
    message.createdAt.getTime() >= plan.plannedAt.getTime() - clockSlackMs &&
    message.text !== null &&
    hashText(message.text) === plan.textHash
  );
}
