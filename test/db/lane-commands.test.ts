// Commands against the inbox and its leases beside a pure model of them: order, attempts, dead letters, fencing. Failures come shrunk.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { InboxEvent, Lease, LeasedBatch } from '../../src/db/lanes.ts';
import { expireLease, installPortal, makeEvents, openAnother, openTestDb, settlement } from './test-db.ts';

const { url, db, raw } = await openTestDb();
const intake = openAnother(url);
const lost = { code: 'lease-lost' };
const intent = { subject: 's', ticketId: '1', fromStageId: '1', toStageId: '2', at: '2026-01-01T00:00:00.000Z' };

/** `turn` = when it is due, by a clock that ticks with each command; null = later. */
type Row = { key: string; turn: number | null; attempts: number; intents: number };
type PortalModel = {
  /** In the order they came. */
  rows: Row[];
  dead: Map<string, Row>;
  /** Its lane's turn: after a batch behind those that were due before, however old what is left may be. */
  due: number | null;
  lease: { number: number; ended: boolean } | null;
  paused: boolean;
};
type Model = { clock: number; portals: PortalModel[]; leases: { portal: number; keys: string[] }[] };
type Real = { portalIds: string[]; leases: { lease: Lease; events: InboxEvent[] }[]; stored: string[] };
type Command = fc.AsyncCommand<Model, Real>;

const portalCount = 3;
const byTurn = (left: Row, right: Row): number => (left.turn as number) - (right.turn as number);
/** Stable: rows of one turn stay in the order they came. */
const dueRows = ({ rows }: PortalModel): Row[] => rows.filter(({ turn }) => turn !== null).sort(byTurn);
const wake = (portal: PortalModel, turn: number): void => {
  portal.due = Math.min(portal.due ?? turn, turn);
};
const portalOf = (model: Model, index: number): PortalModel => model.portals[index] as PortalModel;
/** Whether this lease still lets its holder write. */
const isHeld = (model: Model, number: number): boolean =>
  portalOf(model, model.leases[number]?.portal ?? 0).lease?.number === number;

function makeCommand(name: string, check: (model: Model) => boolean, run: Command['run']): Command {
  return { check, run, toString: () => name };
}

/** The order within one delivery is not promised: the messages' own time decides (PRODUCT.md 2). That of deliveries is. */
async function append(portal: PortalModel, rows: Row[], portalId: string): Promise<void> {
  const stored = await raw.query(`select event ->> 'key' as key from inbox where portal_id = $1 order by id`, [
    portalId,
  ]);
  const places = new Map(stored.rows.map(({ key }, place) => [key, place]));
  portal.rows.push(...rows.sort((left, right) => (places.get(left.key) as number) - (places.get(right.key) as number)));
}

const store = fc.tuple(fc.nat(portalCount - 1), fc.integer({ min: 1, max: 4 })).map(([index, count]) =>
  makeCommand(
    `store ${count} for ${index}`,
    () => true,
    async (model, real) => {
      const events = makeEvents(real.portalIds[index] as string, count);
      assert.equal((await intake.events.store([...events, ...events])).stored, count, 'each once');
      assert.equal((await intake.events.store(events)).stored, 0, 'and not again');
      model.clock += 1;
      real.stored.push(...events.map(({ key }) => key));
      const rows = events.map(({ key }) => ({ key, turn: model.clock, attempts: 0, intents: 0 }));
      await append(portalOf(model, index), rows, real.portalIds[index] as string);
      wake(portalOf(model, index), model.clock);
    },
  ),
);

const claim = fc.tuple(fc.integer({ min: 1, max: portalCount }), fc.integer({ min: 1, max: 5 })).map(([limit, size]) =>
  makeCommand(
    `claim ${limit} with ${size}`,
    () => true,
    async (model, real) => {
      const free = model.portals
        .map((portal, index) => ({ portal, index }))
        .filter(({ portal }) => portal.due !== null && (!portal.lease || portal.lease.ended) && !portal.paused)
        .sort((left, right) => (left.portal.due as number) - (right.portal.due as number))
        .slice(0, limit);
      const batches = await db.lanes.claimLanes(limit, { leaseMs: 60_000, batchSize: size });
      const found = new Map(batches.map((batch) => [batch.lease.portalId, batch]));
      assert.deepEqual(
        [...found.keys()].sort(),
        free.map(({ index }) => real.portalIds[index]).sort(),
        'the portals that wait longest, none that is held',
      );
      for (const { portal, index } of free) {
        const batch = found.get(real.portalIds[index] as string) as LeasedBatch;
        assert.equal(batch.lease.takenOver, portal.lease !== null);
        const rows = dueRows(portal).slice(0, size);
        assert.deepEqual(
          batch.events.map(({ key, attempts, intents }) => ({ key, attempts, intents: intents.length })),
          rows.map(({ key, attempts, intents }) => ({ key, attempts, intents })),
          'its oldest, in order',
        );
        portal.lease = { number: model.leases.length, ended: false };
        model.leases.push({ portal: index, keys: rows.map(({ key }) => key) });
        real.leases.push({ lease: batch.lease, events: batch.events });
      }
    },
  ),
);

