// What customers and agents do in the conversations inbox: write, answer, comment, mark, archive.
import { dashedId, undashedId } from './item-ids.ts';
import {
  commentItem,
  ensureContact,
  findContact,
  getAccount,
  getTicket,
  getUser,
  incomingMessage,
  lastVisitorAddress,
  mailRecipients,
  outgoingMessage,
  replySubject,
} from './messages.ts';
import { noteThread } from './portal-index.ts';
import { type ChannelAccount, type Item, type PortalState, type Thread, takeId } from './state.ts';
import { addThread, appendItem, getThread, setThreadArchived, setThreadStatus, systemItem } from './threads.ts';
import { createConversationTicket } from './ticket-actions.ts';
import type { World } from './world.ts';

export type ReceiveMessage = {
  from: string;
  name?: string;
  subject?: string;
  text: string;
  html?: string;
  cc?: string[];
  /** Names of files; only the names are kept. */
  attachments?: string[];
  /** A reply on this thread; absent = a new mail that opens a thread. */
  threadId?: string;
  channelAccountId?: string;
  /** Epoch milliseconds; HubSpot shows the whole second. */
  at?: number;
  /** Shows on the 0-49 twin only, when the portal makes twins. */
  outOfOffice?: boolean;
};

function openThread(world: World, portal: PortalState, mail: ReceiveMessage, contactId: string, at: number): Thread {
  const account = getAccount(portal, mail.channelAccountId);
  return addThread(world, portal, { account, contactId, at });
}

function accountOf(portal: PortalState, thread: Thread, accountId: string | undefined): ChannelAccount {
  return getAccount(portal, accountId ?? thread.channelAccountId);
}

/** Who an address is: its contact, or where nobody has it what `quirks.unknownSenders` says (DATA.md 3.1). */
function resolveSender(world: World, portal: PortalState, { from, name }: ReceiveMessage, at: number) {
  const { unknownSenders, unresolvedActors } = world.quirks;
  if (unknownSenders === 'contact' || findContact(portal, from)) {
    const { id } = ensureContact(world, portal, { address: from, name, at });
    return { visitorId: id, actorId: `V-${id}` };
  }
  const visitorId = takeId(world.state, 'contacts', world.random);
  if (unknownSenders === 'visitor') return { visitorId, actorId: `V-${visitorId}` };
  return { visitorId, actorId: unresolvedActors === 'E-' ? `E-${from}` : undefined };
}

/** A customer writes to a team address. `ticketId` is there when the thread has a ticket by now. */
export function receiveMessage(
  world: World,
  portal: PortalState,
  mail: ReceiveMessage,
): { threadId: string; messageId: string; ticketId?: string } {
  const at = mail.at ?? world.now();
  const { visitorId, actorId } = resolveSender(world, portal, mail, at);
  const thread = mail.threadId ? getThread(portal, mail.threadId) : openThread(world, portal, mail, visitorId, at);
  const opens = thread.items.length === 0;
  const subject = mail.subject ?? (opens ? '(no subject)' : replySubject(thread));
  const account = accountOf(portal, thread, mail.channelAccountId);
  const item = incomingMessage(thread, account, {
    ...mail,
    id: dashedId(world),
    subject,
    actorId,
    namesUnresolved: world.quirks.unresolvedActors === 'E-',
    at,
  });
  appendItem(world, portal, thread, item, { outOfOffice: mail.outOfOffice ?? false });
  // As recorded: the first mail is followed by a status change to OPEN; a reply reopens a closed thread.
  if (opens || thread.status === 'CLOSED')
    appendItem(
      world,
      portal,
      thread,
      systemItem(world, thread, 'THREAD_STATUS_CHANGE', 'S-hubspot', at, { newStatus: 'OPEN' }),
    );
  if (opens && portal.ticketDelayMs !== null) {
    const dueAt = world.delayNow() + portal.ticketDelayMs;
    if (portal.ticketDelayMs === 0) createConversationTicket(world, portal, thread);
    else world.doLater({ kind: 'create-ticket', portalId: portal.id, threadId: thread.id, dueAt });
  }
  return { threadId: thread.id, messageId: item.id, ...(thread.ticketId ? { ticketId: thread.ticketId } : {}) };
}

export type SendMessage = {
  threadId: string;
  userId: string;
  text: string;
  html?: string;
  subject?: string;
  /** Default: whoever wrote last on the thread. */
  to?: string[];
  cc?: string[];
  at?: number;
  /** SENT by default; FAILED or any other statusType. */
  status?: string;
};

/** An agent answers on the thread, from the inbox or from the ticket record: the same mail. */
export function sendMessage(world: World, portal: PortalState, mail: SendMessage): { messageId: string } {
  const thread = getThread(portal, mail.threadId);
  const user = getUser(portal, mail.userId);
  const at = mail.at ?? world.now();
  const visitor = lastVisitorAddress(thread);
  const to = mail.to ?? (visitor ? [visitor] : []);
  if (to.length === 0) throw new Error(`emulator: nobody has written on thread ${thread.id}; name \`to\``);
  const item = outgoingMessage(thread, accountOf(portal, thread, undefined), {
    id: undashedId(world),
    user,
    recipients: mailRecipients(to, mail.cc ?? [], world.quirks.unresolvedActors === 'E-'),
    subject: mail.subject ?? replySubject(thread),
    text: mail.text,
    html: mail.html,
    status: mail.status ?? 'SENT',
    client: { clientType: 'HUBSPOT' },
    at,
  });
  appendItem(world, portal, thread, item);
  const actor = `A-${user.userId}`;
  // As recorded: the first answer of an agent takes the thread.
  if (!thread.assignedTo)
    appendItem(world, portal, thread, systemItem(world, thread, 'ASSIGNMENT', actor, at + 300, { assignedTo: actor }));
  return { messageId: item.id };
}

