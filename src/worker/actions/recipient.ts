// Whom a notification is for, and whether what it would answer was written by a person.
import type { Contact, Message, Party } from '../../crm.ts';
import { isOneOf } from '../../rules/applicable-rule.ts';
import { classifyMessage } from '../../rules/automatic.ts';
import type { Evidence, Reason } from '../../rules/decide.ts';
import { toSecond } from '../../rules/stage-history.ts';
import type { Correspondence } from './action-facts.ts';
import type { ActionRun } from './action-run.ts';

export type Recipient = { contact: Contact; actorId: string | null; address: string };

function listIncoming({ messages }: Correspondence): Message[] {
  return messages.filter(
    ({ type, direction, archived }) => type === 'MESSAGE' && direction === 'INCOMING' && !archived,
  );
}

/**
 * The contact who wrote last, else the one who wrote the email that created the ticket, else the first with an address. Who wrote but
 * is no contact of the ticket is nobody's customer here.
 */
export function findRecipient(correspondence: Correspondence, contacts: Contact[]): Recipient | undefined {
  const { email } = correspondence;
  const senders = listIncoming(correspondence)
    .toReversed()
    .flatMap((message): Party[] => message.senders);
  if (email?.fromAddress) senders.push({ actorId: null, address: email.fromAddress, field: 'FROM' });
  for (const sender of senders) {
    const contact = contacts.find((one) => isOneOf(sender, [one]));
    const address = sender.address ?? contact?.addresses[0];
    if (contact && address) return { contact, actorId: sender.actorId, address };
  }
  const contact = contacts.find(({ addresses }) => addresses.length > 0);
  return contact && { contact, actorId: null, address: contact.addresses[0] as string };
}

/** Whose values `{{contact...}}` names: the recipient's; of a ticket with one contact that one's, without asking who wrote. */
export async function findTemplateContact({ facts, entry }: ActionRun): Promise<Contact | undefined> {
  const contacts = await facts.contactsOf(entry.ticketId);
  if (contacts.length <= 1 || !entry.ticket) return contacts[0];
  return findRecipient(await facts.correspondenceOf(entry.ticket), contacts)?.contact ?? contacts[0];
}

type Automatic = { reason: Reason; evidence: Evidence } | { reason: null; evidence: Evidence };

/**
 * Whether the newest that came in was written by a machine: two machines would answer each other for ever (DATA.md 5), so this holds
 * whatever the guards are set to.
 */
export async function findAutomaticAnswer(run: ActionRun, correspondence: Correspondence): Promise<Automatic> {
  const newest = listIncoming(correspondence).at(-1);
  const recorded = await findRecordedAnswer(run);
  if (
    recorded &&
    (!newest || toSecond(recorded.at) >= toSecond(newest.createdAt)) &&
    recorded.verdict === 'automatic'
  ) {
    return automatic(recorded.reason ?? 'automatic-reply', 'the newest record says so');
  }
  const { email } = correspondence;
  const opening = newest === undefined || newest.id === run.entry.ticket?.originatingMessageId;
  if (email?.outOfOffice && opening) return automatic('automatic-reply', 'HubSpot marks it out of office');
  const from = newest?.senders.find((sender) => sender.address)?.address ?? null;
  const mail = newest ? { subject: newest.subject, from, text: newest.text, html: newest.html } : readMail(email);
  if (!mail) return { reason: null, evidence: { check: 'automatic', passed: true, seen: 'nothing came in' } };
  const { automatic: found, kind, reason } = classifyMessage(mail);
  if (!found) return { reason: null, evidence: { check: 'automatic', passed: true, seen: reason } };
  return automatic(kind === 'bounce' || kind === 'calendar-answer' ? kind : 'automatic-reply', reason);
}

function automatic(reason: Reason, seen: string): Automatic {
  return { reason, evidence: { check: 'automatic', passed: false, seen } };
}

function readMail(email: Correspondence['email']) {
  if (!email || email.direction === 'EMAIL') return undefined;
  return { subject: email.subject, from: email.fromAddress, text: email.text, html: email.html };
}

/** What this batch has just found out is not in the database yet. */
async function findRecordedAnswer({ batch, entry: { ticketId } }: ActionRun) {
  const stored = await batch.db.plannedActions.findNewestIncoming(batch.portal.id, ticketId);
  const fresh = batch.work.records.flatMap((record) =>
    record.ticketId === ticketId && record.verdict === 'automatic' && record.messageAt
      ? { verdict: record.verdict, reason: record.reason, at: record.messageAt }
      : [],
  );
  return [...(stored ? [stored] : []), ...fresh].sort((left, right) => right.at.getTime() - left.at.getTime())[0];
}
