// Reading conversations: threads and messages (DATA.md 3.1, 3.2).
import { type Answer, invalid, notFound, printTime } from './answers.ts';
import type { Call } from './call.ts';
import { readLimit } from './objects.ts';
import { threadsAfter } from './portal-index.ts';
import type { Item, Thread } from './state.ts';

export function printThread(thread: Thread, withTicket: boolean) {
  const optional = (name: string, time: number | null) => (time === null ? {} : { [name]: printTime(time) });
  return {
    id: thread.id,
    createdAt: printTime(thread.createdAt),
    ...optional('closedAt', thread.closedAt),
    status: thread.status,
    originalChannelId: thread.channelId,
    originalChannelAccountId: thread.channelAccountId,
    ...optional('latestMessageTimestamp', thread.latestMessageAt),
    ...optional('latestMessageSentTimestamp', thread.latestSentAt),
    ...optional('latestMessageReceivedTimestamp', thread.latestReceivedAt),
    ...(thread.assignedTo ? { assignedTo: thread.assignedTo } : {}),
    spam: thread.spam,
    inboxId: thread.inboxId,
    associatedContactId: thread.contactId,
    archived: thread.archived,
    ...(withTicket && thread.ticketId ? { threadAssociations: { associatedTicketId: thread.ticketId } } : {}),
  };
}

function readsTicket(query: URLSearchParams): boolean {
  const association = query.getAll('association');
  if (association.some((name) => name !== 'TICKET')) throw invalid('association must be TICKET');
  return association.length > 0;
}

/** Latest message and id of the last thread of a page; the first is 0 where the order is by id. */
type Cursor = [latest: number, id: number];
type ThreadQuery = { sorted: boolean; after: number | null };

function readThreadQuery({ query, world: { quirks } }: Call): ThreadQuery {
  const text = query.get('latestMessageTimestampAfter');
  const sort = query.get('sort');
  if (sort !== null && sort !== 'latestMessageTimestamp' && sort !== 'id') throw invalid(`Invalid sort: ${sort}`);
  if (text === null && sort === 'latestMessageTimestamp')
    throw invalid('latestMessageTimestampAfter is required when sorting by latestMessageTimestamp');
  if (text !== null && sort !== 'latestMessageTimestamp')
    throw invalid('latestMessageTimestampAfter needs sort=latestMessageTimestamp');
  const after = text === null ? null : Date.parse(text);
  if (after !== null && Number.isNaN(after)) throw invalid('latestMessageTimestampAfter must be an ISO 8601 time');
  if (query.has('associatedTicketId') && quirks.threadsOfTicket === 'refused')
    throw invalid('associatedTicketId is no parameter of this path');
  if (query.has('associatedContactId') && !query.has('threadStatus'))
    throw invalid('threadStatus is required with associatedContactId');
  return { sorted: sort === 'latestMessageTimestamp', after };
}

/** In order, from the one after the cursor on, and no more than `max`. */
function selectThreads(call: Call, { after, sorted }: ThreadQuery, cursor: Cursor, max: number): Thread[] {
  const { portal, query, world } = call;
  const archived = query.get('archived') === 'true';
  const equals = (name: string, value: string | null) => !query.has(name) || query.get(name) === value;
  const isNewer = ({ latestMessageAt }: Thread) => {
    if (after === null) return true;
    if (latestMessageAt === null) return false;
    return world.quirks.latestMessageAfterIsInclusive ? latestMessageAt >= after : latestMessageAt > after;
  };
  const selected: Thread[] = [];
  // `after` itself is left to isNewer, which knows whether it counts.
  const start: Cursor = sorted && after !== null && after - 1 > cursor[0] ? [after - 1, Number.MAX_VALUE] : cursor;
  for (const thread of threadsAfter(portal, sorted, start)) {
    const fits =
      thread.archived === archived &&
      equals('inboxId', thread.inboxId) &&
      equals('associatedContactId', thread.contactId) &&
      equals('threadStatus', thread.status) &&
      (world.quirks.threadsOfTicket === 'ignored' || equals('associatedTicketId', thread.ticketId)) &&
      isNewer(thread);
    if (fits) selected.push(thread);
    if (selected.length === max) break;
  }
  return selected;
}

