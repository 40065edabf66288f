// The email activity (0-49) that a portal may keep beside a conversation message: it alone carries HubSpot's out-of-office mark.
import type { Email } from '../crm.ts';
import { BatonError } from '../errors.ts';
import { describeError } from '../log.ts';
import type { Judged, MessageFacts } from '../rules/facts.ts';
import { judgeMessage } from '../rules/message-verdict.ts';
import { attempt } from './at-once.ts';
import type { Batch } from './batch.ts';
import { type Judgements, recordJudged, type Waiting } from './judgements.ts';
import type { ThreadReadings } from './thread-facts.ts';

/** Whether a portal keeps twins is unknown (DATA.md 9, item 2) and changes rarely: one that keeps none is asked again after this. */
const askAgainMs = 3_600_000;
/** A twin is stamped within two minutes of its message (DATA.md 7c). */
const twinWindowMs = 120_000;
/** Of each ticket, newest ids first: a twin of what has just come in is among them. */
const emailsPerTicket = 5;
const maxPortals = 10_000;

export type TwinMemory = ReturnType<typeof createTwinMemory>;

/** In this worker's memory only: another one asks for itself. */
export function createTwinMemory(now: () => Date) {
  const withoutTwins = new Map<string, number>();
  return {
    keepsNone(portalId: string): boolean {
      return (withoutTwins.get(portalId) ?? 0) > now().getTime();
    },
    learnNone(portalId: string): void {
      withoutTwins.set(portalId, now().getTime() + askAgainMs);
      if (withoutTwins.size > maxPortals) withoutTwins.delete(withoutTwins.keys().next().value as string);
    },
  };
}

type Candidate = { ticketId: string; one: Waiting; facts: MessageFacts };

/**
 * Takes out of the tickets' messages those whose twin HubSpot marks out of office, and records them as automatic. Two calls for all
 * tickets an incoming message may move, none in a portal that keeps no twins. A twin that is not there proves nothing, and so
 * does a failure to read it: the message then counts by its text.
 */
export async function setAsideOutOfOffice(
  batch: Batch,
  judgements: Judgements,
  threads: ThreadReadings,
): Promise<void> {
  if (!batch.context.settings.guards.automaticReplies || batch.twins.keepsNone(batch.portal.id)) return;
  // A move that an earlier try sent is done; its message is recorded with it.
  const sent = new Set(batch.events.flatMap((event) => event.intents.map((intent) => intent.subject)));
  const candidates = [...judgements.tickets].flatMap(([ticketId, { facts: ticket, judged }]) =>
    judged.flatMap((one): Candidate[] => {
      const { facts, direction, targetStageId } = one.judged;
      const isMove = direction === 'INCOMING' && targetStageId !== ticket.ticket.stageId;
      return isMove && !sent.has(facts.subject) && facts.kind === 'message' ? [{ ticketId, one, facts }] : [];
    }),
  );
  if (candidates.length === 0) return;
  const emails = await attempt(() =>
    readIncomingEmails(batch, [...new Set(candidates.map(({ ticketId }) => ticketId))]),
  );
  if (emails instanceof BatonError) {
    // Without the permission no later try reads more.
    if (emails.code === 'hubspot-scope-missing') batch.twins.learnNone(batch.portal.id);
    batch.log.warn({ portalId: batch.portal.id, ...describeError(emails) }, 'email twins were not read');
    return;
  }
  for (const { ticketId, one, facts } of candidates) {
    if (isMarked(facts, emails.get(ticketId) ?? [])) setAside(batch, judgements, ticketId, one, facts);
  }
  const keepsTwins = candidates.some(({ ticketId, facts }) => {
    const reading = threads.get(facts.thread.id);
    const messages = reading && !(reading instanceof BatonError) ? reading.messages : [];
    return messages.some((message) => findTwins({ ...facts, message }, emails.get(ticketId) ?? []).length > 0);
  });
  if (!keepsTwins) batch.twins.learnNone(batch.portal.id);
}

async function readIncomingEmails({ gateway }: Batch, ticketIds: string[]): Promise<Map<string, Email[]>> {
  const associated = await gateway.readAssociations('tickets', 'emails', ticketIds);
  const newest = new Map(
    [...associated].map(([ticketId, emailIds]) => [
      ticketId,
      emailIds
        .toSorted((left, right) => right.length - left.length || (left < right ? 1 : -1))
        .slice(0, emailsPerTicket),
    ]),
  );
  const wanted = [...new Set([...newest.values()].flat())];
  const emails = wanted.length > 0 ? await gateway.readEmails(wanted) : new Map<string, Email>();
  const read = (emailId: string): Email[] => {
    const email = emails.get(emailId);
    return email?.direction === 'INCOMING_EMAIL' ? [email] : [];
  };
  return new Map([...newest].map(([ticketId, emailIds]) => [ticketId, emailIds.flatMap(read)]));
}

/** Emails from the same sender about the same time as an incoming message. */
function findTwins({ message }: MessageFacts, emails: Email[]): Email[] {
  if (message.type !== 'MESSAGE' || message.direction !== 'INCOMING') return [];
  const from = message.senders.find((sender) => sender.address)?.address?.toLowerCase();
  return emails.filter(
    (email) =>
      from !== undefined &&
      email.fromAddress?.toLowerCase() === from &&
      distanceMs(email, message.createdAt) <= twinWindowMs,
  );
}

function distanceMs({ sentAt, createdAt }: Email, at: Date): number {
  return Math.abs((sentAt ?? createdAt).getTime() - at.getTime());
}

/** By the nearest in time; where two are as near, one of them unmarked, the message may be a person's. */
function isMarked(facts: MessageFacts, emails: Email[]): boolean {
  const twins = findTwins(facts, emails);
  const at = facts.message.createdAt;
  const nearestMs = Math.min(...twins.map((email) => distanceMs(email, at)));
  const nearest = twins.filter((email) => distanceMs(email, at) - nearestMs < 1_000);
  return nearest.length > 0 && nearest.every((email) => email.outOfOffice);
}

function setAside(batch: Batch, { tickets }: Judgements, ticketId: string, one: Waiting, facts: MessageFacts): void {
  const plan = tickets.get(ticketId);
  const judged: Judged = judgeMessage({ ...facts, outOfOffice: true }, batch.context);
  // What an earlier try may have made is looked for first.
  if (!plan || judged.reason === null) return;
  recordJudged(batch, one.subject, judged);
  plan.judged = plan.judged.filter((other) => other !== one);
  if (plan.judged.length === 0) tickets.delete(ticketId);
}
