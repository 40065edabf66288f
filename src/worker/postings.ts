// Texts that Baton writes into HubSpot, and how they are known again: a reply's echo before its id is, a note whose answer was lost.
import { createHash } from 'node:crypto';
import type { Message } from '../crm.ts';
import type { PlannedAction } from '../db/planned-actions.ts';

/** HubSpot's clock and ours may differ, and it stamps some messages to the second only. */
export const clockSlackMs = 60_000;

/** Over the letters and digits alone: HubSpot may change white space and line ends on the way, and quote or decorate nothing else. */
export function hashText(text: string): string {
  return createHash('sha256')
    .update(text.normalize('NFKC').replace(/[^\p{L}\p{N}]+/gu, ''))
    .digest('hex');
}

const entities: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };

/** The same of a text that stands in HubSpot as HTML: HubSpot may wrap it, and write its entities in another way. */
export function hashHtml(html: string): string {
  const text = html.replace(/<[^>]*>/g, ' ');
  return hashText(
    text
      .replace(/&(nbsp|#160|apos|#x27|#x2F|#47);/gi, ' ')
      .replace(/&(amp|lt|gt|quot|#39);/g, (entity) => entities[entity] as string),
  );
}

/** What a reply is known by. */
export type Posting = Pick<PlannedAction, 'plannedAt' | 'threadId' | 'senderActorId' | 'textHash'>;

/** Whether a message is what this plan was to post. */
export function isPosting(message: Message, plan: Posting): boolean {
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
