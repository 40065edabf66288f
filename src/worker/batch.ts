// One leased batch from its events to its settlement: gather, judge, decide, perform, record.
import type { Portal } from '../crm.ts';
import type { InboxEvent, Lease, LeasedBatch } from '../db/lanes.ts';
import type { NewRecord } from '../db/new-records.ts';
import type { OpenDb } from '../db/open-db.ts';
import { BatonError } from '../errors.ts';
import type { PortalGateway } from '../hubspot/gateway.ts';
import type { PipelineCache } from '../hubspot/pipeline-cache.ts';
import type { Log } from '../log.ts';
import { judgeEmail } from '../rules/email-verdict.ts';
import type { BatchContext, Judged, MessageFacts, TicketFacts } from '../rules/facts.ts';
import { judgeMessage } from '../rules/message-verdict.ts';
import { decideTicket } from '../rules/ticket-decisions.ts';
import { nextLookMs } from './backoff.ts';
import { failEvents } from './failure.ts';
import { type Gathered, gatherFacts } from './gather.ts';
import { decidedRecord, isNews, judgedRecord, plainRecord } from './new-record.ts';
import { findDoneMove, performMoves, type TicketPlan } from './perform.ts';
import { dropDecided, type SortedEvents, type Subject, sortEvents } from './subjects.ts';
import { sweepMissedMessages } from './sweep-messages.ts';
import { emptyWork, type Work } from './work.ts';

export type BatchParts = {
  db: OpenDb;
  pipelines: PipelineCache;
  findOwnerAddresses: (portalId: string, gateway: PortalGateway) => Promise<ReadonlySet<string>>;
  appId: string;
  leaseMs: number;
  log: Log;
  now: () => Date;
};

/** Pipelines change rarely, and no webhook tells (DATA.md 1.4). */
const pipelinesMaxAgeMs = 10 * 60_000;

type Batch = BatchParts & {
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
  const portal = await parts.db.portals.findPortal(lease.portalId);
  const sorted = sortEvents(events);
  const subjects = [...sorted.messages.keys(), ...sorted.emails.keys()];
  dropDecided(sorted, await parts.db.ticketMemory.findDecided(lease.portalId, subjects));
  work.done.push(...sorted.done);
  work.memory.push(...sorted.memory);
  const { version, settings } = await parts.db.settings.getSettings(lease.portalId);
  if (!portal || portal.status !== 'installed') {
    endForUninstalled(sorted, version, work);
    return work;
  }
  for (const event of sorted.sweeps) await sweepMissedMessages(parts, { portal, gateway, event, work });
  const open = sorted.messages.size + sorted.emails.size + sorted.threadLooks.size + sorted.newTickets.size;
  if (open === 0) return work;
  const { pipelines } = await parts.pipelines.get(lease.portalId, { maxAgeMs: pipelinesMaxAgeMs });
  const context = { settings, pipelines, appId: parts.appId };
  const batch: Batch = { ...parts, lease, events, portal, gateway, settingsVersion: version, context, work };
  await decideBatch(batch, sorted);
  // An event that several messages share (a look at a thread) is done when all of them are.
  const waiting = new Set(work.later.map(({ event }) => event.id));
  work.done = work.done.filter((event) => !waiting.has(event.id));
  return work;
}

/** Events that wait when a portal's grant ends get their record and go. */
function endForUninstalled(sorted: SortedEvents, settingsVersion: number, work: Work): void {
  for (const subject of [...sorted.messages.values(), ...sorted.emails.values()]) {
    const end = {
      reason: 'uninstalled' as const,
      outcome: 'skipped' as const,
      error: null,
      evidence: [],
      verdict: null,
    };
    work.records.push(plainRecord(subject, settingsVersion, end));
    work.done.push(...subject.events);
  }
  for (const events of [...sorted.threadLooks.values(), ...sorted.newTickets.values()]) work.done.push(...events);
  work.done.push(...sorted.sweeps);
}

async function decideBatch(batch: Batch, sorted: SortedEvents): Promise<void> {
  const { work } = batch;
  const { gathered, memory, failedLooks } = await gatherFacts({ ...batch, settings: batch.context.settings }, sorted);
  work.memory.push(...memory);
  for (const [threadId, events] of sorted.threadLooks) {
    const failure = failedLooks.get(threadId);
    if (failure) failEvents(batch, undefined, events, failure);
    else work.done.push(...events);
  }
  for (const events of sorted.newTickets.values()) work.done.push(...events);
  const plans = new Map<string, { facts: TicketFacts; judged: { subject: Subject; judged: Judged }[] }>();
  for (const one of gathered) judgeOne(batch, one, plans);
  const decided = [...plans.values()].map((plan) => decideOne(batch, plan));
  await performPlans(batch, decided);
}

