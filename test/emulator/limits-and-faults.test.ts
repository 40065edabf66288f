// Rate limits with HubSpot's bodies, ordered faults, the hooks of kill tests, and the request log.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCaller, createRig } from './rig.ts';

const tickets = '/crm/objects/2026-09/tickets';

test('the 111th call in ten seconds answers 429; another portal is not touched', async (t) => {
  const { emulator, call, portalId } = await createRig(t);
  const other = emulator.addPortal({ portalId: '41000002' }).install();
  const answers = await Promise.all(Array.from({ length: 110 }, () => call('GET', '/crm/owners/2026-09')));
  assert.ok(answers.every((answer) => answer.status === 200));
  const remaining = answers.map((answer) => Number(answer.headers.get('x-hubspot-ratelimit-remaining')));
  assert.equal(Math.min(...remaining), 0);
  assert.equal(answers[0]?.headers.get('x-hubspot-ratelimit-max'), '110');
  assert.equal(answers[0]?.headers.get('x-hubspot-ratelimit-interval-milliseconds'), '10000');
  const refused = await call('GET', '/crm/owners/2026-09');
  assert.equal(refused.status, 429);
  assert.equal(refused.body.policyName, 'TEN_SECONDLY_ROLLING');
  assert.equal(refused.body.errorType, 'RATE_LIMIT');
  assert.equal((await createCaller(emulator.url, other.accessToken)('GET', '/crm/owners/2026-09')).status, 200);
  assert.equal((await call('POST', `${tickets}/search`, {})).status, 200, 'search is counted apart');
  assert.equal(emulator.countRequests(portalId), 112);
});

test('the sixth search in a second answers 429 without rate headers', async (t) => {
  const { call } = await createRig(t);
  const answers = await Promise.all(Array.from({ length: 6 }, () => call('POST', `${tickets}/search`, {})));
  const refused = answers.filter((answer) => answer.status === 429);
  assert.equal(refused.length, 1);
  assert.equal(refused[0]?.body.policyName, 'SECONDLY');
  assert.equal(refused[0]?.headers.get('x-hubspot-ratelimit-max'), null);
});

test('a window that is smaller by option frees its places again', async (t) => {
  const { emulator, call } = await createRig(t, { limits: { searchesPerSecond: 1 } });
  assert.equal((await call('POST', `${tickets}/search`, {})).status, 200);
  assert.equal((await call('POST', `${tickets}/search`, {})).status, 429);
  await new Promise((resolve) => setTimeout(resolve, 1_010));
  assert.equal((await call('POST', `${tickets}/search`, {})).status, 200);
  assert.equal(emulator.limits.searchesPerSecond, 1);
});

test('a status fault answers as ordered, as often as ordered, and only where ordered', async (t) => {
  const { emulator, portal, call, agentId } = await createRig(t);
  const { ticketId } = portal.createTicket({ userId: agentId });
  emulator.faults.add({
    method: 'PATCH',
    path: /\/tickets\//,
    times: 2,
    kind: 'status',
    status: 477,
    headers: { 'Retry-After': '3600' },
    body: { status: 'error', message: 'migrating' },
  });
  const write = () => call('PATCH', `${tickets}/${ticketId}`, { properties: { hs_pipeline_stage: '2' } });
  assert.equal((await call('GET', `${tickets}/${ticketId}`)).status, 200);
  const first = await write();
  assert.deepEqual([first.status, first.headers.get('retry-after')], [477, '3600']);
  assert.equal((await write()).status, 477);
  assert.equal(portal.stage(ticketId), '1');
  assert.equal((await write()).status, 200);
  assert.equal(portal.stage(ticketId), '2');
});

