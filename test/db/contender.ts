// One of several processes that contend for the same work; told what by its argument, it starts when told, and sends what it got.
import type { Event } from '../../src/crm.ts';
import { drain, openAnother } from './test-db.ts';

export type Contest = { url: string; rounds: number; portalIds: string[]; generations: number[]; events: Event[] };
export type Prize = { drained: string[]; stored: number; sweptRounds: number[]; refreshed: string[] };

async function contend({ url, rounds, portalIds, generations, events }: Contest): Promise<Prize> {
  const db = openAnother(url);
  const prize: Prize = { drained: [], stored: 0, sweptRounds: [], refreshed: [] };
  for (let round = 0; round < rounds; round += 1) {
    const delivery = events.slice(round * 10, round * 10 + 10);
    prize.stored += (await db.events.store(delivery)).stored;
    if ((await db.sweeps.startSweep('messages', new Date(round * 1_000))) > 0) prize.sweptRounds.push(round);
    prize.drained.push(...(await drain(db)));
  }
  for (const [index, portalId] of portalIds.entries()) {
    if (await db.tokens.claimRefresh(portalId, generations[index] as number, 60_000)) prize.refreshed.push(portalId);
  }
  await db.close();
  return prize;
}

process.once('message', async (contest: Contest) => {
  const events = contest.events.map((event) => ({ ...event, occurredAt: new Date(event.occurredAt) }));
  process.send?.(await contend({ ...contest, events }), () => process.disconnect());
});
process.send?.('ready');