export type StartThread = {
  ticketId: string;
  userId: string;
  to: string;
  subject: string;
  text: string;
  channelAccountId?: string;
  at?: number;
};

/** A mail composed on a ticket record with the team address: a new thread that belongs to the ticket. */
export function startThread(
  world: World,
  portal: PortalState,
  mail: StartThread,
): { threadId: string; messageId: string } {
  const at = mail.at ?? world.now();
  const ticket = getTicket(portal, mail.ticketId);
  const contact = ensureContact(world, portal, { address: mail.to, at });
  const account = getAccount(portal, mail.channelAccountId);
  // Whether it becomes the ticket's is unknown (DATA.md 9, item 10).
  const own = world.quirks.ticketMailThread === 'associated' ? { ticketId: ticket.id } : {};
  const thread = addThread(world, portal, { account, contactId: contact.id, ...own, at });
  const { userId, text, subject } = mail;
  const sent = sendMessage(world, portal, { threadId: thread.id, userId, text, subject, to: [mail.to], at });
  return { threadId: thread.id, messageId: sent.messageId };
}

/** An internal comment of an agent. */
export function comment(
  world: World,
  portal: PortalState,
  made: { threadId: string; userId: string; text: string; at?: number },
): { messageId: string } {
  const thread = getThread(portal, made.threadId);
  const user = getUser(portal, made.userId);
  const at = made.at ?? world.now();
  const client = { clientType: 'HUBSPOT' };
  const item = commentItem(thread, { id: undashedId(world), actorId: `A-${user.userId}`, client, text: made.text, at });
  appendItem(world, portal, thread, item);
  return { messageId: item.id };
}

export type SentMail = {
  threadId: string;
  messageId: string;
  at: string;
  userId: string;
  from: string;
  senderName: string;
  to: string[];
  cc: string[];
  subject: string;
  text: string;
  html: string;
  /** Sent by an app through the API, in the name of the user. */
  byApp: boolean;
};

function readMail(thread: Thread, item: Item): SentMail {
  type Party = { name?: string; actorId?: string; recipientField?: string; deliveryIdentifier?: { value?: string } };
  const [sender] = (item.senders ?? []) as Party[];
  const recipients = (item.recipients ?? []) as Party[];
  const named = (field: string) =>
    recipients
      .filter((one) => one.recipientField === field)
      .flatMap(({ deliveryIdentifier }) => deliveryIdentifier?.value ?? []);
  return {
    threadId: thread.id,
    messageId: item.id,
    at: item.createdAt,
    userId: sender?.actorId?.replace(/^A-/, '') ?? '',
    from: sender?.deliveryIdentifier?.value ?? '',
    senderName: sender?.name ?? '',
    to: named('TO'),
    cc: named('CC'),
    subject: String(item.subject ?? ''),
    text: String(item.text ?? ''),
    html: String(item.richText ?? ''),
    byApp: thread.appMessageIds.includes(item.id),
  };
}

/** The mails customers got out of one thread, or out of all of them, oldest first: a copy. What failed did not go out. */
export function sentMail(_world: World, portal: PortalState, threadId?: string): SentMail[] {
  const threads = threadId ? [getThread(portal, threadId)] : Object.values(portal.threads);
  const isOut = ({ type, direction, status }: Item) =>
    type === 'MESSAGE' && direction === 'OUTGOING' && (status as { statusType?: string })?.statusType === 'SENT';
  return threads
    .flatMap((one) => one.items.filter(isOut).map((item) => readMail(one, item)))
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** What the next messages sent through the API come to, one each: FAILED, READ ...; 201 all the same (DATA.md 3.2). */
export function nextMessageStatus(_world: World, portal: PortalState, ...statuses: string[]): void {
  portal.nextMessageStatuses.push(...statuses);
}

function getItem(thread: Thread, messageId: string): Item {
  const item = thread.items.find((candidate) => candidate.id === messageId);
  if (!item) throw new Error(`emulator: thread ${thread.id} has no item ${messageId}`);
  return item;
}

/** E.g. SENT to FAILED; HubSpot tells nobody of it. */
export function setMessageStatus(
  _world: World,
  portal: PortalState,
  change: { threadId: string; messageId: string; status: string },
): void {
  const thread = getThread(portal, change.threadId);
  const item = getItem(thread, change.messageId);
  item.status = { ...(item.status as object | undefined), statusType: change.status };
  noteThread(portal, thread);
}

export function markSpam(_world: World, portal: PortalState, threadId: string, spam = true): void {
  const marked = getThread(portal, threadId);
  marked.spam = spam;
  noteThread(portal, marked);
}

export function archiveThread(world: World, portal: PortalState, threadId: string, archived = true): void {
  setThreadArchived(world, portal, getThread(portal, threadId), archived);
}

export function closeThread(world: World, portal: PortalState, threadId: string): void {
  setThreadStatus(world, portal, getThread(portal, threadId), 'CLOSED', world.now());
}

/** Erases a thread for good, as a privacy deletion does. */
export function eraseThread(world: World, portal: PortalState, threadId: string): void {
  const erased = getThread(portal, threadId);
  delete portal.threads[erased.id];
  noteThread(portal, erased);
  world.emit(portal, { kind: 'privacyDeletion', type: 'conversations', id: threadId });
}

/** The thread as the inbox knows it: a copy. */
export function thread(_world: World, portal: PortalState, threadId: string): Thread {
  return structuredClone(getThread(portal, threadId));
}

/** Id of the contact behind an address; undefined when nobody has it. */
export function contactId(_world: World, portal: PortalState, address: string): string | undefined {
  return findContact(portal, address)?.id;
}
