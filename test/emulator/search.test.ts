// CRM search: operators, sorting, paging, limits, and the index that lags.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../src/emulator/random.ts';
import { type Caller, createRig, type Json } from './rig.ts';

const path = '/crm/objects/2026-09/emails/search';

function search(call: Caller, filters: unknown[], more: Record<string, unknown> = {}) {
  return call('POST', path, { filterGroups: [{ filters }], properties: ['hs_email_subject'], sorts: [], ...more });
}

function subjects(body: Json): string[] {
  return body.results.map((one: Json) => one.properties.hs_email_subject);
}

async function createMails(t: Parameters<typeof createRig>[0]) {
  const rig = await createRig(t, { limits: { searchesPerSecond: 1_000 } });
  const { portal, agentId } = rig;
  const { contactId } = portal.addContact({ email: 'c@customer.example' });
  const { ticketId } = portal.createTicket({ userId: agentId, contactIds: [contactId] });
  const at = Date.parse('2026-11-01T08:00:00Z');
  for (const [index, from] of (['ticket', 'contact', 'contact'] as const).entries())
    portal.sendMailboxEmail({
      from,
      ticketId,
      userId: agentId,
      to: 'c@customer.example',
      subject: `Mail ${index}`,
      text: 'x',
      status: index === 2 ? 'FAILED' : 'SENT',
      at: at + index * 3_600_000,
    });
  return { ...rig, ticketId, at };
}

test('filters select by value, by set, by range, by presence and by association', async (t) => {
  const { call, ticketId, at } = await createMails(t);
  const found = async (filter: Record<string, unknown>) =>
    subjects((await search(call, [filter], { sorts: [{ propertyName: 'hs_timestamp' }] })).body);
  const status = (operator: string, more: object) => found({ propertyName: 'hs_email_status', operator, ...more });
  assert.deepEqual(await status('EQ', { value: 'FAILED' }), ['Mail 2']);
  assert.deepEqual(await status('NEQ', { value: 'FAILED' }), ['Mail 0', 'Mail 1']);
  assert.deepEqual(await status('IN', { values: ['FAILED', 'BOUNCED'] }), ['Mail 2']);
  assert.deepEqual(await status('NOT_IN', { values: ['FAILED', 'BOUNCED'] }), ['Mail 0', 'Mail 1']);
  const time = (operator: string, more: object) => found({ propertyName: 'hs_timestamp', operator, ...more });
  assert.deepEqual(await time('GT', { value: String(at) }), ['Mail 1', 'Mail 2']);
  assert.deepEqual(await time('GTE', { value: '2026-11-01T08:00:00Z' }), ['Mail 0', 'Mail 1', 'Mail 2']);
  assert.deepEqual(await time('LT', { value: String(at) }), []);
  assert.deepEqual(await time('LTE', { value: String(at) }), ['Mail 0']);
  assert.deepEqual(await time('BETWEEN', { value: String(at + 1), highValue: String(at + 3_600_000) }), ['Mail 1']);
  assert.deepEqual(await found({ propertyName: 'hs_email_subject', operator: 'CONTAINS_TOKEN', value: '1' }), [
    'Mail 1',
  ]);
  assert.deepEqual(await found({ propertyName: 'hs_email_bcc_email', operator: 'HAS_PROPERTY' }), []);
  assert.equal((await found({ propertyName: 'hs_email_bcc_email', operator: 'NOT_HAS_PROPERTY' })).length, 3);
  assert.deepEqual(await found({ propertyName: 'associations.ticket', operator: 'EQ', value: ticketId }), ['Mail 0']);
});

test('pages follow a cursor and count the whole', async (t) => {
  const { call } = await createMails(t);
  const sorts = [{ propertyName: 'hs_timestamp', direction: 'DESCENDING' }];
  const first = await search(call, [], { sorts, limit: 2 });
  assert.equal(first.body.total, 3);
  assert.deepEqual(subjects(first.body), ['Mail 2', 'Mail 1']);
  const second = await search(call, [], { sorts, limit: 2, after: first.body.paging.next.after });
  assert.deepEqual(subjects(second.body), ['Mail 0']);
  assert.equal(second.body.paging, undefined);
});

