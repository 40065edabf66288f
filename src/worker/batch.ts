// One leased batch from its events to its settlement: gather, judge, decide, perform, record.
import type { Portal } from '../crm.ts';
import type { InboxEvent, Lease, LeasedBatch } from '../db/lanes.ts';
import type { Db } from '../db/open-db.ts';
import { BatonError } from '../errors.ts';
import type { PortalGateway } from '../hubspot/gateway.ts';
import type { PipelineCache } from '../hubspot/pipeline-cache.ts';
import type { Log } from '../log.ts';
import type { WebhookSender } from '../outgoing/webhook-sender.ts';
import type { BatchContext } from '../rules/facts.ts';
import { toSecond } from '../rules/stage-history.ts';
import { nextLookMs } from './backoff.ts';
import { collectCreations, performCreations } from './creations.ts';
import { failEvents } from './failure.ts';
import { gatherFacts } from './gather.ts';
import { ageMs, type Judgements, judgeOne } from './judgements.ts';
import { learnAtSweep, noteAssociations } from './mailbox-learning.ts';
import { setAsideOutOfOffice, type TwinMemory } from './message-twins.ts';
import { plainRecord } from './new-record.ts';
import { sortNewThreads } from './new-threads.ts';
import { holdForNewborns } from './newborn-tickets.ts';
import { runStageEntries } from './stage-entries.ts';
import { dropDecided, type SortedEvents, sortEvents } from './subjects.ts';
import { sweepPortal } from './sweep-portal.ts';
import type { ThreadReading } from './thread-facts.ts';
import { decideOne, performPlans } from './ticket-plans.ts';
import { emptyWork, settleEachOnce, type Work } from './work.ts';
import { openTicketLooks } from './workflow-looks.ts';

export type BatchParts = {
  db: Db;
  pipelines: PipelineCache;
  findOwnerAddresses: (portalId: string, gateway: PortalGateway) => Promise<ReadonlySet<string>>;
  twins: TwinMemory;
  appId: string;
  /** To customers' own servers. */
  webhookSender: WebhookSender;
  leaseMs: number;
  log: Log;
  now: () => Date;
};

/** Pipelines change rarely, and no webhook tells (DATA.md 1.4). */
const pipelinesMaxAgeMs = 10 * 60_000;

export type Batch = BatchParts & {
  lease: Lease;
  events: InboxEvent[];
  portal: Portal;
  gateway: PortalGateway;
  settingsVersion: number;
  context: BatchContext;
  work: Work;
};

/**
 * Everything that is to be settled for these events. Throws `lease-lost`, and the failures that concern the whole portal; nothing
 * was settled then. A failure of single threads, emails or tickets keeps only their events waiting.
 */
export async function workBatch(parts: BatchParts, leased: LeasedBatch, gateway: PortalGateway): Promise<Work> {
  const { lease, events } = leased;
  const work = emptyWork();
  const sorted = sortEvents(events);
  await noteAssociations(parts.db, lease.portalId, events);
  const subjects = [...sorted.messages.keys(), ...sorted.emails.keys()];
  const start = await parts.db.readBatchStart(lease.portalId, subjects);
  const { portal, version, settings } = start;
  dropDecided(sorted, start.decided);
  work.done.push(...sorted.done);
  work.memory.push(...sorted.memory);
  if (portal?.status !== 'installed') {
    endForUninstalled(sorted, version, work);
    return work;
  }
  for (const event of sorted.sweeps) await sweepPortal(parts, { portal, gateway, settings, event, work });
  if (sorted.sweeps.length > 0 && settings.mailbox.evidence === 'auto') {
    await learnAtSweep({ ...parts, work }, portal, gateway, pipelinesMaxAgeMs);
  }
  await sortNewThreads(parts, { portalId: lease.portalId, settings, sorted, work });
  await holdForNewborns(parts, { portalId: lease.portalId, settings, sorted, work });
  await openTicketLooks(parts, { portal, gateway, settingsVersion: version, sorted, work });
  const actions = sorted.stageEvents.length + sorted.notifications.length;
  const open = sorted.messages.size + sorted.emails.size + sorted.threadLooks.size + actions;
  if (open === 0) return work;
  // A sweep may have read them anew.
  const stored = sorted.sweeps.length === 0 ? start.pipelines : undefined;
  const { pipelines } = await parts.pipelines.get(lease.portalId, { maxAgeMs: pipelinesMaxAgeMs, stored });
  const context = { settings, pipelines, appId: parts.appId };
  await decideBatch({ ...parts, lease, events, portal, gateway, settingsVersion: version, context, work }, sorted);
  return settleEachOnce(work);
}

/** Events that wait when a portal's grant ends get their record and go; what is recorded already keeps its record. */
function endForUninstalled(sorted: SortedEvents, settingsVersion: number, work: Work): void {
  const end = { reason: 'uninstalled', outcome: 'skipped', error: null, evidence: [], verdict: null } as const;
  for (const subject of [...sorted.messages.values(), ...sorted.emails.values()]) {
    if (!subject.previous) work.records.push(plainRecord(subject, settingsVersion, { ...end, evidence: [] }));
    work.done.push(...subject.events);
  }
  const looks = [sorted.threadLooks, sorted.newThreads, sorted.ticketLooks].flatMap((one) => [...one.values()]);
  work.done.push(...looks.flat(), ...sorted.stageEvents, ...sorted.notifications, ...sorted.sweeps);
}

async function decideBatch(batch: Batch, sorted: SortedEvents): Promise<void> {
  const { work } = batch;
  const { gathered, memory, threads } = await gatherFacts({ ...batch, settings: batch.context.settings }, sorted);
  work.memory.push(...memory);
  for (const [threadId, events] of sorted.threadLooks) settleLook(batch, events, threads.get(threadId));
  const judgements: Judgements = { tickets: new Map(), opened: [], ticketless: new Map() };
  for (const one of gathered) judgeOne(batch, one, judgements);
  await setAsideOutOfOffice(batch, judgements, threads);
  const decided = [...judgements.tickets.values()].map((plan) => decideOne(batch, plan));
  await performPlans(batch, decided);
  await performCreations(batch, collectCreations(judgements, decided));
  await runStageEntries(batch, sorted.stageEvents, sorted.notifications);
}

/** Done once the message that the sweep saw in the listing can be read in the thread, or will not come any more. */
function settleLook(batch: Batch, events: InboxEvent[], reading: ThreadReading | BatonError | undefined): void {
  if (reading instanceof BatonError) {
    failEvents(batch, undefined, events, reading);
    return;
  }
  const newest = reading?.messages.at(-1)?.createdAt ?? new Date(0);
  for (const event of events) {
    const lags = reading !== undefined && toSecond(newest) < toSecond(event.occurredAt);
    const delayMs = lags ? nextLookMs(ageMs(batch, [event.occurredAt, event.receivedAt]), false) : undefined;
    if (delayMs === undefined) batch.work.done.push(event);
    else batch.work.later.push({ event, delayMs, failed: false });
  }
}
