// The sweep for stage entries: tickets that changed, and whose entry into the stage they are in has actions without a record.
import type { Event, Ticket } from '../crm.ts';
import type { SettingsVersion } from '../db/db.ts';
import type { ChangedObject } from '../hubspot/gateway.ts';
import type { Settings } from '../rules/settings.ts';
import { actionSubject, actionsOf, hasStageActions } from '../rules/stage-entry.ts';
import { entryEvent } from './own-events.ts';
import type { ChangeSweep, SweepParts, SweepRun, SweepWindow } from './sweep-changes.ts';

export const entrySweep: ChangeSweep = {
  sweep: 'stage-entries',
  type: 'tickets',
  matters: (settings) => hasStageActions(settings, null),
  find,
};

type Entry = { ticketId: string; stageId: string; enteredAt: Date };

async function find(
  { db }: SweepParts,
  { portal, gateway, settings }: SweepRun,
  changed: ChangedObject[],
  window: SweepWindow,
): Promise<Event[]> {
  const wanted = changed.filter(({ stageId }) => stageId !== null && hasStageActions(settings, stageId));
  if (wanted.length === 0) return [];
  const tickets = await gateway.readTickets(
    wanted.map(({ id }) => id),
    { history: true },
  );
  const entries = [...tickets.values()].flatMap((ticket) => {
    const entry = currentEntry(ticket, window.oldest);
    const subjects = entry ? missedSubjects(ticket, entry, settings, window.versions) : [];
    return entry && subjects.length > 0 ? [{ entry, subjects }] : [];
  });
  const decided = await db.ticketMemory.findDecided(
    portal.id,
    entries.flatMap(({ subjects }) => subjects),
  );
  return entries
    .filter(({ subjects }) => subjects.some((subject) => !decided.has(subject)))
    .map(({ entry }) => entryEvent(portal.id, entry));
}

/** An entry that the ticket has left again is superseded, and runs nothing. */
function currentEntry({ id: ticketId, stageId, stageHistory }: Ticket, oldest: Date): Entry | undefined {
  const [newest] = stageHistory;
  return newest?.stageId === stageId && newest.at >= oldest ? { ticketId, stageId, enteredAt: newest.at } : undefined;
}

/** Of the actions that were in force when the ticket entered: a new one never runs for a ticket that was there before it. */
function missedSubjects(ticket: Ticket, entry: Entry, settings: Settings, versions: SettingsVersion[]): string[] {
  const then = versions.find(({ at }) => at <= entry.enteredAt)?.settings;
  // What was paused or only watched then is not made up for later (PRODUCT.md 2).
  if (!then || (then.paused && !settings.paused) || (then.shadow && !settings.shadow)) return [];
  const had = new Set(actionsOf(then, ticket.pipelineId, entry.stageId).map(({ id }) => id));
  const actions = actionsOf(settings, ticket.pipelineId, entry.stageId).filter(({ id }) => had.has(id));
  return actions.map(({ id }) => actionSubject(entry.ticketId, entry, id));
}
