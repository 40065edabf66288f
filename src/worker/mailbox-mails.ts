// What single mails show about their portal: which tickets they are on, and whether their contact had an open one at that time.
import type { Contact, Email, Pipeline, Ticket } from '../crm.ts';
import type { SeenMail } from '../db/mailbox.ts';
import type { PortalGateway } from '../hubspot/gateway.ts';

/** Mails whose contacts are asked after at a time: two calls for their contacts, two for up to 100 tickets. */
const mailsPerLook = 100;
const ticketsPerLook = 100;

export function seenMail(email: Email, kind: SeenMail['kind'], ticketId: string | null = null): SeenMail {
  return { emailId: email.id, at: email.createdAt, kind, ticketId, marked: false };
}

/** Sent, and logged by HubSpot for one of its users; what an app logged was composed nowhere in HubSpot (DATA.md 2.2). */
export function isUserMail(email: Email): boolean {
  const byUser = email.ownerId !== null || email.createdByUserId !== null;
  return email.direction === 'EMAIL' && email.status === 'SENT' && email.objectSource !== 'INTEGRATION' && byUser;
}

/** Mails of a while ago as they stand now. One that says nothing is left out. At most 6 calls. */
export async function sortPastMails(
  gateway: PortalGateway,
  emails: Email[],
  pipelines: Pipeline[],
): Promise<SeenMail[]> {
  const byUsers = emails.filter(isUserMail);
  if (byUsers.length === 0) return [];
  const tickets = await gateway.readAssociations(
    'emails',
    'tickets',
    byUsers.map(({ id }) => id),
  );
  const ticketsOf = ({ id }: Email): string[] => tickets.get(id) ?? [];
  const bound = byUsers.flatMap((email) => {
    const [first, ...others] = ticketsOf(email);
    if (first === undefined) return [];
    return [others.length > 0 ? seenMail(email, 'several') : seenMail(email, 'tied', first)];
  });
  const free = byUsers.filter((email) => ticketsOf(email).length === 0).slice(0, mailsPerLook);
  return [...bound, ...(await findLoose(gateway, free, pipelines))];
}

/** Of mails on no ticket those that went to a contact who had exactly one open ticket when they were sent. */
export async function findLoose(gateway: PortalGateway, emails: Email[], pipelines: Pipeline[]): Promise<SeenMail[]> {
  if (emails.length === 0) return [];
  const contactIds = await gateway.readAssociations(
    'emails',
    'contacts',
    emails.map(({ id }) => id),
  );
  const known = [...new Set([...contactIds.values()].flat())];
  const ticketIds = known.length > 0 ? await gateway.readAssociations('contacts', 'tickets', known) : new Map();
  const withTickets = known.filter((contactId) => (ticketIds.get(contactId) ?? []).length > 0);
  if (withTickets.length === 0) return [];
  const contacts = await gateway.readContacts(withTickets);
  const asked = emails.flatMap((email) => {
    const of = (contactIds.get(email.id) ?? []).flatMap((contactId) => contacts.get(contactId) ?? []);
    const wanted = [...new Set(of.flatMap(({ id }): string[] => ticketIds.get(id) ?? []))];
    return wanted.length > 0 && isToOneOf(email, of) ? [{ email, wanted }] : [];
  });
  const readable = new Set(asked.flatMap(({ wanted }) => wanted).slice(0, ticketsPerLook));
  if (readable.size === 0) return [];
  const tickets = await gateway.readTickets([...readable], { history: true });
  return asked.flatMap(({ email, wanted }) => {
    if (wanted.some((ticketId) => !readable.has(ticketId))) return [];
    const states = wanted.map((ticketId) => wasOpen(tickets.get(ticketId), email.createdAt, pipelines));
    const open = states.filter((state) => state === 'open').length;
    return open === 1 && !states.includes('unknown') ? [seenMail(email, 'loose')] : [];
  });
}

/** To a contact, and not from one: a sales tool may log mail that came in as `EMAIL` (74 % of one portal's, DATA.md 2.2). */
function isToOneOf({ fromAddress, toAddresses }: Email, contacts: Contact[]): boolean {
  const addresses = new Set(contacts.flatMap((contact) => contact.addresses));
  const isContact = (address: string | null): boolean => addresses.has(address?.toLowerCase() ?? '');
  return toAddresses.some(isContact) && !isContact(fromAddress);
}

/** By the ticket's own history; a deleted ticket, and one that was not made yet, was not open. */
function wasOpen(ticket: Ticket | undefined, at: Date, pipelines: Pipeline[]): 'open' | 'not-open' | 'unknown' {
  if (!ticket || ticket.createdAt > at) return 'not-open';
  const then = ticket.stageHistory.find((change) => change.at <= at);
  const stageId = then?.stageId ?? ticket.stageHistory.at(-1)?.stageId;
  const stage = pipelines.flatMap(({ stages }) => stages).find(({ id }) => id === stageId);
  if (!stage) return 'unknown';
  return stage.closed ? 'not-open' : 'open';
}