const anyLease = fc.nat(30);
const pick = (model: Model, chosen: number): number => chosen % Math.max(1, model.leases.length);
const hasLease = (model: Model): boolean => model.leases.length > 0;

const renew = anyLease.map((chosen) =>
  makeCommand(`renew ${chosen}`, hasLease, async (model, real) => {
    const number = pick(model, chosen);
    const { lease } = real.leases[number] as Real['leases'][number];
    if (!isHeld(model, number)) return assert.rejects(db.lanes.renewLease(lease, 60_000), lost);
    await db.lanes.renewLease(lease, 60_000);
    portalOf(model, model.leases[number]?.portal as number).lease = { number, ended: false };
  }),
);

const plan = anyLease.map((chosen) =>
  makeCommand(`plan ${chosen}`, hasLease, async (model, real) => {
    const number = pick(model, chosen);
    const { lease, events } = real.leases[number] as Real['leases'][number];
    const planned = events.slice(0, 2).map((event) => ({ event, intents: [intent] }));
    const subject = { subject: `p:${number}`, kind: 'create-task' };
    if (!isHeld(model, number)) {
      await assert.rejects(db.lanes.planMoves(lease, planned, 60_000), lost);
      await assert.rejects(db.plannedActions.plan(lease, [subject], 60_000), lost);
      return;
    }
    await db.lanes.planMoves(lease, planned, 60_000);
    await db.plannedActions.plan(lease, [subject], 60_000);
    const { portal, keys } = model.leases[number] as Model['leases'][number];
    portalOf(model, portal).lease = { number, ended: false };
    for (const row of portalOf(model, portal).rows) if (keys.slice(0, 2).includes(row.key)) row.intents += 1;
  }),
);

type Fate = 'done' | 'failed' | 'waits' | 'dead' | 'left';
const fates = fc.array(fc.constantFrom<Fate>('done', 'failed', 'waits', 'dead', 'left'), {
  minLength: 1,
  maxLength: 5,
});

const settle = fc.tuple(anyLease, fates, fc.boolean()).map(([chosen, asked, pauses]) =>
  makeCommand(
    `settle ${chosen} as ${asked.join(', ')}${pauses ? ', then pause' : ''}`,
    hasLease,
    async (model, real) => {
      const number = pick(model, chosen);
      const { lease, events } = real.leases[number] as Real['leases'][number];
      const ending = (fate: Fate) => events.filter((_, index) => asked[index % asked.length] === fate);
      const later = (fate: Fate) =>
        ending(fate).map((event) => ({ event, delayMs: 3_600_000, failed: fate === 'failed' }));
      const end = settlement({
        done: ending('done'),
        later: [...later('failed'), ...later('waits')],
        dead: ending('dead').map((event) => ({ event, errorCode: 'internal' })),
        pausedForMs: pauses ? 3_600_000 : 0,
      });
      if (!isHeld(model, number)) return assert.rejects(db.lanes.settle(lease, end), lost);
      await db.lanes.settle(lease, end);
      const { portal: index, keys } = model.leases[number] as Model['leases'][number];
      const portal = portalOf(model, index);
      for (const [position, key] of keys.entries()) {
        const fate = asked[position % asked.length] as Fate;
        const row = portal.rows.find((one) => one.key === key) as Row;
        if (fate === 'failed' || fate === 'waits') row.turn = null;
        if (fate === 'failed') row.attempts += 1;
        if (fate === 'dead') portal.dead.set(key, { ...row, attempts: row.attempts + 1 });
        if (fate === 'done' || fate === 'dead') portal.rows.splice(portal.rows.indexOf(row), 1);
      }
      portal.lease = null;
      portal.paused = pauses;
      model.clock += 1;
      portal.due = dueRows(portal).length > 0 ? model.clock : null;
    },
  ),
);

