// Lists that only pages for people read: each is made when a page first asks for it, so that a portal nobody looks at has none.
import { type Key, SortedList } from './sorted-list.ts';
import type { CrmRecord, ObjectType, PortalState, Thread } from './state.ts';

const byId = ({ id }: { id: string }): Key => [Number(id), 0];
const byChange = ({ updatedAt, id }: CrmRecord): Key => [updatedAt, Number(id)];

/** Living tickets. */
type Columns = {
  /** By pipeline and stage, in the order of their last change. */
  lists: Map<string, SortedList<CrmRecord>>;
  /** The list each ticket is in. */
  listOf: Map<CrmRecord, SortedList<CrmRecord>>;
};

/** All of it takes 21 MB of a portal with 100,000 tickets; what is absent nobody has looked at yet. */
type PageIndex = {
  columns?: Columns;
  /** Living ones. */
  contacts?: SortedList<CrmRecord>;
  /** Ids of threads by contact; may name what has changed since. */
  threadIds?: Map<string, Set<string>>;
};

const indexes = new WeakMap<PortalState, PageIndex>();

function indexOf(portal: PortalState): PageIndex {
  const index = indexes.get(portal) ?? {};
  indexes.set(portal, index);
  return index;
}

function columnKey(pipelineId: string | undefined, stageId: string | undefined): string {
  return `${pipelineId ?? ''} ${stageId ?? ''}`;
}

function isLiving(record: CrmRecord): boolean {
  return record.archivedAt === null;
}

function makeColumns(portal: PortalState): Columns {
  const groups = Map.groupBy(Object.values(portal.objects.tickets).filter(isLiving), ({ properties }) =>
    columnKey(properties.hs_pipeline, properties.hs_pipeline_stage),
  );
  const lists = new Map([...groups].map(([key, group]) => [key, new SortedList(group, byChange)]));
  const listOf = new Map<CrmRecord, SortedList<CrmRecord>>();
  for (const [key, list] of lists) for (const ticket of groups.get(key) ?? []) listOf.set(ticket, list);
  return { lists, listOf };
}

function columnsOf(portal: PortalState): Columns {
  const index = indexOf(portal);
  index.columns ??= makeColumns(portal);
  return index.columns;
}

function contactsOf(portal: PortalState): SortedList<CrmRecord> {
  const index = indexOf(portal);
  index.contacts ??= new SortedList(Object.values(portal.objects.contacts).filter(isLiving), byId);
  return index.contacts;
}

function threadIdsOf(portal: PortalState): Map<string, Set<string>> {
  const index = indexOf(portal);
  if (!index.threadIds) {
    index.threadIds = new Map();
    for (const thread of Object.values(portal.threads)) addThread(index.threadIds, thread);
  }
  return index.threadIds;
}

function addThread(threadIds: Map<string, Set<string>>, { id, contactId }: Thread): void {
  const known = threadIds.get(contactId);
  if (known) known.add(id);
  else threadIds.set(contactId, new Set([id]));
}

function placeTicket({ lists, listOf }: Columns, ticket: CrmRecord, isThere: boolean): void {
  const key = columnKey(ticket.properties.hs_pipeline, ticket.properties.hs_pipeline_stage);
  const before = listOf.get(ticket);
  const after = isThere ? (lists.get(key) ?? new SortedList([], byChange)) : undefined;
  if (before !== after) before?.remove(ticket);
  if (after) {
    after.put(ticket);
    lists.set(key, after);
    listOf.set(ticket, after);
  } else listOf.delete(ticket);
}

/** Called by portal-index.ts after every change of a record. */
export function followRecord(portal: PortalState, type: ObjectType, record: CrmRecord): void {
  const { columns, contacts } = indexes.get(portal) ?? {};
  const isThere = isLiving(record) && portal.objects[type][record.id] === record;
  if (type === 'tickets' && columns) placeTicket(columns, record, isThere);
  if (type !== 'contacts' || !contacts) return;
  if (isThere) contacts.put(record);
  else contacts.remove(record);
}

/** Called by portal-index.ts after every change of a thread. */
export function followThread(portal: PortalState, thread: Thread): void {
  const threadIds = indexes.get(portal)?.threadIds;
  if (threadIds) addThread(threadIds, thread);
}

export type Rows<T> = { rows: T[]; count: number };
/** Which rows of a list: so many are left out from its top, and so many follow. */
export type Window = { skip: number; take: number };

/** The tickets of a stage, the last changed first. */
export function listColumn(portal: PortalState, pipelineId: string, stageId: string, window: Window): Rows<CrmRecord> {
  const list = columnsOf(portal).lists.get(columnKey(pipelineId, stageId));
  return { rows: list?.fromEnd(window.skip, window.take) ?? [], count: list?.size ?? 0 };
}

/** Tickets of all stages, the last changed first. */
export function listLatestTickets(portal: PortalState, take: number): Rows<CrmRecord> {
  const { lists, listOf } = columnsOf(portal);
  const all = [...lists.values()].flatMap((list) => list.fromEnd(0, take));
  const rows = all.sort((a, b) => b.updatedAt - a.updatedAt || Number(b.id) - Number(a.id)).slice(0, take);
  return { rows, count: listOf.size };
}

/** The newest first. */
export function listContacts(portal: PortalState, { skip, take }: Window): Rows<CrmRecord> {
  const contacts = contactsOf(portal);
  return { rows: contacts.fromEnd(skip, take), count: contacts.size };
}

/** A contact's threads, the newest first. */
export function listThreadsBy(portal: PortalState, contactId: string): Thread[] {
  const threads = [...(threadIdsOf(portal).get(contactId) ?? [])].flatMap((id) => {
    const thread = portal.threads[id];
    return thread?.contactId === contactId ? thread : [];
  });
  return threads.sort((a, b) => Number(b.id) - Number(a.id));
}
