// Room 4: leases portals with due events, works their batches, and settles them. Any number of workers serve different portals.
import { Registry } from 'prom-client';
import type { Lease, LeasedBatch } from '../db/lanes.ts';
import type { Db } from '../db/open-db.ts';
import { BatonError } from '../errors.ts';
import type { Pace } from '../hubspot/gateway.ts';
import type { HubSpot } from '../hubspot/hubspot.ts';
import { createPace } from '../hubspot/pace.ts';
import type { PipelineCache } from '../hubspot/pipeline-cache.ts';
import { describeError, type Log, withFields } from '../log.ts';
import { createWebhookSender, type WebhookSender } from '../outgoing/webhook-sender.ts';
import { workBatch } from './batch.ts';
import { createCircuits } from './circuit.ts';
import { createOwnerCache } from './email-facts.ts';
import { isDatabaseTrouble, settleFailure } from './failure.ts';
import { type HeldLease, holdLease } from './held-lease.ts';
import { encryptAnew } from './key-rotation.ts';
import { createTwinMemory, type TwinMemory } from './message-twins.ts';
import { createWorkerMetrics, type WorkerMetrics } from './metrics.ts';
import { chooseEvents, createSuspectCounts } from './suspects.ts';
import { startSweeps } from './sweeps.ts';
import { type BatchEnd, emptyWork } from './work.ts';

export type WorkerParts = {
  db: Db;
  hubspot: HubSpot;
  pipelines: PipelineCache;
  /** Baton's own HubSpot app id: how it knows its own writes. */
  appId: string;
  /** cron expression of the missed-message sweep, seconds allowed */
  sweepSchedule: string;
  log: Log;
  now?: () => Date;
  limits?: Partial<WorkerLimits>;
  /** To customers' own servers; by itself one that never posts to this machine. */
  webhookSender?: WebhookSender;
  /** One portal's pace, from what travelled with its lease. */
  paceOf?: (lease: Lease) => Pace;
  /** Where the worker registers what it counts. */
  metrics?: Registry;
};
export type WorkerLimits = {
  /** A lease not renewed for so long is another worker's to take. Longer than any one call (5 s) and its pace. */
  leaseMs: number;
  /** Portals worked on at a time. HubSpot's answers are what a worker waits for, so more than its processors. */
  lanes: number;
  batchSize: number;
  /** How often to look without having been told. */
  pollMs: number;
  /** How long a stop lets batches come to their end; the others are given back, which takes at most one call (5 s) more. */
  stopMs: number;
};
export type Worker = {
  start(): Promise<void>;
  /** Takes nothing more and releases what it holds: finished, or after `stopMs` as it was. */
  stop(): Promise<void>;
};

// 128 lanes: a single message is some 320 ms of waiting for HubSpot, so that 32 end at 100 portals a second. Measured on two cores with 100 messages
// a second over 1,000 portals: p50 315 ms instead of 336 to 415; with 1,000 a second 3.1 s instead of 7.5.
const defaultLimits: WorkerLimits = { leaseMs: 30_000, lanes: 128, batchSize: 100, pollMs: 1_000, stopMs: 8_000 };
/** A claim brings as many portals' events at most: 3,200 of them are some MB, and some ten milliseconds of PostgreSQL. */
const lanesPerClaim = 32;

type Parts = Required<Omit<WorkerParts, 'limits' | 'metrics'>> &
  WorkerLimits & {
    findOwnerAddresses: ReturnType<typeof createOwnerCache>;
    twins: TwinMemory;
    suspects: ReturnType<typeof createSuspectCounts>;
    circuits: ReturnType<typeof createCircuits>;
    metrics: WorkerMetrics;
  };

