// What customers found in their mailboxes lately, the newest first, without a walk through every conversation.
import { sentMail } from '../inbox-actions.ts';
import { latestThreads } from '../portal-index.ts';
import { wentOut } from '../single-sends.ts';
import type { PortalState, SingleSend } from '../state.ts';
import type { World } from '../world.ts';

export type Sent =
  | { kind: 'answer'; at: number; mail: ReturnType<typeof sentMail>[number] }
  | { kind: 'single-send'; at: number; send: SingleSend };

// Older ones stand in their conversations. Page n costs what n pages hold.
export const keptSent = 1_000;
const threadsAtOnce = 100;

const newestFirst = (a: Sent, b: Sent) => b.at - a.at;

/** A thread's mails are not later than its latest message: once enough are, the threads behind cannot matter. */
function listAnswers(world: World, portal: PortalState, most: number): Sent[] {
  let found: Sent[] = [];
  for (let skip = 0; ; skip += threadsAtOnce) {
    const { rows } = latestThreads(portal, { skip, take: threadsAtOnce });
    const oldest = found.length === most ? (found.at(-1)?.at ?? 0) : Number.NEGATIVE_INFINITY;
    const [first] = rows;
    if (!first || (first.latestMessageAt ?? 0) < oldest) return found;
    const added = rows
      .filter(({ latestSentAt }) => latestSentAt !== null && latestSentAt >= oldest)
      .flatMap((thread) => sentMail(world, portal, thread.id))
      .map((mail): Sent => ({ kind: 'answer', at: Date.parse(mail.at), mail }));
    if (added.length > 0) found = [...found, ...added].sort(newestFirst).slice(0, most);
  }
}

function listSingleSends({ sends }: PortalState, most: number): Sent[] {
  const found: Sent[] = [];
  for (let place = sends.length - 1; place >= 0 && found.length < most; place -= 1) {
    const send = sends[place] as SingleSend;
    if (wentOut(send)) found.push({ kind: 'single-send', at: send.at, send });
  }
  return found;
}

/** At most `most` of them, and never more than `keptSent`. */
export function listLatestSent(world: World, portal: PortalState, most: number): Sent[] {
  const wanted = Math.min(most, keptSent);
  const all = [...listAnswers(world, portal, wanted), ...listSingleSends(portal, wanted)];
  return all.sort(newestFirst).slice(0, wanted);
}