function cursorOf(thread: Thread, sorted: boolean): string {
  return Buffer.from(JSON.stringify([sorted ? thread.latestMessageAt : 0, Number(thread.id)])).toString('base64url');
}

function readCursor(text: string): Cursor {
  try {
    const [time, id] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown[];
    if (typeof time === 'number' && typeof id === 'number') return [time, id];
  } catch {
    // Not JSON: refused below like any other cursor that is none.
  }
  throw invalid('after must be a cursor of an earlier answer');
}

/** `GET .../threads` */
export function listThreads(call: Call): Answer {
  const { query } = call;
  const withTicket = readsTicket(query);
  const threadQuery = readThreadQuery(call);
  const limit = readLimit(query, 100, 500);
  const after = query.get('after');
  // One more than the page tells that there is a next one.
  const rest = selectThreads(call, threadQuery, after ? readCursor(after) : [-1, -1], limit + 1);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const paging = rest.length > limit && last ? { paging: { next: { after: cursorOf(last, threadQuery.sorted) } } } : {};
  return { status: 200, body: { results: page.map((thread) => printThread(thread, withTicket)), ...paging } };
}

export function findThread(call: Call): Thread {
  const thread = call.portal.threads[call.params.id ?? ''];
  if (!thread) throw notFound();
  return thread;
}

/** `GET .../threads/{id}`: an archived thread is found with `archived=true` only. */
export function getThreadById(call: Call): Answer {
  const thread = findThread(call);
  if (thread.archived && call.query.get('archived') !== 'true') throw notFound();
  return { status: 200, body: printThread(thread, readsTicket(call.query)) };
}

function readableItems(call: Call, thread: Thread): Item[] {
  const readableUntil = call.world.now() - call.world.quirks.messageLagMs;
  if (call.world.quirks.messageLagMs <= 0) return thread.items;
  return thread.items.filter((item) => Date.parse(item.createdAt) <= readableUntil);
}

/** `GET .../threads/{id}/messages`: newest first unless told otherwise; a page can be shorter than `limit` (DATA.md 3.2). */
export function listMessages(call: Call): Answer {
  const thread = findThread(call);
  const { query } = call;
  const sort = query.get('sort') ?? '-createdAt';
  if (sort !== 'createdAt' && sort !== '-createdAt') throw invalid(`Invalid sort: ${sort}`);
  const limit = readLimit(query, 100, 100);
  const size = call.world.quirks.sparseMessagePages ? Math.ceil(limit / 3) : limit;
  const unitMs = call.world.quirks.sameSecondOrder === 'arrival' ? 1_000 : 1;
  // The sort is stable: what falls into one unit stays in the order of arrival.
  const ascending = readableItems(call, thread)
    .map((item) => ({ item, at: Math.floor(Date.parse(item.createdAt) / unitMs) }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
  const isAscending = sort === 'createdAt' || call.world.quirks.messageSort === 'ascending';
  const items = isAscending ? ascending : ascending.reverse();
  const cursor = query.get('after');
  const start = cursor === null ? 0 : items.findIndex((item) => item.id === decodeItemCursor(cursor)) + 1;
  if (cursor !== null && start === 0) throw invalid('after must be a cursor of an earlier answer');
  const page = items.slice(start, start + size);
  const last = page.at(-1);
  const more = items.length > start + size && last;
  const paging = more ? { paging: { next: { after: Buffer.from(last.id).toString('base64url') } } } : {};
  return { status: 200, body: { results: page, ...paging } };
}

function decodeItemCursor(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString('utf8');
}

function findMessage(call: Call): Item {
  const item = readableItems(call, findThread(call)).find((candidate) => candidate.id === call.params.messageId);
  if (!item) throw notFound();
  return item;
}

export function getMessage(call: Call): Answer {
  return { status: 200, body: findMessage(call) };
}

/** `GET .../messages/{id}/original-content`: the whole text, also where `truncationStatus` tells of a cut one. */
export function getOriginalContent(call: Call): Answer {
  const { text, richText } = findMessage(call);
  return { status: 200, body: { text, ...(richText === undefined ? {} : { richText }) } };
}
