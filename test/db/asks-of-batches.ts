// What a delivery and a batch ask the database for, each with the most pages a statement of it may touch.
import assert from 'node:assert/strict';
import type pg from 'pg';
import type { LeasedBatch } from '../../src/db/lanes.ts';
import type { Db } from '../../src/db/open-db.ts';
import type { MemoryChange } from '../../src/db/ticket-memory.ts';
import { leaseOptions, makeEvent, makeRecord, settlement } from './test-db.ts';

export type Ask = {
  /** Part and function of Db. */
  what: string;
  ask: () => Promise<unknown>;
  /** 8 kB each, of the statement that touches most: some twice what was measured, far from what a whole table would be. */
  pages: number;
  /** Tables that are read through, and why that is right. */
  whole?: Record<string, string>;
};

/** `portalId` is the fullest portal; `old` has the keys of before. */
export type Situation = { db: Db; old: Db; raw: pg.Pool; portalId: string; round: number };

export const minutesAgo = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);
export const numbers = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index + 1));

/** A batch of the fullest portal, with a hundred events. */
async function claimFullest({ db, raw, portalId }: Situation): Promise<LeasedBatch> {
  await raw.query(`update lanes set lease_until = null, due_at = now() - interval '1 day' where portal_id = $1`, [
    portalId,
  ]);
  const [batch] = await db.lanes.claimLanes(1, leaseOptions);
  assert.equal(batch?.lease.portalId, portalId);
  assert.equal(batch.events.length, 100);
  return batch;
}

export function listIntake({ db, portalId, raw }: Situation): Ask[] {
  const delivery = [...Array.from({ length: 99 }, () => makeEvent(portalId)), makeEvent(portalId, { kind: 'ignored' })];
  return [
    // The list of portals is what a hundred events of one are joined with: less than its index.
    {
      what: 'events.store',
      ask: () => db.events.store(delivery),
      pages: 3_000,
      whole: { portals: 'for one of 2,000 the planner takes it for as good as an index' },
    },
    {
      what: 'events.forgetSeen',
      ask: async () => {
        await raw.query('insert into seen select slot, portal_id, gen_random_uuid() from seen limit 10');
        await db.events.forgetSeen(new Date());
      },
      pages: 30,
      whole: Object.fromEntries([0, 1, 2, 3, 4, 5, 6, 7].map((slot) => [`seen_${slot}`, 'its first row'])),
    },
    {
      what: 'backlog.readBacklog',
      ask: () => db.backlog.readBacklog(),
      pages: 4_000,
      whole: { inbox: '100,000 rows at most are counted', dead_events: 'the same' },
    },
  ];
}

