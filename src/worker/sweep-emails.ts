// The sweep for emails: those that changed and have no record, or one that a later fact may change (PRODUCT.md 7).
import type { Event } from '../crm.ts';
import type { ChangedObject } from '../hubspot/gateway.ts';
import { emailChannelId } from '../rules/email-verdict.ts';
import type { Settings } from '../rules/settings.ts';
import { emailEvent } from './own-events.ts';
import { isFinal, isGivenUp } from './subjects.ts';
import type { ChangeSweep, SweepParts, SweepRun, SweepWindow } from './sweep-changes.ts';

export const emailSweep: ChangeSweep = { sweep: 'emails', type: 'emails', matters, find };

/** Elsewhere no email can move a ticket. */
function matters({ channels, mailbox, pipelines }: Settings): boolean {
  const moves = Object.values(pipelines).some(({ outgoing, incoming }) => outgoing.enabled || incoming.enabled);
  return moves && mailbox.evidence !== 'off' && channels.includes(emailChannelId);
}

async function find(
  { db }: SweepParts,
  { portal }: SweepRun,
  changed: ChangedObject[],
  { oldest }: SweepWindow,
): Promise<Event[]> {
  const subjects = changed.map(({ id }) => `e:${id}`);
  const decided = await db.ticketMemory.findDecided(portal.id, subjects);
  const open = changed.filter((email) => {
    const previous = decided.get(`e:${email.id}`);
    // What was given up is tried again by a person alone.
    if (previous) return !isFinal({ kind: 'email', previous }) && !isGivenUp(previous);
    return email.createdAt >= oldest || (email.sentAt !== null && email.sentAt >= oldest);
  });
  return open.map(({ id, changedAt }) => emailEvent(portal.id, id, changedAt));
}
