// Scheduled work: node-cron fires in every process, the tick's row in the database lets one of them run it.
import cron from 'node-cron';
import type { Db } from '../db/open-db.ts';
import { describeError, type Log } from '../log.ts';
import { encryptAnew } from './key-rotation.ts';
import { messageSweep } from './sweep-messages.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Records and ended portals are looked at so often, at the first tick of each period. */
const retentionPeriodMs = 6 * hourMs;

/** Starts the sweeps; answers how to stop them. A tick that fails is logged, and the next one looks as far back as needed. */
export function startSweeps(parts: {
  db: Pick<Db, 'sweeps' | 'events' | 'retention' | 'tokens' | 'webhookSecrets'>;
  sweepSchedule: string;
  log: Log;
  now: () => Date;
}): () => Promise<void> {
  const { db, log } = parts;
  const running = new Set<Promise<void>>();
  let stopping = false;
  const goOn = () => !stopping;
  const run = async (tick: Date): Promise<void> => {
    try {
      const portals = await db.sweeps.startSweep(messageSweep, tick);
      if (portals > 0) log.debug({ portals }, 'sweep started');
      await db.events.forgetSeen(parts.now());
      await db.sweeps.forgetTicks(new Date(parts.now().getTime() - dayMs));
      const period = new Date(Math.floor(tick.getTime() / retentionPeriodMs) * retentionPeriodMs);
      if (await db.sweeps.claimTick('retention', period)) {
        await forget();
        // Also after the start: a process that still has the old first key may have stored something since.
        await encryptAnew(parts);
      }
    } catch (error) {
      log.warn(describeError(error), 'a sweep did not come to its end; the next one makes up for it');
    }
  };
  const forget = async (): Promise<void> => {
    const erased = await db.retention.eraseEnded(parts.now(), goOn);
    const records = await db.retention.forgetOld(parts.now(), goOn);
    if (erased + records > 0) log.info({ portals: erased, records }, 'old records and ended portals were erased');
  };
  const task = cron.schedule(parts.sweepSchedule, (context) => {
    // The scheduled second, not the moment it fired, is what processes have in common.
    const work = run(new Date(Math.floor(context.date.getTime() / 1000) * 1000)).finally(() => running.delete(work));
    running.add(work);
  });
  return async () => {
    stopping = true;
    await task.destroy();
    await Promise.all(running);
  };
}
