// What Baton remembers of tickets: the newest message applied, own threads, recent moves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Applied, MemoryChange } from '../../src/db/ticket-memory.ts';
import { installPortal, leaseOptions, makeEvent, makeRecord, openTestDb, settlement } from './test-db.ts';

const { db, raw } = await openTestDb();

async function remember(portalId: string, memory: MemoryChange[], records = [] as ReturnType<typeof makeRecord>[]) {
  await db.events.store([makeEvent(portalId)]);
  const [batch] = await db.lanes.claimLanes(1, leaseOptions);
  assert.equal(batch?.lease.portalId, portalId);
  await db.lanes.settle(batch.lease, settlement({ memory, records, done: batch.events }));
}

function appliedAt(ms: number, subject: string, fields: Partial<Applied> = {}): MemoryChange & Applied {
  const at = new Date(1_790_000_000_000 + ms);
  return { kind: 'applied', ticketId: '1', at, subject, threadId: '5', direction: 'INCOMING', ...fields };
}

async function findApplied(portalId: string, ticketId = '1'): Promise<string | undefined> {
  return (await db.ticketMemory.findMemory(portalId, [ticketId], new Date())).applied.get(ticketId)?.subject;
}

async function findOwn(portalId: string, ticketId: string): Promise<string[]> {
  const { ownThreads } = await db.ticketMemory.findMemory(portalId, [ticketId], new Date());
  return (ownThreads.get(ticketId) ?? []).map(({ threadId, source }) => `${threadId} ${source}`).sort();
}

test('what was applied comes out as it went in', async () => {
  const portalId = await installPortal(db);
  const { kind: _kind, ...applied } = appliedAt(123, 'm:5:a', { threadId: null, direction: 'OUTGOING' });
  await remember(portalId, [{ kind: 'applied', ...applied }]);
  const memory = await db.ticketMemory.findMemory(portalId, ['1', '2'], new Date());
  assert.deepEqual([...memory.applied.values()], [applied]);
  assert.deepEqual([memory.ownThreads.get('2'), memory.recentMoves.get('2')], [[], 0]);
});

test('an older message never takes the place of a newer one, whole seconds compared', async () => {
  const portalId = await installPortal(db);
  await remember(portalId, [appliedAt(5_000, 'second 5')]);
  await remember(portalId, [appliedAt(4_999, 'second 4')]);
  assert.equal(await findApplied(portalId), 'second 5');
  await remember(portalId, [appliedAt(5_900, 'later in second 5')]);
  await remember(portalId, [appliedAt(5_100, 'decided later for second 5')]);
  assert.equal(await findApplied(portalId), 'decided later for second 5');
  await remember(portalId, [appliedAt(6_000, 'second 6')]);
  assert.equal(await findApplied(portalId), 'second 6');
});

test('several messages of one ticket in one batch leave the newest', async () => {
  const portalId = await installPortal(db);
  await remember(portalId, [
    appliedAt(1_000, 'first'),
    appliedAt(3_900, 'newest'),
    appliedAt(2_000, 'middle'),
    appliedAt(3_100, 'same second, decided later'),
    appliedAt(1_000, 'of another', { ticketId: '2' }),
  ]);
  assert.equal(await findApplied(portalId), 'same second, decided later');
  assert.equal(await findApplied(portalId, '2'), 'of another');
});

test('own threads belong to who had them first, and to the survivor after a merge', async () => {
  const portalId = await installPortal(db);
  await remember(portalId, [
    { kind: 'own-thread', threadId: '5', ticketId: '1', source: 'originating' },
    { kind: 'own-thread', threadId: '5', ticketId: '2', source: 'first-email' },
    { kind: 'own-thread', threadId: '6', ticketId: '2', source: 'first-email' },
    appliedAt(0, 'of the merged', { ticketId: '1' }),
    appliedAt(0, 'of the survivor', { ticketId: '3' }),
  ]);
  assert.deepEqual(
    [await findOwn(portalId, '1'), await findOwn(portalId, '2')],
    [['5 originating'], ['6 first-email']],
  );
  await remember(portalId, [{ kind: 'merged', into: '2', ticketIds: ['1'] }]);
  assert.deepEqual(await findOwn(portalId, '1'), []);
  assert.deepEqual(await findOwn(portalId, '2'), ['5 merged', '6 first-email']);
  assert.equal(await findApplied(portalId, '1'), undefined);
  await remember(portalId, [{ kind: 'merged', into: '3', ticketIds: ['2', '1'] }]);
  assert.deepEqual(await findOwn(portalId, '3'), ['5 merged', '6 merged']);
  assert.equal(await findApplied(portalId, '3'), 'of the survivor');
});

test('a deleted ticket and an erased thread are forgotten', async () => {
  const portalId = await installPortal(db);
  await remember(portalId, [
    appliedAt(0, 'x'),
    { kind: 'own-thread', threadId: '5', ticketId: '1', source: 'originating' },
    { kind: 'own-thread', threadId: '6', ticketId: '2', source: 'originating' },
    { kind: 'own-thread', threadId: '7', ticketId: '2', source: 'originating' },
  ]);
  await remember(portalId, [
    { kind: 'ticket-gone', ticketId: '1' },
    { kind: 'thread-erased', threadId: '6' },
  ]);
  assert.equal(await findApplied(portalId), undefined);
  assert.deepEqual([await findOwn(portalId, '1'), await findOwn(portalId, '2')], [[], ['7 originating']]);
});

