// Reads the email activities a batch is about, their tickets, how soon each was associated, and by whom.
import type { Email, Owner } from '../crm.ts';
import { BatonError } from '../errors.ts';
import type { PortalGateway } from '../hubspot/gateway.ts';
import { associationWindowMs } from '../rules/email-verdict.ts';
import type { EmailFacts } from '../rules/facts.ts';
import { isPerson } from '../rules/stage-history.ts';
import { concernsOneCall } from './failure.ts';
import { sweepType } from './own-events.ts';
import { type EmailSubject, isGivenUp } from './subjects.ts';

export type EmailReading = {
  email: Email;
  ticketIds: string[];
  associatedAfterMs: number | null;
  /** No event told of it: when it was put on its tickets is not known, `associatedAfterMs` is 0. */
  unheard: boolean;
  associatedBy: EmailFacts['associatedBy'];
  /** Whether it was put on several tickets at once. */
  onSeveralAtOnce: boolean;
};
/** Absent = HubSpot does not know it (yet). */
export type EmailReadings = Map<string, EmailReading | BatonError>;

/** Two calls for up to 100 emails; a failure is every email's, and no message's. */
export async function readEmails(
  gateway: PortalGateway,
  subjects: EmailSubject[],
  now: () => Date,
): Promise<EmailReadings> {
  if (subjects.length === 0) return new Map();
  const emailIds = subjects.map((subject) => subject.emailId);
  try {
    const [emails, tickets] = await Promise.all([
      gateway.readEmails(emailIds),
      gateway.readAssociations('emails', 'tickets', emailIds),
    ]);
    const readings = new Map<string, EmailReading>();
    for (const subject of subjects) {
      const email = emails.get(subject.emailId);
      const ticketIds = tickets.get(subject.emailId) ?? [];
      if (email) readings.set(subject.subject, readEmail(subject, email, ticketIds, now()));
    }
    return readings;
  } catch (error) {
    if (!(error instanceof BatonError) || !concernsOneCall(error)) throw error;
    return new Map(subjects.map(({ subject }) => [subject, error]));
  }
}

function readEmail({ events, previous }: EmailSubject, email: Email, ticketIds: string[], readAt: Date): EmailReading {
  const seenAt = [readAt, ...associationTimes(events, ticketIds)];
  // One that was scheduled or still being sent when first seen: its record tells since when the association stands.
  const waited = previous?.reason === 'not-a-message' && previous.ticketId === ticketIds[0];
  if (waited) seenAt.push(previous.at);
  const seenAfterMs = Math.min(...seenAt.map((at) => at.getTime())) - email.createdAt.getTime();
  const unheard = isUnheard(events, previous);
  return {
    email,
    ticketIds,
    associatedAfterMs: ticketIds.length === 0 ? null : unheard ? 0 : seenAfterMs,
    unheard,
    associatedBy: findAssociator(events, ticketIds, email),
    onSeveralAtOnce:
      (ticketIds.length > 1 && (unheard || areTogether(readAt, email.createdAt))) ||
      hasSeveralTogether(associationsTold(events, ticketIds)),
  };
}

/**
 * Found by a sweep alone, and never seen without its tickets: taken as the history of a portal is (mailbox-mails.ts), or mail sent
 * while Baton was down would not count once it is up (PRODUCT.md 7).
 */
function isUnheard(events: EmailSubject['events'], previous: EmailSubject['previous']): boolean {
  const found = events.length > 0 && events.every(({ subscriptionType }) => subscriptionType === sweepType);
  return found && (!previous || isGivenUp(previous));
}

function areTogether(one: Date, other: Date): boolean {
  return Math.abs(one.getTime() - other.getTime()) <= associationWindowMs;
}

/** One after the other with minutes between is a person's doing. */
function hasSeveralTogether(told: EmailSubject['events']): boolean {
  return told.some((one) =>
    told.some((other) => one.ticketId !== other.ticketId && areTogether(one.occurredAt, other.occurredAt)),
  );
}

function associationsTold(events: EmailSubject['events'], ticketIds: string[]): EmailSubject['events'] {
  return events.filter(
    (event) => event.kind === 'email-association' && !event.removed && ticketIds.includes(event.ticketId ?? ''),
  );
}

/** When HubSpot says the associations were made; that they were seen at the time of reading is the other bound. */
function associationTimes(events: EmailSubject['events'], ticketIds: string[]): Date[] {
  return associationsTold(events, ticketIds).map((event) => event.occurredAt);
}

function findAssociator(events: EmailSubject['events'], ticketIds: string[], email: Email): EmailFacts['associatedBy'] {
  const sources = associationsTold(events, ticketIds).map((event) => isSenderSource(event, email.objectSource));
  if (sources.length === 0) return null;
  return sources.includes(false) ? 'other' : 'sender';
}

/**
 * Whether an association came from a person or from where the mail itself came from; undefined = HubSpot does not say. Which other
 * sources HubSpot may name is not known (PLATFORM.md 2.4), so that any of them counts as not the sender's.
 */
export function isSenderSource(
  { changeSource, sourceId }: Pick<EmailSubject['events'][number], 'changeSource' | 'sourceId'>,
  objectSource: string | null,
): boolean | undefined {
  if (changeSource === null) return undefined;
  if (changeSource === 'EMAIL' || changeSource === objectSource) return true;
  return isPerson({ sourceType: changeSource, sourceId });
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