const expire = fc.constant(
  makeCommand(
    'every lease ends',
    (model) => model.portals.some(({ lease }) => lease !== null),
    async (model, real) => {
      for (const [index, { lease }] of model.portals.entries()) {
        await expireLease(raw, real.portalIds[index] as string);
        if (lease) lease.ended = true;
      }
    },
  ),
);

/** An hour passes for what waits and for a pause; a held lease is prolonged meanwhile, as its holder does. */
const pass = fc.nat(portalCount - 1).map((index) =>
  makeCommand(
    `an hour for ${index}`,
    (model) => portalOf(model, index).lease === null,
    async (model, real) => {
      const portalId = real.portalIds[index] as string;
      await raw.query('update inbox set run_at = now() where portal_id = $1 and run_at > now()', [portalId]);
      await raw.query(
        `update lanes set paused_until = null, due_at = (select min(run_at) from inbox where portal_id = $1)
         where portal_id = $1`,
        [portalId],
      );
      model.clock += 1;
      for (const row of portalOf(model, index).rows) row.turn ??= model.clock;
      portalOf(model, index).paused = false;
      portalOf(model, index).due = dueRows(portalOf(model, index))[0]?.turn ?? null;
    },
  ),
);

const retry = fc.nat(portalCount - 1).map((index) =>
  makeCommand(
    `retry the dead of ${index}`,
    (model) => portalOf(model, index).dead.size > 0,
    async (model, real) => {
      const portal = portalOf(model, index);
      const portalId = real.portalIds[index] as string;
      assert.equal(await db.deadEvents.retryAll(portalId), portal.dead.size);
      model.clock += 1;
      const rows = [...portal.dead.values()].map((row) => ({ ...row, turn: model.clock, attempts: 0 }));
      portal.dead.clear();
      await append(portal, rows, portalId);
      wake(portal, model.clock);
    },
  ),
);

/** What the tables hold is what the model says. */
async function compare(model: Model, real: Real): Promise<void> {
  for (const [index, portal] of model.portals.entries()) {
    const portalId = real.portalIds[index] as string;
    const inbox = await raw.query(
      `select event ->> 'key' as key, attempts from inbox where portal_id = $1 order by id`,
      [portalId],
    );
    assert.deepEqual(
      inbox.rows,
      portal.rows.map(({ key, attempts }) => ({ key, attempts })),
    );
    const dead = await raw.query(`select event ->> 'key' as key, attempts from dead_events where portal_id = $1`, [
      portalId,
    ]);
    assert.deepEqual(
      new Map(dead.rows.map(({ key, attempts }) => [key, attempts])),
      new Map([...portal.dead].map(([key, { attempts }]) => [key, attempts])),
    );
    const lane = await raw.query('select lease_until is not null as leased from lanes where portal_id = $1', [
      portalId,
    ]);
    assert.equal(lane.rows[0]?.leased ?? false, portal.lease !== null);
  }
}

test('whatever is asked in whatever order, the inbox and its leases are what the model says', async () => {
  const command = fc.commands([store, claim, claim, renew, plan, settle, settle, expire, pass, retry], {
    maxCommands: 40,
    size: 'max',
  });
  const property = fc.asyncProperty(command, async (commands) => {
    const portalIds = await Promise.all(Array.from({ length: portalCount }, () => installPortal(db)));
    const model: Model = {
      clock: 0,
      portals: portalIds.map(() => ({ rows: [], dead: new Map(), due: null, lease: null, paused: false })),
      leases: [],
    };
    const real: Real = { portalIds, leases: [], stored: [] };
    try {
      await fc.asyncModelRun(() => ({ model, real }), commands);
      await compare(model, real);
    } finally {
      // Nothing of this run may be due in the next one.
      await raw.query('delete from inbox where portal_id = any($1)', [portalIds]);
      await raw.query('delete from lanes where portal_id = any($1)', [portalIds]);
    }
  });
  await fc.assert(property, { numRuns: 50 });
  const { rows } = await raw.query('select deadlocks::int from pg_stat_database where datname = current_database()');
  assert.deepEqual(rows, [{ deadlocks: 0 }]);
  await intake.close();
});
