// The cache of what the settings offer for choosing: few calls, nothing old, bounded memory.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatonError } from '../../src/errors.ts';
import type { PortalGateway } from '../../src/hubspot/gateway.ts';
import { createReferenceCache } from '../../src/hubspot/reference-cache.ts';

function setUp() {
  let now = new Date('2026-11-22T12:00:00Z');
  const calls: string[] = [];
  const state = { fails: false };
  const hubspot = {
    portal: (portalId: string) =>
      ({
        async listOwners() {
          calls.push(portalId);
          if (state.fails) throw new BatonError('hubspot-transient');
          return [{ id: portalId, userId: null, email: null, firstName: null, lastName: null }];
        },
      }) as unknown as PortalGateway,
  };
  const cache = createReferenceCache({ hubspot, now: () => now });
  const pass = (ms: number) => {
    now = new Date(now.getTime() + ms);
  };
  return { cache, calls, state, pass };
}

test('a list is read once for many askers, and again after a minute', async () => {
  const { cache, calls, pass } = setUp();
  const lists = await Promise.all([cache.get('1', 'owners'), cache.get('1', 'owners')]);
  assert.deepEqual(
    lists.map(([owner]) => owner?.id),
    ['1', '1'],
  );
  pass(60_000);
  await cache.get('1', 'owners');
  assert.equal(calls.length, 1);
  pass(1);
  await cache.get('1', 'owners');
  assert.equal(calls.length, 2);
});

test('portals do not share a list', async () => {
  const { cache } = setUp();
  assert.equal((await cache.get('1', 'owners'))[0]?.id, '1');
  assert.equal((await cache.get('2', 'owners'))[0]?.id, '2');
});

test('a failure is told to those who asked, and the next one asks HubSpot again', async () => {
  const { cache, calls, state } = setUp();
  state.fails = true;
  await assert.rejects(cache.get('1', 'owners'), { code: 'hubspot-transient' });
  state.fails = false;
  assert.equal((await cache.get('1', 'owners')).length, 1);
  assert.equal(calls.length, 2);
});

test('the 200 lists read last are kept, however many portals ask', async () => {
  const { cache, calls } = setUp();
  for (let portal = 0; portal <= 200; portal += 1) await cache.get(String(portal), 'owners');
  await cache.get('200', 'owners');
  await cache.get('1', 'owners');
  assert.equal(calls.length, 201);
  await cache.get('0', 'owners');
  assert.equal(calls.length, 202, 'the oldest was let go');
});
