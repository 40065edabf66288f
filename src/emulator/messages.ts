// Composes the messages of a thread in the shape of the recordings, and finds the contact behind an address.
import { createHash } from 'node:crypto';
import { isoTime } from './answers.ts';
import { listContactsOf } from './portal-index.ts';
import { conversationsSource, createRecord, findRecord } from './records.ts';
import type { ChannelAccount, CrmRecord, Item, PortalState, Source, Thread, User } from './state.ts';
import { wholeSecond } from './threads.ts';
import type { World } from './world.ts';

export function getUser(portal: PortalState, userId: string): User {
  const user = portal.users.find((candidate) => candidate.userId === userId);
  if (!user) throw new Error(`emulator: portal ${portal.id} has no user ${userId}`);
  return user;
}

export function getAccount(portal: PortalState, accountId: string | undefined): ChannelAccount {
  const account = accountId
    ? portal.channelAccounts.find((candidate) => candidate.id === accountId)
    : portal.channelAccounts[0];
  if (!account) throw new Error(`emulator: portal ${portal.id} has no channel account ${accountId ?? ''}`);
  return account;
}

/** What HubSpot takes for an address: one @, no blanks, a domain with a dot. */
export function isMailAddress(text: string): boolean {
  return /^[^\s@<>,;]+@[^\s@<>,;.]+(\.[^\s@<>,;.]+)+$/.test(text);
}

/** By `email` or one of `hs_additional_emails`, whatever the case of the letters. */
export function findContact(portal: PortalState, address: string): CrmRecord | undefined {
  return listContactsOf(portal, address)[0];
}

