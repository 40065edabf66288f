// Whether a machine wrote a mail: out-of-office, helpdesk answer, delivery notice, calendar answer. And whether a person only says thanks.
//
// No RFC header reaches the app (DATA.md 3.1), so several independent signs must add up: sender, subject and the writer's own words.
// In doubt a mail is a person's: a missed auto-reply costs a wrong status, a swallowed person costs a customer (PRODUCT.md 5).
// How it decides, what it cannot see and how it was measured: docs/guards.md.
import { findOutOfOffice } from './automatic-absence.ts';
import { findCalendarAnswer } from './automatic-calendar.ts';
import { findBounce, findReadReceipt } from './automatic-delivery.ts';
import { findHelpdeskAnswer } from './automatic-desk.ts';
import { readSender, readSubject } from './automatic-origin.ts';
import type { AutomaticKind, Mail } from './automatic-signs.ts';
import { isOnlyThanks } from './automatic-thanks.ts';
import { foldText, readOwnText, splitSentences } from './own-text.ts';

export type MailInput = {
  subject: string | null;
  /** `Name <address>` or a bare address. */
  from: string | null;
  text: string | null;
  html: string | null;
};
export type Classification = {
  automatic: boolean;
  kind: AutomaticKind | null;
  /** A person's own words are nothing but thanks. Never true together with `automatic`. */
  thanks: boolean;
  /** Names of the signs seen, joined by `+`; `none` when there were none. Never a word or an address of the mail. */
  reason: string;
};

/** Pure; never throws; linear in the input (texts are cut at 20,000 characters). */
export function classifyMessage(input: MailInput): Classification {
  const mail = readMail(input);
  const found =
    findCalendarAnswer(mail) ??
    findBounce(mail) ??
    findReadReceipt(mail) ??
    findOutOfOffice(mail) ??
    findHelpdeskAnswer(mail);
  if (found) return { automatic: true, kind: found.kind, thanks: false, reason: found.names.join('+') };
  const thanks = !mail.body.forwards && !mail.body.truncated && isOnlyThanks(mail.body.own, input.from);
  return { automatic: false, kind: null, thanks, reason: thanks ? 'only-thanks' : 'none' };
}

// What somebody puts in quotation marks is not said by himself: "I got 'this is an automatic reply' from you".
const quotation = /["“”„«»][^"“”„«»]{12,600}["“”„«»]/g;

function readMail(input: MailInput): Mail {
  const body = readOwnText(input);
  const sender = readSender(input.from);
  return {
    sender: sender.kind,
    senderCertain: sender.certain,
    subject: readSubject(input.subject, input.from),
    body,
    words: foldText(body.own).replace(/\s+/g, ' ').replace(quotation, ' '),
    sentences: splitSentences(foldText(body.own).replace(quotation, ' ')),
  };
}
