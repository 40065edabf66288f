// Mail an agent composes on a contact record with a team address as sender; what becomes of it nobody has recorded.
import { sendMessage } from './inbox-actions.ts';
import { sendMailboxEmail } from './mailbox-actions.ts';
import { ensureContact, getAccount, getContact } from './messages.ts';
import type { PortalState } from './state.ts';
import { addThread } from './threads.ts';
import type { Quirks, World } from './world.ts';

export type SendContactMail = {
  contactId: string;
  userId: string;
  /** Default: the contact's own address. */
  to?: string[];
  subject: string;
  text: string;
  channelAccountId?: string;
  /**
   * Where it lands (DATA.md 9, item 9: unknown): a thread of its own, the contact's newest open thread, or no thread
   * but an email activity. Default: as `quirks.contactMailThread` says.
   */
  lands?: Quirks['contactMailThread'];
  at?: number;
};

/** Throws when the contact is unknown, or has neither an address nor, for `open-thread`, an open thread. */
export function sendContactMail(
  world: World,
  portal: PortalState,
  mail: SendContactMail,
): { threadId?: string; messageId?: string; emailId?: string } {
  const contact = getContact(portal, mail.contactId);
  const at = mail.at ?? world.now();
  const to = mail.to ?? [contact.properties.email ?? ''].filter(Boolean);
  if (to.length === 0) throw new Error(`emulator: contact ${contact.id} has no address; name \`to\``);
  const { userId, subject, text } = mail;
  const lands = mail.lands ?? world.quirks.contactMailThread;
  if (lands === 'no-thread')
    return sendMailboxEmail(world, portal, { from: 'contact', contactId: contact.id, userId, to, subject, text, at });
  const account = getAccount(portal, mail.channelAccountId);
  const open = Object.values(portal.threads)
    .filter((thread) => thread.contactId === contact.id && thread.status === 'OPEN' && !thread.archived)
    .sort((a, b) => (b.latestMessageAt ?? 0) - (a.latestMessageAt ?? 0))[0];
  if (lands === 'open-thread' && !open) throw new Error(`emulator: contact ${contact.id} has no open thread`);
  const visitor = ensureContact(world, portal, { address: to[0] ?? '', at });
  const thread =
    lands === 'open-thread' && open ? open : addThread(world, portal, { account, contactId: visitor.id, at });
  const sent = sendMessage(world, portal, { threadId: thread.id, userId, text, subject, to, at });
  return { threadId: thread.id, messageId: sent.messageId };
}
