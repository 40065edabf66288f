// Stage entries: a ticket reached a stage, and the stage's actions run once each, in order (PRODUCT.md 3).
import type { InboxEvent } from '../db/lanes.ts';
import type { PlannedAction } from '../db/planned-actions.ts';
import type { DecidedSubject } from '../db/ticket-memory.ts';
import { BatonError } from '../errors.ts';
import { describeError } from '../log.ts';
import { actionSubject, hasStageActions, planStage, type StagePlan } from '../rules/stage-entry.ts';
import { type ActionFacts, createActionFacts } from './actions/action-facts.ts';
import { actionRecord, ownMessageRecord, type RecordedAction } from './actions/action-record.ts';
import type { ActionResult, ActionRun } from './actions/action-run.ts';
import { runAction } from './actions/run-action.ts';
import { createWebhookBudget, type WebhookBudget } from './actions/webhook-post.ts';
import { nextRetryMs } from './backoff.ts';
import type { Batch } from './batch.ts';
import { countsAsTry, failEvents, stopsPortal } from './failure.ts';
import { readEntries, refreshEntry, type TicketEntry } from './stage-entry-facts.ts';
import { askedEntry, readAskedEntries } from './workflow-notifications.ts';

/** As many as HubSpot calls may be in flight (CONTRACT.md 5). */
const entriesAtOnce = 4;
/** Messages come first: entries that were not begun by then wait for the next batch. */
const sliceMs = 20_000;
/** Older than this a reading may have missed that the ticket went on. */
const readingMaxAgeMs = 2_000;

/**
 * Settles every one of these events, and those of notifications that workflows `asked` for: done, or to be looked at again. A failure keeps only its own action waiting. Throws `lease-lost`
 * and `database-unavailable`; nothing was recorded then, and what was done is found again.
 */
export async function runStageEntries(batch: Batch, events: InboxEvent[], asked: InboxEvent[]): Promise<void> {
  const wanted = hasStageActions(batch.context.settings, null) ? events : [];
  if (wanted.length === 0) batch.work.done.push(...events);
  const entries = [
    ...(await readOrFail(batch, wanted, readEntries)),
    ...(await readOrFail(batch, asked, readAskedEntries)),
  ];
  if (entries.length === 0) return;
  const planned = entries.map((entry) => ({ entry, plan: planFor(batch, entry) }));
  const slice = await openSlice(batch, planned);
  await Promise.all(
    Array.from({ length: entriesAtOnce }, async () => {
      for (let next = planned.shift(); next; next = planned.shift()) await runEntry(batch, slice, next);
    }),
  );
}

type PlannedEntry = { entry: TicketEntry; plan: StagePlan };

function planFor({ context }: Batch, { stageId, ticket, asked }: TicketEntry): StagePlan {
  const plan = planStage(context.settings, context.pipelines, stageId, ticket?.pipelineId ?? null);
  return asked ? { ...plan, actions: [asked.action] } : plan;
}

async function readOrFail(batch: Batch, events: InboxEvent[], read: typeof readEntries): Promise<TicketEntry[]> {
  try {
    return await read(batch, events);
  } catch (error) {
    const failure = passingFailure(error);
    for (const event of events) failUnread(batch, event, failure);
    return [];
  }
}

/** The entry was never read: its actions wait, or die, under the event's own time. */
function failUnread(batch: Batch, event: InboxEvent, failure: BatonError): void {
  const entry = unreadEntry(event, batch.now());
  if (!entry) {
    failEvents(batch, undefined, [event], failure);
    return;
  }
  const delayMs = retryMs(batch, entry, failure) ?? Number.POSITIVE_INFINITY;
  const { settingsVersion } = batch;
  const waiting = planFor(batch, entry).actions.map((action) => {
    const subject = subjectOf(entry, action.id);
    return { delayMs, failure, recorded: { subject, entry, action, settingsVersion, previous: undefined } };
  });
  settleEntry(batch, entry, waiting);
}

function unreadEntry(event: InboxEvent, readAt: Date): TicketEntry | undefined {
  const { ticketId, stageId, occurredAt } = event;
  if (event.notification) return askedEntry(event, undefined, readAt);
  if (!ticketId || !stageId) return undefined;
  const told = { ticketId, stageId, enteredAt: occurredAt, readAt, events: [event] };
  return { ...told, mergedId: null, ticket: undefined, current: false };
}

/** What is the batch's own trouble is thrown on: nothing of it may be settled. */
function passingFailure(error: unknown): BatonError {
  if (!(error instanceof BatonError)) throw error;
  if (error.code === 'lease-lost' || error.code === 'database-unavailable') throw error;
  return error;
}

type Slice = {
  facts: ActionFacts;
  webhooks: WebhookBudget;
  decided: Map<string, DecidedSubject>;
  plans: Map<string, PlannedAction>;
  endsAtMs: number;
  /** Set once HubSpot has said that it takes nothing more of this portal for now. */
  stopped: BatonError | undefined;
};

async function openSlice(batch: Batch, planned: PlannedEntry[]): Promise<Slice> {
  const subjects = planned.flatMap(({ entry, plan }) => plan.actions.flatMap(({ id }) => subjectsOf(entry, id)));
  const [decided, plans] = await Promise.all([
    batch.db.ticketMemory.findDecided(batch.portal.id, subjects),
    batch.db.plannedActions.findPlanned(batch.portal.id, subjects),
  ]);
  const tickets = planned.flatMap(({ entry }) => entry.ticket ?? []);
  const actions = planned.flatMap(({ plan }) => plan.actions);
  const facts = createActionFacts(batch, { tickets: [...new Set(tickets)], actions: [...new Set(actions)] });
  const endsAtMs = performance.now() + sliceMs;
  return { facts, webhooks: createWebhookBudget(), decided, plans, endsAtMs, stopped: undefined };
}

