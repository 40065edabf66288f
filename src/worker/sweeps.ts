// Scheduled work: node-cron fires in every process, the tick's row in the database lets one of them run it.
import cron from 'node-cron';
import type { Db } from '../db/open-db.ts';
import { describeError, type Log } from '../log.ts';
import { messageSweep } from './sweep-messages.ts';

const dayMs = 86_400_000;

/** Starts the sweeps; answers how to stop them. A tick that fails is logged, and the next one looks as far back as needed. */
export function startSweeps(parts: {
  db: Pick<Db, 'sweeps' | 'events'>;
  sweepSchedule: string;
  log: Log;
  now: () => Date;
}): () => Promise<void> {
  const { db, log } = parts;
  const running = new Set<Promise<void>>();
  const run = async (tick: Date): Promise<void> => {
    try {
      const portals = await db.sweeps.startSweep(messageSweep, tick);
      if (portals > 0) log.debug({ portals }, 'sweep started');
      await db.events.forgetSeen(parts.now());
      await db.sweeps.forgetTicks(new Date(parts.now().getTime() - dayMs));
    } catch (error) {
      log.warn(describeError(error), 'a sweep did not start');
    }
  };
  const task = cron.schedule(parts.sweepSchedule, (context) => {
    // The scheduled second, not the moment it fired, is what processes have in common.
    const work = run(new Date(Math.floor(context.date.getTime() / 1000) * 1000)).finally(() => running.delete(work));
    running.add(work);
  });
  return async () => {
    await task.destroy();
    await Promise.all(running);
  };
}
