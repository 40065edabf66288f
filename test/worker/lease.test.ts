// What a worker may do with a portal, and until when.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Pace } from '../../src/hubspot/gateway.ts';
import { createPace } from '../../src/hubspot/pace.ts';
import { createLog } from '../../src/log.ts';
import { createWorker, type WorkerParts } from '../../src/worker/worker.ts';
import { type InstalledPortal, type System, startSystem } from '../support/system.ts';
import { buildWorker } from '../support/worker-process.ts';

const batchUpdate = /tickets\/batch\/update/;

describe('a lease', () => {
  let system: System;
  let acme: InstalledPortal;
  let customers = 0;

  before(async () => {
    system = await startSystem({ workers: 0 });
    acme = await system.install({ portalId: '63000001', ticketsForNewConversations: true });
    await workUntilSettled();
  });
  after(() => system.stop());

  function writes(): number {
    return system.emulator.requests.filter(({ path }) => batchUpdate.test(path)).length;
  }

  /** A worker of this test's own making; `stop` also closes its database. */
  async function startWorker(options: Pick<WorkerParts, 'limits' | 'paceOf'>) {
    const { db, hubspot, pipelines } = buildWorker(system.workerOptions);
    const { appId } = system.workerOptions.hubspot;
    const rest = { appId, sweepSchedule: '0 0 1 1 *', log: createLog('silent') };
    const worker = createWorker({ db, hubspot, pipelines, ...rest, ...options });
    await worker.start();
    return {
      async stop() {
        await worker.stop();
        await db.close();
      },
    };
  }

  async function workUntilSettled(): Promise<void> {
    const worker = await startWorker({ limits: { pollMs: 50 }, paceOf: () => createPace() });
    await system.settled();
    await worker.stop();
  }

  /** A ticket of its own whose agent has answered: what Baton makes of it waits in the inbox. */
  async function answerTicket(): Promise<string> {
    customers += 1;
    const from = `c${customers}@customer.example`;
    const { threadId, ticketId } = acme.portal.receiveMessage({ from, text: 'Hello?' });
    acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Yes?' });
    await system.emulator.webhooks.idle();
    return ticketId as string;
  }

  async function readLane() {
    const { rows } = await system.sql.query('select lease_until, due_at <= now() as due from lanes');
    assert.equal(rows.length, 1);
    return rows[0] as { lease_until: Date | null; due: boolean | null };
  }

  async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
    const giveUpAt = Date.now() + 10_000;
    while (!(await holds())) {
      assert.ok(Date.now() < giveUpAt, 'did not come about within 10 s');
      await wait(10);
    }
  }

  it('that was lost while a write waited for its pace lets nothing be written', async () => {
    const gate = Promise.withResolvers<void>();
    let waits = false;
    const pace: Pace = {
      async run(kind, call) {
        waits ||= kind === 'write';
        if (kind === 'write') await gate.promise;
        return call();
      },
      state: () => [],
    };
    const slow = await startWorker({ limits: { leaseMs: 900, pollMs: 60_000 }, paceOf: () => pace });
    const ticketId = await answerTicket();
    await until(() => waits);
    const before = writes();
    // As a claim by another worker does, once the lease has run out.
    await system.sql.query("update lanes set fence = fence + 1, lease_until = now() + interval '1 second'");
    await wait(900); // the slow worker's next renewal hears of it
    gate.resolve();
    await wait(200);
    assert.equal(writes(), before, 'the write was not sent');
    await slow.stop();
    await workUntilSettled();
    assert.deepEqual(acme.ownMoves(ticketId), ['2']);
    assert.equal((await acme.records(ticketId)).filter(({ decision }) => decision === 'move').length, 1);
  });

  it('that cannot be prolonged is over for its worker before another may have it', async () => {
    const gate = Promise.withResolvers<void>();
    let waits = false;
    const pace: Pace = {
      async run(kind, call) {
        waits ||= kind === 'write';
        if (kind === 'write') await gate.promise;
        return call();
      },
      state: () => [],
    };
    const slow = await startWorker({ limits: { leaseMs: 900, pollMs: 60_000 }, paceOf: () => pace });
    const ticketId = await answerTicket();
    await until(() => waits);
    const before = writes();
    // The renewal waits for this lock, as for a database that is slow.
    const client = await system.sql.connect();
    await client.query('begin');
    await client.query('select from lanes for update');
    await wait(1_000);
    gate.resolve();
    await wait(100);
    assert.equal(writes(), before, 'the write was not sent');
    await client.query('rollback');
    client.release();
    await slow.stop();
    await workUntilSettled();
    assert.deepEqual(acme.ownMoves(ticketId), ['2']);
  });

  it('is taken at the next look where every notice of it was lost', async () => {
    const { db, hubspot, pipelines } = buildWorker(system.workerOptions);
    const deaf = { ...db, lanes: { ...db.lanes, listenForDue: async () => ({ stop: async () => undefined }) } };
    const rest = { appId: system.workerOptions.hubspot.appId, sweepSchedule: '0 0 1 1 *', log: createLog('silent') };
    const worker = createWorker({
      db: deaf,
      hubspot,
      pipelines,
      ...rest,
      limits: { pollMs: 50 },
      paceOf: () => createPace(),
    });
    await worker.start();
    const ticketId = await answerTicket();
    await system.settled();
    assert.deepEqual(acme.ownMoves(ticketId), ['2']);
    await worker.stop();
    await db.close();
  });

  it('is given back by a stop although its batch waits for the pace, and the next worker ends the work', async () => {
    const spent = () => createPace({ spent: true });
    const ticketId = await answerTicket();
    const worker = await startWorker({ limits: { pollMs: 50, stopMs: 100 }, paceOf: spent });
    await until(async () => (await readLane()).lease_until !== null);
    const stoppedAt = performance.now();
    await worker.stop();
    const tookMs = performance.now() - stoppedAt;
    assert.ok(tookMs >= 90 && tookMs < 5_000, `${tookMs} ms, where the pace alone would have taken 10 s`);
    assert.deepEqual(await readLane(), { lease_until: null, due: true });
    await workUntilSettled();
    assert.deepEqual(acme.ownMoves(ticketId), ['2']);
  });

  it('is released by a stop after its batch when that ends in time', async () => {
    const remove = system.emulator.faults.add({ path: batchUpdate, kind: 'slow', ms: 300 });
    const ticketId = await answerTicket();
    const worker = await startWorker({ limits: { pollMs: 50 }, paceOf: () => createPace() });
    await until(async () => (await readLane()).lease_until !== null);
    await worker.stop();
    remove();
    assert.deepEqual(acme.ownMoves(ticketId), ['2']);
    assert.equal((await readLane()).lease_until, null);
    assert.equal((await acme.records(ticketId)).filter(({ outcome }) => outcome === 'done').length, 1);
  });
});
