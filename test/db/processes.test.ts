// Several processes at the same work: each event, tick and refresh is one process's.
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Contest, Prize } from './contender.ts';
import { drain, installPortal, makeEvents, openTestDb } from './test-db.ts';

const { url, db, raw } = await openTestDb();
const program = fileURLToPath(new URL('./contender.ts', import.meta.url));

async function startContender(): Promise<ChildProcess> {
  const child = fork(program);
  await once(child, 'message');
  return child;
}

test('what several processes store, sweep, claim and refresh at once happens once', async () => {
  const portalIds = await Promise.all(Array.from({ length: 6 }, () => installPortal(db)));
  const found = await Promise.all(portalIds.map((portalId) => db.tokens.findToken(portalId)));
  const rounds = 20;
  const events = Array.from({ length: rounds }, (_, round) => makeEvents(portalIds[round % 6] as string, 10)).flat();
  const contest: Contest = {
    url,
    rounds,
    portalIds,
    generations: found.map((token) => token?.generation ?? 0),
    events,
  };
  const children = await Promise.all([startContender(), startContender()]);
  const prizes = await Promise.all(
    children.map(async (child) => {
      const answer = once(child, 'message');
      const end = once(child, 'exit');
      child.send(contest);
      const [prize] = (await answer) as [Prize];
      assert.deepEqual(await end, [0, null]);
      return prize;
    }),
  );
  const all = <T>(pick: (prize: Prize) => T[]): T[] => prizes.flatMap(pick);
  assert.equal(
    prizes.reduce((sum, { stored }) => sum + stored, 0),
    events.length,
  );
  const sweepKey = '0'.repeat(32);
  const drained = [...all((prize) => prize.drained), ...(await drain(db))].filter((key) => key !== sweepKey);
  assert.deepEqual(drained.sort(), events.map(({ key }) => key).sort());
  assert.equal(new Set(all((prize) => prize.sweptRounds)).size, all((prize) => prize.sweptRounds).length);
  const { rows } = await raw.query('select count(*)::int as count from sweep_ticks');
  assert.equal(rows[0].count, rounds);
  assert.deepEqual(all((prize) => prize.refreshed).sort(), [...portalIds].sort());
  const deadlocks = await raw.query('select deadlocks::int from pg_stat_database where datname = current_database()');
  assert.deepEqual(deadlocks.rows, [{ deadlocks: 0 }]);
});
