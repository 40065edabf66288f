// An independent model of PRODUCT.md 2 and 3: where a ticket ends when every message is dealt with the moment it is sent.
// Written from that text alone and importing nothing of src, so that the two can only agree by both being right.

/** `plain` counts; the others are what PRODUCT.md says never counts, or only under a setting. */
export type Kind =
  | 'plain'
  | 'thanks'
  | 'comment'
  | 'failed'
  | 'app'
  | 'bounce'
  | 'out-of-office'
  | 'other-thread'
  | 'to-supplier'
  | 'stranger';

export type Sent = {
  id: string;
  kind: Kind;
  incoming: boolean;
  /** Milliseconds since the morning began, as HubSpot stamps it. */
  ms: number;
  /** A thread of the ticket, or null for a mailbox email. */
  thread: string | null;
  /** Place in its thread's list. */
  place: number;
};
export type Foreign = { ms: number; person: boolean; stage: string };
export type Rules = {
  outgoing: { to: string; from: string[] | null };
  incoming: { to: string; from: string[] | null; anySender: boolean };
  closed: { policy: 'always' | 'within' | 'never'; days: number };
  thanksKeepsClosed: boolean;
};
export type Story = {
  bornIn: string;
  /** Oldest first, all of them known when Baton looks. */
  foreign: Foreign[];
  /** Milliseconds like `Sent.ms` (negative = days before), null = HubSpot names none. */
  lastClosedMs: number | null;
  /** What HubSpot's clock says of a ticket that was born before the morning. */
  bornMs: number;
  messages: Sent[];
  rules: Rules;
};

export const closedStage = '4';
const second = (ms: number): number => Math.floor(ms / 1000);

/** "compare whole seconds; within one second the order of the thread's own message list decides, across threads the incoming one wins" */
export function isNewer(one: Sent, other: Sent): boolean {
  if (second(one.ms) !== second(other.ms)) return second(one.ms) > second(other.ms);
  if (one.thread !== null && one.thread === other.thread) return one.place > other.place;
  return one.incoming && !other.incoming;
}

export function inOrder(messages: Sent[]): Sent[] {
  const sorted: Sent[] = [];
  for (const one of messages) {
    // After the last that it is newer than or as new as.
    let index = sorted.length;
    while (index > 0 && isNewer(sorted[index - 1] as Sent, one)) index -= 1;
    sorted.splice(index, 0, one);
  }
  return sorted;
}

export function currentStage({ bornIn, foreign }: Story): string {
  return foreign.at(-1)?.stage ?? bornIn;
}

export function playStory(story: Story): string {
  let stage = currentStage(story);
  const entered = story.foreign.findLast((change) => change.stage === stage)?.ms ?? story.bornMs;
  let closedMs = story.lastClosedMs ?? entered;
  for (const one of inOrder(story.messages)) {
    if (!counts(one, story.rules)) continue;
    const rule = one.incoming ? story.rules.incoming : story.rules.outgoing;
    if (one.incoming && stage === closedStage && staysClosed(one, closedMs, story.rules)) continue;
    if (stage === rule.to || wasOverruled(one, story.foreign)) continue;
    if (rule.from !== null && !rule.from.includes(stage)) continue;
    stage = rule.to;
    closedMs = one.ms;
  }
  return stage;
}

function counts({ kind, incoming }: Sent, { incoming: rule }: Rules): boolean {
  if (kind === 'plain' || kind === 'thanks') return true;
  return kind === 'stranger' && (!incoming || rule.anySender);
}

function staysClosed({ kind, ms }: Sent, closedMs: number, { closed, thanksKeepsClosed }: Rules): boolean {
  if (kind === 'thanks' && thanksKeepsClosed) return true;
  if (closed.policy === 'within') return ms > closedMs + closed.days * 24 * 3_600_000;
  return closed.policy === 'never';
}

/** "If a person set the stage after the message was sent"; "a person's move in the same second as a message wins over it" */
function wasOverruled({ ms }: Sent, foreign: Foreign[]): boolean {
  return foreign.some((change) => (change.person ? second(change.ms) >= second(ms) : second(change.ms) > second(ms)));
}
