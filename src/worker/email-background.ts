// What stands behind the emails of a batch and is asked only where it decides: who the owners are, which mail made the ticket.
import { BatonError } from '../errors.ts';
import type { PortalGateway } from '../hubspot/gateway.ts';
import { classifyMessage } from '../rules/automatic.ts';
import type { EmailFacts } from '../rules/facts.ts';
import type { EmailReading, EmailReadings } from './email-facts.ts';
import { concernsOneCall } from './failure.ts';
import type { GatherParts } from './gather.ts';
import type { MailboxReading } from './mailbox-reading.ts';
import type { EmailSubject } from './subjects.ts';
import { type TicketReadings, ticketState } from './ticket-facts.ts';

export type Background = {
  /** Lower case. */
  owners: ReadonlySet<string>;
  /** `hs_email_thread_id` of the emails that created the tickets. */
  mailThreads: ReadonlyMap<string, string | null>;
  mailbox: MailboxReading | BatonError;
};

/** A failure is every email's, and no message's. */
export async function readBackground(
  { portal, gateway, findOwnerAddresses }: GatherParts,
  emails: EmailReadings,
  tickets: TicketReadings,
  mailbox: MailboxReading | BatonError,
): Promise<Background | BatonError> {
  const readings = [...emails.values()].flatMap((reading) => (reading instanceof BatonError ? [] : reading));
  try {
    const mailThreads = await readOriginatingMailThreads(gateway, readings, tickets);
    const owners = needsOwners(mailbox, readings, tickets)
      ? await findOwnerAddresses(portal.id, gateway)
      : new Set<string>();
    return { owners, mailThreads, mailbox };
  } catch (error) {
    if (!(error instanceof BatonError) || !concernsOneCall(error)) throw error;
    return error;
  }
}

export function emailFacts(
  subject: EmailSubject,
  reading: EmailReading | BatonError | undefined,
  tickets: TicketReadings,
  background: Background | BatonError,
): EmailFacts | 'missing' | BatonError {
  if (!reading) return 'missing';
  if (reading instanceof BatonError) return reading;
  if (background instanceof BatonError) return background;
  const { email, ticketIds, associatedAfterMs, associatedBy, unheard } = reading;
  const { mailbox } = background;
  const isUnread = mailbox instanceof BatonError;
  // An answer needs no proof of what an association tells.
  if (isUnread && email.direction === 'EMAIL') return mailbox;
  const ticket = ticketState(ticketIds.length === 1 ? ticketIds[0] : null, tickets);
  const originatingEmailId = typeof ticket === 'object' ? ticket.ticket.originatingEmailId : null;
  const { subject: title, fromAddress: from, text, html } = email;
  return {
    kind: 'email',
    subject: subject.subject,
    email,
    ticketIds,
    ticket,
    originatingEmailThreadId: background.mailThreads.get(originatingEmailId ?? '') ?? null,
    associatedAfterMs,
    associatedBy,
    unheard,
    mailbox: isUnread ? { counts: false, why: 'unknown' } : mailbox.evidence,
    looksLike: isUnread ? null : (mailbox.looks.get(email.id) ?? null),
    fromOwner: from !== null && background.owners.has(from.toLowerCase()),
    classification: classifyMessage({ subject: title, from, text, html }),
  };
}

/** Asked only where the email itself leaves open whether a user sent it: it names none, or its sender is the ticket's contact. */
function needsOwners(
  mailbox: MailboxReading | BatonError,
  emails: EmailReading[],
  { tickets }: TicketReadings,
): boolean {
  if (mailbox instanceof BatonError || !mailbox.evidence.counts) return false;
  return emails.some(({ email, ticketIds }) => {
    const facts = tickets.get(ticketIds[0] ?? '');
    if (email.direction !== 'EMAIL' || ticketIds.length !== 1 || !facts || email.fromAddress === null) return false;
    const namesUser = email.ownerId !== null || email.createdByUserId !== null;
    const from = email.fromAddress.toLowerCase();
    return !namesUser || facts.contacts.some((contact) => contact.addresses.includes(from));
  });
}

/** Asked only where an incoming email could be an answer to one. */
async function readOriginatingMailThreads(
  gateway: PortalGateway,
  emails: EmailReading[],
  { tickets }: TicketReadings,
): Promise<Map<string, string | null>> {
  const originating = new Set<string>();
  for (const { email, ticketIds } of emails) {
    const facts = tickets.get(ticketIds[0] ?? '');
    if (email.direction !== 'INCOMING_EMAIL' || email.emailThreadId === null || !facts) continue;
    if (facts.ticket.originatingEmailId !== null) originating.add(facts.ticket.originatingEmailId);
  }
  if (originating.size === 0) return new Map();
  const read = await gateway.readEmails([...originating]);
  return new Map([...read].map(([emailId, email]) => [emailId, email.emailThreadId]));
}
