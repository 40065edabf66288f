// Fairness: how long other portals' tickets wait while one portal sends a thousand times its share.
import { setTimeout as wait } from 'node:timers/promises';
import type { PortalControl } from '../src/emulator/portal-control.ts';
import { type Conversation, openConversations } from './full-batches.ts';
import type { BenchParts } from './main.ts';
import { quantile, round } from './numbers.ts';
import { type SettleSystem, startSettleSystem } from './settle-system.ts';

/** Each message on a ticket of its own, or a later one would overtake it. Of the quiet portals each sends a message a second in turn; the loud one sends a thousand for each of one quiet portal's. */
const quiet = { portals: 10, messages: 6 };
const loud = { threads: 50, messages: quiet.messages * 1_000 };
const aimedMs = 2_000;

type Talk = { portal: PortalControl; userId: string; conversations: Conversation[] };

async function openTalks(system: SettleSystem): Promise<Talk[]> {
  const talks: Talk[] = [];
  for (let index = 0; index < quiet.portals; index += 1) {
    const { portal, userId } = await system.install(String(64_000_001 + index));
    talks.push({ portal, userId, conversations: openConversations(portal, quiet.messages) });
  }
  return talks;
}

type Sent = { portal: PortalControl; ticketId: string; stageId: string; at: number };

/** Every portal once a second; answers how long each change of a stage took, by the emulator's clock. */
async function writeQuietly(talks: Talk[], writer: 'agent' | 'customer'): Promise<number[]> {
  const sent: Sent[] = [];
  for (let turn = 0; turn < quiet.messages; turn += 1) {
    for (const { portal, userId, conversations } of talks) {
      const { threadId, ticketId, from } = conversations[turn] as Conversation;
      sent.push({ portal, ticketId, stageId: writer === 'agent' ? '2' : '3', at: Date.now() });
      if (writer === 'agent') portal.sendMessage({ threadId, userId, text: 'Which printer is it?' });
      else portal.receiveMessage({ from, threadId, text: 'The one upstairs.' });
      await wait(1_000 / talks.length);
    }
  }
  const giveUpAt = Date.now() + 60_000;
  for (;;) {
    const times = sent.map(findWriteMs);
    if (times.every((ms) => ms !== undefined)) return times as number[];
    if (Date.now() > giveUpAt) throw new Error('some tickets of quiet portals never moved');
    await wait(50);
  }
}

function findWriteMs({ portal, ticketId, stageId, at }: Sent): number | undefined {
  const written = portal
    .ticket(ticketId)
    .stageHistory.find((change) => change.sourceType === 'INTEGRATION' && change.value === stageId);
  return written && Number(written.timestamp) - at;
}

/** Prints a line for the quiet portals alone, and one for the same beside the loud portal. */
export async function benchFairness({ server, print }: BenchParts): Promise<void> {
  const system = await startSettleSystem(server);
  try {
    const talks = await openTalks(system);
    const shouting = await system.install('64999999');
    const conversations = openConversations(shouting.portal, loud.threads);
    await system.settled();
    const alone = await writeQuietly(talks, 'agent');
    print({ what: 'quiet portals alone', portals: quiet.portals, ...describe(alone) });
    await system.settled();
    for (let number = 0; number < loud.messages; number += 1) {
      const { threadId, from } = conversations[number % conversations.length] as Conversation;
      if (number % 2 === 0) shouting.portal.sendMessage({ threadId, userId: shouting.userId, text: 'Which one?' });
      else shouting.portal.receiveMessage({ from, threadId, text: 'That one.' });
      if (number % 200 === 0) await wait(1); // the emulator sends while it is written to
    }
    const beside = await writeQuietly(talks, 'customer');
    const { delivered } = system.emulator.webhooks.counts;
    const addedMs = round(Math.max(...beside) - Math.max(...alone));
    const met = addedMs < aimedMs;
    const share = { loudMessages: loud.messages, messagesOfEachOther: quiet.messages, delivered };
    print({ what: 'beside one loud portal', ...share, ...describe(beside), addedMs, aim: `< ${aimedMs} ms`, met });
  } finally {
    await system.stop();
  }
}

function describe(ms: number[]) {
  return { p50Ms: round(quantile(ms, 0.5)), p99Ms: round(quantile(ms, 0.99)), longestMs: round(Math.max(...ms)) };
}
