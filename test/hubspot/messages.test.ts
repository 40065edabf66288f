// The items of a thread as recorded or documented: their order, their pages, and what may be missing.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { connectGateway } from './fake-hubspot.ts';

const item = (id: string, createdAt: string, more: object = {}) => ({ id, type: 'MESSAGE', createdAt, ...more });

const full = {
  id: 'm1',
  conversationsThreadId: '1',
  createdAt: '2024-10-21T11:15:11.699Z',
  createdBy: 'A-8835724',
  client: { clientType: 'INTEGRATION', integrationAppId: 1160452 },
  senders: [
    {
      actorId: 'A-8835724',
      senderField: 'FROM',
      deliveryIdentifier: { type: 'HS_EMAIL_ADDRESS', value: 'Support@Agency.example' },
    },
  ],
  recipients: [
    { recipientField: 'TO', deliveryIdentifier: { type: 'HS_EMAIL_ADDRESS', value: 'casey@customer.example' } },
    {
      actorId: 'V-101',
      recipientField: 'CC',
      deliveryIdentifiers: [{ type: 'HS_EMAIL_ADDRESS', value: 'cc@customer.example' }],
    },
    { recipientField: 'NEW', deliveryIdentifier: { type: 'HS_PHONE_NUMBER', value: '+33612345678' } },
  ],
  archived: false,
  text: 'Hello',
  richText: '<p>Hello</p>',
  subject: 'Re: Test',
  status: { statusType: 'SENT' },
  direction: 'OUTGOING',
  channelId: '1002',
  channelAccountId: 779894945,
  type: 'MESSAGE',
};

test('messages come oldest first under either order of the list, and within one second in the list order', async (t) => {
  // d and c share a second: the incoming one is stamped to the second, the outgoing one to the millisecond.
  const newestFirst = [
    item('e', '2024-10-21T11:20:00Z'),
    item('d', '2024-10-21T11:15:11Z'),
    item('c', '2024-10-21T11:15:11.699Z'),
    item('b', '2024-10-21T11:09:22.587Z'),
    item('a', '2024-10-21T11:09:16Z'),
  ];
  for (const results of [newestFirst, newestFirst.toReversed()]) {
    const { gateway, seen } = await connectGateway(t, () => ({ body: { results } }));
    const { messages, complete } = await gateway.listMessages('8243595013');
    assert.deepEqual([messages.map(({ id }) => id).join(''), complete], ['abcde', true]);
    assert.deepEqual(Object.fromEntries(seen[0]?.query ?? []), { sort: '-createdAt', limit: '100' });
  }
});

test('short pages are read on, up to the rows asked for', async (t) => {
  const rows = Array.from({ length: 250 }, (_, index) =>
    item(String(250 - index), new Date(1_700_000_000_000 - index * 5_000).toISOString()),
  );
  const { gateway, seen } = await connectGateway(t, (each) => {
    const from = Number(each.query.get('after') ?? 0);
    const to = Math.min(from + 40, rows.length);
    return {
      body: { results: rows.slice(from, to), ...(to < rows.length ? { paging: { next: { after: String(to) } } } : {}) },
    };
  });
  const newest = await gateway.listMessages('1');
  assert.deepEqual(
    [newest.messages.length, newest.messages.at(-1)?.id, newest.complete, seen.length],
    [120, '250', false, 3],
  );
  const all = await gateway.listMessages('1', { maxPages: 10 });
  assert.deepEqual([all.messages.length, all.messages[0]?.id, all.complete], [250, '1', true]);
});

test('an item that cannot be read loses no other, and the list does not count as complete', async (t) => {
  const { gateway, log } = await connectGateway(t, () => ({
    body: {
      results: [
        item('b', '2024-10-21T11:09:22Z'),
        { id: 'x', type: 'MESSAGE', createdAt: 'casey@customer.example' },
        item('a', '2024-10-21T11:09:16Z'),
      ],
    },
  }));
  const { messages, complete } = await gateway.listMessages('1');
  assert.deepEqual([messages.map(({ id }) => id), complete], [['a', 'b'], false]);
  assert.ok(!log.lines.join().includes('casey'));
});

test('a message keeps who, where and what, and nulls for what is absent', async (t) => {
  const { gateway } = await connectGateway(t, (each) =>
    each.path.endsWith('/m1')
      ? { body: full }
      : each.path.endsWith('/s1')
        ? { body: item('s1', '2024-10-21T11:15:12Z', { type: 'SOMETHING_NEW' }) }
        : { status: 404, body: {} },
  );
  assert.deepEqual(await gateway.findMessage('1', 'm1'), {
    id: 'm1',
    threadId: '1',
    type: 'MESSAGE',
    createdAt: new Date('2024-10-21T11:15:11.699Z'),
    createdBy: 'A-8835724',
    direction: 'OUTGOING',
    clientType: 'INTEGRATION',
    integrationAppId: '1160452',
    status: 'SENT',
    channelId: '1002',
    channelAccountId: '779894945',
    senders: [{ actorId: 'A-8835724', address: 'support@agency.example', field: 'FROM' }],
    recipients: [
      { actorId: null, address: 'casey@customer.example', field: 'TO' },
      { actorId: 'V-101', address: 'cc@customer.example', field: 'CC' },
      { actorId: null, address: null, field: null },
    ],
    subject: 'Re: Test',
    text: 'Hello',
    html: '<p>Hello</p>',
    archived: false,
  });
  const system = await gateway.findMessage('1', 's1');
  assert.deepEqual([system?.type, system?.direction, system?.senders, system?.text], ['SOMETHING_NEW', null, [], null]);
  assert.equal(await gateway.findMessage('1', 'gone'), undefined);
});

/** The recording lies outside the repository; a clone without it has the shapes above. */
function readRecording(): { results: { type: string; direction?: string }[] } | undefined {
  const file = new URL('../../../shared/hubspot/samples/thread-messages.email.recorded-2024.json', import.meta.url);
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const recording = readRecording();
if (recording) {
  test('the recorded thread of 2024 is read whole: 3 incoming, 2 outgoing, 2 system items', async (t) => {
    const { gateway } = await connectGateway(t, () => ({ body: recording }));
    const { messages, complete } = await gateway.listMessages('8243595013');
    const count = (direction: string | null) => messages.filter((message) => message.direction === direction).length;
    assert.deepEqual([count('INCOMING'), count('OUTGOING'), count(null), complete], [3, 2, 2, true]);
    assert.equal(messages[0]?.id, 'c6f5237b-ca83-47ed-9e3c-bced347064a3');
    assert.ok(
      messages.every((message, index) => index === 0 || message.createdAt >= (messages[index - 1]?.createdAt ?? 0)),
    );
  });
}
