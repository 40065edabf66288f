// What a check with test mails shows, and how a later mail is held against it (PRODUCT.md 4, DATA.md 7a A5). Pure.
import { createHash } from 'node:crypto';
import type { CheckFinding, MailboxEvidence } from './mailbox-picture.ts';

/** The properties that may tell on which record a mail was written (DATA.md 7a A5). */
export const checkedProperties = [
  'hs_object_source',
  'hs_object_source_detail_1',
  'hs_object_source_detail_2',
  'hs_object_source_detail_3',
  'hs_engagement_source',
  'hs_engagement_source_id',
  'hs_email_logged_from',
  'hs_email_encoded_email_associations_request',
  'hs_email_sent_via',
] as const;

export type MailOrigin = 'ticket' | 'contact';
/** Hashes by property; null = HubSpot has no value. Absent = the value names a record of the check itself, and says nothing of others. */
export type ValueHashes = Record<string, string | null>;
export type CheckMail = { emailId: string; from: MailOrigin; at: string; ticketIds: string[]; values: ValueHashes };
/** By property: the hash that mail from a ticket carries, and that of mail from a contact record. */
export type Fingerprint = Record<string, { ticket: string; contact: string | null }>;
export type CheckConclusion = { finding: CheckFinding; fingerprint: Fingerprint | null };

/** Test mails wanted from each record: what differs once may be chance. */
export const mailsPerOrigin = 2;

/** Values are kept as hashes only: what HubSpot encodes in them may be an address. `ids` = the records of the check. */
export function hashValues(properties: Record<string, string | null>, ids: string[] = []): ValueHashes {
  const hashes: ValueHashes = {};
  for (const name of checkedProperties) {
    const value = properties[name] || null;
    if (value === null || !namesOneOf(value, ids)) hashes[name] = value === null ? null : hashValue(value);
  }
  return hashes;
}

function hashValue(value: string): string {
  return createHash('sha256').update(value).digest('hex').slice(0, 16);
}

/** Plainly, or within base64, which is how HubSpot encodes requests. */
function namesOneOf(value: string, ids: string[]): boolean {
  const numbers = new Set(`${value} ${Buffer.from(value, 'base64').toString('latin1')}`.match(/\d+/g));
  return ids.some((id) => numbers.has(id));
}

/** Undefined while test mails are missing. */
export function concludeCheck(mails: CheckMail[], ticketId: string): CheckConclusion | undefined {
  const [fromTicket, fromContact] = [mailsFrom(mails, 'ticket'), mailsFrom(mails, 'contact')];
  if (Math.min(fromTicket.length, fromContact.length) < mailsPerOrigin) return undefined;
  const landed = fromContact.some(({ ticketIds }) => ticketIds.length > 0);
  const onTicket = fromTicket.every(({ ticketIds }) => ticketIds.length === 1 && ticketIds[0] === ticketId);
  const finding = landed ? 'mixed' : onTicket ? 'apart' : 'unclear';
  const found = checkedProperties.flatMap((name) => {
    const [ticket, contact] = [sharedValue(fromTicket, name), sharedValue(fromContact, name)];
    // What mail from a ticket lacks is no sign: any mail may lack it.
    return ticket && contact !== undefined && ticket !== contact ? [[name, { ticket, contact }] as const] : [];
  });
  return { finding, fingerprint: found.length > 0 ? Object.fromEntries(found) : null };
}

function mailsFrom(mails: CheckMail[], origin: MailOrigin): CheckMail[] {
  return mails.filter(({ from }) => from === origin);
}

/** The value that all of them carry; undefined when they differ, or when it says nothing. */
function sharedValue(mails: CheckMail[], name: string): string | null | undefined {
  const [first, ...others] = mails.map(({ values }) => values[name]);
  return others.every((value) => value === first) ? first : undefined;
}

/** Which of the two a mail looks like: every property of the fingerprint must say the same. */
export function compareMail(fingerprint: Fingerprint, values: ValueHashes): MailOrigin | 'neither' {
  const names = Object.keys(fingerprint);
  const isLike = (origin: MailOrigin) => names.every((name) => values[name] === fingerprint[name]?.[origin]);
  return isLike('ticket') ? 'ticket' : isLike('contact') ? 'contact' : 'neither';
}

/** `astrayAt`: the newest mail that looks sent from a ticket and is on none; newer than the check, it takes the fingerprint back. */
export function judgeFingerprint(check: { at: Date } | undefined, astrayAt: Date | null): MailboxEvidence {
  if (!check) return { counts: false, why: 'fingerprint: no check has found one' };
  if (astrayAt && astrayAt > check.at) {
    return { counts: false, why: 'fingerprint: in doubt, since a mail that looks sent from a ticket is on none' };
  }
  return { counts: true, why: 'fingerprint: by the check' };
}