test('what is beyond the limits of a query is refused', async (t) => {
  const { call } = await createMails(t);
  const filter = { propertyName: 'hs_email_status', operator: 'EQ', value: 'SENT' };
  assert.equal((await search(call, Array(7).fill(filter))).status, 400);
  assert.equal((await call('POST', path, { filterGroups: Array(6).fill({ filters: [filter] }) })).status, 400);
  assert.equal((await search(call, [filter], { limit: 201 })).status, 400);
  assert.equal((await search(call, [filter], { limit: 200, after: '9900' })).status, 400);
  assert.equal((await search(call, [{ ...filter, value: 'x'.repeat(3_000) }])).status, 400);
  assert.equal((await search(call, [{ ...filter, propertyName: 'no_such_name' }])).status, 400);
  assert.equal((await search(call, [{ ...filter, operator: 'LIKE' }])).status, 400);
});

test('search knows of a change only after the lag; GET knows at once', async (t) => {
  let now = Date.parse('2026-11-22T10:00:00Z');
  const { portal, call, agentId } = await createRig(t, { now: () => now, quirks: { searchLagMs: 2_000 } });
  const { ticketId } = portal.createTicket({ userId: agentId });
  const body = {
    filterGroups: [{ filters: [{ propertyName: 'hs_pipeline_stage', operator: 'EQ', value: '1' }] }],
  };
  const total = async () => (await call('POST', '/crm/objects/2026-09/tickets/search', body)).body.total;
  assert.equal(await total(), 0);
  now += 2_001;
  assert.equal(await total(), 1);
  portal.moveTicket({ ticketId, stageId: '3', userId: agentId });
  assert.equal(await total(), 1);
  const read = await call('GET', `/crm/objects/2026-09/tickets/${ticketId}`);
  assert.equal(read.body.properties.hs_pipeline_stage, '3');
  now += 2_001;
  assert.equal(await total(), 0);
});

test('a narrow search of many tickets finds what walking all of them finds, also while the index lags', async (t) => {
  const lagMs = 1_000;
  const { emulator, portal, call, agentId } = await createRig(t, {
    limits: { searchesPerSecond: 1_000, requestsPerTenSeconds: 1_000 },
    quirks: { searchLagMs: lagMs },
  });
  emulator.clock.freeze(Date.UTC(2026, 10, 22));
  const random = createRandom(5);
  const pick = <T>(list: T[]) => list[Math.floor(random() * list.length)] as T;
  /** The stage and the last change search should know of, by ticket. */
  type Known = { stageId: string; at: number };
  const known = new Map<string, Known>();
  const lagging = new Map<string, Known | undefined>();
  const learn = () => lagging.clear();
  const note = (id: string, stageId: string, at: number) => {
    if (!lagging.has(id)) lagging.set(id, known.get(id));
    known.set(id, { stageId, at });
  };
  for (let index = 0; index < 150; index += 1) {
    const { ticketId } = portal.createTicket({ userId: agentId, subject: `Order ${index}` });
    note(ticketId, '1', emulator.clock.now());
  }
  const ids = [...known.keys()];
  const objects = '/crm/objects/2026-09/tickets/search';
  const find = async (filters: unknown[]) => {
    const { body } = await call('POST', objects, { filterGroups: [{ filters }], limit: 200 });
    return body.results.map((one: Json) => one.id);
  };
  const expected = (fits: (known: Known) => boolean) =>
    ids.filter((id) => {
      const seen = lagging.has(id) ? lagging.get(id) : known.get(id);
      return seen !== undefined && fits(seen);
    });
  for (let round = 0; round < 25; round += 1) {
    emulator.clock.advance(lagMs);
    learn();
    for (let moves = 0; moves < 3; moves += 1) {
      const [ticketId, stageId] = [pick(ids), pick(['1', '2', '3', '4'])];
      if (portal.stage(ticketId) === stageId) continue;
      portal.moveTicket({ ticketId, stageId, userId: agentId });
      note(ticketId, stageId, Date.parse(portal.ticket(ticketId).properties.hs_lastmodifieddate ?? ''));
    }
    // On even rounds search has yet to hear of the moves.
    if (round % 2 === 1) {
      emulator.clock.advance(lagMs);
      learn();
    }
    const since = emulator.clock.now() - 3 * lagMs;
    const inStage = { propertyName: 'hs_pipeline_stage', operator: 'EQ', value: '4' };
    const changed = { propertyName: 'hs_lastmodifieddate', operator: 'GTE', value: String(since) };
    assert.deepEqual(
      await find([inStage]),
      expected(({ stageId }) => stageId === '4'),
      `stage, round ${round}`,
    );
    assert.deepEqual(
      await find([changed]),
      expected(({ at }) => at >= since),
      `change, round ${round}`,
    );
    assert.deepEqual(
      await find([changed, { ...inStage, value: '2' }]),
      expected(({ at, stageId }) => at >= since && stageId === '2'),
      `both, round ${round}`,
    );
  }
});