test('a fault of one portal spares the other', async (t) => {
  const { emulator, call, portalId } = await createRig(t);
  const other = emulator.addPortal({ portalId: '41000002' }).install();
  const remove = emulator.faults.add({ portalId, kind: 'status', status: 503 });
  assert.equal((await call('GET', '/crm/owners/2026-09')).status, 503);
  assert.equal((await createCaller(emulator.url, other.accessToken)('GET', '/crm/owners/2026-09')).status, 200);
  remove();
  assert.equal((await call('GET', '/crm/owners/2026-09')).status, 200);
});

test('a dropped request changes nothing, one dropped after it was applied has changed everything', async (t) => {
  const { emulator, portal, call, agentId } = await createRig(t);
  const { ticketId } = portal.createTicket({ userId: agentId });
  const write = (stageId: string) =>
    call('PATCH', `${tickets}/${ticketId}`, { properties: { hs_pipeline_stage: stageId } });
  emulator.faults.add({ method: 'PATCH', times: 1, kind: 'drop' });
  await assert.rejects(write('2'));
  assert.equal(portal.stage(ticketId), '1');
  emulator.faults.add({ method: 'PATCH', times: 1, kind: 'apply-then-drop' });
  await assert.rejects(write('3'));
  assert.equal(portal.stage(ticketId), '3');
});

test('a hanging request is answered by nobody until the client gives up, a slow one late', async (t) => {
  const { emulator, portal } = await createRig(t);
  const { accessToken } = portal.install();
  const get = (timeoutMs: number) =>
    fetch(`${emulator.url}/account-info/2026-09/details`, {
      headers: { authorization: `Bearer ${accessToken}` },
      signal: AbortSignal.timeout(timeoutMs),
    });
  emulator.faults.add({ times: 1, kind: 'hang' });
  await assert.rejects(get(50), { name: 'TimeoutError' });
  emulator.faults.add({ times: 1, kind: 'slow', ms: 60 });
  const startedAt = Date.now();
  assert.equal((await get(2_000)).status, 200);
  assert.ok(Date.now() - startedAt >= 55);
});

test('hooks see a request before anything is applied and after, before its answer', async (t) => {
  const { emulator, portal, call, agentId } = await createRig(t);
  const { ticketId } = portal.createTicket({ userId: agentId });
  const seen: string[] = [];
  const remove = emulator.onRequest(async (info, phase) => {
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(`${phase} ${info.portalId} ${info.method} ${portal.stage(ticketId)}`);
  });
  await call('PATCH', `${tickets}/${ticketId}`, { properties: { hs_pipeline_stage: '2' } });
  assert.deepEqual(seen, ['before 41000001 PATCH 1', 'applied 41000001 PATCH 2']);
  remove();
  await call('GET', `${tickets}/${ticketId}`);
  assert.equal(seen.length, 2);
});

test('the request log names calls without their query, and clearing starts it anew', async (t) => {
  const { emulator, call, portalId } = await createRig(t);
  await call('GET', '/crm/owners/2026-09?email=somebody%40private.example');
  await call('GET', '/nowhere?code=secret');
  const [owners] = emulator.requests;
  assert.deepEqual([owners?.portalId, owners?.path, owners?.status], [portalId, '/crm/owners/2026-09', 200]);
  assert.equal(JSON.stringify([emulator.requests, emulator.unknownRequests]).includes('secret'), false);
  emulator.clearRequests();
  assert.deepEqual([emulator.requests, emulator.countRequests(portalId)], [[], 0]);
});

test('a body that is no JSON answers 400, another content type 415', async (t) => {
  const { emulator, portal } = await createRig(t);
  const { accessToken } = portal.install();
  const post = async (type: string, body: string) => {
    const headers = { authorization: `Bearer ${accessToken}`, 'content-type': type };
    return (await fetch(`${emulator.url}${tickets}/batch/read`, { method: 'POST', headers, body })).status;
  };
  assert.equal(await post('application/json', '{"inputs":'), 400);
  assert.equal(await post('application/json', '[]'), 400);
  assert.equal(await post('text/plain', '{"inputs":[]}'), 415);
});
