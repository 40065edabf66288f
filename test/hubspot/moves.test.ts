// Stage moves over real HTTP: every way a batch can end, and that each move has exactly the outcome HubSpot gave it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MoveOutcome } from '../../src/hubspot/gateway.ts';
import { connectGateway, type Reply, type Seen } from './fake-hubspot.ts';

const updatedAt = '2026-11-22T12:00:00.250Z';
const batchPath = '/crm/objects/2026-09/tickets/batch/update';
const moved = (id: string, stageId = '2') => ({
  id,
  properties: { hs_pipeline_stage: stageId },
  updatedAt,
  archived: false,
});
const inputsOf = (seen: Seen): { id: string; properties: object; objectWriteTraceId: string }[] =>
  JSON.parse(seen.body).inputs;
const movesOf = (...ids: string[]) => ids.map((ticketId) => ({ ticketId, stageId: '2' }));

function summarize(outcomes: Map<string, MoveOutcome>): Record<string, string> {
  return Object.fromEntries([...outcomes].map(([id, outcome]) => [id, outcome.ok ? 'moved' : outcome.error.code]));
}

test('a batch sends the stage and nothing else, and is joined by id whatever the order', async (t) => {
  const { gateway, seen } = await connectGateway(t, (each) => ({
    body: {
      status: 'COMPLETE',
      results: inputsOf(each)
        .map(({ id }) => moved(id))
        .reverse(),
    },
  }));
  const outcomes = await gateway.moveTickets([
    { ticketId: '1', stageId: '2' },
    { ticketId: '2', stageId: '3' },
  ]);
  assert.deepEqual(outcomes.get('1'), { ok: true, at: new Date(updatedAt) });
  assert.deepEqual(summarize(outcomes), { 1: 'moved', 2: 'moved' });
  assert.deepEqual([seen.length, seen[0]?.method, seen[0]?.path], [1, 'POST', batchPath]);
  assert.deepEqual(inputsOf(seen[0] as Seen), [
    { id: '1', objectWriteTraceId: '1', properties: { hs_pipeline_stage: '2' } },
    { id: '2', objectWriteTraceId: '2', properties: { hs_pipeline_stage: '3' } },
  ]);
});

test('250 moves go in three batches, none in none', async (t) => {
  const { gateway, seen } = await connectGateway(t, (each) => ({
    body: { results: inputsOf(each).map(({ id }) => moved(id)) },
  }));
  const ids = Array.from({ length: 250 }, (_, index) => String(index + 1));
  const outcomes = await gateway.moveTickets(movesOf(...ids));
  assert.equal([...outcomes.values()].filter((outcome) => outcome.ok).length, 250);
  assert.deepEqual(
    seen.map((each) => inputsOf(each).length),
    [100, 100, 50],
  );
  assert.equal((await gateway.moveTickets([])).size, 0);
  assert.equal(seen.length, 3);
});

test('a partial failure (207) is read per input, however HubSpot names it', async (t) => {
  const refused = (context: object, message = 'No.') => ({
    status: 'error',
    category: 'VALIDATION_ERROR',
    message,
    context,
  });
  const { gateway } = await connectGateway(t, () => ({
    status: 207,
    body: {
      status: 'COMPLETE',
      results: [moved('1')],
      numErrors: 4,
      errors: [
        refused({ objectWriteTraceId: ['2'] }, 'Stage 2 needs a reason from x@y.example.'),
        refused({ ids: ['3'] }),
        { ...refused({ id: ['4'] }), category: 'OBJECT_NOT_FOUND' },
        refused({}, 'Nameless.'),
      ],
    },
  }));
  const outcomes = await gateway.moveTickets(movesOf('1', '2', '3', '4', '5'));
  assert.deepEqual(summarize(outcomes), {
    1: 'moved',
    2: 'hubspot-refused',
    3: 'hubspot-refused',
    4: 'hubspot-not-found',
    5: 'hubspot-refused',
  });
  const second = outcomes.get('2');
  assert.equal(second && !second.ok && second.error.detail, 'Stage 2 needs a reason from (address)');
});

