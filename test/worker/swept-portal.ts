// A portal as a sweep sees it, without HubSpot and database: saves of settings, what changed, what is recorded, how far sweeps came.
import assert from 'node:assert/strict';
import type { Portal, StageChange, Ticket } from '../../src/crm.ts';
import type { SettingsVersion } from '../../src/db/db.ts';
import type { DecidedSubject } from '../../src/db/ticket-memory.ts';
import { BatonError } from '../../src/errors.ts';
import type { ChangedObject, PortalGateway } from '../../src/hubspot/gateway.ts';
import type { Log } from '../../src/log.ts';
import { settingsSchema } from '../../src/rules/settings.ts';
import { sweepPortal } from '../../src/worker/sweep-portal.ts';
import { emptyWork } from '../../src/worker/work.ts';
import { inboxEvent } from './inbox-event.ts';

const minuteMs = 60_000;
const start = new Date('2026-11-20T00:00:00Z');
export const at = (minutes: number) => new Date(start.getTime() + minutes * minuteMs);
export const installedAt = at(-30 * 24 * 60);

const note = (id: string) => ({ id, kind: 'add-note', body: 'x' });
export const withNotes = (...ids: string[]) => ({ pipelines: { '0': { stageActions: { '1': ids.map(note) } } } });
export const mailRules = { pipelines: { '0': { outgoing: { enabled: true, stageId: '2' } } } };

export type World = {
  /** Saves, oldest first. */
  saves: [Date, object][];
  changed: { emails: ChangedObject[]; tickets: ChangedObject[] };
  histories: Record<string, StageChange[]>;
  decided: Record<string, Partial<DecidedSubject>>;
  reached: Map<string, Date>;
  searches: { type: string; after: Date; before: Date; cursor: string | undefined }[];
  /** Calls of any kind. */
  calls: number;
  pageSize: number;
  failing: Set<string>;
  /** What HubSpot says to those that fail. */
  failure: 'hubspot-transient' | 'hubspot-scope-missing';
};

export function makeWorld(made: Partial<World>): World {
  const changed = { emails: [], tickets: [] };
  const rest = { histories: {}, decided: {}, reached: new Map(), searches: [], calls: 0, pageSize: 200 };
  return {
    saves: [[installedAt, mailRules]],
    changed,
    ...rest,
    failing: new Set(),
    failure: 'hubspot-transient',
    ...made,
  };
}

function gatewayOf(world: World): PortalGateway {
  const gateway: Partial<PortalGateway> = {
    async listThreads() {
      world.calls += 1;
      if (world.failing.has('threads')) throw new BatonError(world.failure);
      return { threads: [], latestMessageAt: null, cursor: null };
    },
    async searchChanged({ type, after, before, cursor }) {
      world.calls += 1;
      world.searches.push({ type, after, before, cursor });
      if (world.failing.has(type)) throw new BatonError(world.failure);
      const found = world.changed[type]
        .filter(({ changedAt }) => changedAt >= after && changedAt <= before)
        .sort((left, right) => left.changedAt.getTime() - right.changedAt.getTime());
      const end = Number(cursor ?? 0) + world.pageSize;
      return { changed: found.slice(end - world.pageSize, end), cursor: found.length > end ? String(end) : null };
    },
    async readTickets(ticketIds) {
      world.calls += 1;
      const tickets = ticketIds.flatMap((id): Ticket[] => {
        const stageHistory = world.histories[id] ?? [];
        const stageId = stageHistory[0]?.stageId;
        return stageId ? [{ id, pipelineId: '0', stageId, stageHistory } as unknown as Ticket] : [];
      });
      return new Map(tickets.map((ticket) => [ticket.id, ticket]));
    },
  };
  return gateway as PortalGateway;
}

function databaseOf(world: World, versions: SettingsVersion[]) {
  return {
    sweeps: {
      findWatermark: async (_portalId: string, sweep: string) => world.reached.get(sweep),
      findWatermarks: async () => new Map(world.reached),
      findNewestRecorded: async () => new Map(),
    },
    settings: {
      listVersionsSince: async (_portalId: string, since: Date) => {
        const inForce = versions.find((one) => one.at <= since)?.version ?? 0;
        return versions.filter(({ version }) => version >= inForce);
      },
    },
    ticketMemory: {
      findDecided: async (_portalId: string, subjects: string[]) =>
        new Map(subjects.filter((one) => world.decided[one]).map((one) => [one, world.decided[one]])),
    },
  };
}

/** One sweep of the portal at `now`; keeps its watermarks as the database does. */
export async function sweep(world: World, now: Date, subscriptionType = 'messages') {
  const versions = world.saves
    .map(([savedAt, document], index) => ({
      version: index + 1,
      at: savedAt,
      author: '1',
      settings: settingsSchema.parse(document),
    }))
    .filter((version) => version.at <= now)
    .reverse();
  const [current] = versions;
  assert.ok(current, 'a version is in force');
  const work = emptyWork();
  const event = inboxEvent({ kind: 'sweep', subscriptionType });
  const warnings: object[] = [];
  const log = { warn: (fields: object) => void warnings.push(fields) } as unknown as Log;
  const parts = { db: databaseOf(world, versions), log, now: () => now } as unknown as Parameters<
    typeof sweepPortal
  >[0];
  const portal = { id: '1', installedAt, retentionDays: 90 } as Portal;
  await sweepPortal(parts, { portal, gateway: gatewayOf(world), settings: current.settings, event, work });
  assert.deepEqual(work.done, [event]);
  for (const change of work.memory) {
    assert.equal(change.kind, 'swept');
    const known = world.reached.get(change.sweep);
    if (!known || known < change.reachedAt) world.reached.set(change.sweep, change.reachedAt);
  }
  const ids = (kind: string) =>
    work.newEvents.filter((one) => one.kind === kind).map((one) => one.emailId ?? one.ticketId);
  const rest = work.newEvents.filter(({ kind }) => kind === 'sweep');
  return { emails: ids('email'), tickets: ids('ticket-stage'), rest, events: work.newEvents, warnings };
}

export const changedAt = (id: string, when: Date, more: Partial<ChangedObject> = {}): ChangedObject => ({
  id,
  createdAt: when,
  changedAt: when,
  sentAt: null,
  stageId: null,
  ...more,
});
export const entered = (stageId: string, when: Date): StageChange => ({
  stageId,
  at: when,
  sourceType: 'CRM_UI',
  sourceId: null,
});
