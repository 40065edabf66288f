// What the mailbox mail of a batch is judged by: the portal's evidence, brought up to date with these mails, and a check's fingerprint.
import type { Email } from '../crm.ts';
import type { SeenMail } from '../db/mailbox.ts';
import type { Db } from '../db/open-db.ts';
import { BatonError } from '../errors.ts';
import type { PortalGateway } from '../hubspot/gateway.ts';
import { describeError, type Log } from '../log.ts';
import { associationWindowMs } from '../rules/email-verdict.ts';
import {
  checkedProperties,
  compareMail,
  type Fingerprint,
  hashValues,
  judgeFingerprint,
  type MailOrigin,
} from '../rules/mailbox-check.ts';
import type { MailboxEvidence } from '../rules/mailbox-picture.ts';
import type { Settings } from '../rules/settings.ts';
import type { EmailReading, EmailReadings } from './email-facts.ts';
import { concernsOneCall } from './failure.ts';
import { findFree, type LearningParts, learnMailbox, readEvidence } from './mailbox-learning.ts';
import { isUserMail, seenMail } from './mailbox-mails.ts';

export type MailboxReading = {
  evidence: MailboxEvidence;
  /** Which mails of the check a mail looks like, by its id; empty where no fingerprint decides. */
  looks: ReadonlyMap<string, MailOrigin | 'neither'>;
};
type Parts = LearningParts & { settings: Settings; log: Log };

/** A failure is every outgoing email's, and no message's. Makes no call for a batch without outgoing mail. */
export async function readMailbox(parts: Parts, emails: EmailReadings): Promise<MailboxReading | BatonError> {
  const mode = parts.settings.mailbox.evidence;
  const outgoing = [...emails.values()].flatMap((reading) =>
    !(reading instanceof BatonError) && reading.email.direction === 'EMAIL' ? [reading] : [],
  );
  const nothingAsked = { evidence: { counts: mode === 'associated', why: mode }, looks: new Map() };
  if (mode === 'off' || mode === 'associated' || outgoing.length === 0) return nothingAsked;
  try {
    if (mode === 'fingerprint') return await readFingerprint(parts, outgoing);
    const failure = await learnFrom(parts, outgoing);
    return failure ?? { evidence: await readEvidence(parts), looks: new Map() };
  } catch (error) {
    if (!(error instanceof BatonError) || !concernsOneCall(error)) throw error;
    return error;
  }
}

/**
 * The mails of this batch first: one of them may be what takes the proof back. A failure is answered where these mails had better wait
 * for the history; where it was read before, or no further try will read it, they are judged by what is known.
 */
async function learnFrom(parts: Parts, outgoing: EmailReading[]): Promise<BatonError | undefined> {
  const { db, portal, log } = parts;
  const mails = outgoing.flatMap((reading) => describeReading(reading) ?? []);
  await db.mailbox.saveMails(portal.id, mails);
  try {
    await learnMailbox(parts);
  } catch (error) {
    if (!(error instanceof BatonError) || !concernsOneCall(error)) throw error;
    if (error.retryable && !(await db.mailbox.findLearning(portal.id)).learnedAt) return error;
    log.warn({ portalId: portal.id, ...describeError(error) }, 'mailbox mail was not looked at');
  }
  return undefined;
}

function describeReading({ email, ticketIds, ...reading }: EmailReading): SeenMail | undefined {
  const { associatedAfterMs, associatedBy, onSeveralAtOnce } = reading;
  const inTime = associatedAfterMs !== null && associatedAfterMs <= associationWindowMs;
  // What an app logged it also put on a ticket: that is no sign of how HubSpot treats a user's mail.
  if (email.objectSource === 'INTEGRATION') return undefined;
  if (associatedBy === 'other' && inTime) return seenMail(email, 'foreign');
  if (onSeveralAtOnce) return seenMail(email, 'several');
  if (!isUserMail(email)) return undefined;
  if (ticketIds.length === 0) return seenMail(email, 'waiting');
  return ticketIds.length === 1 && inTime ? seenMail(email, 'tied', ticketIds[0]) : undefined;
}

async function readFingerprint(parts: Parts, outgoing: EmailReading[]): Promise<MailboxReading> {
  const { db, portal, gateway, now } = parts;
  const check = await db.mailboxChecks.findFinding(portal.id);
  if (!check?.fingerprint) return { evidence: judgeFingerprint(undefined, null), looks: new Map() };
  const looks = await compareMails(gateway, check.fingerprint, outgoing);
  const marked = outgoing.filter(({ email, ticketIds }) => ticketIds.length === 0 && isLikeTicket(email, looks));
  await db.mailbox.saveMails(
    portal.id,
    marked.map(({ email }) => ({ ...seenMail(email, 'waiting'), marked: true })),
  );
  await findAstray(db, portal.id, gateway, now());
  return { evidence: judgeFingerprint(check, await db.mailbox.findNewestAstray(portal.id)), looks };
}

function isLikeTicket(email: Email, looks: MailboxReading['looks']): boolean {
  return isUserMail(email) && looks.get(email.id) === 'ticket';
}

async function compareMails(
  gateway: PortalGateway,
  fingerprint: Fingerprint,
  outgoing: EmailReading[],
): Promise<Map<string, MailOrigin | 'neither'>> {
  const emailIds = outgoing.map(({ email }) => email.id);
  const properties = await gateway.readProperties('emails', emailIds, [...checkedProperties]);
  return new Map([...properties].map(([emailId, values]) => [emailId, compareMail(fingerprint, hashValues(values))]));
}

const waitingPerLook = 100;

/** One call where mails wait that look sent from a ticket: what is on none a minute later speaks against the fingerprint. */
async function findAstray(db: Pick<Db, 'mailbox'>, portalId: string, gateway: PortalGateway, now: Date): Promise<void> {
  const sentBefore = new Date(now.getTime() - associationWindowMs);
  const waiting = await db.mailbox.findWaiting(portalId, sentBefore, waitingPerLook);
  const astray = await findFree(
    gateway,
    waiting.filter(({ marked }) => marked),
  );
  await db.mailbox.saveMails(
    portalId,
    astray.map((mail) => ({ ...mail, kind: 'astray' })),
    { past: true },
  );
  await db.mailbox.forgetWaiting(
    portalId,
    waiting.map(({ emailId }) => emailId),
  );
}