test('inputs that HubSpot says nothing about are of unknown outcome, not done and not refused', async (t) => {
  for (const body of [
    { results: [moved('1')] },
    { results: [moved('1')], errors: [{ message: 'a' }, { message: 'b' }] },
  ]) {
    const { gateway } = await connectGateway(t, () => ({ status: 207, body }));
    assert.deepEqual(summarize(await gateway.moveTickets(movesOf('1', '2', '3'))), {
      1: 'moved',
      2: 'hubspot-unknown-outcome',
      3: 'hubspot-unknown-outcome',
    });
  }
});

test('a batch refused whole is done one by one, and the bad one alone is refused', async (t) => {
  const { gateway, seen } = await connectGateway(t, (each) => {
    if (each.method === 'POST') return { status: 400, body: { category: 'VALIDATION_ERROR', message: 'One is bad.' } };
    const id = each.path.split('/').at(-1) ?? '';
    if (id === '2') return { status: 400, body: { message: 'Ticket 2 may not go there.' } };
    return id === '3' ? { status: 404, body: {} } : { body: moved(id) };
  });
  const outcomes = await gateway.moveTickets(movesOf('1', '2', '3', '4'));
  assert.deepEqual(summarize(outcomes), { 1: 'moved', 2: 'hubspot-refused', 3: 'hubspot-not-found', 4: 'moved' });
  assert.deepEqual(
    seen.map((each) => each.method),
    ['POST', 'PATCH', 'PATCH', 'PATCH', 'PATCH'],
  );
  assert.deepEqual(JSON.parse(seen[1]?.body ?? ''), { properties: { hs_pipeline_stage: '2' } });
});

test('a lost answer leaves the whole batch unknown, is not repeated, and the next batch still goes', async (t) => {
  const losses: Reply[] = [
    { status: 502 },
    { status: 200, text: 'not json' },
    (response) => void response.destroy(),
    () => undefined,
  ];
  for (const loss of losses) {
    const { gateway, seen } = await connectGateway(
      t,
      (each, index) => (index === 0 ? loss : { body: { results: inputsOf(each).map(({ id }) => moved(id)) } }),
      { timeoutMs: 400 },
    );
    const ids = Array.from({ length: 101 }, (_, index) => String(index + 1));
    const outcomes = summarize(await gateway.moveTickets(movesOf(...ids)));
    assert.equal(Object.values(outcomes).filter((outcome) => outcome === 'hubspot-unknown-outcome').length, 100);
    assert.equal(outcomes['101'], 'moved');
    assert.equal(seen.length, 2);
  }
});

test('it throws only when nothing was sent', async (t) => {
  const limit: Reply = { status: 429, body: { policyName: 'TEN_SECONDLY_ROLLING' } };
  const first = await connectGateway(t, () => limit);
  await assert.rejects(first.gateway.moveTickets(movesOf('1')), { code: 'hubspot-rate-limited' });

  const second = await connectGateway(t, (each, index) =>
    index === 0 ? { body: { results: inputsOf(each).map(({ id }) => moved(id)) } } : limit,
  );
  const ids = Array.from({ length: 300 }, (_, index) => String(index + 1));
  const outcomes = summarize(await second.gateway.moveTickets(movesOf(...ids)));
  assert.deepEqual(
    [outcomes['100'], outcomes['101'], outcomes['300']],
    ['moved', 'hubspot-rate-limited', 'hubspot-rate-limited'],
  );
  assert.equal(second.seen.length, 2);
});

test('a missing scope stops the batch with its name', async (t) => {
  const body = { category: 'MISSING_SCOPES', errors: [{ context: { requiredGranularScopes: ['tickets'] } }] };
  const { gateway, seen } = await connectGateway(t, () => ({ status: 403, body }));
  await assert.rejects(gateway.moveTickets(movesOf('1', '2')), {
    code: 'hubspot-scope-missing',
    detail: 'Missing: tickets.',
  });
  assert.equal(seen.length, 1);
});
