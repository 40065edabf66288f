// Several worker processes that are killed, frozen for longer than their lease, and deafened, at random: one at a time holds the portal.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { startCallWatch, type WatchedCall } from '../support/call-watch.ts';
import { type InstalledPortal, roomyLimits, type System, startSystem } from '../support/system.ts';
import type { WorkerProcessOptions } from '../support/worker-process.ts';

const program = fileURLToPath(new URL('../support/worker-process.ts', import.meta.url));
const leaseMs = 2_400;
const minuteMs = 60_000;
const tickets = 5;
/** Three freezes, three kills, one deafening. */
const seed = 2;
const isWrite = /batch\/(update|create)$|^POST .*\/(tickets|notes|tasks|messages)$/;

type Blow = { kind: 'kill' | 'freeze' | 'deafen'; holder: boolean; other: number; afterMs: number };
const blow: fc.Arbitrary<Blow> = fc.record({
  kind: fc.constantFrom('kill', 'freeze', 'freeze', 'deafen'),
  // Mostly whoever called HubSpot last: it is in the middle of something.
  holder: fc.constantFrom(true, true, false),
  other: fc.nat(2),
  afterMs: fc.nat(150),
});

describe('worker processes in a storm', () => {
  let system: System;
  let acme: InstalledPortal;
  const calls: WatchedCall[] = [];
  const watches: Awaited<ReturnType<typeof startCallWatch>>[] = [];
  const workers: { child: ChildProcess; frozen: boolean; thaw?: Promise<void> }[] = [];

  before(async () => {
    const webhooks = { duplicateRate: 0.3, shuffles: true };
    system = await startSystem({ workers: 0, emulator: { limits: roomyLimits, webhooks } });
    acme = await system.install({ portalId: '70000001', ticketsForNewConversations: true });
    for (const worker of [0, 1, 2]) {
      watches.push(await startCallWatch({ apiUrl: system.emulator.url, worker, readFence, calls }));
      workers.push({ child: await startWorker(worker), frozen: false });
    }
    // Long enough in the middle of things to be hit there.
    system.emulator.faults.add({ path: /./, kind: 'slow', ms: 50 });
  });
  after(async () => {
    for (const { child } of workers) await end(child);
    for (const watch of watches) watch.close();
    await system.stop();
  });

  async function readFence(): Promise<string> {
    const { rows } = await system.sql.query('select fence from lanes where portal_id = $1', [acme.id]);
    return rows[0]?.fence ?? 'none';
  }

  async function startWorker(worker: number): Promise<ChildProcess> {
    const hubspot = { ...system.workerOptions.hubspot, apiUrl: watches[worker]?.url as string };
    const options: WorkerProcessOptions = { ...system.workerOptions, hubspot, limits: { leaseMs, pollMs: 150 } };
    const child = spawn(process.execPath, [program, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] });
    // One that ends before it says so would be waited for without end.
    const said = once(child.stdout as NodeJS.ReadableStream, 'data').then(() => 'works');
    const ended = once(child, 'exit').then(([code, signal]) => `ended (${code ?? signal})`);
    const silent = wait(60_000, 'says nothing for a minute', { ref: false });
    const outcome = await Promise.race([said, ended, silent]);
    if (outcome !== 'works') child.kill('SIGKILL');
    assert.equal(outcome, 'works', `worker ${worker} ${outcome} instead of saying that it works`);
    return child;
  }

  async function end(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  async function strike({ kind, holder, other, afterMs }: Blow): Promise<void> {
    // In the middle of somebody's batch; when all are frozen or gone there is none.
    const begun = calls.length;
    for (const giveUpAt = Date.now() + leaseMs + 1_000; calls.length === begun && Date.now() < giveUpAt; )
      await wait(5);
    await wait(afterMs);
    const chosen = holder ? (calls.at(-1)?.worker ?? other) : other;
    const worker = workers[chosen] as (typeof workers)[number];
    if (kind === 'deafen') {
      // Nobody is told of anything until the listeners are back: the poll finds what is due.
      await system.sql.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query = 'listen lane_due'`,
      );
    } else if (kind === 'kill') {
      await end(worker.child);
      worker.child = await startWorker(chosen);
      worker.frozen = false;
    } else if (!worker.frozen && workers.filter(({ frozen }) => frozen).length < 2) {
      const { child } = worker;
      worker.frozen = true;
      child.kill('SIGSTOP');
      worker.thaw = wait(leaseMs + 600).then(() => {
        child.kill('SIGCONT');
        if (worker.child === child) worker.frozen = false;
      });
    }
  }

  /**
   * Under no lease two workers wrote, and one that woke sent no more than it had begun to: four reads (CONTRACT.md 5), which waited for
   * their connection when it was frozen.
   */
  function checkHolders(): void {
    const byLease = new Map<string, WatchedCall[]>();
    for (const call of calls) byLease.set(call.fence, [...(byLease.get(call.fence) ?? []), call]);
    for (const [fence, during] of byLease) {
      const writers = new Set(during.filter(({ call }) => isWrite.test(call)).map(({ worker }) => worker));
      assert.ok(writers.size <= 1, `lease ${fence}: ${JSON.stringify(during)}`);
      const counts = Map.groupBy(during, ({ worker }) => worker);
      const [holder = 0] = [...counts.values()].map(({ length }) => length).sort((left, right) => right - left);
      const others = during.length - holder;
      assert.ok(others <= 4, `lease ${fence}: ${JSON.stringify(during)}`);
    }
  }

  async function runStorm(blows: Blow[]): Promise<void> {
    const start = Date.now() - 120 * minuteMs;
    const opened = Array.from({ length: tickets }, (_, index) => {
      const from = `storm${index}@customer.example`;
      const { threadId, ticketId, messageId } = acme.portal.receiveMessage({ from, text: 'Hello?', at: start });
      return { from, threadId, ticketId: ticketId as string, messageIds: [messageId], stage: '1' };
    });
    for (const [round, each] of blows.entries()) {
      for (const [index, one] of opened.entries()) {
        const at = start + (round + 1) * minuteMs;
        const { threadId, from } = one;
        const byAgent = (round + index) % 2 === 0;
        const { messageId } = byAgent
          ? acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Have you tried again?', at })
          : acme.portal.receiveMessage({ from, threadId, text: 'Yes, twice.', at });
        one.messageIds.push(messageId);
        one.stage = byAgent ? '2' : '3';
      }
      await strike(each);
    }
    for (const { thaw } of workers) await thaw;
    await system.settled(60_000);
    checkHolders();
    for (const { ticketId, stage } of opened) {
      assert.equal(acme.portal.stage(ticketId), stage);
      const moves = acme.ownMoves(ticketId);
      assert.ok(
        moves.every((stageId, index) => stageId !== moves[index - 1]),
        `a ticket was moved twice: ${moves.join(' ')}`,
      );
    }
    const { rows } = await system.sql.query(
      `select (select count(*) from records)::int as records, (select count(distinct message_id) from records)::int as messages,
              (select count(*) from dead_events)::int as dead, (select count(*) from planned_actions)::int as planned,
              (select deadlocks from pg_stat_database where datname = current_database())::int as deadlocks`,
    );
    const messages = opened.reduce((sum, { messageIds }) => sum + messageIds.length, 0);
    assert.deepEqual(rows, [{ records: messages, messages, dead: 0, planned: 0, deadlocks: 0 }]);
    assert.ok(new Set(calls.map(({ fence }) => fence)).size > 1, 'the lease went from one to another');
  }

  it('move every ticket as if there had been none, each step once, and never two at a time', async () => {
    const [blows = []] = fc.sample(fc.array(blow, { minLength: 7, maxLength: 7, size: 'max' }), { seed, numRuns: 1 });
    await runStorm(blows);
  });
});
