// Fairness: how long other portals' tickets wait while one portal sends a thousand times its share.
import { setTimeout as wait } from 'node:timers/promises';
import type { PortalControl } from '../src/emulator/portal-control.ts';
import { type Conversation, openConversations } from './full-batches.ts';
import type { BenchParts } from './intake.ts';
import { quantile, round } from './numbers.ts';
import { type SettleSystem, startSettleSystem } from './settle-system.ts';

/** An even number of messages, so that each changes the stage. Of the quiet portals each sends a message a second in turn; the loud one sends a thousand for each of one quiet portal's. */
const quiet = { portals: 10, messages: 6 };
const loud = { threads: 50, messages: quiet.messages * 1_000 };
const aimedMs = 2_000;

type Talk = { portal: PortalControl; userId: string; conversation: Conversation };

async function openTalks(system: SettleSystem): Promise<Talk[]> {
  const talks: Talk[] = [];
  for (let index = 0; index < quiet.portals; index += 1) {
    const { portal, userId } = await system.install(String(64_000_001 + index));
    const [conversation] = openConversations(portal, 1);
    talks.push({ portal, userId, conversation: conversation as Conversation });
  }
  return talks;
}

/** Agents and customers in turn, every portal once a second; answers how long each change of a stage took, by the emulator's clock. */
async function writeQuietly(talks: Talk[]): Promise<number[]> {
  const sent: { talk: Talk; stageId: string; at: number }[] = [];
  for (let round = 0; round < quiet.messages; round += 1) {
    for (const talk of talks) {
      const { portal, userId, conversation } = talk;
      const { threadId, from } = conversation;
      const byAgent = round % 2 === 0;
      sent.push({ talk, stageId: byAgent ? '2' : '3', at: Date.now() });
      if (byAgent) portal.sendMessage({ threadId, userId, text: 'Which printer is it?' });
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

function findWriteMs({ talk, stageId, at }: { talk: Talk; stageId: string; at: number }): number | undefined {
  const { stageHistory } = talk.portal.ticket(talk.conversation.ticketId);
  const written = stageHistory
    .filter((change) => change.sourceType === 'INTEGRATION' && change.value === stageId)
    .map((change) => Number(change.timestamp) - at)
    .filter((ms) => ms >= 0);
  return written.length === 0 ? undefined : Math.min(...written);
}

/** Prints a line for the quiet portals alone, and one for the same beside the loud portal. */
export async function benchFairness({ server, print }: BenchParts): Promise<void> {
  const system = await startSettleSystem(server);
  try {
    const talks = await openTalks(system);
    const shouting = await system.install('64999999');
    const conversations = openConversations(shouting.portal, loud.threads);
    await system.settled();
    const alone = await writeQuietly(talks);
    print({ what: 'quiet portals alone', portals: quiet.portals, ...describe(alone) });
    await system.settled();
    for (let number = 0; number < loud.messages; number += 1) {
      const { threadId, from } = conversations[number % conversations.length] as Conversation;
      if (number % 2 === 0) shouting.portal.sendMessage({ threadId, userId: shouting.userId, text: 'Which one?' });
      else shouting.portal.receiveMessage({ from, threadId, text: 'That one.' });
      if (number % 200 === 0) await wait(1); // the emulator sends while it is written to
    }
    const beside = await writeQuietly(talks);
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
