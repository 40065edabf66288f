// Random interleavings of intake, claims, settlements and lost leases, against a model: nothing is lost, nothing is done twice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Event } from '../../src/crm.ts';
import type { LeasedBatch } from '../../src/db/lanes.ts';
import {
  drain,
  expireLease,
  installPortal,
  leaseOptions,
  makeDue,
  makeEvents,
  openAnother,
  openTestDb,
  settlement,
} from './test-db.ts';

const { url, db, raw } = await openTestDb();
const other = openAnother(url);

type Fate = 'done' | 'dead' | 'failed' | 'waiting' | 'left';
type Step =
  | { kind: 'store'; portal: number; fresh: number; repeated: number }
  | { kind: 'claim' }
  | { kind: 'settle'; lease: number; fates: Fate[]; meanwhile: number }
  | { kind: 'expire'; portal: number }
  | { kind: 'due'; portal: number };

/** What the database must hold, in plain sets. */
type PortalModel = {
  portalId: string;
  stored: Event[];
  due: Set<string>;
  later: Set<string>;
  settled: string[];
  lease: LeasedBatch | undefined;
  leaseEnded: boolean;
};
type World = { portals: PortalModel[]; leases: { batch: LeasedBatch; portal: PortalModel }[] };

const portalCount = 3;
const portal = fc.nat(portalCount - 1);
const fate = fc.constantFrom<Fate>('done', 'done', 'dead', 'failed', 'waiting', 'left');
const step = fc.oneof(
  fc.record({ kind: fc.constant('store' as const), portal, fresh: fc.nat(4), repeated: fc.nat(3) }),
  fc.record({ kind: fc.constant('claim' as const) }),
  fc.record({
    kind: fc.constant('settle' as const),
    lease: fc.nat(20),
    fates: fc.array(fate, { minLength: 1, maxLength: 6 }),
    meanwhile: fc.nat(2),
  }),
  fc.record({ kind: fc.constant('expire' as const), portal }),
  fc.record({ kind: fc.constant('due' as const), portal }),
);

async function store(model: PortalModel, fresh: number, repeated: number): Promise<void> {
  const events = [...makeEvents(model.portalId, fresh), ...model.stored.slice(-repeated || model.stored.length)];
  const { stored } = await other.events.store(events);
  assert.equal(stored, fresh);
  for (const event of events.slice(0, fresh)) {
    model.stored.push(event);
    model.due.add(event.key);
  }
}

async function claim(world: World): Promise<void> {
  const batches = await db.lanes.claimLanes(portalCount, leaseOptions);
  const free = world.portals.filter((model) => (!model.lease || model.leaseEnded) && model.due.size > 0);
  assert.deepEqual(batches.map(({ lease }) => lease.portalId).sort(), free.map(({ portalId }) => portalId).sort());
  for (const batch of batches) {
    const model = free.find(({ portalId }) => portalId === batch.lease.portalId) as PortalModel;
    assert.deepEqual(batch.events.map(({ key }) => key).sort(), [...model.due].sort());
    assert.equal(batch.lease.takenOver, model.lease !== undefined);
    model.lease = batch;
    model.leaseEnded = false;
    world.leases.push({ batch, portal: model });
  }
}

async function settle(world: World, { lease, fates, meanwhile }: Extract<Step, { kind: 'settle' }>): Promise<void> {
  const one = world.leases[lease % Math.max(1, world.leases.length)];
  if (!one) return;
  const { batch, portal: model } = one;
  const fateOf = (event: Event): Fate =>
    fates[batch.events.findIndex(({ key }) => key === event.key) % fates.length] as Fate;
  const ending = (wanted: Fate) => batch.events.filter((event) => fateOf(event) === wanted);
  const settling = db.lanes.settle(
    batch.lease,
    settlement({
      done: ending('done'),
      dead: ending('dead').map((event) => ({ event, errorCode: 'internal' })),
      later: [...ending('failed'), ...ending('waiting')].map((event) => ({
        event,
        delayMs: 3_600_000,
        failed: fateOf(event) === 'failed',
      })),
    }),
  );
  const answers = await Promise.allSettled([settling, ...Array.from({ length: meanwhile }, () => store(model, 1, 1))]);
  for (const stored of answers.slice(1)) assert.equal(stored.status, 'fulfilled');
  if (model.lease !== batch) {
    assert.equal(answers[0].status === 'rejected' && answers[0].reason.code, 'lease-lost');
    return;
  }
  assert.equal(answers[0].status, 'fulfilled');
  model.lease = undefined;
  for (const event of batch.events) {
    if (fateOf(event) === 'left') continue;
    model.due.delete(event.key);
    if (fateOf(event) === 'failed' || fateOf(event) === 'waiting') model.later.add(event.key);
    else model.settled.push(event.key);
  }
}

async function take(world: World, next: Step): Promise<void> {
  if (next.kind === 'store') return store(world.portals[next.portal] as PortalModel, next.fresh, next.repeated);
  if (next.kind === 'claim') return claim(world);
  if (next.kind === 'settle') return settle(world, next);
  const model = world.portals[next.portal] as PortalModel;
  if (next.kind === 'expire') {
    await expireLease(raw, model.portalId);
    model.leaseEnded = model.lease !== undefined;
  } else if (!model.lease) {
    await makeDue(raw, model.portalId);
    for (const key of model.later) model.due.add(key);
    model.later.clear();
  }
}

test('every event is settled once or waits, whatever the order of things', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      const world: World = { portals: [], leases: [] };
      for (let index = 0; index < portalCount; index += 1) {
        const portalId = await installPortal(db);
        world.portals.push({
          portalId,
          stored: [],
          due: new Set(),
          later: new Set(),
          settled: [],
          lease: undefined,
          leaseEnded: false,
        });
      }
      try {
        for (const next of steps) await take(world, next);
      } finally {
        for (const { portalId } of world.portals) {
          await raw.query('update lanes set lease_until = null where portal_id = $1', [portalId]);
          await makeDue(raw, portalId);
        }
      }
      const rest = await drain(db);
      const settled = world.portals.flatMap((model) => model.settled);
      assert.deepEqual(
        [...settled, ...rest].sort(),
        world.portals.flatMap(({ stored }) => stored.map(({ key }) => key)).sort(),
      );
    }),
    { numRuns: 60 },
  );
  const { rows } = await raw.query('select count(*)::int as count from inbox');
  assert.equal(rows[0].count, 0);
  await other.close();
});
