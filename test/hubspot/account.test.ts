// What a portal says of itself: pipelines and their cache, owners, channel accounts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatonError } from '../../src/errors.ts';
import { createPipelineCache } from '../../src/hubspot/pipeline-cache.ts';
import { connectGateway, keepLog } from './fake-hubspot.ts';

const stage = (id: string, displayOrder: number, metadata: object = {}) => ({
  id,
  label: `Stage ${id}`,
  displayOrder,
  metadata,
  archived: false,
});

test('pipelines come in display order, with closed stages told by their state', async (t) => {
  const { gateway } = await connectGateway(t, () => ({
    body: {
      results: [
        { id: 7, label: 'B', displayOrder: 1, archived: false, stages: [] },
        { id: 'x', label: 'Gone', displayOrder: 0, archived: true, stages: [] },
        {
          id: '0',
          label: 'Support Pipeline',
          displayOrder: 0,
          stages: [
            stage('4', 3, { ticketState: 'CLOSED', isClosed: 'true' }),
            stage('1', 0, { ticketState: 'OPEN' }),
            stage('2', 1),
            stage('3', 2, { isClosed: 'true' }),
            { ...stage('9', 0), archived: true },
          ],
        },
      ],
    },
  }));
  assert.deepEqual(await gateway.listPipelines(), [
    {
      id: '0',
      label: 'Support Pipeline',
      stages: [
        { id: '1', label: 'Stage 1', closed: false },
        { id: '2', label: 'Stage 2', closed: false },
        { id: '3', label: 'Stage 3', closed: true },
        { id: '4', label: 'Stage 4', closed: true },
      ],
    },
    { id: '7', label: 'B', stages: [] },
  ]);
});

test('owners and channel accounts are read to the last page', async (t) => {
  const { gateway } = await connectGateway(t, (each) => {
    if (each.path === '/crm/owners/2026-09') {
      return each.query.get('after')
        ? { body: { results: [{ id: '2', userIdIncludingInactive: 9 }] } }
        : {
            body: {
              results: [{ id: '52550153', email: 'Owner@Company.example', userId: 12282590, firstName: 'Robin' }],
              paging: { next: { after: '1' } },
            },
          };
    }
    return {
      body: {
        results: [
          { id: '4021198932', channelId: '1002', inboxId: '948000001', name: 'Help' },
          { id: 5, channelId: 1000 },
        ],
      },
    };
  });
  assert.deepEqual(await gateway.listOwners(), [
    { id: '52550153', userId: '12282590', email: 'owner@company.example', firstName: 'Robin', lastName: null },
    { id: '2', userId: '9', email: null, firstName: null, lastName: null },
  ]);
  assert.deepEqual(await gateway.listChannelAccounts(), [
    { id: '4021198932', channelId: '1002', inboxId: '948000001', name: 'Help' },
    { id: '5', channelId: '1000', inboxId: null, name: '' },
  ]);
});

test('the pipeline cache reads HubSpot once for many askers, then its copy, and an old copy when HubSpot fails', async (t) => {
  let working = true;
  const body = { results: [{ id: '0', label: 'Support', stages: [stage('1', 0)] }] };
  const { hubspot, seen } = await connectGateway(t, () => (working ? { body } : { status: 400, body: {} }));
  let now = new Date('2026-11-22T12:00:00Z');
  let copy: { pipelines: { id: string; label: string; stages: [] }[]; readAt: Date } | undefined;
  const store = {
    findPipelines: async () => copy,
    savePipelines: async (_portalId: string, pipelines: unknown) => {
      copy = { pipelines: pipelines as [], readAt: now };
    },
  };
  const cache = createPipelineCache({ hubspot, store, log: keepLog(), now: () => now });
  working = false;
  await assert.rejects(cache.get('33', { maxAgeMs: 60_000 }), { code: 'hubspot-refused' });
  working = true;
  const copies = await Promise.all(Array.from({ length: 5 }, () => cache.get('33', { maxAgeMs: 60_000 })));
  assert.deepEqual([copies[4]?.pipelines[0]?.label, copies[4]?.old, seen.length], ['Support', false, 2]);
  now = new Date('2026-11-22T12:01:00Z');
  assert.equal((await cache.get('33', { maxAgeMs: 60_000 })).old, false);
  assert.equal(seen.length, 2);
  working = false;
  now = new Date('2026-11-22T12:01:01Z');
  const old = await cache.get('33', { maxAgeMs: 60_000 });
  assert.deepEqual([old.old, old.readAt, old.pipelines[0]?.label], [true, new Date('2026-11-22T12:00:00Z'), 'Support']);
  working = true;
  assert.equal((await cache.get('33', { maxAgeMs: 60_000 })).old, false);
});

test('the pipeline cache does not hide a failure of its own store', async (t) => {
  const { hubspot } = await connectGateway(t, () => ({ body: { results: [] } }));
  const broken = new Error('no database');
  const store = {
    findPipelines: async () => ({ pipelines: [], readAt: new Date(0) }),
    savePipelines: async () => {
      throw broken;
    },
  };
  await assert.rejects(createPipelineCache({ hubspot, store, log: keepLog() }).get('33', { maxAgeMs: 1 }), broken);
});

test('pipelines that were read are good though a full database cannot keep their copy', async (t) => {
  const { hubspot } = await connectGateway(t, () => ({ body: { results: [] } }));
  const store = {
    findPipelines: async () => undefined,
    savePipelines: async () => {
      throw new BatonError('database-unavailable');
    },
  };
  const copy = await createPipelineCache({ hubspot, store, log: keepLog() }).get('33', { maxAgeMs: 1 });
  assert.deepEqual([copy.pipelines, copy.old], [[], false]);
});
