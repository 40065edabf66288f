// Learns how a portal's mail is put on tickets: once from its last thirty days, then from each mail seen in normal work.
import type { Email, Pipeline, Portal } from '../crm.ts';
import type { InboxEvent } from '../db/lanes.ts';
import type { SeenMail } from '../db/mailbox.ts';
import type { Db } from '../db/open-db.ts';
import { BatonError } from '../errors.ts';
import type { PortalGateway } from '../hubspot/gateway.ts';
import type { PipelineCache } from '../hubspot/pipeline-cache.ts';
import { describeError, type Log } from '../log.ts';
import { associationWindowMs } from '../rules/email-verdict.ts';
import { drawPicture, judgeMailbox, type MailboxEvidence, sightingMaxAgeMs } from '../rules/mailbox-picture.ts';
import { isSenderSource } from './email-facts.ts';
import { concernsOneCall } from './failure.ts';
import { findLoose, sortPastMails } from './mailbox-mails.ts';
import { isRefusal, isResting, refusedNow } from './sweep-refusals.ts';
import type { Work } from './work.ts';

export type LearningParts = {
  portal: Portal;
  gateway: PortalGateway;
  db: Pick<Db, 'mailbox' | 'mailboxChecks'>;
  /** Asked for only where mails are looked at. */
  readPipelines: () => Promise<Pipeline[]>;
  now: () => Date;
};

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const historyMs = 30 * dayMs;
const historyCalls = 3;
/** The history is read again after this, for what no webhook told of; 5 to 20 calls. */
const learnAgainMs = 7 * dayMs;
/** Looks at waiting mail in an hour, 5 calls each for up to 100 mails: few once there is a proof, which they only keep fresh. */
const looksPerHour = { proven: 4, unproven: 30 };
const mailsPerLook = 100;
/** The newest mails of a portal; more say nothing more. */
const sightingsRead = 300;

/** As it stands in the database. */
export async function readEvidence({
  db,
  portal,
  now,
}: Pick<LearningParts, 'db' | 'portal' | 'now'>): Promise<MailboxEvidence> {
  const sightings = await db.mailbox.listSightings(portal.id, sightingsRead);
  const check = await db.mailboxChecks.findFinding(portal.id);
  return judgeMailbox(drawPicture(sightings, check ?? null, now()));
}

/**
 * Reads the last thirty days where that was never done in this installation, or long ago, then looks once more at mails that were on
 * no ticket when they were seen. Throws the gateway's BatonError; what was learned until then is kept.
 */
export async function learnMailbox(parts: LearningParts): Promise<void> {
  const { db, portal, now } = parts;
  const learning = await db.mailbox.findLearning(portal.id);
  const { learnedAt } = learning;
  const due = !learnedAt || learnedAt < portal.installedAt || now().getTime() - learnedAt.getTime() > learnAgainMs;
  if (due) {
    await learnHistory(parts);
    learning.learnedAt = now();
    await db.mailbox.saveLearning(portal.id, learning);
  }
  await lookAtWaiting(parts, learning);
}

/** Newest first, no further than it takes. */
async function learnHistory(parts: LearningParts): Promise<void> {
  const { gateway, db, portal, now } = parts;
  const pipelines = await parts.readPipelines();
  // Mail of the last minute may still be put on its ticket, and is told of by webhooks.
  const before = new Date(now().getTime() - associationWindowMs);
  const after = new Date(now().getTime() - historyMs);
  let cursor: string | null = null;
  for (let call = 0; call < historyCalls; call += 1) {
    const found: { emails: Email[]; cursor: string | null } = await gateway.searchSentEmails({
      after,
      before,
      ...(cursor === null ? {} : { cursor }),
    });
    await db.mailbox.saveMails(portal.id, await sortPastMails(gateway, found.emails, pipelines), { past: true });
    cursor = found.cursor;
    if (cursor === null || (await readEvidence(parts)).counts) return;
  }
}

type Learning = { learnedAt: Date | null; looks: Date[] };

/** A mail is looked at once, when its minute is over. */
async function lookAtWaiting(parts: LearningParts, learning: Learning): Promise<void> {
  const { gateway, db, portal, now } = parts;
  const sentBefore = new Date(now().getTime() - associationWindowMs);
  const waiting = await db.mailbox.findWaiting(portal.id, sentBefore, mailsPerLook);
  if (waiting.length === 0) return;
  const looks = learning.looks.filter((at) => now().getTime() - at.getTime() < hourMs);
  const { counts } = await readEvidence(parts);
  if (looks.length >= looksPerHour[counts ? 'proven' : 'unproven']) return;
  await db.mailbox.saveLearning(portal.id, { ...learning, looks: [...looks, now()] });
  const recent = waiting.filter(({ at }) => now().getTime() - at.getTime() < sightingMaxAgeMs);
  const free = await findFree(gateway, recent);
  const emails = await gateway.readEmails(free.map(({ emailId }) => emailId));
  const loose = await findLoose(gateway, [...emails.values()], await parts.readPipelines());
  await db.mailbox.saveMails(portal.id, loose, { past: true });
  await db.mailbox.forgetWaiting(
    portal.id,
    waiting.map(({ emailId }) => emailId),
  );
}

/** Those that are on no ticket still. */
export async function findFree(gateway: PortalGateway, mails: SeenMail[]): Promise<SeenMail[]> {
  if (mails.length === 0) return [];
  const tickets = await gateway.readAssociations(
    'emails',
    'tickets',
    mails.map(({ emailId }) => emailId),
  );
  return mails.filter(({ emailId }) => (tickets.get(emailId) ?? []).length === 0);
}

/** One statement: what association events say of mails that were seen before, those that are decided included. */
export async function noteAssociations(db: Pick<Db, 'mailbox'>, portalId: string, events: InboxEvent[]): Promise<void> {
  const told = events.flatMap((event) => {
    const { kind, removed, emailId, ticketId, occurredAt: at } = event;
    if (kind !== 'email-association' || removed || !emailId || !ticketId) return [];
    return [{ emailId, ticketId, at, byOther: isSenderSource(event, null) === false }];
  });
  await db.mailbox.noteAssociations(portalId, told, associationWindowMs);
}

/** Under which name a refusal to read a portal's mail is remembered. */
const learningSweep = 'mailbox';

/** At a sweep's tick, so that a portal knows before its first mail comes; a failure is made up for by the next tick or mail. */
export async function learnAtSweep(
  parts: { db: Db; pipelines: PipelineCache; log: Log; now: () => Date; work: Pick<Work, 'memory'> },
  portal: Portal,
  gateway: PortalGateway,
  pipelinesMaxAgeMs: number,
): Promise<void> {
  const reached = await parts.db.sweeps.findWatermarks(portal.id);
  if (isResting(learningSweep, reached, parts.now())) return;
  try {
    const readPipelines = async () => (await parts.pipelines.get(portal.id, { maxAgeMs: pipelinesMaxAgeMs })).pipelines;
    await learnMailbox({ ...parts, portal, gateway, readPipelines });
  } catch (error) {
    if (!(error instanceof BatonError) || !concernsOneCall(error)) throw error;
    parts.log.warn({ portalId: portal.id, ...describeError(error) }, 'mailbox mail was not looked at');
    if (isRefusal(error)) parts.work.memory.push(refusedNow(learningSweep, parts.now()));
  }
}
