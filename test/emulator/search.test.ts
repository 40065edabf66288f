// CRM search: operators, sorting, paging, limits, and the index that lags.
import assert from 'node:assert/strict';
import { test } from 'node:test';
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
