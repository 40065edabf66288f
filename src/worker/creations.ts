// Tickets for threads, exactly one each: for a new conversation (PRODUCT.md 1, A), and the one that follows a closed ticket.
import { BatonError } from '../errors.ts';
import type { NewTicket } from '../hubspot/gateway.ts';
import type { Creation, MessageFacts } from '../rules/facts.ts';
import { readOwnText } from '../rules/own-text.ts';
import { hasStageActions } from '../rules/stage-entry.ts';
import { attempt, forEachAtOnce } from './at-once.ts';
import type { Batch } from './batch.ts';
import { findMade, type Made, type PlannedTicket, threadOf } from './creation-looks.ts';
import { failEvents, putOff, stopsPortal } from './failure.ts';
import { ticketPlan } from './gather.ts';
import { type Judgements, type Opened, record, recordJudged, type Waiting } from './judgements.ts';
import { createdRecord, type MoveResult, skippedMove } from './new-record.ts';
import { birthEvent } from './own-events.ts';
import type { TicketPlan } from './perform.ts';
import { ensureContacts, findSenders, type Sender } from './senders.ts';
import { appliedOf } from './ticket-plans.ts';

export type Creations = {
  opened: Opened[];
  /** Messages whose thread may be about to get a ticket, by thread. */
  waiting: Map<string, Waiting[]>;
};

/** `not-made` = an earlier try did not make it, and by now none is wanted: the message is decided anew. An error = look again. */
type CreationResult = { made: Made } | { stayed: MoveResult & { ticketId?: string } } | 'not-made' | BatonError;
type Results = Map<string, CreationResult>;

export function collectCreations({ opened, ticketless }: Judgements, plans: TicketPlan[]): Creations {
  const creations: Creations = { opened: [...opened], waiting: new Map(ticketless) };
  for (const { subject, decided } of plans.flatMap((plan) => plan.decided)) {
    const { judged, creation } = decided;
    if (creation) creations.opened.push({ subject, judged, creation });
    if (decided.decision !== 'wait' || judged.facts.kind !== 'message') continue;
    const threadId = judged.facts.thread.id;
    creations.waiting.set(threadId, [...(creations.waiting.get(threadId) ?? []), { subject, judged }]);
  }
  return creations;
}

/** Makes what is to be made and settles every message of it. Throws `lease-lost`; what was sent by then is found by its plan. */
export async function performCreations(batch: Batch, { opened, waiting }: Creations): Promise<void> {
  const results = opened.length > 0 ? await makeTickets(batch, opened) : new Map<string, CreationResult>();
  const byThread = new Map<string, CreationResult>();
  for (const one of opened) {
    const result = results.get(one.creation.plan) ?? new BatonError('hubspot-unknown-outcome');
    byThread.set(threadOf(one), result);
    settleOpened(batch, one, result);
  }
  for (const [threadId, messages] of waiting) settleWaiting(batch, messages, byThread.get(threadId));
  // As after a refused move: a stage may be gone.
  const refused = [...results.values()].some(
    (result) => typeof result === 'object' && 'stayed' in result && result.stayed.reason === 'refused-by-hubspot',
  );
  if (refused) await batch.pipelines.get(batch.portal.id, { maxAgeMs: 60_000 });
}

async function makeTickets(batch: Batch, opened: Opened[]): Promise<Results> {
  const { gateway, db, lease, leaseMs } = batch;
  const results: Results = new Map();
  const { shadow } = batch.context.settings;
  const isPlanned = ({ judged, creation }: Opened) => (judged.facts as MessageFacts).plannedTickets.has(creation.plan);
  const asked = opened.filter((one) => isPlanned(one) || !shadow);
  const senders = await findSenders(
    gateway,
    asked.map(({ judged }) => judged.facts as MessageFacts),
  );
  const looks = await findMade(batch, opened.filter(isPlanned).map(describeTicket), senders);
  for (const [plan, look] of looks) results.set(plan, readLook(look));
  const wanted: Wanted[] = [];
  for (const one of opened) {
    const { plan, target } = one.creation;
    const sender = senders.get(one.subject.subject);
    if (results.has(plan)) continue;
    if (!target) results.set(plan, 'not-made');
    else if (shadow) results.set(plan, { stayed: { ...skippedMove, outcome: 'shadow' } });
    else if (!sender || sender instanceof BatonError) results.set(plan, readFailure(sender));
    else wanted.push({ ...one, target, sender });
  }
  const ready = await withContacts(batch, wanted, results);
  if (ready.length === 0) return results;
  const plans = ready.map((one) => ({ subject: one.creation.plan, kind: ticketPlan, threadId: threadOf(one) }));
  await db.plannedActions.plan(lease, plans, leaseMs);
  let stopped: BatonError | undefined;
  await forEachAtOnce(ready, async (one) => {
    const result = stopped ?? (await makeTicket(batch, one, isPlanned(one)));
    // What every further call would meet: they are not tried, and not counted as tried.
    if (result instanceof BatonError && stopsPortal(result)) stopped = result;
    results.set(one.creation.plan, result);
  });
  return results;
}

type Wanted = Opened & { target: NonNullable<Creation['target']>; sender: Sender };