function judgeOne(
  batch: Batch,
  { subject, facts }: Gathered,
  plans: Map<string, { facts: TicketFacts; judged: { subject: Subject; judged: Judged }[] }>,
): void {
  if (facts instanceof BatonError) return failEvents(batch, subject, subject.events, facts);
  if (facts === 'missing') return endMissing(batch, subject);
  const judged = facts.kind === 'message' ? judgeMessage(facts, batch.context) : judgeEmail(facts, batch.context);
  if (judged.reason === 'no-ticket' && facts.kind === 'message' && waitForFact(batch, subject, facts)) return;
  const ticket = facts.ticket;
  if (judged.reason !== null || typeof ticket !== 'object')
    return record(batch, subject, judgedRecord(subject, judged, batch.settingsVersion));
  const plan = plans.get(ticket.ticket.id) ?? { facts: ticket, judged: [] };
  plans.set(ticket.ticket.id, plan);
  plan.judged.push({ subject, judged });
}

/** Not readable: HubSpot may need some seconds after its webhook; after the grace time it does not exist. */
function endMissing(batch: Batch, subject: Subject): void {
  if (waitForFact(batch, subject, undefined)) return;
  const seen = subject.kind === 'message' ? subject.messageId : subject.emailId;
  record(
    batch,
    subject,
    plainRecord(subject, batch.settingsVersion, {
      verdict: 'not-a-message',
      reason: 'not-a-message',
      outcome: 'skipped',
      error: null,
      evidence: [{ check: 'message-found', passed: false, seen }],
    }),
  );
}

/** True when the subject is put off because a fact may still come. */
function waitForFact(batch: Batch, subject: Subject, facts: MessageFacts | undefined): boolean {
  const sentAt = subject.events[0]?.occurredAt ?? facts?.message.createdAt ?? batch.now();
  const waitMs = nextLookMs(batch.now().getTime() - sentAt.getTime(), facts?.isFirst ?? false);
  if (waitMs === undefined) return false;
  // One that no event told of yet is found again with its thread, or by its own event.
  batch.work.later.push(...subject.events.map((event) => ({ event, delayMs: waitMs, failed: false })));
  return true;
}

function record(batch: Batch, subject: Subject, fresh: NewRecord): void {
  if (isNews(fresh, subject.previous)) batch.work.records.push(fresh);
  batch.work.done.push(...subject.events);
}

/** Moves done before a crash are taken as done; the ticket's other messages are then decided after them. */
function decideOne(
  batch: Batch,
  plan: { facts: TicketFacts; judged: { subject: Subject; judged: Judged }[] },
): TicketPlan {
  let { facts } = plan;
  const intents = batch.events.flatMap((event) => event.intents);
  const open: { subject: Subject; judged: Judged }[] = [];
  for (const one of plan.judged) {
    const done = findDoneMove(one.subject, facts, intents, batch.context.appId);
    if (!done) {
      open.push(one);
      continue;
    }
    const { intent, at } = done;
    const { fromStageId, toStageId } = intent;
    const decided = {
      judged: one.judged,
      decision: 'move' as const,
      reason: null,
      fromStageId,
      toStageId,
      applied: true,
    };
    const result = { outcome: 'done' as const, reason: null, error: null, at };
    record(batch, one.subject, decidedRecord(one.subject, decided, batch.settingsVersion, result));
    const applied = appliedOf(one.judged);
    batch.work.memory.push({ kind: 'applied', ticketId: facts.ticket.id, ...applied });
    if (!facts.applied || facts.applied.at <= applied.at) facts = { ...facts, applied };
  }
  const subjects = new Map(open.map(({ subject, judged }) => [judged, subject]));
  const decided = decideTicket(facts, [...subjects.keys()], batch.context);
  return { facts, decided: decided.map((one) => ({ subject: subjects.get(one.judged) as Subject, decided: one })) };
}

function appliedOf(judged: Judged) {
  const { facts, at, direction } = judged;
  const threadId = facts.kind === 'message' ? facts.thread.id : null;
  return { subject: facts.subject, threadId, direction: direction ?? ('INCOMING' as const), at };
}

async function performPlans(batch: Batch, plans: TicketPlan[]): Promise<void> {
  const shadow = batch.context.settings.shadow;
  const results = await performMoves({ ...batch, lanes: batch.db.lanes, shadow }, plans, batch.events);
  for (const { facts, decided } of plans) {
    const result = results.get(facts.ticket.id);
    if (result instanceof BatonError) {
      // Unknown or passing: every message of the ticket is looked at again, so that none is recorded on a guess.
      for (const { subject } of decided) failEvents(batch, subject, subject.events, result);
      continue;
    }
    for (const { subject, decided: one } of decided) {
      const own =
        one.decision === 'move' && result
          ? result
          : { outcome: 'skipped' as const, reason: null, error: null, at: null };
      record(batch, subject, decidedRecord(subject, one, batch.settingsVersion, own));
      if (one.applied && own.reason === null) {
        batch.work.memory.push({ kind: 'applied', ticketId: facts.ticket.id, ...appliedOf(one.judged) });
      }
    }
    if (result?.reason === 'refused-by-hubspot') await rereadPipelines(batch);
  }
}

/** A refusal may mean that a stage is gone: the next batch should know. */
async function rereadPipelines(batch: Batch): Promise<void> {
  await batch.pipelines.get(batch.portal.id, { maxAgeMs: 0 });
}
