// What the portal's own mail has proved so far, for the settings page and the mailbox check (PRODUCT.md 4, `auto`).
import { drawPicture, judgeMailbox, type MailboxEvidence } from '../../rules/mailbox-picture.ts';
import type { PageParts } from './page-parts.ts';

/** As many as the worker judges by (worker/mailbox-learning.ts). */
const sightingsRead = 300;

/** Whether mail from personal mailboxes counts at present where the settings leave it to Baton, and why. */
export async function readMailboxEvidence({ db }: PageParts, portalId: string, now: Date): Promise<MailboxEvidence> {
  const [sightings, check] = await Promise.all([
    db.mailbox.listSightings(portalId, sightingsRead),
    db.mailboxChecks.findFinding(portalId),
  ]);
  return judgeMailbox(drawPicture(sightings, check ?? null, now));
}

export async function readMailboxProof(parts: PageParts, portalId: string, now: Date): Promise<boolean> {
  return (await readMailboxEvidence(parts, portalId, now)).counts;
}
