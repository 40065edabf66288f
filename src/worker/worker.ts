// Room 4: leases portals with due events, works their batches, and settles them. Any number of workers serve different portals.
import type { Lease, LeasedBatch } from '../db/lanes.ts';
import type { OpenDb } from '../db/open-db.ts';
import { BatonError } from '../errors.ts';
import type { Pace } from '../hubspot/gateway.ts';
import type { HubSpot } from '../hubspot/hubspot.ts';
import { createPace } from '../hubspot/pace.ts';
import type { PipelineCache } from '../hubspot/pipeline-cache.ts';
import { describeError, type Log } from '../log.ts';
import { workBatch } from './batch.ts';
import { createOwnerCache } from './email-facts.ts';
import { settleFailure } from './failure.ts';
import { startSweeps } from './sweeps.ts';
import { emptyWork, type Work } from './work.ts';

export type WorkerParts = {
  db: OpenDb;
  hubspot: HubSpot;
  pipelines: PipelineCache;
  /** Baton's own HubSpot app id: how it knows its own writes. */
  appId: string;
  /** cron expression of the missed-message sweep, seconds allowed */
  sweepSchedule: string;
  log: Log;
  now?: () => Date;
  limits?: Partial<WorkerLimits>;
  /** One portal's pace, from what travelled with its lease. */
  paceOf?: (lease: Lease) => Pace;
};
export type WorkerLimits = {
  /** A lease not renewed for so long is another worker's to take. Longer than any one call (5 s) and its pace. */
  leaseMs: number;
  /** Portals worked on at a time. HubSpot's answers are what a worker waits for, so more than its processors. */
  lanes: number;
  batchSize: number;
  /** How often to look without having been told. */
  pollMs: number;
};
export type Worker = {
  start(): Promise<void>;
  /** Takes nothing more, finishes and releases what it holds. */
  stop(): Promise<void>;
};

const defaultLimits: WorkerLimits = { leaseMs: 30_000, lanes: 32, batchSize: 100, pollMs: 1_000 };
/** From this try on an event is worked alone, so that one that breaks its batch takes no other with it. */
const aloneFromAttempt = 3;

type Parts = Required<Omit<WorkerParts, 'limits'>> &
  WorkerLimits & { findOwnerAddresses: ReturnType<typeof createOwnerCache> };

export function createWorker(given: WorkerParts): Worker {
  const now = given.now ?? (() => new Date());
  const paceOf = given.paceOf ?? ((lease: Lease) => createPace({ used: lease.pace, spent: lease.takenOver }));
  const parts: Parts = {
    ...defaultLimits,
    ...given.limits,
    ...given,
    now,
    paceOf,
    findOwnerAddresses: createOwnerCache(now),
  };
  const running = new Set<Promise<void>>();
  let stopping = false;
  let stopListening: (() => Promise<void>) | undefined;
  let stopSweeps: (() => Promise<void>) | undefined;
  let claiming: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let again = false;

  async function claim(): Promise<void> {
    const free = parts.lanes - running.size;
    if (stopping || free <= 0) return;
    const batches = await parts.db.lanes.claimLanes(free, { leaseMs: parts.leaseMs, batchSize: parts.batchSize });
    for (const batch of batches) {
      const work = workLease(parts, batch).finally(() => {
        running.delete(work);
        look();
      });
      running.add(work);
    }
  }

  /** Looks for due lanes now; once more right after when asked meanwhile. */
  function look(): void {
    again = true;
    claiming ??= (async () => {
      while (again && !stopping) {
        again = false;
        await claim().catch((error) => parts.log.warn(describeError(error), 'due lanes could not be claimed'));
      }
      claiming = undefined;
    })();
  }

  return {
    async start() {
      const rotated = await parts.db.tokens.rotateKeys();
      if (rotated > 0) parts.log.info({ count: rotated }, 'tokens were encrypted anew with the first key');
      const listener = await parts.db.lanes.listenForDue(look);
      stopListening = listener.stop;
      stopSweeps = startSweeps(parts);
      timer = setInterval(look, parts.pollMs);
      look();
    },
    async stop() {
      stopping = true;
      clearInterval(timer);
      await stopSweeps?.();
      await stopListening?.();
      await claiming;
      await Promise.all(running);
    },
  };
}

/** Never throws: what cannot be settled is left to the lease's end, and logged. */
async function workLease(parts: Parts, leased: LeasedBatch): Promise<void> {
  const { lease } = leased;
  const pace = parts.paceOf(lease);
  const gateway = parts.hubspot.portal(lease.portalId, pace);
  const renewal = setInterval(() => {
    parts.db.lanes
      .renewLease(lease, parts.leaseMs)
      .catch((error) =>
        parts.log.warn({ portalId: lease.portalId, ...describeError(error) }, 'a lease was not renewed'),
      );
  }, parts.leaseMs / 3);
  try {
    const work = emptyWork();
    let pausedForMs = 0;
    for (const events of splitBatch(leased)) {
      const done = await workEvents(parts, { lease, events }, gateway);
      for (const key of Object.keys(work) as (keyof Work)[]) (work[key] as unknown[]).push(...done.work[key]);
      pausedForMs = Math.max(pausedForMs, done.pausedForMs);
    }
    await parts.db.lanes.settle(lease, { ...work, pace: pace.state(), pausedForMs });
    parts.log.debug(
      { portalId: lease.portalId, events: leased.events.length, calls: gateway.calls.total },
      'batch settled',
    );
  } catch (error) {
    const fields = { portalId: lease.portalId, events: leased.events.length, ...describeError(error) };
    parts.log.warn(fields, 'a batch was not settled; its events stay due');
  } finally {
    clearInterval(renewal);
  }
}

function splitBatch({ events }: LeasedBatch): LeasedBatch['events'][] {
  const alone = events.filter((event) => event.attempts >= aloneFromAttempt);
  const together = events.filter((event) => event.attempts < aloneFromAttempt);
  return [...(together.length > 0 ? [together] : []), ...alone.map((event) => [event])];
}

async function workEvents(
  parts: Parts,
  leased: LeasedBatch,
  gateway: ReturnType<HubSpot['portal']>,
): Promise<{ work: Work; pausedForMs: number }> {
  try {
    return { work: await workBatch(parts, leased, gateway), pausedForMs: 0 };
  } catch (error) {
    const failure = error instanceof BatonError ? error : new BatonError('internal', { cause: error });
    if (failure.code === 'lease-lost' || failure.code === 'database-unavailable') throw failure;
    const fields = { portalId: leased.lease.portalId, events: leased.events.length, ...describeError(error) };
    parts.log.warn(fields, 'a batch failed and will be tried again');
    return settleFailure(parts, leased.lease.portalId, leased.events, failure);
  }
}