/** Finds the contact of an address or makes one, as an inbox does for an unknown sender. */
export function ensureContact(
  world: World,
  portal: PortalState,
  person: { address: string; name?: string; at?: number; id?: string },
  source: Source = conversationsSource,
): CrmRecord {
  const known = findContact(portal, person.address);
  if (known) return known;
  const [firstname = '', ...rest] = (person.name ?? '').split(' ');
  const properties = { email: person.address.toLowerCase(), firstname, lastname: rest.join(' ') };
  return createRecord(world, portal, 'contacts', { properties, source, at: person.at, id: person.id });
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function mailAddress(value: string) {
  return { type: 'HS_EMAIL_ADDRESS', value };
}

/** As the specification has it; the file itself is not kept, its id leads nowhere. */
function attachmentFile(name: string, at: number, index: number) {
  return { type: 'FILE', fileId: String(at * 100 + index), name, fileUsageType: 'OTHER' };
}

function truncation(thread: Thread): string {
  return thread.items.some((item) => item.type === 'MESSAGE') ? 'TRUNCATED_TO_MOST_RECENT_REPLY' : 'NOT_TRUNCATED';
}

export type IncomingText = {
  id: string;
  from: string;
  name?: string;
  /** `V-<id>`, `E-<address>`, or undefined for nobody. */
  actorId: string | undefined;
  subject: string;
  text: string;
  html?: string;
  cc?: string[];
  /** As `E-` actors. */
  namesUnresolved?: boolean;
  attachments?: string[];
  at: number;
};

export function incomingMessage(thread: Thread, account: ChannelAccount, mail: IncomingText): Item {
  return {
    id: mail.id,
    conversationsThreadId: thread.id,
    createdAt: wholeSecond(mail.at),
    updatedAt: isoTime(mail.at + 450),
    ...(mail.actorId ? { createdBy: mail.actorId } : {}),
    client: { clientType: 'HUBSPOT' },
    senders: [
      {
        ...(mail.actorId ? { actorId: mail.actorId } : {}),
        name: mail.name ?? mail.from,
        senderField: 'FROM',
        deliveryIdentifier: mailAddress(mail.from),
      },
    ],
    // Recorded: the recipient of an incoming mail bears the sender's name.
    recipients: [
      { name: mail.name ?? mail.from, recipientField: 'TO', deliveryIdentifier: mailAddress(account.address) },
      ...mailRecipients([], mail.cc ?? [], mail.namesUnresolved),
    ],
    archived: false,
    text: mail.text,
    richText: mail.html ?? `<div dir="ltr">${escapeHtml(mail.text).replaceAll('\n', '<br>')}</div>`,
    attachments: (mail.attachments ?? []).map((name, index) => attachmentFile(name, mail.at, index)),
    subject: mail.subject,
    truncationStatus: truncation(thread),
    status: { statusType: 'RECEIVED' },
    direction: 'INCOMING',
    channelId: thread.channelId,
    channelAccountId: account.id,
    type: 'MESSAGE',
  };
}

export type OutgoingText = {
  id: string;
  user: User;
  recipients: unknown[];
  subject: string;
  text: string;
  html?: string;
  status: string;
  client: Record<string, unknown>;
  at: number;
};

/** HubSpot does not resolve recipients (DATA.md 3.1): they have no actor, or one of their address. */
export function mailRecipients(to: string[], cc: string[], namesUnresolved = false): unknown[] {
  const one = (recipientField: string) => (address: string) => ({
    ...(namesUnresolved ? { actorId: `E-${address}` } : {}),
    recipientField,
    deliveryIdentifier: mailAddress(address),
  });
  return [...to.map(one('TO')), ...cc.map(one('CC'))];
}

export function outgoingMessage(thread: Thread, account: ChannelAccount, mail: OutgoingText): Item {
  const actorId = `A-${mail.user.userId}`;
  const failed = mail.status === 'FAILED' ? { failureDetails: { errorMessageTokens: {} } } : {};
  return {
    id: mail.id,
    conversationsThreadId: thread.id,
    createdAt: isoTime(mail.at),
    updatedAt: isoTime(mail.at + 100),
    createdBy: actorId,
    client: mail.client,
    senders: [
      {
        actorId,
        name: `${mail.user.firstName} ${mail.user.lastName}`,
        senderField: 'FROM',
        deliveryIdentifier: mailAddress(account.address),
      },
    ],
    recipients: mail.recipients,
    archived: false,
    text: mail.text,
    richText: mail.html ?? `<html><head></head><body><p>${escapeHtml(mail.text)}</p></body></html>`,
    attachments: [],
    subject: mail.subject,
    truncationStatus: truncation(thread),
    status: { statusType: mail.status, ...failed },
    direction: 'OUTGOING',
    channelId: thread.channelId,
    channelAccountId: account.id,
    type: 'MESSAGE',
  };
}

/** An internal comment; one posted by an app has the app as its only author (samples thread-send.comment). */
export function commentItem(
  thread: Thread,
  made: { id: string; actorId: string; client: Record<string, unknown>; text: string; html?: string; at: number },
): Item {
  return {
    id: made.id,
    conversationsThreadId: thread.id,
    createdAt: isoTime(made.at),
    createdBy: made.actorId,
    client: made.client,
    senders: [{ actorId: made.actorId }],
    recipients: [],
    archived: false,
    text: made.text,
    richText: made.html ?? `<p>${escapeHtml(made.text)}</p>`,
    attachments: [],
    type: 'COMMENT',
  };
}

/** The address the last visitor wrote from; undefined when nobody has written yet. */
export function lastVisitorAddress(thread: Thread): string | undefined {
  const incoming = thread.items.findLast((item) => item.direction === 'INCOMING');
  const senders = (incoming?.senders ?? []) as Array<{ deliveryIdentifier?: { value?: string } }>;
  return senders[0]?.deliveryIdentifier?.value;
}

export function threadSubject(thread: Thread): string {
  const first = thread.items.find((item) => item.type === 'MESSAGE');
  return typeof first?.subject === 'string' ? first.subject : '';
}

export function replySubject(thread: Thread): string {
  const subject = threadSubject(thread);
  return subject.startsWith('Re: ') ? subject : `Re: ${subject}`;
}

export function mailMessageId(seed: string): string {
  return `<${createHash('sha256').update(seed).digest('hex').slice(0, 24)}@mail.example>`;
}

/** A contact by id, or an error that names it. */
export function getContact(portal: PortalState, contactId: string): CrmRecord {
  const contact = findRecord(portal, 'contacts', contactId, { followsMerge: true });
  if (!contact) throw new Error(`emulator: portal ${portal.id} has no contact ${contactId}`);
  return contact;
}

export function getTicket(portal: PortalState, ticketId: string): CrmRecord {
  const ticket = findRecord(portal, 'tickets', ticketId, { followsMerge: true });
  if (!ticket) throw new Error(`emulator: portal ${portal.id} has no ticket ${ticketId}`);
  return ticket;
}
