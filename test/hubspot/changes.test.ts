// The search over what changed: asked as the search guide says, oldest change first, and true to the emulator's portal.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { install } from './emulated-portal.ts';
import { connectGateway, type Seen } from './fake-hubspot.ts';

const span = { after: new Date('2026-11-22T10:00:00Z'), before: new Date('2026-11-22T12:00:00Z') };
const bodyOf = (seen: Seen | undefined) => JSON.parse(seen?.body ?? '');

test('tickets are asked for by the span of their change, oldest first, with a cursor and the stage they are in', async (t) => {
  const properties = {
    hs_lastmodifieddate: '2026-11-22T11:00:00.123Z',
    createdate: '2026-11-01T08:00:00Z',
    hs_pipeline_stage: '2',
  };
  const { gateway, seen } = await connectGateway(t, () => ({
    body: { total: 400, results: [{ id: '7', properties }], paging: { next: { after: '400' } } },
  }));
  assert.deepEqual(await gateway.searchChanged({ type: 'tickets', ...span, cursor: '200' }), {
    changed: [
      {
        id: '7',
        createdAt: new Date('2026-11-01T08:00:00Z'),
        changedAt: new Date('2026-11-22T11:00:00.123Z'),
        sentAt: null,
        stageId: '2',
      },
    ],
    cursor: '400',
  });
  assert.equal(seen[0]?.path, '/crm/objects/2026-09/tickets/search');
  assert.deepEqual(bodyOf(seen[0]), {
    filterGroups: [
      {
        filters: [
          {
            propertyName: 'hs_lastmodifieddate',
            operator: 'BETWEEN',
            value: String(span.after.getTime()),
            highValue: String(span.before.getTime()),
          },
        ],
      },
    ],
    sorts: [{ propertyName: 'hs_lastmodifieddate', direction: 'ASCENDING' }],
    properties: ['hs_lastmodifieddate', 'createdate', 'hs_pipeline_stage'],
    limit: 200,
    after: '200',
  });
});

test('an object without dates is not passed over in silence', async (t) => {
  const { gateway } = await connectGateway(t, () => ({ body: { total: 1, results: [{ id: '7', properties: {} }] } }));
  await assert.rejects(gateway.searchChanged({ type: 'emails', ...span }), { code: 'hubspot-unreadable' });
});

test('a portal answers with what changed in the span, and with nothing else', async (t) => {
  const { emulator, portal, gateway, agentId } = await install(t);
  emulator.quirks.searchLagMs = 0;
  const day = 86_400_000;
  const old = portal.createTicket({ userId: agentId, stageId: '1', at: Date.now() - 9 * day }).ticketId;
  const moved = portal.createTicket({ userId: agentId, stageId: '1', at: Date.now() - 8 * day }).ticketId;
  const sentAt = Date.now() - 3 * day;
  const mail = { from: 'casey@customer.example', userId: agentId, subject: 'Hello', text: 'Hello.', at: sentAt };
  const { emailId } = portal.receiveMailboxEmail(mail);
  const after = new Date(Date.now() - 1_000);
  portal.moveTicket({ ticketId: moved, stageId: '2', userId: agentId });
  const before = new Date(Date.now() + 60_000);
  const tickets = await gateway.searchChanged({ type: 'tickets', after, before });
  assert.deepEqual(
    tickets.changed.map(({ id, stageId }) => [id, stageId]),
    [[moved, '2']],
  );
  assert.equal(tickets.cursor, null);
  const all = await gateway.searchChanged({ type: 'tickets', after: new Date(0), before });
  assert.deepEqual(
    all.changed.map(({ id }) => id),
    [old, moved],
  );
  assert.deepEqual((await gateway.searchChanged({ type: 'emails', after, before })).changed, []);
  const emails = await gateway.searchChanged({ type: 'emails', after: new Date(sentAt), before });
  assert.deepEqual(
    emails.changed.map((one) => [one.id, one.sentAt?.getTime(), one.changedAt.getTime(), one.stageId]),
    [[emailId, sentAt, sentAt, null]],
  );
});
