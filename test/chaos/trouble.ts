// What goes wrong during a chaos run, by the seed: in HubSpot, on its webhooks, in the database, and with the processes themselves.
import type { Emulator } from '../../src/emulator/emulator.ts';
import type { FaultOrder } from '../../src/emulator/faults.ts';
import type { ChaosPortal } from './portals.ts';
import type { createPlatform, startDatabase } from './processes.ts';

export type TroubleParts = {
  emulator: Emulator;
  portals: ChaosPortal[];
  database: Awaited<ReturnType<typeof startDatabase>>;
  platform: ReturnType<typeof createPlatform>;
  random: () => number;
};

/** Of requests and events, how many of each order hit before it is used up. */
const orders: { name: string; share: number; make: () => FaultOrder }[] = [
  { name: '429', share: 3, make: () => ({ kind: 'status', status: 429, times: 2 }) },
  { name: '500', share: 3, make: () => ({ kind: 'status', status: 500, times: 3 }) },
  { name: '502', share: 2, make: () => ({ kind: 'status', status: 502, times: 2 }) },
  { name: '503', share: 2, make: () => ({ kind: 'status', status: 503, times: 3 }) },
  { name: '423', share: 1, make: () => ({ kind: 'status', status: 423, times: 1 }) },
  { name: 'hang', share: 1, make: () => ({ kind: 'hang', times: 1 }) },
  { name: 'slow', share: 3, make: () => ({ kind: 'slow', ms: 800, times: 3 }) },
  { name: 'connection dropped', share: 3, make: () => ({ kind: 'drop', times: 3 }) },
  { name: 'applied, answer lost', share: 4, make: () => ({ kind: 'apply-then-drop', method: 'POST', times: 3 }) },
  { name: 'applied, then hangs', share: 1, make: () => ({ kind: 'apply-then-hang', method: 'POST', times: 1 }) },
  { name: 'batch in part', share: 2, make: () => ({ kind: 'partial', path: 'update', times: 2 }) },
  { name: 'webhook lost', share: 6, make: () => ({ kind: 'webhook-loss', times: 8 }) },
  { name: 'webhook twice', share: 6, make: () => ({ kind: 'webhook-duplicate', times: 10 }) },
  { name: 'webhook out of order', share: 5, make: () => ({ kind: 'webhook-disorder', ms: 1_500, times: 10 }) },
  { name: 'webhook late', share: 4, make: () => ({ kind: 'webhook-delay', ms: 2_500, times: 8 }) },
];

/** HubSpot's clock runs ahead of ours by no more than a signature may (1 min, PLATFORM.md 3.1). */
const maxAheadMs = 45_000;

export function createTrouble({ emulator, portals, database, platform, random }: TroubleParts) {
  const ordered: { name: string; times: number; left: () => number }[] = [];
  const counts = new Map<string, number>();
  const busy = new Set<Promise<void>>();
  let aheadMs = 0;

  const count = (name: string, times = 1) => counts.set(name, (counts.get(name) ?? 0) + times);
  const total = orders.reduce((sum, { share }) => sum + share, 0);

  function order(): void {
    let dice = random() * total;
    const chosen =
      orders.find(({ share }) => {
        dice -= share;
        return dice < 0;
      }) ?? (orders[0] as (typeof orders)[number]);
    const portal = portals[Math.floor(random() * portals.length)] as ChaosPortal;
    const made = { ...chosen.make(), portalId: portal.id };
    const before = new Set(emulator.faults.list().map(({ id }) => id));
    emulator.faults.add(made);
    const id = emulator.faults.list().find((fault) => !before.has(fault.id))?.id;
    const left = () => emulator.faults.list().find((fault) => fault.id === id)?.times ?? 0;
    ordered.push({ name: chosen.name, times: made.times ?? 0, left });
  }

  async function restartDatabase(): Promise<void> {
    const how = random() < 0.5 ? 'kill' : 'stop';
    count(`PostgreSQL: ${how}`);
    await database.restart(how, 200 + random() * 1_000);
  }

  function jump(): void {
    const ms = Math.floor(random() * 4_000);
    if (aheadMs + ms > maxAheadMs) return;
    aheadMs += ms;
    emulator.clock.advance(ms);
    count('clock jump');
  }

  return {
    order,
    /** Something beside HubSpot's answers. */
    strike(): void {
      const dice = random();
      if (dice < 0.3) count(`kill -9 ${platform.kill(Math.floor(random() * 100))}`);
      else if (dice < 0.6)
        count(
          'database connection cut',
          database.cut(() => random() < 0.4),
        );
      else if (dice < 0.85) {
        portals[Math.floor(random() * portals.length)]?.portal.expireTokens();
        count('tokens expired');
      } else if (dice < 0.96) jump();
      else if (busy.size === 0) {
        const work = restartDatabase().finally(() => busy.delete(work));
        busy.add(work);
      }
    },
    /** No more of it; answers how often each has hit. */
    async end(): Promise<Record<string, number>> {
      await Promise.all(busy);
      for (const { name, times, left } of ordered) {
        const hits = times - left();
        if (hits > 0) count(name, hits);
      }
      emulator.faults.clear();
      return Object.fromEntries([...counts].sort());
    },
  };
}
