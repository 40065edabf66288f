// What happens to a thread: items are appended, times and the ticket's roll-ups move, events go out (DATA.md 3).
import { isoTime } from './answers.ts';
import { dashedId } from './item-ids.ts';
import { listThreadsOfTicket } from './links.ts';
import { planOwnMove } from './own-automation.ts';
import { noteThread } from './portal-index.ts';
import { conversationsSource, findRecord, updateRecord } from './records.ts';
import { shareItem } from './shared-parts.ts';
import type { ChannelAccount, Item, PortalState, Thread } from './state.ts';
import { takeId } from './state.ts';
import { addTwin } from './twins.ts';
import type { World } from './world.ts';

/** HubSpot stamps incoming mail to the whole second, printed without a fraction. */
export function wholeSecond(epochMs: number): string {
  return `${isoTime(Math.floor(epochMs / 1000) * 1000).slice(0, 19)}Z`;
}

export function getThread(portal: PortalState, threadId: string): Thread {
  const thread = portal.threads[threadId];
  if (!thread) throw new Error(`emulator: portal ${portal.id} has no thread ${threadId}`);
  return thread;
}

export function addThread(
  world: World,
  portal: PortalState,
  made: { id?: string; account: ChannelAccount; contactId: string; ticketId?: string; at: number },
): Thread {
  const id = made.id ?? takeId(world.state, 'threads', world.random);
  if (portal.threads[id]) throw new Error(`emulator: portal ${portal.id} already has thread ${id}`);
  const thread: Thread = {
    id,
    status: 'OPEN',
    inboxId: made.account.inboxId,
    channelId: made.account.channelId,
    channelAccountId: made.account.id,
    contactId: made.contactId,
    createdAt: made.at,
    closedAt: null,
    assignedTo: null,
    spam: false,
    archived: false,
    latestMessageAt: null,
    latestReceivedAt: null,
    latestSentAt: null,
    ticketId: null,
    appMessageIds: [],
    twinIds: [],
    items: [],
  };
  portal.threads[id] = thread;
  noteThread(portal, thread);
  world.emit(portal, { kind: 'creation', type: 'conversations', id });
  if (made.ticketId) attachTicket(world, portal, thread, made.ticketId);
  return thread;
}

/** A conversation has at most one ticket and keeps it (DATA.md 3.1). */
export function attachTicket(world: World, portal: PortalState, thread: Thread, ticketId: string): void {
  if (thread.ticketId && thread.ticketId !== ticketId)
    throw new Error(`emulator: thread ${thread.id} already belongs to ticket ${thread.ticketId}`);
  thread.ticketId = ticketId;
  noteThread(portal, thread);
  const ticket = findRecord(portal, 'tickets', ticketId, { followsMerge: false });
  if (!ticket) throw new Error(`emulator: portal ${portal.id} has no ticket ${ticketId}`);
  const count = String(listThreadsOfTicket(portal, ticketId).length);
  updateRecord(world, portal, 'tickets', ticket, {
    properties: { hs_num_associated_conversations: count },
    source: conversationsSource,
  });
}

function later(known: number | null, at: number): number {
  return known === null ? at : Math.max(known, at);
}

function rollUp(world: World, portal: PortalState, thread: Thread, incoming: boolean, at: number): void {
  const ticket = thread.ticketId && findRecord(portal, 'tickets', thread.ticketId, { followsMerge: true });
  if (!ticket) return;
  const name = incoming ? 'hs_last_message_received_at' : 'hs_last_message_sent_at';
  const properties = { [name]: isoTime(at), hs_last_message_from_visitor: String(incoming) };
  updateRecord(world, portal, 'tickets', ticket, { properties, source: conversationsSource });
}

/** Appends one item as it is and does what it causes; the webhook is for MESSAGE, COMMENT and WELCOME_MESSAGE only. */
export function appendItem(
  world: World,
  portal: PortalState,
  thread: Thread,
  item: Item,
  options: { outOfOffice: boolean } = { outOfOffice: false },
): void {
  if (thread.items.some((other) => other.id === item.id))
    throw new Error(`emulator: thread ${thread.id} already has item ${item.id}`);
  thread.items.push(shareItem(item));
  const at = Date.parse(item.createdAt);
  if (item.type === 'MESSAGE') {
    const incoming = item.direction === 'INCOMING';
    thread.latestMessageAt = later(thread.latestMessageAt, at);
    if (incoming) thread.latestReceivedAt = later(thread.latestReceivedAt, at);
    else thread.latestSentAt = later(thread.latestSentAt, at);
    noteThread(portal, thread);
    rollUp(world, portal, thread, incoming, at);
    if (portal.twins) addTwin(world, portal, thread, item, options);
    const failed = (item.status as { statusType?: string } | undefined)?.statusType === 'FAILED';
    if (thread.ticketId && !failed) planOwnMove(world, portal, thread.ticketId, incoming ? 'incoming' : 'outgoing');
  }
  if (item.type === 'THREAD_STATUS_CHANGE')
    setThreadStatus(world, portal, thread, item.newStatus as Thread['status'], at);
  noteThread(portal, thread);
  if (item.type === 'ASSIGNMENT') thread.assignedTo = (item.assignedTo as string | undefined) ?? null;
  if (item.type === 'MESSAGE' || item.type === 'COMMENT' || item.type === 'WELCOME_MESSAGE')
    world.emit(portal, { kind: 'newMessage', threadId: thread.id, messageId: item.id, messageType: item.type });
}

export function setThreadStatus(
  world: World,
  portal: PortalState,
  thread: Thread,
  status: Thread['status'],
  at: number,
): void {
  if (thread.status === status) return;
  thread.status = status;
  thread.closedAt = status === 'CLOSED' ? at : null;
  noteThread(portal, thread);
  world.emit(portal, { kind: 'propertyChange', type: 'conversations', id: thread.id, name: 'status', value: status });
}

export function setThreadArchived(world: World, portal: PortalState, thread: Thread, archived: boolean): void {
  if (thread.archived === archived) return;
  thread.archived = archived;
  noteThread(portal, thread);
  const value = String(archived);
  world.emit(portal, { kind: 'propertyChange', type: 'conversations', id: thread.id, name: 'isArchived', value });
}

/** THREAD_STATUS_CHANGE and ASSIGNMENT as recorded: by HubSpot, clientType SYSTEM, no recipients. */
export function systemItem(
  world: World,
  thread: Thread,
  type: string,
  createdBy: string,
  at: number,
  fields: Record<string, string>,
): Item {
  return {
    id: dashedId(world),
    conversationsThreadId: thread.id,
    createdAt: isoTime(at),
    createdBy,
    client: { clientType: 'SYSTEM' },
    senders: [{ actorId: 'S-hubspot' }],
    recipients: [],
    archived: false,
    ...fields,
    type,
  };
}