test('automatic moves of the last hour are counted, by ticket, only those that were done', async () => {
  const portalId = await installPortal(db);
  const ticketId = '1';
  await remember(
    portalId,
    [],
    [
      makeRecord({ ticketId }),
      makeRecord({ ticketId }),
      makeRecord({ ticketId, outcome: 'failed' }),
      makeRecord({ ticketId, outcome: 'shadow' }),
      makeRecord({ ticketId, decision: 'stay' }),
      makeRecord({ ticketId: '2' }),
    ],
  );
  const countMoves = async (now: Date) =>
    (await db.ticketMemory.findMemory(portalId, [ticketId], now)).recentMoves.get('1');
  assert.equal(await countMoves(new Date()), 2);
  assert.equal(await countMoves(new Date(Date.now() + 3_540_000)), 2);
  assert.equal(await countMoves(new Date(Date.now() + 3_660_000)), 0);
});

test('a sweep remembers how far it came, and never goes back', async () => {
  const portalId = await installPortal(db);
  const [early, late] = [new Date(1_000), new Date(2_000)];
  assert.equal(await db.sweeps.findWatermark(portalId, 'messages'), undefined);
  await remember(portalId, [{ kind: 'swept', sweep: 'messages', reachedAt: late }]);
  await remember(portalId, [{ kind: 'swept', sweep: 'messages', reachedAt: early }]);
  assert.deepEqual(await db.sweeps.findWatermark(portalId, 'messages'), late);
  assert.equal(await db.sweeps.findWatermark(portalId, 'emails'), undefined);
});

test('portals with the same ticket and thread ids share no memory', async () => {
  const [one, two] = [await installPortal(db), await installPortal(db)];
  const own: MemoryChange = { kind: 'own-thread', threadId: '5', ticketId: '1', source: 'originating' };
  const swept: MemoryChange = { kind: 'swept', sweep: 'messages', reachedAt: new Date(1_000) };
  await remember(one, [appliedAt(0, 'of one'), own, swept], [makeRecord({ ticketId: '1' })]);
  const memory = await db.ticketMemory.findMemory(two, ['1'], new Date());
  assert.deepEqual([memory.applied.size, memory.ownThreads.get('1'), memory.recentMoves.get('1')], [0, [], 0]);
  assert.equal(await db.sweeps.findWatermark(two, 'messages'), undefined);
  await remember(two, [
    appliedAt(0, 'of two'),
    { kind: 'own-thread', threadId: '5', ticketId: '9', source: 'originating' },
    { kind: 'merged', into: '8', ticketIds: ['1', '9'] },
    { kind: 'ticket-gone', ticketId: '1' },
    { kind: 'thread-erased', threadId: '5' },
  ]);
  assert.equal(await findApplied(one), 'of one');
  assert.deepEqual(await findOwn(one, '1'), ['5 originating']);
  const { rows } = await raw.query('select count(*)::int as count from own_threads where portal_id = $1', [two]);
  assert.equal(rows[0].count, 0);
});

test('a thread belongs to the ticket Baton made for it, whatever was known before or is shown later, until that ticket goes', async () => {
  const portalId = await installPortal(db);
  const created = async () => [...(await db.ticketMemory.findCreated(portalId, ['5', '6']))];
  await remember(portalId, [{ kind: 'own-thread', threadId: '5', ticketId: '1', source: 'originating' }]);
  assert.deepEqual(await created(), []);
  await remember(portalId, [
    { kind: 'own-thread', threadId: '5', ticketId: '2', source: 'created' },
    { kind: 'own-thread', threadId: '5', ticketId: '1', source: 'originating' },
  ]);
  await remember(portalId, [{ kind: 'own-thread', threadId: '5', ticketId: '1', source: 'originating' }]);
  assert.deepEqual(await created(), [['5', '2']]);
  assert.deepEqual([await findOwn(portalId, '1'), await findOwn(portalId, '2')], [[], ['5 created']]);
  assert.deepEqual([...(await db.ticketMemory.findOwners(portalId, ['1', '2']))], [['2', ['5']]]);
  await remember(portalId, [{ kind: 'own-thread', threadId: '5', ticketId: '3', source: 'created' }]);
  await remember(portalId, [{ kind: 'merged', into: '4', ticketIds: ['3'] }]);
  assert.deepEqual(await created(), [['5', '4']]);
  await remember(portalId, [{ kind: 'ticket-gone', ticketId: '4' }]);
  assert.deepEqual(await created(), []);
});

test('two portals with the same ids have threads and plans of their own', async () => {
  const [one, two] = [await installPortal(db), await installPortal(db)];
  await remember(one, [{ kind: 'own-thread', threadId: '5', ticketId: '1', source: 'created' }]);
  await remember(two, [{ kind: 'own-thread', threadId: '5', ticketId: '2', source: 'created' }]);
  assert.equal((await db.ticketMemory.findCreated(one, ['5'])).get('5'), '1');
  assert.equal((await db.ticketMemory.findCreated(two, ['5'])).get('5'), '2');
  assert.equal((await db.ticketMemory.findOwners(two, ['1'])).size, 0);
});

test('asking about nothing asks nothing', async () => {
  assert.equal((await db.ticketMemory.findDecided('1', [])).size, 0);
  assert.equal((await db.ticketMemory.findCreated('1', [])).size, 0);
  assert.equal((await db.ticketMemory.findOwners('1', [])).size, 0);
  assert.equal((await db.ticketMemory.findMemory('1', [], new Date())).recentMoves.size, 0);
});
