// Kills a worker between any two of its steps, each time in a system of its own, and lets a second one finish the story.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { asProgram } from './database.ts';
import { startDatabaseProxy } from './database-proxy.ts';
import { type System, startSystem } from './system.ts';
import { buildWorker } from './worker-process.ts';

const program = fileURLToPath(new URL('./worker-process.ts', import.meta.url));

/** A point between two steps: before or after the n-th statement, or the n-th HubSpot call (`after` = applied, answer not yet sent). */
type Step = { side: 'database' | 'hubspot'; number: number; phase: 'before' | 'after' };
/** The first call of this kind. */
type Call = { method: string; path: RegExp; phase: 'before' | 'after' };
type Point = Step | Call;

const limits = { pollMs: 100 };
/** Longer than any story, however busy the machine: a worker that loses its lease first never comes to its point. */
const leaseMs = 60_000;

/** What waits in the inbox when the worker starts, and what must have come of it in the end, whatever happened on the way. */
export type Story = { name: string; make(system: System): Promise<{ check(): Promise<void> }> };

/** Runs the story with a worker that dies at `point` (or lives), and a second worker after it. Answers how many steps it took. */
async function runStory(system: System, story: Story, point: Point | undefined) {
  const { check } = await story.make(system);
  await system.emulator.webhooks.idle();
  const proxy = await startDatabaseProxy(system.databaseUrl);
  let child: ChildProcess | undefined;
  let calls = 0;
  const isStep = (side: Step['side'], number: number, phase: Point['phase']): boolean =>
    point !== undefined && 'side' in point && point.side === side && point.number === number && point.phase === phase;
  const isCall = (method: string, path: string, phase: Point['phase']): boolean =>
    point !== undefined && 'path' in point && point.method === method && point.path.test(path) && point.phase === phase;
  proxy.watch((step) => {
    if (!isStep('database', step.number, step.phase)) return 'pass';
    child?.kill('SIGKILL');
    return 'cut';
  });
  // Polls only when told, so that the number of statements is the same each time.
  const options = {
    ...system.workerOptions,
    databaseUrl: asProgram(proxy.url).worker,
    limits: { leaseMs, pollMs: 60_000 },
  };
  child = spawn(process.execPath, [program, JSON.stringify(options)], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  system.emulator.onRequest(async ({ method, path }, phase) => {
    if (phase === 'before') calls += 1;
    const side = phase === 'before' ? 'before' : 'after';
    if (!isStep('hubspot', calls, side) && !isCall(method, path, side)) return;
    child?.kill('SIGKILL');
    await exited;
  });
  try {
    if (!point) await system.settled();
    else if ('path' in point) await Promise.race([exited, lateness()]);
    // The run that counted may have had a statement more (a lease renewed on a busy machine): then the story just ends.
    else await Promise.race([exited, system.settled(50_000)]);
  } finally {
    child.kill('SIGKILL');
  }
  const steps = { database: proxy.count(), hubspot: calls };
  await exited;
  await proxy.close();
  // As if its time had passed: the next worker takes the lease over.
  await system.sql.query('update lanes set lease_until = now() where lease_until is not null');
  const second = buildWorker({ ...system.workerOptions, limits });
  await second.worker.start();
  await system.settled();
  await second.worker.stop();
  await second.db.close();
  return { check, steps };
}

/** A point that is not reached ends no worker: the story ends then, and its worker with it. */
async function lateness(): Promise<never> {
  await wait(50_000, undefined, { ref: false });
  throw new Error('the worker never came to the point where it is killed');
}

/** Each story has a system of its own, so that several can run at a time. */
async function tryStory(story: Story, point: Point | undefined): Promise<Record<Step['side'], number>> {
  const system = await startSystem({ workers: 0 });
  try {
    const { check, steps } = await runStory(system, story, point);
    await check();
    const { rows } = await system.sql.query('select subject from planned_actions');
    assert.deepEqual(rows, [], 'nothing is left planned');
    return steps;
  } finally {
    await system.stop();
  }
}

/** Tells the story once undisturbed, then once for each step of it with the worker killed there. */
export async function killAtEachStep(context: TestContext, story: Story): Promise<void> {
  const steps = await tryStory(story, undefined);
  assert.ok(steps.database >= 10, `${steps.database} statements`);
  assert.ok(steps.hubspot >= 4, `${steps.hubspot} calls`);
  const points = (['database', 'hubspot'] as const).flatMap((side) =>
    Array.from({ length: steps[side] }, (_, index) => index + 1).flatMap((number) =>
      phases.map((phase) => ({ name: `${phase} ${side} step ${number}`, point: { side, number, phase } })),
    ),
  );
  await killAt(context, story, points);
}

/** The same right before and right after (applied, answer not yet sent) each of these calls to HubSpot. */
export async function killAtCalls(context: TestContext, story: Story, calls: Omit<Call, 'phase'>[]): Promise<void> {
  await tryStory(story, undefined);
  const points = calls.flatMap((call) =>
    phases.map((phase) => ({ name: `${phase} ${call.method} ${call.path.source}`, point: { ...call, phase } })),
  );
  await killAt(context, story, points);
}

const phases = ['before', 'after'] as const;

async function killAt(context: TestContext, story: Story, points: { name: string; point: Point }[]): Promise<void> {
  await context.test('at each of them', { concurrency: 6 }, async (each) => {
    await Promise.all(
      points.map(({ name, point }) =>
        each.test(name, { timeout: 60_000 }, async () => {
          await tryStory(story, point);
        }),
      ),
    );
  });
}