/** In the order of a batch's life. */
export function listBatch(situation: Situation): Ask[] {
  const { db, portalId } = situation;
  const { lanes, plannedActions } = db;
  const threads = numbers(100);
  let batch: LeasedBatch;
  const claim = async () => {
    batch = await claimFullest(situation);
  };
  return [
    { what: 'lanes.claimLanes of one portal', ask: claim, pages: 500 },
    {
      what: 'lanes.claimLanes of 32 portals',
      ask: async () => {
        const batches = await lanes.claimLanes(32, leaseOptions);
        assert.equal(batches.length, 32);
        await lanes.settle((batches[0] as LeasedBatch).lease, settlement());
      },
      pages: 1_500,
    },
    {
      what: 'readBatchStart',
      ask: () =>
        db.readBatchStart(
          portalId,
          threads.map((id) => `m:${id}:${id}`),
        ),
      pages: 800,
    },
    { what: 'lanes.renewLease', ask: () => lanes.renewLease(batch.lease, 60_000), pages: 20 },
    {
      what: 'lanes.planMoves',
      ask: () => {
        const intent = { subject: 's', ticketId: '1', fromStageId: '1', toStageId: '2', at: '2026-01-01T00:00:00Z' };
        const planned = batch.events.map((event) => ({ event, intents: [intent] }));
        return lanes.planMoves(batch.lease, planned, 60_000);
      },
      pages: 4_000,
    },
    { what: 'plannedActions.findPlanned', ask: () => plannedActions.findPlanned(portalId, ['s:5', 's:10']), pages: 30 },
    { what: 'plannedActions.findPostings', ask: () => plannedActions.findPostings(portalId, threads), pages: 800 },
    {
      what: 'plannedActions.plan',
      ask: () => plannedActions.plan(batch.lease, [{ subject: 's:5', kind: 'reply', threadId: '1' }], 60_000),
      pages: 100,
    },
    { what: 'plannedActions.noteStatus', ask: () => plannedActions.noteStatus(batch.lease, 's:5', '1'), pages: 60 },
    { what: 'plannedActions.findMade', ask: () => plannedActions.findMade(portalId, '7'), pages: 60 },
    {
      what: 'plannedActions.findNewestIncoming',
      ask: () => plannedActions.findNewestIncoming(portalId, '7'),
      pages: 60,
    },
    {
      what: 'lanes.settle',
      ask: () =>
        lanes.settle(
          batch.lease,
          settlement({
            records: batch.events.map(() => makeRecord()),
            done: batch.events.slice(0, 50),
            dead: batch.events.slice(50, 60).map((event) => ({ event, errorCode: 'internal' })),
            later: batch.events.slice(60).map((event) => ({ event, delayMs: 86_400_000, failed: true })),
            memory: threads.flatMap((id): MemoryChange[] => [
              { kind: 'applied', ticketId: id, at: new Date(), subject: 's', threadId: id, direction: 'INCOMING' },
              { kind: 'own-thread', threadId: id, ticketId: id, source: 'created' },
            ]),
            forgottenPlans: ['s:5'],
            newEvents: [makeEvent(portalId)],
          }),
        ),
      pages: 5_000,
    },
    { what: 'lanes.claimLanes once more', ask: claim, pages: 1_000 },
    {
      // A person's right to be forgotten, some a year: what a portal has waiting, dead and remembered is looked through.
      what: 'lanes.settle of a merge, a deletion and an erasure',
      ask: () => {
        const memory: MemoryChange[] = [
          { kind: 'merged', into: '11', ticketIds: ['12', '13'] },
          { kind: 'ticket-gone', ticketId: '14' },
          { kind: 'swept', sweep: 'messages', reachedAt: new Date() },
          { kind: 'thread-erased', threadId: '15' },
        ];
        return lanes.settle(batch.lease, settlement({ memory, done: batch.events }));
      },
      pages: 9_000,
    },
    { what: 'pipelines.savePipelines', ask: () => db.pipelines.savePipelines(portalId, []), pages: 30 },
    { what: 'pipelines.findPipelines', ask: () => db.pipelines.findPipelines(portalId), pages: 20 },
  ];
}

export function listMemory({ db, portalId }: Situation): Ask[] {
  const { ticketMemory } = db;
  const threads = numbers(100);
  const subjects = threads.map((id) => `m:${id}:${id}`);
  const since = minutesAgo(60);
  return [
    { what: 'ticketMemory.findDecided', ask: () => ticketMemory.findDecided(portalId, subjects), pages: 800 },
    { what: 'ticketMemory.findCreated', ask: () => ticketMemory.findCreated(portalId, threads), pages: 800 },
    {
      what: 'ticketMemory.findCreatedSince',
      ask: () => ticketMemory.findCreatedSince(portalId, threads, since),
      pages: 1_500,
    },
    { what: 'ticketMemory.findNewborns', ask: () => ticketMemory.findNewborns(portalId, threads, since), pages: 1_500 },
    { what: 'ticketMemory.findOwners', ask: () => ticketMemory.findOwners(portalId, threads), pages: 800 },
    {
      what: 'ticketMemory.findMemory',
      ask: () => ticketMemory.findMemory(portalId, threads, new Date()),
      pages: 4_000,
    },
  ];
}