function subjectOf(entry: TicketEntry, actionId: string): string {
  return entry.asked?.subject ?? actionSubject(entry.ticketId, entry, actionId);
}

/** Of a ticket that was merged, what was done under its old id counts. */
function subjectsOf(entry: TicketEntry, actionId: string): string[] {
  const own = subjectOf(entry, actionId);
  return entry.mergedId ? [own, actionSubject(entry.mergedId, entry, actionId)] : [own];
}

type Waiting = { delayMs: number; failure: BatonError | undefined; recorded: RecordedAction };

async function runEntry(batch: Batch, slice: Slice, { entry, plan }: PlannedEntry): Promise<void> {
  const waiting: Waiting[] = [];
  let notified = false;
  for (const action of plan.actions) {
    const previous = subjectsOf(entry, action.id).map((subject) => slice.decided.get(subject));
    const [known] = previous.filter((one) => one !== undefined);
    if (known && known.outcome !== 'dead') {
      notified ||= action.kind === 'send-notification' && isSent(known.outcome);
      continue;
    }
    const subject = known?.subject ?? subjectOf(entry, action.id);
    const recorded = { subject, entry, action, settingsVersion: batch.settingsVersion, previous: known };
    // The second notification is for the case that the first does not go out, which must be known.
    const undecided = waiting.some((one) => one.recorded.action.kind === 'send-notification');
    if (action.kind === 'send-notification' && undecided) {
      waiting.push({ delayMs: waitsLongest(waiting), failure: undefined, recorded });
      continue;
    }
    const run = { batch, facts: slice.facts, entry, plan, action, subject, planned: slice.plans.get(subject) };
    const result = await tryAction(run, slice, notified);
    if ('outcome' in result) {
      batch.work.records.push(actionRecord(recorded, result, batch.now()));
      if (result.posted) batch.work.records.push(ownMessageRecord(result.posted, recorded));
      batch.work.forgottenPlans.push(subject);
      notified ||= action.kind === 'send-notification' && isSent(result.outcome);
    } else waiting.push({ ...result, recorded });
  }
  settleEntry(batch, entry, waiting);
}

function isSent(outcome: string): boolean {
  return outcome === 'done' || outcome === 'shadow';
}

function waitsLongest(waiting: Waiting[]): number {
  return Math.max(...waiting.map(({ delayMs }) => delayMs));
}

type Tried = Exclude<ActionResult, { waitMs: number }> | { delayMs: number; failure: BatonError | undefined };

async function tryAction(run: ActionRun, slice: Slice, notified: boolean): Promise<Tried> {
  const { batch, entry } = run;
  try {
    if (slice.stopped) throw slice.stopped;
    if (performance.now() > slice.endsAtMs) return { delayMs: 0, failure: undefined };
    if (batch.now().getTime() - entry.readAt.getTime() > readingMaxAgeMs) await refreshEntry(batch, entry);
    const result = await runAction(run, { webhooks: slice.webhooks, notified });
    return 'waitMs' in result ? { delayMs: result.waitMs, failure: undefined } : result;
  } catch (error) {
    const failure = passingFailure(error);
    if (stopsPortal(failure)) slice.stopped = failure;
    batch.log.debug({ portalId: batch.portal.id, ...describeError(failure) }, 'a stage action will be tried again');
    return { delayMs: retryMs(batch, entry, failure) ?? Number.POSITIVE_INFINITY, failure };
  }
}

/** Undefined = that was the last try. */
function retryMs({ now, leaseMs }: Batch, { events }: TicketEntry, failure: BatonError): number | undefined {
  const attempts = countsAsTry(failure) ? Math.max(0, ...events.map((event) => event.attempts)) : 0;
  const delayMs = nextRetryMs(attempts, Math.random());
  if (delayMs === undefined) return undefined;
  const askedMs = failure.retryAt ? failure.retryAt.getTime() - now().getTime() : 0;
  // What was sent may still be on its way into HubSpot: looked for too early it would seem not to have arrived.
  const arrivesMs = failure.code === 'hubspot-unknown-outcome' ? leaseMs / 3 : 0;
  return Math.max(delayMs, askedMs, arrivesMs);
}

/** Done once every action has its record; what can no longer be tried is recorded as dead, and its event kept. */
function settleEntry(batch: Batch, { events }: TicketEntry, waiting: Waiting[]): void {
  const { work } = batch;
  const dead = waiting.filter(({ delayMs }) => delayMs === Number.POSITIVE_INFINITY);
  const open = waiting.filter((one) => !dead.includes(one));
  for (const { recorded, failure } of dead) {
    const error = failure?.detail ?? failure?.message ?? null;
    work.records.push(actionRecord(recorded, { outcome: 'dead', reason: null, error, evidence: [] }, batch.now()));
  }
  if (open.length > 0) {
    const delayMs = Math.min(...open.map((one) => one.delayMs));
    const failed = open.some(({ failure }) => failure !== undefined && countsAsTry(failure));
    work.later.push(...events.map((event) => ({ event, delayMs, failed })));
  } else if (dead.length > 0) {
    const errorCode = dead.find(({ failure }) => failure)?.failure?.code ?? 'hubspot-transient';
    work.dead.push(...events.map((event) => ({ event, errorCode })));
  } else work.done.push(...events);
}
