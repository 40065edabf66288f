// One leased batch from its events to its settlement: gather, judge, decide, perform, record.
import type { Portal } from '../crm.ts';
import type { InboxEvent, Lease, LeasedBatch } from '../db/lanes.ts';
import type { NewRecord } from '../db/new-records.ts';
import type { Db } from '../db/open-db.ts';
import { BatonError } from '../errors.ts';
import type { PortalGateway } from '../hubspot/gateway.ts';
import type { PipelineCache } from '../hubspot/pipeline-cache.ts';
import { describeError, type Log } from '../log.ts';
import { judgeEmail } from '../rules/email-verdict.ts';
import type { BatchContext, Facts, Judged, TicketFacts } from '../rules/facts.ts';
import { judgeMessage } from '../rules/message-verdict.ts';
import { toSecond } from '../rules/stage-history.ts';
import { decideTicket } from '../rules/ticket-decisions.ts';
import { nextLookMs } from './backoff.ts';
import { concernsOneCall, failEvents, putOff } from './failure.ts';
import { type Gathered, gatherFacts } from './gather.ts';
import { decidedRecord, isNews, judgedRecord, plainRecord } from './new-record.ts';
import { findDoneMove, performMoves, type TicketPlan } from './perform.ts';
import { runStageEntries } from './stage-entries.ts';
import { dropDecided, type SortedEvents, type Subject, sortEvents } from './subjects.ts';
import { sweepMissedMessages } from './sweep-messages.ts';
import type { ThreadReading } from './thread-facts.ts';
import { emptyWork, settleEachOnce, type Work } from './work.ts';

export type BatchParts = {
  db: Db;
  pipelines: PipelineCache;
  findOwnerAddresses: (portalId: string, gateway: PortalGateway) => Promise<ReadonlySet<string>>;
  appId: string;
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

type JudgedTicket = { facts: TicketFacts; judged: { subject: Subject; judged: Judged }[] };

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
  if (portal?.status !== 'installed') {
    endForUninstalled(sorted, version, work);
    return work;
  }
  for (const event of sorted.sweeps) await sweep(parts, { portal, gateway, event, work });
  const open = sorted.messages.size + sorted.emails.size + sorted.threadLooks.size + sorted.stageEvents.length;
  if (open === 0) return work;
  const { pipelines } = await parts.pipelines.get(lease.portalId, { maxAgeMs: pipelinesMaxAgeMs });
  const context = { settings, pipelines, appId: parts.appId };
  await decideBatch({ ...parts, lease, events, portal, gateway, settingsVersion: version, context, work }, sorted);
  return settleEachOnce(work);
}

/** A sweep that fails takes no message with it, and does not wait: the next tick's looks just as far back. */
async function sweep(parts: BatchParts, run: Parameters<typeof sweepMissedMessages>[1]): Promise<void> {
  try {
    await sweepMissedMessages(parts, run);
  } catch (error) {
    if (!(error instanceof BatonError) || !concernsOneCall(error)) throw error;
    parts.log.warn(
      { portalId: run.portal.id, ...describeError(error) },
      'a sweep failed; the next one makes up for it',
    );
    run.work.done.push(run.event);
  }
}

/** Events that wait when a portal's grant ends get their record and go; what is recorded already keeps its record. */
function endForUninstalled(sorted: SortedEvents, settingsVersion: number, work: Work): void {
  const end = { reason: 'uninstalled', outcome: 'skipped', error: null, evidence: [], verdict: null } as const;
  for (const subject of [...sorted.messages.values(), ...sorted.emails.values()]) {
    if (!subject.previous) work.records.push(plainRecord(subject, settingsVersion, { ...end, evidence: [] }));
    work.done.push(...subject.events);
  }
  for (const events of sorted.threadLooks.values()) work.done.push(...events);
  work.done.push(...sorted.stageEvents, ...sorted.sweeps);
}

