// Refreshing a portal's token: before it ends, once however many ask, and never taking a failure for a revocation.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatonError } from '../../src/errors.ts';
import { createAccessTokens } from '../../src/hubspot/access-tokens.ts';
import type { TokenStore } from '../../src/hubspot/gateway.ts';
import type { Grant } from '../../src/hubspot/oauth.ts';
import { keepLog } from './fake-hubspot.ts';
import { createTokenTable } from './token-table.ts';

const now = new Date('2026-11-22T12:00:00Z');
const minutes = (count: number) => new Date(now.getTime() + count * 60_000);
const createStore = (expiresAt: Date) => createTokenTable({ accessToken: 'old', refreshToken: 'r1', expiresAt });
const reinstalled = { accessToken: 'reinstalled', refreshToken: 'r9', expiresAt: minutes(30) };

/** One process: its own in-memory state over the shared store. */
function createProcess(
  table: ReturnType<typeof createStore>,
  refresh: (refreshToken: string) => Promise<Grant> | Grant,
  options: { holdMs?: number } = {},
) {
  const refreshed: string[] = [];
  const log = keepLog();
  const tokens = createAccessTokens({
    store: table.store,
    oauth: {
      async refresh(refreshToken) {
        refreshed.push(refreshToken);
        await new Promise((resolve) => setTimeout(resolve, 10));
        return refresh(refreshToken);
      },
    },
    log,
    now: () => now,
    holdMs: options.holdMs ?? 1_000,
    pollMs: 5,
  });
  return { tokens, refreshed, log };
}

const grant = (accessToken: string, refreshToken = 'r1'): Grant => ({
  accessToken,
  refreshToken,
  expiresAt: minutes(30),
  portalId: null,
  userId: null,
  scopes: null,
});
const fail = (code: 'hubspot-revoked' | 'hubspot-transient') => () => {
  throw new BatonError(code);
};

test('a token with more than five minutes left is used as it is', async () => {
  const { tokens, refreshed } = createProcess(createStore(minutes(6)), () => grant('new'));
  assert.equal(await tokens.getAccessToken('33'), 'old');
  assert.deepEqual(refreshed, []);
});

test('a token near its end is refreshed, and the refresh token stored as it comes back', async () => {
  const table = createStore(minutes(4));
  const { tokens, refreshed } = createProcess(table, () => grant('new', 'r2'));
  assert.equal(await tokens.getAccessToken('33'), 'new');
  assert.equal(await tokens.getAccessToken('33'), 'new');
  assert.deepEqual(refreshed, ['r1']);
  assert.deepEqual([table.row()?.refreshToken, table.row()?.generation], ['r2', 2]);
});

test('three processes with twenty askers each refresh an expired token once', async () => {
  const table = createStore(minutes(-1));
  const processes = Array.from({ length: 3 }, () => createProcess(table, () => grant('new')));
  const asked = processes.flatMap(({ tokens }) => Array.from({ length: 20 }, () => tokens.getAccessToken('33')));
  assert.deepEqual(new Set(await Promise.all(asked)), new Set(['new']));
  assert.equal(processes.flatMap(({ refreshed }) => refreshed).length, 1);
});

test('while another process refreshes, a token that still works is used at once', async () => {
  const table = createStore(minutes(3));
  table.hold(60_000);
  const { tokens, refreshed } = createProcess(table, () => grant('new'));
  assert.equal(await tokens.getAccessToken('33'), 'old');
  assert.deepEqual(refreshed, []);
});

test('when the process that claimed the refresh dies, another one takes over after the hold', async () => {
  const table = createStore(minutes(-1));
  table.hold(60);
  const { tokens } = createProcess(table, () => grant('new'));
  const startedAt = performance.now();
  assert.equal(await tokens.getAccessToken('33'), 'new');
  assert.ok(performance.now() - startedAt >= 55);
});

test('nobody waits for a claim for ever', async () => {
  const table = createStore(minutes(-1));
  table.hold(60_000);
  const { tokens } = createProcess(table, () => grant('new'), { holdMs: 30 });
  await assert.rejects(tokens.getAccessToken('33'), { code: 'hubspot-transient' });
});

test('a rejected token is refreshed although its time is not up, once for all who saw it rejected', async () => {
  const table = createStore(minutes(25));
  const { tokens, refreshed } = createProcess(table, () => grant('new'));
  const asked = Array.from({ length: 5 }, () => tokens.getAccessToken('33', { rejected: 'old' }));
  assert.deepEqual(new Set(await Promise.all(asked)), new Set(['new']));
  assert.equal(await tokens.getAccessToken('33', { rejected: 'old' }), 'new');
  assert.deepEqual(refreshed, ['r1']);
});

test('a failed refresh uses the old token while it works, and does not ask HubSpot at every call', async () => {
  const table = createStore(minutes(2));
  const { tokens, refreshed, log } = createProcess(table, fail('hubspot-transient'));
  for (let each = 0; each < 5; each += 1) assert.equal(await tokens.getAccessToken('33'), 'old');
  assert.equal(refreshed.length, 1);
  assert.equal(log.lines.length, 1);
  assert.ok(!/old|r1/.test(log.lines.join()));
  assert.deepEqual(table.revoked, []);
});

test('a failed refresh of an expired or rejected token is transient, and the next asker may try at once', async () => {
  for (const [expiresAt, rejected] of [
    [minutes(-1), undefined],
    [minutes(20), 'old'],
  ] as const) {
    const table = createStore(expiresAt);
    const { tokens, refreshed } = createProcess(table, fail('hubspot-transient'));
    await assert.rejects(tokens.getAccessToken('33', { rejected }), { code: 'hubspot-transient' });
    await assert.rejects(tokens.getAccessToken('33', { rejected }), { code: 'hubspot-transient' });
    assert.equal(refreshed.length, 2);
    assert.deepEqual(table.revoked, []);
  }
});

test('a revoked grant marks the portal, and no further call is made for it', async () => {
  const table = createStore(minutes(-1));
  const { tokens, refreshed } = createProcess(table, fail('hubspot-revoked'));
  await assert.rejects(tokens.getAccessToken('33'), { code: 'hubspot-revoked' });
  await assert.rejects(tokens.getAccessToken('33'), { code: 'hubspot-revoked' });
  assert.deepEqual([table.revoked, refreshed.length], [['33'], 1]);
});

test('a new install during a refresh wins, whether the old refresh succeeds or is refused', async () => {
  for (const answer of [() => grant('late'), fail('hubspot-revoked')]) {
    const table = createStore(minutes(-1));
    const { tokens } = createProcess(table, () => {
      table.reinstall(reinstalled);
      return answer();
    });
    assert.equal(await tokens.getAccessToken('33'), 'reinstalled');
    assert.deepEqual([table.revoked, table.row()?.accessToken], [[], 'reinstalled']);
  }
});

test('one portal that refreshes does not hold up another', async () => {
  const slow = createStore(minutes(-1));
  const store: TokenStore = {
    ...slow.store,
    findToken: async (portalId) =>
      portalId === '33'
        ? slow.store.findToken(portalId)
        : { accessToken: 'other', refreshToken: 'r', expiresAt: minutes(30), generation: 1 },
  };
  const answer = Promise.withResolvers<Grant>();
  const oauth = { refresh: () => answer.promise };
  const tokens = createAccessTokens({ store, oauth, log: keepLog(), now: () => now, pollMs: 5 });
  const waiting = tokens.getAccessToken('33');
  assert.equal(await tokens.getAccessToken('44'), 'other');
  answer.resolve(grant('new'));
  assert.equal(await waiting, 'new');
});
