// Replays a recorded conversation with its own ids and times, whole or item by item.

import { ensureContact, findContact, getAccount } from './messages.ts';
import type { Item, PortalState } from './state.ts';
import { takeId } from './state.ts';
import { addThread, appendItem, getThread } from './threads.ts';
import { createConversationTicket } from './ticket-actions.ts';
import type { World } from './world.ts';

type Party = { actorId?: string; name?: string; deliveryIdentifier?: { value?: string } };

export type ImportThread = {
  /** `results` of a recorded `GET .../messages`. */
  items: Item[];
  /** How many items are appended at once; default all. The rest comes with `appendRecordedItem`. */
  append?: number;
  /**
   * The ticket HubSpot made from the conversation, dated by the first item; null = none. Default: the default pipeline's
   * first open stage. The ticket is made after the first item, so it needs `append` of at least 1.
   */
  ticket?: { ticketId?: string; pipelineId?: string; stageId?: string } | null;
};

function partiesOf(item: Item): { senders: Party[]; recipients: Party[] } {
  return { senders: (item.senders ?? []) as Party[], recipients: (item.recipients ?? []) as Party[] };
}

function ensureAgents(world: World, portal: PortalState, items: Item[]): void {
  for (const item of items) {
    const userId = /^A-(\d+)$/.exec(String(item.createdBy))?.[1];
    if (!userId || portal.users.some((user) => user.userId === userId)) continue;
    const [firstName = 'Agent', lastName = ''] = (partiesOf(item).senders[0]?.name ?? '').split(' ');
    const ownerId = takeId(world.state, 'owners', world.random);
    portal.users.push({ userId, ownerId, email: `user-${userId}@${portal.domain}`, firstName, lastName });
  }
}

function ensureVisitors(world: World, portal: PortalState, items: Item[]): void {
  for (const item of items) {
    const [sender] = partiesOf(item).senders;
    const id = /^V-(\d+)$/.exec(sender?.actorId ?? '')?.[1];
    const address = sender?.deliveryIdentifier?.value;
    if (!id || !address || findContact(portal, address)) continue;
    ensureContact(world, portal, { address, name: sender?.name, id, at: Date.parse(item.createdAt) });
  }
}

function ensureAccount(portal: PortalState, opening: Item): string {
  const id = String(opening.channelAccountId);
  const address = partiesOf(opening).recipients[0]?.deliveryIdentifier?.value ?? `support@${portal.domain}`;
  if (!portal.channelAccounts.some((account) => account.id === id)) {
    const inboxId = portal.inboxes[0]?.id ?? '';
    portal.channelAccounts.push({ id, channelId: String(opening.channelId), inboxId, name: address, address });
  }
  return id;
}

/** Makes the thread with the people and the channel account of the recording, in any portal. */
export function importThread(
  world: World,
  portal: PortalState,
  recording: ImportThread,
): { threadId: string; ticketId: string | null } {
  const { items } = recording;
  const opening = items.find((item) => item.type === 'MESSAGE');
  if (!opening) throw new Error('emulator: the recording holds no MESSAGE');
  ensureAgents(world, portal, items);
  ensureVisitors(world, portal, items);
  const address = partiesOf(opening).senders[0]?.deliveryIdentifier?.value ?? '';
  const contact = ensureContact(world, portal, { address });
  const account = getAccount(portal, ensureAccount(portal, opening));
  const at = Date.parse(opening.createdAt);
  const id = String(opening.conversationsThreadId);
  const thread = addThread(world, portal, { id, account, contactId: contact.id, at });
  const appended = items.slice(0, recording.append ?? items.length);
  for (const [index, item] of appended.entries()) {
    appendItem(world, portal, thread, structuredClone(item));
    if (index > 0 || recording.ticket === null) continue;
    createConversationTicket(world, portal, thread, {
      ...recording.ticket,
      at: Date.parse(String(item.updatedAt ?? item.createdAt)),
    });
  }
  return { threadId: thread.id, ticketId: thread.ticketId };
}

/** Appends one recorded item; a MESSAGE or COMMENT goes out as a webhook like any other. */
export function appendRecordedItem(world: World, portal: PortalState, threadId: string, item: Item): void {
  ensureAgents(world, portal, [item]);
  ensureVisitors(world, portal, [item]);
  appendItem(world, portal, getThread(portal, threadId), structuredClone(item));
}
