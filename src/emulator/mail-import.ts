// Takes real mail in as a team address receives it: a reply to a mail of a thread joins it, any other opens a thread.
import { receiveMessage } from './inbox-actions.ts';
import { type RealMail, readMailFile } from './mail-file.ts';
import { findMailThread, rememberMail } from './mail-threads.ts';
import type { ChannelAccount, PortalState, Thread } from './state.ts';
import { getPortal, type World } from './world.ts';

export type ImportMail = {
  /** An .eml or .mbox file; in JSON, its text. */
  raw: Uint8Array | string;
  /** Dated as written in the mail; default: it arrives now, as mail does. */
  keepsDates?: boolean;
};

export type ImportedMail = {
  mailId: string | null;
  subject: string;
  /**
   * `opened` a thread, `joined` one; `repeated`: a mail of this Message-ID is here already; `own`: written by the team
   * itself, so nothing comes in, and answers to it find its thread.
   */
  outcome: 'opened' | 'joined' | 'repeated' | 'own';
  threadId: string | null;
  messageId: string | null;
  ticketId: string | null;
};

function sameAddress(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** The team address it was sent to; the thread's own for a reply to none of ours, the portal's first for a new mail. */
function findAccount(portal: PortalState, mail: RealMail): ChannelAccount | undefined {
  const named = [...mail.to, ...mail.cc];
  return portal.channelAccounts.find((account) => named.some((address) => sameAddress(address, account.address)));
}

function isOwn(portal: PortalState, address: string): boolean {
  const own = [...portal.channelAccounts.map((account) => account.address), ...portal.users.map((user) => user.email)];
  return own.some((one) => sameAddress(one, address));
}

function findThread(portal: PortalState, mail: RealMail): Thread | undefined {
  for (const mailId of mail.answersTo) {
    const thread = findMailThread(portal, mailId);
    if (thread) return thread;
  }
  return undefined;
}

function importOne(world: World, portal: PortalState, mail: RealMail, keepsDates: boolean): ImportedMail {
  const shared = { mailId: mail.mailId, subject: mail.subject, messageId: null };
  const known = mail.mailId === null ? undefined : findMailThread(portal, mail.mailId);
  if (known) return { ...shared, outcome: 'repeated', threadId: known.id, ticketId: known.ticketId };
  const thread = findThread(portal, mail);
  if (isOwn(portal, mail.from.address)) {
    if (thread && mail.mailId) rememberMail(portal, mail.mailId, thread);
    return { ...shared, outcome: 'own', threadId: thread?.id ?? null, ticketId: thread?.ticketId ?? null };
  }
  const account = findAccount(portal, mail);
  const received = receiveMessage(world, portal, {
    from: mail.from.address,
    name: mail.from.name || undefined,
    subject: mail.subject || undefined,
    text: mail.text,
    html: mail.html,
    cc: [...mail.to, ...mail.cc].filter((address) => !isOwn(portal, address)),
    attachments: mail.attachments,
    outOfOffice: mail.isAutomatic,
    threadId: thread?.id,
    channelAccountId: account?.id,
    at: keepsDates ? (mail.sentAt ?? undefined) : undefined,
  });
  const { threadId, messageId } = received;
  const joined = portal.threads[threadId];
  if (mail.mailId && joined) rememberMail(portal, mail.mailId, joined, messageId);
  const outcome = thread ? 'joined' : 'opened';
  return { ...shared, messageId, outcome, threadId, ticketId: received.ticketId ?? null };
}

/**
 * Receives the mails of a file in its order, one answer each. Nothing is received when one of them cannot be read or has no
 * address to answer to: it throws, naming that mail.
 */
export async function importMail(world: World, portal: PortalState, given: ImportMail): Promise<ImportedMail[]> {
  const mails = await readMailFile(given.raw);
  // The portal may have been reset while the file was read.
  const current = getPortal(world, portal.id);
  return mails.map((mail) => importOne(world, current, mail, given.keepsDates ?? false));
}
