// Finds the test mails of a running mailbox check in HubSpot: their codes stand in the subjects, which are read and never kept.
import type { Email, Pipeline } from '../../crm.ts';
import type { MailboxCheck } from '../../db/mailbox-checks.ts';
import { BatonError } from '../../errors.ts';
import type { PortalGateway } from '../../hubspot/gateway.ts';
import { createPace } from '../../hubspot/pace.ts';
import { describeError } from '../../log.ts';
import {
  type CheckConclusion,
  type CheckMail,
  checkedProperties,
  concludeCheck,
  hashValues,
  type MailOrigin,
} from '../../rules/mailbox-check.ts';
import type { PageParts } from './page-parts.ts';

/** HubSpot's clock and ours may differ, and a mail may carry the time its writer pressed Send. */
const slackMs = 5 * 60_000;
/** HubSpot may put a mail on its ticket a little later (PRODUCT.md 4: within a minute). */
const settledAfterMs = 60_000;
/** The newest mails of the portal since the check began; more than one call reads would be another portal's volume. */
const mailsRead = 100;

export type StartFault = 'number' | 'gone' | 'closed' | 'noContact' | 'otherOpen' | 'unreadable';

/** What a mail's subject says by which test mail it is. */
export function subjectOf(origin: MailOrigin, code: string): string {
  return `Baton ${origin} ${code}`;
}

function gatewayOf({ hubspot }: PageParts, portalId: string): PortalGateway {
  // A few calls outside the lease's pace: HubSpot allows ten more in ten seconds than the worker plans for (CONTRACT.md 5).
  return hubspot.portal(portalId, createPace());
}

function isHubSpots(error: unknown): error is BatonError {
  return error instanceof BatonError && error.code.startsWith('hubspot-');
}

/** The contact of a ticket that fits a check, or why it does not fit. Never throws for HubSpot's sake. */
export async function findContact(
  parts: PageParts,
  portalId: string,
  ticketId: string,
  pipelines: Pipeline[],
): Promise<{ ticketId: string; contactId: string } | StartFault> {
  try {
    return await readContact(gatewayOf(parts, portalId), ticketId, pipelines);
  } catch (error) {
    if (!isHubSpots(error)) throw error;
    parts.log.warn({ portalId, ...describeError(error) }, 'the ticket of a mailbox check is unreadable');
    return 'unreadable';
  }
}

async function readContact(gateway: PortalGateway, askedId: string, pipelines: Pipeline[]) {
  const closed = new Set(pipelines.flatMap(({ stages }) => stages.filter((stage) => stage.closed).map(({ id }) => id)));
  const ticket = await gateway.findTicket(askedId);
  if (!ticket) return 'gone';
  if (closed.has(ticket.stageId)) return 'closed';
  const contactIds = (await gateway.readAssociations('tickets', 'contacts', [ticket.id])).get(ticket.id) ?? [];
  const contacts = await gateway.readContacts(contactIds);
  const contact = [...contacts.values()].find(({ addresses }) => addresses.length > 0);
  if (!contact) return 'noContact';
  const others = (await gateway.readAssociations('contacts', 'tickets', [contact.id])).get(contact.id) ?? [];
  const tickets = await gateway.readTickets(others, { history: false });
  const open = [...tickets.values()].filter(({ stageId }) => !closed.has(stageId));
  if (open.some(({ id }) => id !== ticket.id)) return 'otherOpen';
  return { ticketId: ticket.id, contactId: contact.id };
}

export type Progress = { mails: CheckMail[]; conclusion: CheckConclusion | undefined; readable: boolean };

/** Looks once, 4 calls at most, and keeps what it finds. Never throws for HubSpot's sake. */
export async function lookForMails(
  parts: PageParts,
  portalId: string,
  check: MailboxCheck,
  now: Date,
): Promise<Progress> {
  try {
    const mails = await readMails(gatewayOf(parts, portalId), check, now);
    const settled = mails.every(({ at }) => now.getTime() - new Date(at).getTime() >= settledAfterMs);
    const conclusion = settled ? concludeCheck(mails, check.ticketId) : undefined;
    await parts.db.mailboxChecks.saveProgress(portalId, check.id, { mails, conclusion, now });
    return { mails, conclusion, readable: true };
  } catch (error) {
    if (!isHubSpots(error)) throw error;
    parts.log.warn({ portalId, ...describeError(error) }, 'the mails of a mailbox check are unreadable');
    return { mails: check.mails, conclusion: undefined, readable: false };
  }
}

async function readMails(gateway: PortalGateway, check: MailboxCheck, now: Date): Promise<CheckMail[]> {
  const after = new Date(check.startedAt.getTime() - slackMs);
  const found = await gateway.searchSentEmails({ after, before: new Date(now.getTime() + slackMs) });
  const known = new Map(check.mails.map((mail) => [mail.emailId, mail.from]));
  const fresh = found.emails.filter(({ id }) => !known.has(id)).slice(0, mailsRead);
  const emails = await gateway.readEmails([...known.keys(), ...fresh.map(({ id }) => id)]);
  const tests = [...emails.values()].flatMap((email) => {
    const from = originOf(email, check.code);
    return from ? [{ email, from }] : [];
  });
  const emailIds = tests.map(({ email }) => email.id);
  if (emailIds.length === 0) return [];
  const tickets = await gateway.readAssociations('emails', 'tickets', emailIds);
  const properties = await gateway.readProperties('emails', emailIds, [...checkedProperties]);
  const ids = [check.ticketId, check.contactId];
  return tests
    .map(({ email, from }) => ({
      emailId: email.id,
      from,
      at: email.createdAt.toISOString(),
      ticketIds: tickets.get(email.id) ?? [],
      values: hashValues(properties.get(email.id) ?? {}, [...ids, email.id]),
    }))
    .sort((left, right) => left.at.localeCompare(right.at));
}

/** However it was spaced or written large. */
function originOf({ subject }: Email, code: string): MailOrigin | undefined {
  const text = (subject ?? '').toLowerCase().replaceAll(/\s+/g, ' ');
  return (['ticket', 'contact'] as const).find((origin) => text.includes(subjectOf(origin, code).toLowerCase()));
}
