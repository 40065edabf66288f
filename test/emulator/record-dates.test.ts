// Dates and histories: printed as JavaScript prints them, and what a creation wrote has its entry like any change.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isoTime, printTime } from '../../src/emulator/answers.ts';
import { createRig, type Json } from './rig.ts';

test('times are printed as toISOString prints them, before 1970 and after 9999 too', () => {
  const times = fc.oneof(fc.integer({ min: -1e12, max: 4e12 }), fc.integer({ min: -8.64e15, max: 8.64e15 }));
  fc.assert(
    fc.property(fc.array(times, { minLength: 1, maxLength: 5 }), (list) => {
      for (const time of [...list, ...list]) {
        const expected = new Date(time).toISOString();
        assert.equal(printTime(time), expected);
        assert.equal(isoTime(time), expected);
      }
    }),
  );
  for (const wrong of [Number.NaN, 8.64e15 + 1]) assert.throws(() => printTime(wrong), RangeError);
});

test('each property has the entry of its creation, with its source, until and after it changes', async (t) => {
  const { emulator, portal, call, agentId } = await createRig(t);
  const at = Date.UTC(2026, 10, 22, 12);
  emulator.clock.freeze(at);
  const { ticketId } = portal.createTicket({ userId: agentId, subject: 'First' });
  const names = ['subject', 'hs_is_closed', 'content', 'hs_lastmodifieddate'];
  const path = `/crm/objects/2026-09/tickets/${ticketId}`;
  const read = async () => (await call('GET', `${path}?propertiesWithHistory=${names}`)).body.propertiesWithHistory;
  const person = { sourceType: 'CRM_UI', sourceId: `userId:${agentId}`, updatedByUserId: Number(agentId) };
  const made = { value: 'First', timestamp: new Date(at).toISOString(), ...person };
  const before = await read();
  assert.deepEqual(before.subject, [made]);
  assert.deepEqual(before.content, []);
  emulator.clock.advance(60_000);
  const later = new Date(at + 60_000).toISOString();
  assert.equal((await call('PATCH', path, { properties: { subject: 'Second', content: 'New' } })).status, 200);
  const after = await read();
  const byApp = { timestamp: later, sourceType: 'INTEGRATION', sourceId: '2000001' };
  assert.deepEqual(after.subject, [{ value: 'Second', ...byApp }, made]);
  assert.deepEqual(after.content, [{ value: 'New', ...byApp }]);
  assert.deepEqual(after.hs_is_closed, [{ ...made, value: 'false' }]);
  const dates = after.hs_lastmodifieddate.map((entry: Json) => [entry.value, entry.timestamp]);
  assert.deepEqual(dates, [[later, later]]);
  await call('PATCH', path, { properties: { content: '' } });
  const values = (await read()).content.map((entry: Json) => entry.value);
  assert.deepEqual(values, ['', 'New']);
});
