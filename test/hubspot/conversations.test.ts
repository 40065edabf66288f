// Conversation threads as documented, and with what may be missing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPace } from '../../src/hubspot/pace.ts';
import { connectGateway } from './fake-hubspot.ts';

const threads = '/conversations/conversations/2026-09/threads';
const thread = (id: string | number, more: object = {}) => ({
  id,
  createdAt: '2019-11-18T18:47:59.865Z',
  status: 'CLOSED',
  originalChannelId: '1002',
  originalChannelAccountId: '148662',
  latestMessageTimestamp: '2019-11-18T18:50:00.279Z',
  spam: false,
  inboxId: '481939',
  associatedContactId: '1401',
  archived: false,
  threadAssociations: { associatedTicketId: '57774743' },
  ...more,
});

test('threads are listed after a time, with their ticket, 500 a page', async (t) => {
  const { gateway, seen, log } = await connectGateway(t, () => ({
    body: {
      results: [
        thread('176347007'),
        thread(176350633, {
          threadAssociations: undefined,
          latestMessageTimestamp: '2019-11-18T18:53:56Z',
          spam: true,
        }),
        { id: 7 },
      ],
      paging: { next: { after: 'next-1' } },
    },
  }));
  const page = await gateway.listThreads({ latestMessageAfter: new Date('2019-11-18T00:00:00Z'), cursor: 'c0' });
  assert.deepEqual(page.threads[0], {
    id: '176347007',
    ticketId: '57774743',
    contactId: '1401',
    channelId: '1002',
    channelAccountId: '148662',
    spam: false,
    archived: false,
    latestMessageAt: new Date('2019-11-18T18:50:00.279Z'),
  });
  assert.deepEqual(
    page.threads.map(({ id, ticketId, spam }) => [id, ticketId, spam]),
    [
      ['176347007', '57774743', false],
      ['176350633', null, true],
    ],
  );
  assert.deepEqual([page.latestMessageAt, page.cursor], [new Date('2019-11-18T18:53:56Z'), 'next-1']);
  assert.deepEqual(
    [seen[0]?.path, Object.fromEntries(seen[0]?.query ?? [])],
    [
      threads,
      {
        association: 'TICKET',
        latestMessageTimestampAfter: '2019-11-18T00:00:00.000Z',
        sort: 'latestMessageTimestamp',
        limit: '500',
        after: 'c0',
      },
    ],
  );
  assert.ok(log.lines.some((line) => line.includes('left out of a list') && line.includes('"count":1')));
});

test('a thread is asked for with its ticket, and is undefined when gone', async (t) => {
  const { gateway, seen } = await connectGateway(t, (each) =>
    each.path === `${threads}/1` ? { body: thread('1') } : { status: 404, body: {} },
  );
  assert.equal((await gateway.findThread('1'))?.ticketId, '57774743');
  assert.equal(await gateway.findThread('2'), undefined);
  assert.equal(seen[0]?.query.get('association'), 'TICKET');
});

test('the threads of a ticket are listed to the last page, and never those of another ticket', async (t) => {
  const { gateway, seen } = await connectGateway(t, (each) =>
    each.query.get('after')
      ? { body: { results: [thread('2')] } }
      : { body: { results: [thread('1')], paging: { next: { after: 'x' } } } },
  );
  assert.deepEqual(
    (await gateway.listThreadsOfTicket('57774743')).map(({ id }) => id),
    ['1', '2'],
  );
  assert.equal(seen[1]?.query.get('associatedTicketId'), '57774743');
  await assert.rejects(gateway.listThreadsOfTicket('99'), { code: 'hubspot-unreadable' });
});

test('a list whose cursor never ends is given up', async (t) => {
  const { gateway } = await connectGateway(t, () => ({ body: { results: [], paging: { next: { after: 'again' } } } }));
  const pace = createPace({ limits: { calls: 1_000 } });
  assert.equal((await gateway.listMessages('1', { maxPages: 1 })).complete, false);
  const hasty = await connectGateway(t, () => ({ body: { results: [], paging: { next: { after: 'again' } } } }));
  await assert.rejects(hasty.hubspot.portal('33', pace).listOwners(), { code: 'hubspot-unreadable' });
  assert.equal(hasty.seen.length, 100);
});
