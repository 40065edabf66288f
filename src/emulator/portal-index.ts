// What is kept beside the plain state so that a large portal answers fast: who has an address, a ticket's threads, a stage's tickets, lists in order.
import { followRecord, followThread, type Rows, type Window } from './page-index.ts';
import { comparable } from './search-values.ts';
import { type Key, SortedList } from './sorted-list.ts';
import type { CrmRecord, ObjectType, PortalState, Thread } from './state.ts';

const byId = ({ id }: { id: string }): Key => [Number(id), 0];
const byTouch = ({ updatedAt, archivedAt, id }: CrmRecord): Key => [Math.max(updatedAt, archivedAt ?? 0), Number(id)];
const byLatestMessage = ({ latestMessageAt, id }: Thread): Key => [latestMessageAt ?? 0, Number(id)];

/** Its maps may name what has changed since: readers look again. */
type PortalIndex = {
  contactIds: Map<string, string[]>;
  threadIds: Map<string, string[]>;
  /** By stage as search compares it. */
  ticketIds: Map<string | number, Set<string>>;
  records: Record<ObjectType, SortedList<CrmRecord>>;
  /** By the time of the last change or the deletion. */
  touched: Record<ObjectType, SortedList<CrmRecord>>;
  threads: SortedList<Thread>;
  threadsByLatest: SortedList<Thread>;
};

/** What a data file has yet to write of a portal; only kept for portals that have one. */
export type Changed = { records: Map<ObjectType, Set<string>>; threads: Set<string>; links: Set<string> };

const indexes = new WeakMap<PortalState, PortalIndex>();
const changes = new WeakMap<PortalState, Changed>();

const freshChanged = (): Changed => ({ records: new Map(), threads: new Set(), links: new Set() });

/** What has changed since the last call, from now on; undefined the first time, when all of it is new. */
export function takeChanged(portal: PortalState): Changed | undefined {
  const changed = changes.get(portal);
  changes.set(portal, freshChanged());
  return changed;
}

/** The next `takeChanged` is a first time again. */
export function forgetChanged(portal: PortalState): void {
  changes.delete(portal);
}

/** A list, since it holds one or two: a set for each ticket would take 15 MB of a large portal. */
function addTo(map: Map<string, string[]>, key: string, id: string): void {
  const known = map.get(key);
  if (!known) map.set(key, [id]);
  else if (!known.includes(id)) known.push(id);
}

function addToStage({ ticketIds }: PortalIndex, ticket: CrmRecord): void {
  const stage = stageOf(ticket);
  const known = ticketIds.get(stage);
  if (known) known.add(ticket.id);
  else ticketIds.set(stage, new Set([ticket.id]));
}

function listAddresses({ properties }: CrmRecord): string[] {
  const all = [properties.email ?? '', ...(properties.hs_additional_emails ?? '').split(';')];
  return all.filter((address) => address !== '').map((address) => address.toLowerCase());
}

function stageOf({ properties }: CrmRecord): string | number {
  return comparable(properties.hs_pipeline_stage ?? '');
}

function build(portal: PortalState): PortalIndex {
  const { objects, threads } = portal;
  const listAll = (keyOf: (record: CrmRecord) => Key) => {
    const list = (type: ObjectType) => new SortedList(Object.values(objects[type]), keyOf);
    const [tickets, emails, contacts] = [list('tickets'), list('emails'), list('contacts')];
    return { tickets, emails, contacts, notes: list('notes'), tasks: list('tasks') };
  };
  const all = Object.values(threads);
  const index: PortalIndex = {
    contactIds: new Map(),
    threadIds: new Map(),
    ticketIds: new Map(),
    records: listAll(byId),
    touched: listAll(byTouch),
    threads: new SortedList(all, byId),
    threadsByLatest: new SortedList(all, byLatestMessage),
  };
  for (const contact of Object.values(objects.contacts))
    for (const address of listAddresses(contact)) addTo(index.contactIds, address, contact.id);
  for (const ticket of Object.values(objects.tickets)) addToStage(index, ticket);
  for (const { id, ticketId } of all) if (ticketId) addTo(index.threadIds, ticketId, id);
  return index;
}