function readLook(look: Made | 'exists' | BatonError): CreationResult {
  if (look === 'exists') return { stayed: { ...skippedMove, reason: 'ticket-exists' } };
  return look instanceof BatonError ? readFailure(look) : { made: look };
}

/** Those whose contact is known by now, or known not to be had. */
async function withContacts({ gateway }: Batch, wanted: Wanted[], results: Results): Promise<Wanted[]> {
  const contacts = await ensureContacts(
    gateway,
    wanted.map(({ sender }) => sender),
  );
  return wanted.filter(({ sender, judged, creation }) => {
    const contact = contacts.get(sender);
    if (!contact || contact instanceof BatonError) results.set(creation.plan, readFailure(contact));
    else judged.evidence.push(contact);
    return !(contact instanceof BatonError);
  });
}

async function makeTicket({ gateway }: Batch, one: Wanted, plannedBefore: boolean): Promise<CreationResult> {
  const { subject, content } = describeTicket(one);
  const { followsTicketId } = one.creation;
  const ticket: NewTicket = {
    ...one.target,
    subject,
    content,
    contactId: one.sender.contactId,
    threadId: followsTicketId === null ? threadOf(one) : null,
    followsTicketId,
  };
  const made = await attempt(() => gateway.createTicket(ticket));
  if (!(made instanceof BatonError)) {
    return { made: { ticketId: made.ticketId, at: made.createdAt, stageId: one.target.stageId } };
  }
  if (made.code !== 'hubspot-refused' && made.code !== 'hubspot-not-found') return readFailure(made);
  // A thread takes one ticket only (DATA.md 3.1): the refusal may say that HubSpot or a person was first.
  const thread = followsTicketId === null ? await attempt(() => gateway.findThread(threadOf(one))) : undefined;
  if (thread instanceof BatonError) return readFailure(thread);
  if (thread?.ticketId) {
    // Or that an earlier try of ours was late: the next look will tell.
    if (plannedBefore) return new BatonError('hubspot-unknown-outcome');
    return { stayed: { ...skippedMove, reason: 'ticket-exists', ticketId: thread.ticketId } };
  }
  const error = made.detail ?? made.message;
  return { stayed: { ...skippedMove, outcome: 'failed', reason: 'refused-by-hubspot', error } };
}

/** No further try helps until an admin grants the scope; everything else is looked at again. */
function readFailure(error: BatonError | undefined): CreationResult {
  if (error?.code !== 'hubspot-scope-missing') return error ?? new BatonError('hubspot-unknown-outcome');
  return { stayed: { ...skippedMove, outcome: 'failed', reason: 'scope-missing', error: error.message } };
}

/** More than a subject line holds; HubSpot's limit of a text property is 65,536 characters. */
const maxSubjectLength = 500;

/** Subject and text go to HubSpot and nowhere else. A reply's text is what its writer wrote himself, as HubSpot's own `text` mostly is. */
function describeTicket(opened: Opened): PlannedTicket {
  const { message, thread } = opened.judged.facts as MessageFacts;
  const subject = (message.subject ?? '').replace(/\s+/g, ' ').trim().slice(0, maxSubjectLength).trim();
  const { own, whole } = readOwnText(message);
  const content = opened.creation.followsTicketId === null ? whole : own || whole;
  return { opened, subject: subject || `No subject (conversation ${thread.id})`, content: content || null };
}

function settleOpened(batch: Batch, { subject, judged, creation }: Opened, result: CreationResult): void {
  const { work, settingsVersion } = batch;
  if (result instanceof BatonError) {
    failEvents(batch, subject, subject.events, result);
    return;
  }
  work.forgottenPlans.push(creation.plan);
  if (result === 'not-made') putOff(batch, subject, subject.events, 0, false);
  else if ('stayed' in result) {
    const { ticketId = null, ...stayed } = result.stayed;
    const toStageId = creation.target?.stageId ?? null;
    record(batch, subject, createdRecord(subject, judged, settingsVersion, { ...stayed, ticketId, toStageId }));
  } else {
    const { ticketId, at, stageId } = result.made;
    const toStageId = creation.target?.stageId ?? stageId;
    const done = { ...skippedMove, outcome: 'done' as const, at, ticketId, toStageId };
    record(batch, subject, createdRecord(subject, judged, settingsVersion, done));
    const threadId = (judged.facts as MessageFacts).thread.id;
    work.memory.push({ kind: 'own-thread', threadId, ticketId, source: 'created' });
    work.memory.push({ kind: 'applied', ticketId, ...appliedOf(judged) });
    // Of a ticket found again after a lost answer HubSpot may not say the stage: the event's own look will.
    const acts = hasStageActions(batch.context.settings, toStageId);
    if (acts) work.newEvents.push(birthEvent(batch.portal.id, { ticketId, at }, batch.appId));
  }
}

/** They are decided with the new ticket, by the next batch; where none was asked for they stay without. */
function settleWaiting(batch: Batch, messages: Waiting[], result: CreationResult | undefined): void {
  for (const { subject, judged } of messages) {
    if (result === undefined) recordJudged(batch, subject, judged);
    else if (result instanceof BatonError) failEvents(batch, subject, subject.events, result);
    else putOff(batch, subject, subject.events, 0, false);
  }
}
