// A worker killed between any two steps leaves every ticket right and written once.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startDatabaseProxy } from '../support/database-proxy.ts';
import { type InstalledPortal, type System, startSystem } from '../support/system.ts';
import { buildWorker } from '../support/worker-process.ts';

const program = fileURLToPath(new URL('../support/worker-process.ts', import.meta.url));

/** A point between two steps: before or after the n-th statement, or the n-th HubSpot call (`after` = applied, answer not yet sent). */
type Point = { side: 'database' | 'hubspot'; number: number; phase: 'before' | 'after' };

const portalId = '52000001';
const limits = { leaseMs: 900, pollMs: 100 };

/** One ticket whose agent answered and whose customer replied, all of it waiting in the inbox. */
async function makeStory(system: System) {
  const acme = await system.install({ portalId, ticketsForNewConversations: true });
  const from = 'casey@customer.example';
  const at = Date.now() - 600_000;
  const { threadId, ticketId } = acme.portal.receiveMessage({ from, text: 'It is broken.', at });
  acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Which one?', at: at + 60_000 });
  acme.portal.receiveMessage({ from, threadId, text: 'The red one.', at: at + 120_000 });
  await system.emulator.webhooks.idle();
  return { acme, ticketId: ticketId as string };
}

/** Runs the story with a worker that dies at `point` (or lives), and a second worker after it. Answers how many steps it took. */
async function runStory(system: System, point: Point | undefined) {
  const { acme, ticketId } = await makeStory(system);
  const proxy = await startDatabaseProxy(system.databaseUrl);
  let child: ChildProcess | undefined;
  let calls = 0;
  const kill = (side: Point['side'], number: number, phase: Point['phase']): boolean => {
    if (point?.side !== side || point.number !== number || point.phase !== phase) return false;
    child?.kill('SIGKILL');
    return true;
  };
  proxy.watch((step) => (kill('database', step.number, step.phase) ? 'cut' : 'pass'));
  // Polls only when told, so that the number of statements is the same each time.
  const options = { ...system.workerOptions, databaseUrl: proxy.url, limits: { ...limits, pollMs: 60_000 } };
  child = spawn(process.execPath, [program, JSON.stringify(options)], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  system.emulator.onRequest(async (_info, phase) => {
    if (phase === 'before') calls += 1;
    if (kill('hubspot', calls, phase === 'before' ? 'before' : 'after')) await exited;
  });
  if (point) await exited;
  else await system.settled();
  const steps = { database: proxy.count(), hubspot: calls };
  child.kill('SIGKILL');
  await exited;
  await proxy.close();
  const second = buildWorker({ ...system.workerOptions, limits });
  await second.worker.start();
  await system.settled();
  await second.worker.stop();
  await second.db.close();
  return { acme, ticketId, steps };
}

async function checkEnd(acme: InstalledPortal, ticketId: string): Promise<void> {
  assert.equal(acme.portal.stage(ticketId), '3');
  assert.deepEqual(acme.ownMoves(ticketId), ['3']);
  const records = await acme.records();
  assert.equal(records.length, 3);
  assert.equal(new Set(records.map((record) => record.messageId)).size, 3);
  const moved = records.filter((record) => record.decision === 'move');
  assert.equal(moved.length, 1);
  assert.equal(moved[0]?.outcome, 'done');
  assert.equal(moved[0]?.verdict, 'reply-on-originating-thread');
}

/** Each story has a system of its own, so that several can run at a time. */
async function tryStory(point: Point | undefined): Promise<Record<Point['side'], number>> {
  const system = await startSystem({ workers: 0 });
  try {
    const { acme, ticketId, steps } = await runStory(system, point);
    await checkEnd(acme, ticketId);
    return steps;
  } finally {
    await system.stop();
  }
}

describe('killing the worker between any two steps', () => {
  it('leaves every ticket right and written once, with one record a message', async (context) => {
    const steps = await tryStory(undefined);
    assert.ok(steps.database >= 10, `${steps.database} statements`);
    assert.ok(steps.hubspot >= 4, `${steps.hubspot} calls`);
    const points = (['database', 'hubspot'] as const).flatMap((side) =>
      Array.from({ length: steps[side] }, (_, index) => index + 1).flatMap((number) =>
        (['before', 'after'] as const).map((phase): Point => ({ side, number, phase })),
      ),
    );
    // A point that is not reached ends no worker, and the story waits for its end: that fails by itself.
    await context.test('at each of them', { concurrency: 6 }, async (each) => {
      await Promise.all(
        points.map((point) =>
          each.test(`${point.phase} ${point.side} step ${point.number}`, { timeout: 60_000 }, async () => {
            await tryStory(point);
          }),
        ),
      );
    });
  });
});
