// GET and POST /settings/mailbox-check: leads an admin through four test mails and tells what they show (PRODUCT.md 4).
import { randomInt } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Portal } from '../../crm.ts';
import type { MailboxCheck } from '../../db/mailbox-checks.ts';
import { BatonError } from '../../errors.ts';
import { type CheckMail, mailsPerOrigin } from '../../rules/mailbox-check.ts';
import { signedIn } from '../session.ts';
import type { Words } from '../words/en.ts';
import { readTicket } from './activity-filter.ts';
import { tellSeen } from './evidence.ts';
import { type LinkedPortal, linkToRecord } from './hubspot-links.ts';
import { wordsFor } from './language.ts';
import { findContact, lookForMails, type StartFault, subjectOf } from './mailbox-check-look.ts';
import { readMailboxEvidence } from './mailbox-finding.ts';
import { knownTimeZone, momentWriter } from './moments.ts';
import type { PageParts } from './page-parts.ts';
import { readPipelines } from './portal-pipelines.ts';
import { type Body, readOne } from './settings-fields.ts';
import { openedMaxAgeMs } from './settings-page.ts';
import { renderPage } from './view.ts';

/** A check left alone for so long is not looked after any more. */
const longestCheckMs = 24 * 3_600_000;

type Given = { ticket: string; fault: StartFault };

export async function showCheck(parts: PageParts, req: Request, res: Response): Promise<void> {
  await render(parts, req, res);
}

/** Starts a check, or cancels the running one. Throws BatonError `bad-request` for a form that is not this page's. */
export async function changeCheck(parts: PageParts, req: Request, res: Response): Promise<void> {
  const { portal, userId } = signedIn(res);
  const body: Body = req.body ?? {};
  const action = readOne(body, 'action');
  if (action === 'cancel') {
    await parts.db.mailboxChecks.cancelCheck(portal.id);
    return res.redirect(303, '/settings/mailbox-check');
  }
  if (action !== 'start') throw new BatonError('bad-request');
  const ticket = readOne(body, 'ticket').trim().slice(0, 500);
  const fault = await start(parts, portal, userId, ticket);
  if (fault) return render(parts, req, res, { ticket, fault });
  res.redirect(303, '/settings/mailbox-check');
}

async function start(parts: PageParts, portal: Portal, userId: string, typed: string): Promise<StartFault | undefined> {
  const { ticketId: askedId, fault } = readTicket(typed, portal.id);
  if (!askedId) return fault === 'another-portal' ? 'gone' : 'number';
  const known = await readPipelines(parts.pipelines, parts.log, portal.id, openedMaxAgeMs);
  if (!known.readable) return 'unreadable';
  const found = await findContact(parts, portal.id, askedId, known.pipelines);
  if (typeof found === 'string') return found;
  const code = String(randomInt(1_000, 10_000));
  await parts.db.mailboxChecks.startCheck(portal.id, { ...found, code, startedBy: userId, startedAt: new Date() });
  parts.log.info({ portalId: portal.id, userId, ticketId: found.ticketId }, 'mailbox check started');
  return undefined;
}

async function render(parts: PageParts, req: Request, res: Response, given?: Given): Promise<void> {
  const { portal } = signedIn(res);
  const words = wordsFor(req);
  const now = new Date();
  const running = given ? undefined : await readRunning(parts, portal.id, now);
  const concluded = await parts.db.mailboxChecks.findConcluded(portal.id);
  const { settings } = await parts.db.settings.getSettings(portal.id);
  const write = momentWriter(words.dateLocale, knownTimeZone(portal.timeZone));
  const tell = (why: string) =>
    tellSeen({ check: 'mailbox-evidence', seen: why }, { words, write, nameIfStage: (seen) => seen }).text;
  const view = { portal, config: parts.config, words, write };
  const evidence = settings.mailbox.evidence === 'auto' ? await readMailboxEvidence(parts, portal.id, now) : undefined;
  renderPage(req, res, {
    view: 'mailbox-check',
    title: words.check.title,
    section: 'settings',
    status: given ? 422 : 200,
    data: {
      given,
      learned: evidence && { counts: evidence.counts, why: tell(evidence.why) },
      running: running && { ...viewRunning(running, view), readable: running.readable },
      result: running ? undefined : concluded && viewResult(concluded, view),
    },
  });
}

type Running = { check: MailboxCheck; mails: CheckMail[]; readable: boolean };

/** Looks for its mails; undefined when none runs, or when this look was its last. */
async function readRunning(parts: PageParts, portalId: string, now: Date): Promise<Running | undefined> {
  const check = await parts.db.mailboxChecks.findRunning(portalId);
  if (!check) return undefined;
  if (now.getTime() - check.startedAt.getTime() > longestCheckMs) {
    await parts.db.mailboxChecks.cancelCheck(portalId);
    return undefined;
  }
  const { mails, conclusion, readable } = await lookForMails(parts, portalId, check, now);
  return conclusion ? undefined : { check, mails, readable };
}

type View = LinkedPortal & { words: Words; write: ReturnType<typeof momentWriter> };

function viewMails(mails: CheckMail[], { words, write }: View) {
  return mails.map(({ emailId, from, at, ticketIds }) => ({
    emailId,
    from: words.check.origins[from],
    at: write(new Date(at)),
    tickets: ticketIds.join(', ') || words.check.none,
  }));
}

function viewRunning({ check, mails }: Running, view: View) {
  const { words } = view;
  const count = (from: CheckMail['from']) => mails.filter((mail) => mail.from === from).length;
  const [fromTicket, fromContact] = [count('ticket'), count('contact')];
  return {
    ticketId: check.ticketId,
    ticketHref: linkToRecord(view, '0-5', check.ticketId),
    contactHref: linkToRecord(view, '0-1', check.contactId),
    steps: words.check.steps(subjectOf('contact', check.code), subjectOf('ticket', check.code)),
    arrived: words.check.arrived(fromTicket, fromContact),
    settling: Math.min(fromTicket, fromContact) >= mailsPerOrigin,
    mails: viewMails(mails, view),
  };
}

function viewResult({ conclusion, endedAt, mails }: MailboxCheck, view: View) {
  const { check: text } = view.words;
  if (!conclusion || !endedAt) return undefined;
  const names = Object.keys(conclusion.fingerprint ?? {});
  return {
    title: text.resultTitle(view.write(endedAt).text),
    finding: conclusion.finding,
    sentence: text.results[conclusion.finding],
    fingerprint: names.length > 0 ? text.fingerprint(names.join(', ')) : text.noFingerprint,
    mails: viewMails(mails, view),
  };
}