export function createWorker(given: WorkerParts): Worker {
  const now = given.now ?? (() => new Date());
  const paceOf = given.paceOf ?? ((lease: Lease) => createPace({ used: lease.pace, spent: lease.takenOver }));
  const parts: Parts = {
    webhookSender: createWebhookSender({ allowLoopback: false }),
    ...defaultLimits,
    ...given.limits,
    ...given,
    now,
    paceOf,
    findOwnerAddresses: createOwnerCache(now),
    twins: createTwinMemory(now),
    suspects: createSuspectCounts(),
    circuits: createCircuits(() => now().getTime()),
    metrics: createWorkerMetrics(given.metrics ?? new Registry()),
  };
  const running = new Map<Promise<void>, HeldLease>();
  let stopping = false;
  let stopListening: (() => Promise<void>) | undefined;
  let stopSweeps: (() => Promise<void>) | undefined;
  let claiming: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let again = false;

  async function claim(): Promise<void> {
    const free = Math.min(parts.lanes - running.size, lanesPerClaim);
    if (stopping || free <= 0) return;
    const claimedAtMs = performance.now();
    const batches = await parts.db.lanes.claimLanes(free, { leaseMs: parts.leaseMs, batchSize: parts.batchSize });
    // A full claim says that more may be due; a lane that ends looks by itself.
    if (batches.length === free) again = true;
    for (const batch of batches) {
      const held = holdLease({ ...parts, lanes: parts.db.lanes }, batch.lease, claimedAtMs);
      const work = workLease(parts, batch, held).finally(() => {
        held.end();
        running.delete(work);
        parts.metrics.leases.set(running.size);
        look();
      });
      running.set(work, held);
      parts.metrics.leases.set(running.size);
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
      await encryptAnew(parts);
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
      const patience = setTimeout(() => {
        for (const held of running.values()) held.giveUp();
      }, parts.stopMs);
      await Promise.all(running.keys());
      clearTimeout(patience);
    },
  };
}

/** Which deliveries told of these events, for the lines about their batch; each may be as many as its events. */
function deliveriesOf(events: LeasedBatch['events']): string {
  return [...new Set(events.map(({ deliveryId }) => deliveryId).filter((id) => id !== undefined))].join(',');
}

/** Never throws: what cannot be settled is left to the lease's end, and logged. */
async function workLease(given: Parts, { lease, events }: LeasedBatch, held: HeldLease): Promise<void> {
  const { portalId } = lease;
  // No other lease of any worker ever had this number: it names the batch in every line, those about its calls included.
  const trace = { batchId: `${portalId}-${lease.fence}` };
  const parts = { ...given, log: withFields(given.log, trace) };
  const pace = parts.paceOf(lease);
  const gateway = parts.hubspot.portal(portalId, held.guardPace(pace), trace);
  const chosen = chooseEvents(events, parts.suspects.countFor(portalId));
  const deliveryIds = deliveriesOf(chosen);
  let restMs: number | undefined;
  const settle = async ({ work, pausedForMs }: BatchEnd) => {
    restMs ??= parts.circuits.restAfter(portalId, gateway.calls); // once, though a settlement may be tried twice
    const settlement = { ...work, pace: pace.state(), pausedForMs: Math.max(pausedForMs, restMs) };
    await parts.db.lanes.settle(lease, settlement);
    parts.metrics.observe(chosen, work, parts.now());
  };
  const warn = (error: unknown, message: string) => {
    parts.metrics.failedBatches.inc({ code: asBatonError(error).code });
    parts.log.warn({ portalId, events: chosen.length, deliveryIds, ...describeError(error) }, message);
  };
  parts.log.debug({ portalId, events: chosen.length, deliveryIds }, 'working a batch');
  try {
    const end = await workEvents(parts, { lease, events: chosen }, gateway, warn);
    await settle(end);
    parts.suspects.learn(portalId, events, chosen, end.held);
    parts.log.debug({ portalId, events: chosen.length, calls: gateway.calls.total }, 'batch settled');
  } catch (error) {
    parts.suspects.learn(portalId, events, chosen, false);
    warn(error, 'a batch was not settled; its events stay due');
    try {
      await settle(await endUnsettled(parts, portalId, chosen, asBatonError(error)));
    } catch (again) {
      warn(again, 'a lease was not released and ends by itself');
    }
  }
}

/** Gives back what could not be worked to its end; what the database itself refused counts as a try, or it would come for ever. */
async function endUnsettled(
  parts: Parts,
  portalId: string,
  events: LeasedBatch['events'],
  failure: BatonError,
): Promise<BatchEnd> {
  if (failure.code === 'lease-lost') return { work: emptyWork(), pausedForMs: 0, held: false };
  if (isDatabaseTrouble(failure)) return { work: emptyWork(), pausedForMs: 1_000, held: false };
  return settleFailure(parts, portalId, events, failure);
}

function asBatonError(error: unknown): BatonError {
  return error instanceof BatonError ? error : new BatonError('internal', { cause: error });
}

async function workEvents(
  parts: Parts,
  leased: LeasedBatch,
  gateway: ReturnType<HubSpot['portal']>,
  warn: (error: unknown, message: string) => void,
): Promise<BatchEnd> {
  try {
    return { work: await workBatch(parts, leased, gateway), pausedForMs: 0, held: true };
  } catch (error) {
    const failure = asBatonError(error);
    if (failure.code === 'lease-lost' || isDatabaseTrouble(failure)) throw failure;
    warn(error, 'a batch failed and will be tried again');
    return settleFailure(parts, leased.lease.portalId, leased.events, failure);
  }
}