/** Made at the first look, from the state as it is. */
function indexOf(portal: PortalState): PortalIndex {
  const known = indexes.get(portal);
  if (known) return known;
  const made = build(portal);
  indexes.set(portal, made);
  return made;
}

/** To be called after every change of a record, its making and its erasure included. */
export function noteRecord(portal: PortalState, type: ObjectType, record: CrmRecord): void {
  const changed = changes.get(portal);
  if (changed) {
    const ids = changed.records.get(type) ?? new Set();
    changed.records.set(type, ids.add(record.id));
  }
  followRecord(portal, type, record);
  const index = indexes.get(portal);
  if (!index) return;
  const lists = [index.records[type], index.touched[type]];
  if (portal.objects[type][record.id] === record) for (const list of lists) list.put(record);
  else for (const list of lists) list.remove(record);
  if (type === 'tickets') addToStage(index, record);
  if (type === 'contacts') for (const address of listAddresses(record)) addTo(index.contactIds, address, record.id);
}

/** To be called after every change of a thread or its items, its making and its erasure included. */
export function noteThread(portal: PortalState, thread: Thread): void {
  changes.get(portal)?.threads.add(thread.id);
  followThread(portal, thread);
  const index = indexes.get(portal);
  if (!index) return;
  const lists = [index.threads, index.threadsByLatest];
  if (portal.threads[thread.id] === thread) for (const list of lists) list.put(thread);
  else for (const list of lists) list.remove(thread);
  if (thread.ticketId) addTo(index.threadIds, thread.ticketId, thread.id);
}

/** To be called after every change of the links under a key. */
export function noteLinks(portal: PortalState, key: string): void {
  changes.get(portal)?.links.add(key);
}

/** Living contacts of an address, primary or additional, whatever the case of the letters. */
export function listContactsOf(portal: PortalState, address: string): CrmRecord[] {
  const wanted = address.toLowerCase();
  return [...(indexOf(portal).contactIds.get(wanted) ?? [])].flatMap((id) => {
    const record = portal.objects.contacts[id];
    return record && record.archivedAt === null && listAddresses(record).includes(wanted) ? record : [];
  });
}

export function listThreadsWith(portal: PortalState, ticketId: string): Thread[] {
  return [...(indexOf(portal).threadIds.get(ticketId) ?? [])].flatMap((id) => {
    const thread = portal.threads[id];
    return thread?.ticketId === ticketId ? thread : [];
  });
}

/** All records of a type in the order of their ids, from the one after `afterId` on. Not to be kept: it is the index itself. */
export function recordsAfter(portal: PortalState, type: ObjectType, afterId: number): Iterable<CrmRecord> {
  return indexOf(portal).records[type].after([afterId, 0]);
}

export function countRecords(portal: PortalState, type: ObjectType): number {
  return indexOf(portal).records[type].size;
}

/** Records changed or deleted after a time (epoch ms), in that order. */
export function touchedAfter(portal: PortalState, type: ObjectType, time: number) {
  const list = indexOf(portal).touched[type];
  const key: Key = [time, Number.MAX_VALUE];
  return { count: list.countAfter(key), records: list.after(key) };
}

/** Tickets whose stage is this one, as search compares stages. */
export function ticketsInStage(portal: PortalState, stageId: string) {
  const stage = comparable(stageId);
  const ids = indexOf(portal).ticketIds.get(stage) ?? new Set();
  // Those that left are forgotten here: to find them at every move would cost each move.
  for (const id of ids) {
    const ticket = portal.objects.tickets[id];
    if (!ticket || stageOf(ticket) !== stage) ids.delete(id);
  }
  const records = [...ids].map((id) => portal.objects.tickets[id] as CrmRecord);
  return { count: ids.size, records };
}

/** Threads by their latest message, the newest first. */
export function latestThreads(portal: PortalState, { skip, take }: Window): Rows<Thread> {
  const { threadsByLatest } = indexOf(portal);
  return { rows: threadsByLatest.fromEnd(skip, take), count: threadsByLatest.size };
}

/** All threads in the order of their ids, or of their latest message and id, from the one after the key on. */
export function threadsAfter(portal: PortalState, sorted: boolean, key: Key): Iterable<Thread> {
  const { threads, threadsByLatest } = indexOf(portal);
  return sorted ? threadsByLatest.after(key) : threads.after([key[1], 0]);
}
