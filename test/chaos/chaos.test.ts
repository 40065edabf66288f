// The short form of `npm run chaos`: few portals, one seed, everything that can go wrong, and nothing lost, doubled or wrong.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runChaos } from './run.ts';

test('whatever is killed, cut, lost, repeated or refused meanwhile, every ticket ends where the people left it', async () => {
  const report = await runChaos({
    seed: 7,
    seconds: 12,
    portals: 8,
    deedsPerSecond: 12,
    webs: 2,
    workers: 3,
    ordersPerSecond: 3,
    strikeEveryMs: 1_000,
  });
  assert.deepEqual(report.differences, []);
  assert.equal(report.dead, 0);
  const faults = Object.values(report.faults).reduce((total, count) => total + count, 0);
  assert.ok(faults >= 50, `${faults} faults hit`);
  assert.ok(report.outcome.tickets >= 20, `${report.outcome.tickets} tickets`);
  assert.ok(report.outcome.effects >= 5, `${report.outcome.effects} notifications, notes, tasks and webhooks`);
});
