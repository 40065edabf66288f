// Looks whether an earlier try made a ticket whose answer was lost: it is done then, and must not be done again.
import { BatonError } from '../errors.ts';
import type { MessageFacts } from '../rules/facts.ts';
import { attempt } from './at-once.ts';
import type { Batch } from './batch.ts';
import type { Opened } from './judgements.ts';
import type { Senders } from './senders.ts';

/** `stageId` null = HubSpot did not say. */
export type Made = { ticketId: string; at: Date; stageId: string | null };
/** `exists` = somebody else's ticket is on the thread. */
export type Look = Made | 'exists' | BatonError;

/** HubSpot's clock and ours may differ. */
const clockSlackMs = 60_000;
const properties = ['hs_object_source', 'hs_object_source_id', 'createdate', 'subject', 'content', 'hs_pipeline_stage'];

type Properties = Map<string, Record<string, string | null>>;
export type PlannedTicket = { opened: Opened; subject: string; content: string | null };

/**
 * By plan; absent = not made. A thread's own ticket tells for sure. Where HubSpot shows none on the thread (the association may have
 * been left out, and a ticket that follows another has no thread there) it is a ticket of ours made since the plan, of the same
 * contact or following the same ticket, with the same subject, and no other thread's. Three calls, and one for each such candidate.
 */
export async function findMade(batch: Batch, planned: PlannedTicket[], senders: Senders): Promise<Map<string, Look>> {
  const looks = new Map<string, Look>();
  if (planned.length === 0) return looks;
  const found = await attempt(() => readCandidates(batch, planned, senders));
  if (found instanceof BatonError) return new Map(planned.map(({ opened }) => [opened.creation.plan, found]));
  const { read, related } = found;
  const taken = new Set<string>();
  const unsure: PlannedTicket[] = [];
  for (const one of planned) {
    const ticketId = shownTicketId(one.opened);
    if (ticketId === null) unsure.push(one);
    else {
      const made = readMade(batch, one, ticketId, read);
      if (made) taken.add(ticketId);
      looks.set(one.opened.creation.plan, made ?? 'exists');
    }
  }
  const owners = await batch.db.ticketMemory.findOwners(batch.portal.id, [...read.keys()]);
  for (const one of unsure) {
    const { plan } = one.opened.creation;
    const threadId = threadOf(one.opened);
    const candidates = (related.get(plan) ?? []).filter(
      (ticketId) =>
        !taken.has(ticketId) &&
        read.get(ticketId)?.subject?.trim() === one.subject &&
        (owners.get(ticketId) ?? []).every((owner) => owner === threadId),
    );
    // Two mails of one subject are told apart by what they say.
    const isSame = (ticketId: string) => read.get(ticketId)?.content?.trim() === one.content;
    candidates.sort((left, right) => Number(isSame(right)) - Number(isSame(left)));
    const look = await attempt(() => chooseMade(batch, one, candidates, read));
    if (!look) continue;
    looks.set(plan, look);
    if (!(look instanceof BatonError)) taken.add(look.ticketId);
  }
  return looks;
}

export function threadOf({ judged }: Opened): string {
  return (judged.facts as MessageFacts).thread.id;
}

/** What HubSpot itself shows on the thread; one that follows another ticket leaves that one there. */
function shownTicketId({ judged, creation }: Opened): string | null {
  return creation.followsTicketId === null ? (judged.facts as MessageFacts).thread.ticketId : null;
}

async function readCandidates({ gateway }: Batch, planned: PlannedTicket[], senders: Senders) {
  const related = new Map<string, string[]>();
  const byContact = planned.filter(
    ({ opened }) => opened.creation.followsTicketId === null && shownTicketId(opened) === null,
  );
  const followers = planned.filter(({ opened }) => opened.creation.followsTicketId !== null);
  const contactOf = ({ opened }: PlannedTicket): string | null => {
    const sender = senders.get(opened.subject.subject);
    if (sender instanceof BatonError) throw sender;
    return sender?.contactId ?? null;
  };
  const contactIds = [...new Set(byContact.map(contactOf))].filter((contactId) => contactId !== null);
  const followedIds = [...new Set(followers.map(({ opened }) => opened.creation.followsTicketId as string))];
  const [ofContacts, ofTickets] = await Promise.all([
    contactIds.length > 0 ? gateway.readAssociations('contacts', 'tickets', contactIds) : new Map<string, string[]>(),
    followedIds.length > 0 ? gateway.readAssociations('tickets', 'tickets', followedIds) : new Map<string, string[]>(),
  ]);
  for (const one of byContact) related.set(one.opened.creation.plan, ofContacts.get(contactOf(one) ?? '') ?? []);
  for (const { opened } of followers) {
    related.set(opened.creation.plan, ofTickets.get(opened.creation.followsTicketId as string) ?? []);
  }
  const shown = planned.flatMap(({ opened }) => shownTicketId(opened) ?? []);
  const ids = [...new Set([...shown, ...[...related.values()].flat()])];
  const read: Properties = ids.length > 0 ? await gateway.readProperties('tickets', ids, properties) : new Map();
  return { read, related };
}

/** Undefined unless this app made the ticket since it was planned. */
function readMade({ context }: Batch, { opened }: PlannedTicket, ticketId: string, read: Properties): Made | undefined {
  const values = read.get(ticketId);
  const { judged, creation } = opened;
  const plannedAt = (judged.facts as MessageFacts).plannedTickets.get(creation.plan);
  const at = readTime(values?.createdate);
  const ours = values?.hs_object_source === 'INTEGRATION' && values.hs_object_source_id === context.appId;
  if (!ours || !at || !plannedAt || at.getTime() < plannedAt.getTime() - clockSlackMs) return undefined;
  return { ticketId, at, stageId: values?.hs_pipeline_stage ?? null };
}

/** The first that HubSpot shows on no other thread. */
async function chooseMade(
  batch: Batch,
  one: PlannedTicket,
  candidates: string[],
  read: Properties,
): Promise<Made | undefined> {
  for (const ticketId of candidates) {
    const made = readMade(batch, one, ticketId, read);
    if (!made) continue;
    const threads = await batch.gateway.listThreadsOfTicket(ticketId);
    if (threads.every((thread) => thread.id === threadOf(one.opened))) return made;
  }
  return undefined;
}

/** ISO text, or epoch milliseconds as older properties print them. */
function readTime(text: string | null | undefined): Date | undefined {
  if (!text) return undefined;
  const at = new Date(/^\d+$/.test(text) ? Number(text) : text);
  return Number.isNaN(at.getTime()) ? undefined : at;
}
