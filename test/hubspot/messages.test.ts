// The items of a thread as recorded or documented: their order, their pages, and what may be missing.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { connectGateway } from './fake-hubspot.ts';

const path = '/conversations/conversations/2026-09/threads';
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

const mail = {
  senderActorId: 'A-47300001',
  channelId: '1002',
  channelAccountId: '4021198932',
  recipients: [
    { actorId: 'V-247729059090', address: 'casey@customer.example' },
    { actorId: null, address: 'boss@customer.example' },
  ],
  subject: 'Re: TEST',
  text: 'Which laptop model are you using?',
  html: '<p>Which laptop model are you using?</p>',
};
// What is published of a recorded 201 (samples/thread-send.message.recorded-2026.json): no recipients, no client.
const sent = {
  id: '900af967',
  type: 'MESSAGE',
  direction: 'OUTGOING',
  status: { statusType: 'SENT' },
  createdAt: '2026-09-13T21:36:56.548Z',
  channelId: '1002',
  channelAccountId: '4021198932',
};

test('a mail on a thread names each recipient in both ways HubSpot is known to read', async (t) => {
  const { gateway, seen } = await connectGateway(t, () => ({ status: 201, body: sent }));
  const message = await gateway.sendThreadMessage('11178480985', mail);
  assert.deepEqual(
    [message.id, message.threadId, message.status, message.direction, message.createdAt.toISOString()],
    ['900af967', '11178480985', 'SENT', 'OUTGOING', '2026-09-13T21:36:56.548Z'],
  );
  const [casey, boss] = ['casey@customer.example', 'boss@customer.example'].map((value) => {
    const deliveryIdentifier = { type: 'HS_EMAIL_ADDRESS', value };
    return { recipientField: 'TO', deliveryIdentifier, deliveryIdentifiers: [deliveryIdentifier] };
  });
  assert.deepEqual([seen[0]?.method, seen[0]?.path], ['POST', `${path}/11178480985/messages`]);
  assert.deepEqual(JSON.parse(seen[0]?.body ?? ''), {
    type: 'MESSAGE',
    text: mail.text,
    richText: mail.html,
    senderActorId: 'A-47300001',
    channelId: '1002',
    channelAccountId: '4021198932',
    recipients: [{ actorId: 'V-247729059090', ...casey }, boss],
    attachments: [],
    subject: 'Re: TEST',
  });
  await gateway.sendThreadMessage('1', { ...mail, subject: null });
  assert.ok(!('subject' in JSON.parse(seen[1]?.body ?? '')));
});

test('a mail HubSpot took and could not send is no error but a failed message', async (t) => {
  const status = { statusType: 'FAILED', failureDetails: { errorMessageTokens: {} } };
  const { gateway } = await connectGateway(t, () => ({ status: 201, body: { ...sent, status } }));
  assert.equal((await gateway.sendThreadMessage('1', mail)).status, 'FAILED');
});

test('a refused mail repeats nothing of it, and a lost answer is unknown', async (t) => {
  const message = `A-47300001 may not write "${mail.text}" (${mail.html}) to casey@customer.example`;
  const refused = await connectGateway(t, () => ({ status: 400, body: { message } }));
  await assert.rejects(refused.gateway.sendThreadMessage('1', mail), {
    code: 'hubspot-refused',
    detail: 'A-47300001 may not write "(removed)',
  });
  for (const reply of [{ status: 500 }, { status: 201, text: '' }, { status: 201, body: { id: 'm1' } }]) {
    const { gateway, seen } = await connectGateway(t, () => reply);
    await assert.rejects(gateway.sendThreadMessage('1', mail), { code: 'hubspot-unknown-outcome' });
    assert.equal(seen.length, 1);
  }
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
