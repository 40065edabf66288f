// Reads the email activities a batch is about, their tickets, and how soon each was associated.
import type { Email, Owner } from '../crm.ts';
import type { PortalGateway } from '../hubspot/gateway.ts';
import type { EmailSubject } from './subjects.ts';

export type EmailReading = { email: Email; ticketIds: string[]; associatedAfterMs: number | null };

/** Absent from the map = HubSpot does not know it (yet). Two calls for up to 100 emails. */
export async function readEmails(
  gateway: PortalGateway,
  subjects: EmailSubject[],
  now: () => Date,
): Promise<Map<string, EmailReading>> {
  if (subjects.length === 0) return new Map();
  const emailIds = subjects.map((subject) => subject.emailId);
  const [emails, tickets] = await Promise.all([
    gateway.readEmails(emailIds),
    gateway.readAssociations('emails', 'tickets', emailIds),
  ]);
  const readAt = now().getTime();
  const readings = new Map<string, EmailReading>();
  for (const { emailId, subject, events } of subjects) {
    const email = emails.get(emailId);
    if (!email) continue;
    const ticketIds = tickets.get(emailId) ?? [];
    const seenAt = [readAt, ...associationTimes(events, ticketIds)];
    const associatedAfterMs = ticketIds.length > 0 ? Math.min(...seenAt) - email.createdAt.getTime() : null;
    readings.set(subject, { email, ticketIds, associatedAfterMs });
  }
  return readings;
}

/** When HubSpot says the associations were made; that they were seen at the time of reading is the other bound. */
function associationTimes(events: EmailSubject['events'], ticketIds: string[]): number[] {
  return events
    .filter((event) => event.kind === 'email-association' && !event.removed && ticketIds.includes(event.ticketId ?? ''))
    .map((event) => event.occurredAt.getTime());
}

const ownersMaxAgeMs = 10 * 60_000;

/** The addresses of a portal's owners, in memory only, re-read every ten minutes where mailbox mail counts. */
export function createOwnerCache(now: () => Date) {
  const cached = new Map<string, { addresses: Set<string>; readAt: number }>();
  return async function findOwnerAddresses(portalId: string, gateway: PortalGateway): Promise<ReadonlySet<string>> {
    const known = cached.get(portalId);
    if (known && now().getTime() - known.readAt < ownersMaxAgeMs) return known.addresses;
    const owners: Owner[] = await gateway.listOwners();
    const addresses = new Set(owners.map((owner) => owner.email?.toLowerCase()).filter((email) => email !== undefined));
    cached.set(portalId, { addresses, readAt: now().getTime() });
    // Bounded: the oldest entries go first, so that ten thousand portals do not stay in memory.
    if (cached.size > 500) cached.delete(cached.keys().next().value as string);
    return addresses;
  };
}
