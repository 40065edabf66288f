// Reads real mail: one message of an .eml file, or all of an .mbox, as far as an inbox looks at it (postal-mime does the MIME).
import PostalMime, { type Address, type Email } from 'postal-mime';

export type RealMail = {
  /** With its angle brackets; null when the mail has none. */
  mailId: string | null;
  /** In-Reply-To first, then References from the newest to the oldest: the order in which a thread is looked for. */
  answersTo: string[];
  from: { address: string; name: string };
  to: string[];
  cc: string[];
  subject: string;
  text: string;
  html: string | undefined;
  /** Epoch milliseconds; null when the mail has no date one can read. */
  sentAt: number | null;
  attachments: string[];
  /** An automatic answer by its headers (RFC 3834; the older ones of Exchange and of autoresponders). */
  isAutomatic: boolean;
};

/** More than any mailbox one tries things with; a bound on the time one upload takes. */
const maxMails = 5_000;

function addressesOf(list: Address[] | undefined): string[] {
  return (list ?? []).flatMap((one) => one.group?.map((each) => each.address) ?? one.address ?? []).filter(Boolean);
}

function mailIds(text: string | undefined): string[] {
  return text?.match(/<[^<>\s]+>/g) ?? [];
}

function isAutomatic({ headers }: Email): boolean {
  const value = (key: string) =>
    headers
      .find((header) => header.key === key)
      ?.value.trim()
      .toLowerCase();
  const submitted = value('auto-submitted');
  if (submitted) return !submitted.startsWith('no');
  return value('x-autoreply') === 'yes' || value('x-autorespond') !== undefined || value('precedence') === 'auto_reply';
}

function describe(mail: Email, which: string): RealMail {
  const from = mail.from?.group?.[0] ?? mail.from;
  if (!from?.address)
    throw new Error(`emulator: ${which} has no From address; is it a mail (.eml) or a mailbox (.mbox)?`);
  const sentAt = Date.parse(mail.date ?? '');
  const references = mailIds(mail.references).reverse();
  return {
    mailId: mailIds(mail.messageId)[0] ?? null,
    answersTo: [...new Set([...mailIds(mail.inReplyTo), ...references])],
    from: { address: from.address, name: from.name },
    to: addressesOf(mail.to),
    cc: addressesOf(mail.cc),
    subject: mail.subject ?? '',
    text: (mail.text ?? '').replaceAll('\r\n', '\n').trimEnd(),
    html: mail.html,
    sentAt: Number.isNaN(sentAt) ? null : sentAt,
    attachments: mail.attachments.map(({ filename, mimeType }) => filename ?? mimeType),
    isAutomatic: isAutomatic(mail),
  };
}

const separator = Buffer.from('From ');

function isSeparator(raw: Buffer, at: number): boolean {
  return raw.subarray(at, at + separator.length).equals(separator);
}

/** Where each mail begins and ends: after a line that starts with "From " and follows an empty one, or opens the file. */
function splitMailbox(raw: Buffer): Buffer[] {
  const mails: Buffer[] = [];
  const firstEnd = raw.indexOf('\n');
  let start = firstEnd < 0 ? raw.length : firstEnd + 1;
  for (let at = start; at < raw.length; ) {
    const empty = raw[at] === 10 ? 1 : raw[at] === 13 && raw[at + 1] === 10 ? 2 : 0;
    if (empty > 0 && isSeparator(raw, at + empty)) {
      mails.push(raw.subarray(start, at));
      const lineEnd = raw.indexOf('\n', at + empty);
      start = lineEnd < 0 ? raw.length : lineEnd + 1;
      at = start;
      continue;
    }
    const lineEnd = raw.indexOf('\n', at);
    at = lineEnd < 0 ? raw.length : lineEnd + 1;
  }
  mails.push(raw.subarray(start));
  return mails.filter((mail) => mail.length > 0);
}

/** mboxrd: a line of a mail that looks like a separator got one ">" more; it is taken off again. */
function restoreLines(mail: Buffer): Buffer {
  return Buffer.from(mail.toString('latin1').replace(/^>(>*From )/gm, '$1'), 'latin1');
}

/** latin1 keeps every byte as it is, for postal-mime to decode by the mail's own charset. */
function readBytes(raw: Uint8Array | string): Buffer {
  return typeof raw === 'string' ? Buffer.from(raw, 'utf8') : Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
}

/**
 * The mails of a file, in its order. Throws, naming the mail by its number, when the file is empty, is none of the two kinds
 * or holds more than 5,000 mails; a mailbox of several MB takes a second.
 */
export async function readMailFile(raw: Uint8Array | string): Promise<RealMail[]> {
  const bytes = readBytes(raw);
  if (bytes.length === 0) throw new Error('emulator: the mail file is empty; choose an .eml or .mbox file');
  const isMailbox = isSeparator(bytes, 0);
  const parts = isMailbox ? splitMailbox(bytes).map(restoreLines) : [bytes];
  if (parts.length === 0) throw new Error('emulator: the mailbox holds no mail after its first line');
  if (parts.length > maxMails)
    throw new Error(`emulator: the mailbox holds ${parts.length} mails; split it: ${maxMails} at most`);
  const mails: RealMail[] = [];
  for (const [index, part] of parts.entries()) {
    const which = isMailbox ? `mail ${index + 1} of the mailbox` : 'the file';
    const parsed = await PostalMime.parse(part).catch((cause: unknown) => {
      throw new Error(`emulator: ${which} cannot be read as a mail`, { cause });
    });
    mails.push(describe(parsed, which));
  }
  return mails;
}