test('a read, a batch read, a list and a search print a record alike, whatever its texts hold', async (t) => {
  const { portal, call, agentId } = await createRig(t);
  const subject = 'A "quoted" \\ line\nwith\ttabs, Größe, 漢字, \u0000 and \ud83d\ude42';
  const { ticketId } = portal.createTicket({ userId: agentId, subject });
  const tickets = '/crm/objects/2026-09/tickets';
  const properties = ['subject', 'hs_pipeline_stage', 'closed_date'];
  const one = (await call('GET', `${tickets}/${ticketId}?properties=${properties}`)).body;
  assert.equal(one.properties.subject, subject);
  assert.equal(one.properties.closed_date, null);
  const many = [
    await call('POST', `${tickets}/batch/read`, { inputs: [{ id: ticketId }], properties }),
    await call('GET', `${tickets}?properties=${properties}`),
    await call('POST', `${tickets}/search`, { properties }),
  ];
  for (const { body } of many) assert.deepEqual(body.results, [one]);
});

test('words of a token filter and of a query are found wherever they stand, in any case', async (t) => {
  const { portal, call, agentId } = await createRig(t, { limits: { searchesPerSecond: 1_000 } });
  for (const subject of ['Brake lever, bent', 'Levers and BRAKES', 'Break-in at the shop'])
    portal.createTicket({ userId: agentId, subject });
  const find = async (body: object) => {
    const answer = await call('POST', '/crm/objects/2026-09/tickets/search', { properties: ['subject'], ...body });
    return answer.body.results.map((found: Json) => found.properties.subject);
  };
  const token = (operator: string, value: string) =>
    find({ filterGroups: [{ filters: [{ propertyName: 'subject', operator, value }] }] });
  assert.deepEqual(await token('CONTAINS_TOKEN', 'LEVER'), ['Brake lever, bent']);
  assert.deepEqual(await token('CONTAINS_TOKEN', 'br*ke*'), ['Brake lever, bent', 'Levers and BRAKES']);
  assert.deepEqual(await token('CONTAINS_TOKEN', 'lever brake'), ['Brake lever, bent']);
  assert.deepEqual(await token('NOT_CONTAINS_TOKEN', 'b*'), []);
  assert.deepEqual(await token('NOT_CONTAINS_TOKEN', '*s'), ['Brake lever, bent', 'Break-in at the shop']);
  assert.deepEqual(await find({ query: 'lev bra' }), ['Brake lever, bent', 'Levers and BRAKES']);
  assert.deepEqual(await find({ query: 'ever' }), []);
});