async function decideBatch(batch: Batch, sorted: SortedEvents): Promise<void> {
  const { work } = batch;
  const { gathered, memory, threads } = await gatherFacts({ ...batch, settings: batch.context.settings }, sorted);
  work.memory.push(...memory);
  for (const [threadId, events] of sorted.threadLooks) settleLook(batch, events, threads.get(threadId));
  const plans = new Map<string, JudgedTicket>();
  for (const one of gathered) judgeOne(batch, one, plans);
  const decided = [...plans.values()].map((plan) => decideOne(batch, plan));
  await performPlans(batch, decided);
  await runStageEntries(batch, sorted.stageEvents);
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

function judgeOne(batch: Batch, { subject, facts }: Gathered, plans: Map<string, JudgedTicket>): void {
  if (facts instanceof BatonError) failEvents(batch, subject, subject.events, facts);
  else if (facts === 'missing') endMissing(batch, subject);
  else {
    const judged = facts.kind === 'message' ? judgeMessage(facts, batch.context) : judgeEmail(facts, batch.context);
    if (isToCome(judged) && waitForFact(batch, subject, facts)) return;
    const { ticket } = facts;
    if (judged.reason === null && typeof ticket === 'object') {
      const plan = plans.get(ticket.ticket.id) ?? { facts: ticket, judged: [] };
      plans.set(ticket.ticket.id, plan);
      plan.judged.push({ subject, judged });
    } else record(batch, subject, judgedRecord(subject, judged, batch.settingsVersion));
  }
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

/**
 * Whether what the reason rests on may still come to a message: its ticket, or the end of its sending. (DATA.md 3.1 lists SENT,
 * RECEIVED, READ, FAILED; an agent's message with another status or none is on its way.) An email has events of its own for both.
 */
function isToCome({ facts, reason, evidence }: Judged): boolean {
  if (facts.kind !== 'message') return false;
  const byAgent = evidence.some(({ check, passed }) => check === 'agent-sender' && passed);
  const isSending = byAgent && !['SENT', 'RECEIVED', 'READ', 'FAILED'].includes(facts.message.status ?? '');
  return reason === 'no-ticket' || (reason === 'not-a-message' && isSending);
}

/** Since the earliest: a time in the future, which HubSpot's clock may name, would be waited for. */
function ageMs({ now }: Batch, times: Date[]): number {
  return now().getTime() - Math.min(...times.map((at) => at.getTime()));
}

/** True when the subject is put off because a fact may still come. */
function waitForFact(batch: Batch, subject: Subject, facts?: Facts): boolean {
  const message = facts?.kind === 'message' ? facts : undefined;
  const told = subject.events.flatMap((event) => [event.occurredAt, event.receivedAt]);
  const times = told.length > 0 ? told : [message?.message.createdAt ?? batch.now()];
  const opens = message?.isFirst === true && message.message.direction === 'INCOMING';
  const waitMs = nextLookMs(ageMs(batch, times), opens);
  if (waitMs === undefined) return false;
  putOff(batch, subject, subject.events, waitMs, false);
  return true;
}

function record(batch: Batch, subject: Subject, fresh: NewRecord): void {
  if (isNews(fresh, subject.previous)) batch.work.records.push(fresh);
  batch.work.done.push(...subject.events);
}

/** Moves done before a crash are taken as done; the ticket's other messages are then decided after them. */
function decideOne(batch: Batch, plan: JudgedTicket): TicketPlan {
  let { facts } = plan;
  const intents = batch.events.flatMap((event) => event.intents);
  const open: { subject: Subject; judged: Judged }[] = [];
  for (const one of plan.judged) {
    const done = findDoneMove(one.judged, facts, intents, batch.context.appId);
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
  }
  // A refusal may mean that a stage is gone, which the next batch should know; at most once a minute where a portal refuses all.
  const refused = [...results.values()].some((result) => 'reason' in result && result.reason === 'refused-by-hubspot');
  if (refused) await batch.pipelines.get(batch.portal.id, { maxAgeMs: 60_000 });
}
