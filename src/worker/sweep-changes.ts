// Looks through what changed in a portal since a sweep's watermark, page by page, however much it is (DATA.md 4).
import type { Event, Portal } from '../crm.ts';
import type { SettingsVersion } from '../db/db.ts';
import type { Db } from '../db/open-db.ts';
import type { ChangedObject, PortalGateway } from '../hubspot/gateway.ts';
import type { Settings } from '../rules/settings.ts';
import type { Work } from './work.ts';

/** The search knows a change "a few moments" late (search guide): each look begins so long before the end of the one before. */
export const searchLagMs = 5 * 60_000;
/** 200 objects a page; the rest goes on as a further event, so that the portal's lane is not held for long. */
const pagesPerRun = 10;
/** 20,000 objects changed within the search's lag: what is behind them waits for the next look. */
const maxPages = 100;
/** Something that began longer before a look's time was an earlier look's to find. */
const slackMs = 3_600_000;
const halfDayMs = 43_200_000;
/** Saves within one look; of more than these the oldest only make the look begin later. */
const maxVersions = 500;

export type SweepRun = {
  portal: Portal;
  gateway: PortalGateway;
  settings: Settings;
  /** How far each sweep came, by its name. */
  reached: ReadonlyMap<string, Date>;
  now: Date;
  work: Work;
};

/** One kind of change that is swept for. */
export type ChangeSweep = {
  sweep: string;
  type: 'emails' | 'tickets';
  /** Whether settings leave anything to find. */
  matters(settings: Settings): boolean;
  /** The events to make for a page of changed objects. */
  find(parts: SweepParts, run: SweepRun, changed: ChangedObject[], window: SweepWindow): Promise<Event[]>;
};
export type SweepParts = { db: Pick<Db, 'sweeps' | 'settings' | 'ticketMemory'> };

export type SweepWindow = {
  /** Changes from here on are looked at. */
  after: Date;
  /** What began before this, and is not recorded, is history: of before the installation, the settings, or the watermark. */
  oldest: Date;
  /** The settings from `oldest` on, newest first. */
  versions: SettingsVersion[];
};

/**
 * Begins at the watermark, and not before the settings that made it matter. Half a day short of what retention deletes: what lost its
 * record must not be decided anew.
 */
export async function openWindow(parts: SweepParts, run: SweepRun, change: ChangeSweep): Promise<SweepWindow> {
  const { portal, now } = run;
  const reached = run.reached.get(change.sweep);
  const keptSince = new Date(now.getTime() - portal.retentionDays * 2 * halfDayMs + halfDayMs);
  const lookBack = reached ? new Date(reached.getTime() - slackMs) : portal.installedAt;
  const floor = newest(portal.installedAt, keptSince, lookBack);
  const versions = await parts.db.settings.listVersionsSince(portal.id, floor, maxVersions);
  let began = now;
  for (const { settings, at } of versions) {
    if (!change.matters(settings)) break;
    began = at;
  }
  const oldest = newest(floor, began);
  return { after: newest(oldest, reached ?? oldest), oldest, versions };
}

/** Adds events and the watermark to `work`. Answers where it was cut; null = it came to the end. Throws the gateway's BatonError. */
export async function sweepChanges(
  parts: SweepParts,
  run: SweepRun,
  change: ChangeSweep,
  window: SweepWindow,
): Promise<Date | null> {
  const { gateway, now, work } = run;
  const settledAt = new Date(now.getTime() - searchLagMs);
  const seen = new Set<string>();
  let from = window.after;
  let cursor: string | undefined;
  for (let page = 1; ; page += 1) {
    const query = { type: change.type, after: from, before: now, ...(cursor === undefined ? {} : { cursor }) };
    const { changed, cursor: next } = await gateway.searchChanged(query);
    const fresh = changed.filter((one) => !seen.has(keyOf(one)));
    for (const one of fresh) seen.add(keyOf(one));
    work.newEvents.push(...(await change.find(parts, run, fresh, window)));
    if (next === null) break;
    // By time and not by cursor: an object that changes meanwhile leaves its place, and all behind it would move up by one.
    const last = changed.at(-1)?.changedAt ?? from;
    cursor = last > from ? undefined : next;
    from = newest(from, last);
    const canGoOn = from > window.after && from < settledAt;
    if (page >= pagesPerRun && canGoOn) {
      work.memory.push({ kind: 'swept', sweep: change.sweep, reachedAt: from });
      return from;
    }
    if (page >= maxPages) break;
  }
  work.memory.push({ kind: 'swept', sweep: change.sweep, reachedAt: settledAt });
  return null;
}

function keyOf({ id, changedAt }: ChangedObject): string {
  return `${id} ${changedAt.getTime()}`;
}

function newest(...times: Date[]): Date {
  return new Date(Math.max(...times.map((time) => time.getTime())));
}
