// Reading conversations: threads, messages, channel accounts, inboxes, actors (DATA.md 3.1, 3.2).
import { type Answer, invalid, isoTime, notFound } from './answers.ts';
import type { Call } from './call.ts';
import { readLimit } from './objects.ts';
import { findRecord } from './records.ts';
import type { Item, PortalState, Thread } from './state.ts';

const epoch = isoTime(0);

export function printThread(thread: Thread, withTicket: boolean) {
  const optional = (name: string, time: number | null) => (time === null ? {} : { [name]: isoTime(time) });
  return {
    id: thread.id,
    createdAt: isoTime(thread.createdAt),
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

type ThreadQuery = { sorted: boolean; after: number | null };

function readThreadQuery(query: URLSearchParams): ThreadQuery {
  const text = query.get('latestMessageTimestampAfter');
  const sort = query.get('sort');
  if (sort !== null && sort !== 'latestMessageTimestamp' && sort !== 'id') throw invalid(`Invalid sort: ${sort}`);
  if (text === null && sort === 'latestMessageTimestamp')
    throw invalid('latestMessageTimestampAfter is required when sorting by latestMessageTimestamp');
  if (text !== null && sort !== 'latestMessageTimestamp')
    throw invalid('latestMessageTimestampAfter needs sort=latestMessageTimestamp');
  const after = text === null ? null : Date.parse(text);
  if (after !== null && Number.isNaN(after)) throw invalid('latestMessageTimestampAfter must be an ISO 8601 time');
  if (query.has('associatedContactId') && !query.has('threadStatus'))
    throw invalid('threadStatus is required with associatedContactId');
  return { sorted: sort === 'latestMessageTimestamp', after };
}

function selectThreads(call: Call, { after, sorted }: ThreadQuery): Thread[] {
  const { portal, query, world } = call;
  const archived = query.get('archived') === 'true';
  const equals = (name: string, value: string | null) => !query.has(name) || query.get(name) === value;
  const isNewer = ({ latestMessageAt }: Thread) => {
    if (after === null) return true;
    if (latestMessageAt === null) return false;
    return world.quirks.latestMessageAfterIsInclusive ? latestMessageAt >= after : latestMessageAt > after;
  };
  return Object.values(portal.threads)
    .filter(
      (thread) =>
        thread.archived === archived &&
        equals('inboxId', thread.inboxId) &&
        equals('associatedContactId', thread.contactId) &&
        equals('threadStatus', thread.status) &&
        equals('associatedTicketId', thread.ticketId) &&
        isNewer(thread),
    )
    .sort((a, b) => (sorted ? (a.latestMessageAt ?? 0) - (b.latestMessageAt ?? 0) : 0) || Number(a.id) - Number(b.id));
}

function cursorOf(thread: Thread, sorted: boolean): string {
  return Buffer.from(JSON.stringify([sorted ? thread.latestMessageAt : 0, Number(thread.id)])).toString('base64url');
}

function readCursor(text: string): [number, number] {
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
  const threadQuery = readThreadQuery(query);
  const limit = readLimit(query, 100, 500);
  const cursor = query.get('after');
  const [time, id] = cursor ? readCursor(cursor) : [-1, -1];
  const rest = selectThreads(call, threadQuery).filter((thread) => {
    if (!cursor) return true;
    const at = threadQuery.sorted ? (thread.latestMessageAt ?? 0) : 0;
    return at > time || (at === time && Number(thread.id) > id);
  });
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
  const items = sort === 'createdAt' ? ascending : ascending.reverse();
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

export function getMessage(call: Call): Answer {
  const item = readableItems(call, findThread(call)).find((candidate) => candidate.id === call.params.messageId);
  if (!item) throw notFound();
  return { status: 200, body: item };
}

export function listChannelAccounts({ portal, query }: Call): Answer {
  const limit = readLimit(query, 100, 500);
  const accounts = portal.channelAccounts.filter(
    (account) =>
      (!query.has('channelId') || query.getAll('channelId').includes(account.channelId)) &&
      (!query.has('inboxId') || query.getAll('inboxId').includes(account.inboxId)),
  );
  return printPage(accounts, query, limit, (account) => ({
    id: account.id,
    channelId: account.channelId,
    inboxId: account.inboxId,
    name: account.name,
    active: true,
    authorized: true,
    archived: false,
    createdAt: epoch,
    deliveryIdentifier: { type: 'HS_EMAIL_ADDRESS', value: account.address },
  }));
}

export function listInboxes({ portal, query }: Call): Answer {
  const limit = readLimit(query, 100, 500);
  const dates = { createdAt: epoch, updatedAt: epoch };
  return printPage(portal.inboxes, query, limit, (inbox) => ({ ...inbox, ...dates, archived: false }));
}

function printPage<T extends { id: string }>(
  all: T[],
  query: URLSearchParams,
  limit: number,
  print: (one: T) => unknown,
): Answer {
  const after = Number(query.get('after') ?? 0);
  const rest = all.filter((one) => Number(one.id) > after).sort((a, b) => Number(a.id) - Number(b.id));
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const paging = rest.length > limit && last ? { paging: { next: { after: last.id } } } : {};
  return { status: 200, body: { total: all.length, results: page.map(print), ...paging } };
}

function printActor(portal: PortalState, actorId: string) {
  const [kind, id = ''] = [actorId.slice(0, 1), actorId.slice(2)];
  if (actorId === 'S-hubspot') return { id: actorId, type: 'SYSTEM', name: 'HubSpot' };
  if (kind === 'I') return { id: actorId, type: 'INTEGRATION', name: `App ${id}` };
  if (kind === 'A') {
    const user = portal.users.find((candidate) => candidate.userId === id);
    return user && { id: actorId, type: 'AGENT', name: `${user.firstName} ${user.lastName}`, email: user.email };
  }
  if (kind !== 'V') return undefined;
  const contact = findRecord(portal, 'contacts', id, { followsMerge: true });
  if (!contact) return undefined;
  const { firstname = '', lastname = '', email } = contact.properties;
  return { id: actorId, type: 'VISITOR', name: `${firstname} ${lastname}`.trim(), ...(email ? { email } : {}) };
}

/** `POST .../actors/batch/read` */
export function readActors(call: Call): Answer {
  const inputs = (call.body as { inputs?: unknown } | undefined)?.inputs;
  if (!Array.isArray(inputs) || inputs.length > 100) throw invalid('inputs must be a list of at most 100 actor ids');
  const results = inputs.flatMap((actorId) => printActor(call.portal, String(actorId)) ?? []);
  const now = isoTime(call.world.now());
  return { status: 200, body: { status: 'COMPLETE', results, startedAt: now, completedAt: now } };
}
