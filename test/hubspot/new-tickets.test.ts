// Making a ticket: associated as HubSpot lets it, made once, and never taken for made when it is not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NewTicket } from '../../src/hubspot/gateway.ts';
import { connectGateway, type Reply, type Seen } from './fake-hubspot.ts';

const tickets = '/crm/objects/2026-09/tickets';
const plain: NewTicket = {
  pipelineId: '0',
  stageId: '1',
  subject: 'Printer on fire',
  content: 'It burns',
  contactId: '101',
  threadId: null,
  followsTicketId: null,
};
const withThread = { ...plain, threadId: '8243595013' };
const made: Reply = { status: 201, body: { id: 57, createdAt: '2026-11-22T10:00:00.5Z', properties: {} } };
const refusal = {
  status: 'error',
  category: 'VALIDATION_ERROR',
  message: 'Association type 32 does not exist for tickets',
};
const refused: Reply = { status: 400, body: refusal };
const freeThread: Reply = { body: { id: '8243595013', originalChannelId: '1002', threadAssociations: {} } };

type Association = { to: { id: string }; types: { associationCategory: string; associationTypeId: number }[] };
function typesOf(seen: Seen): number[] {
  const { associations } = JSON.parse(seen.body) as { associations: Association[] };
  return associations.flatMap(({ types }) => types.map((type) => type.associationTypeId));
}
const isCreate = ({ method, path }: Seen) => method === 'POST' && path === tickets;

test('a ticket is made with its contact, its thread and the ticket it follows, named by ids alone', async (t) => {
  const { gateway, seen } = await connectGateway(t, () => made);
  const ticket = { ...withThread, followsTicketId: '56' };
  assert.deepEqual(await gateway.createTicket(ticket), {
    ticketId: '57',
    createdAt: new Date('2026-11-22T10:00:00.5Z'),
    withThread: true,
  });
  const types = (associationTypeId: number) => [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId }];
  assert.deepEqual(
    seen.filter(isCreate).map(({ method, path, body }) => [method, path, JSON.parse(body)]),
    [
      [
        'POST',
        tickets,
        {
          properties: { hs_pipeline: '0', hs_pipeline_stage: '1', subject: 'Printer on fire', content: 'It burns' },
          associations: [
            { to: { id: '101' }, types: types(16) },
            { to: { id: '8243595013' }, types: types(32) },
            { to: { id: '56' }, types: types(452) },
          ],
        },
      ],
    ],
  );
});

test('a ticket without contact, thread and text is one call too', async (t) => {
  const { gateway, seen } = await connectGateway(t, () => ({ status: 201, body: { id: '57' } }));
  const before = Date.now();
  const { createdAt, ...rest } = await gateway.createTicket({ ...plain, contactId: null, content: null });
  assert.deepEqual(rest, { ticketId: '57', withThread: false });
  assert.ok(createdAt.getTime() >= before && createdAt.getTime() <= Date.now());
  const { properties, associations } = JSON.parse(seen[0]?.body ?? '');
  assert.deepEqual([seen.length, associations, 'content' in properties], [1, [], false]);
});

test('a text longer than a property is cut, never inside a character', async (t) => {
  const { gateway, seen } = await connectGateway(t, () => made);
  await gateway.createTicket({ ...plain, content: `${'a'.repeat(65_535)}😀` });
  const { content } = JSON.parse(seen[0]?.body ?? '').properties;
  assert.deepEqual([content.length, content.isWellFormed(), content.at(-1)], [65_536, true, '\uFFFD']);
});

test('a portal that knows threads by type 278 gets its ticket with that', async (t) => {
  const { gateway, seen } = await connectGateway(t, (each) =>
    isCreate(each) && typesOf(each).includes(32) ? refused : made,
  );
  assert.equal((await gateway.createTicket(withThread)).withThread, true);
  assert.deepEqual(seen.filter(isCreate).map(typesOf), [
    [16, 32],
    [16, 278],
  ]);
});

for (const [name, typeId] of [
  ['conversation', 32],
  ['conversations', 32],
  ['conversation', 278],
  ['conversations', 278],
] as const) {
  test(`a thread refused at the making is tied afterwards, when HubSpot calls it ${name} and takes ${typeId}`, async (t) => {
    const { gateway, seen } = await connectGateway(t, (each) => {
      if (each.method === 'GET') return freeThread;
      if (isCreate(each)) return typesOf(each).length > 1 ? refused : made;
      const [input] = JSON.parse(each.body).inputs;
      assert.deepEqual([input.from, input.to], [{ id: '57' }, { id: '8243595013' }]);
      const fits = each.path.split('/')[5] === name && input.types[0].associationTypeId === typeId;
      return fits ? { status: 201, body: { status: 'COMPLETE', results: [{}] } } : refused;
    });
    assert.deepEqual((await gateway.createTicket(withThread)).withThread, true);
    assert.deepEqual(seen.filter(isCreate).map(typesOf), [[16, 32], [16, 278], [16]]);
    assert.equal(seen.at(-1)?.path, `/crm/associations/2026-09/tickets/${name}/batch/create`);
  });
}

test('a thread HubSpot ties in no way leaves a ticket without it', async (t) => {
  const endings: Reply[] = [
    refused,
    { status: 404, body: {} },
    { status: 207, body: { status: 'COMPLETE', results: [], errors: [refusal] } },
    { status: 429, body: { policyName: 'TEN_SECONDLY_ROLLING' } },
    { status: 503, body: {} },
    (response) => response.destroy(),
  ];
  for (const ending of endings) {
    const { gateway, seen } = await connectGateway(t, (each) => {
      if (each.method === 'GET') return freeThread;
      return isCreate(each) ? (typesOf(each).length > 1 ? refused : made) : ending;
    });
    const { ticketId, withThread: tied } = await gateway.createTicket(withThread);
    assert.deepEqual([ticketId, tied, seen.filter(isCreate).length], ['57', false, 3]);
  }
});

test('a thread that got its ticket meanwhile, or is gone, gets no second one', async (t) => {
  const taken = { id: '8243595013', originalChannelId: '1002', threadAssociations: { associatedTicketId: 56 } };
  for (const [thread, code] of [
    [{ body: taken }, 'hubspot-refused'],
    [{ status: 404, body: {} }, 'hubspot-not-found'],
  ] as const) {
    const { gateway, seen } = await connectGateway(t, (each) => (each.method === 'GET' ? thread : refused));
    await assert.rejects(gateway.createTicket(withThread), { code });
    assert.ok(seen.filter(isCreate).every((each) => typesOf(each).length === 2));
  }
});

test('a ticket that HubSpot made beside the one a thread has goes to the bin; where nobody can say, it stays', async (t) => {
  const threadOf = (associatedTicketId: number): Reply => ({
    body: { id: '8243595013', originalChannelId: '1002', threadAssociations: { associatedTicketId } },
  });
  for (const [thread, deleted, isKept] of [
    [threadOf(57), { status: 204 }, true],
    [freeThread, { status: 204 }, true],
    [{ status: 404, body: {} }, { status: 204 }, true],
    [threadOf(56), { status: 204 }, false],
    [threadOf(56), refused, true],
  ] as Array<[Reply, Reply, boolean]>) {
    const { gateway, seen } = await connectGateway(t, ({ method }) =>
      method === 'GET' ? thread : method === 'DELETE' ? deleted : made,
    );
    if (isKept) assert.equal((await gateway.createTicket(withThread)).ticketId, '57');
    else await assert.rejects(gateway.createTicket(withThread), { code: 'hubspot-refused' });
    const binned = seen.filter(({ method }) => method === 'DELETE').map(({ path }) => path);
    assert.deepEqual(binned, isKept && deleted !== refused ? [] : [`${tickets}/57`]);
  }
});

test('a refused property is no matter of the thread: said at once, without the words of the customer', async (t) => {
  const inner = '[{"isValid":false,"message":"Property \\"colour\\" is required for Printer on fire","name":"colour"}]';
  for (const body of [
    { message: `Property values were not valid: ${inner}`, category: 'VALIDATION_ERROR' },
    {
      message: 'Invalid',
      category: 'VALIDATION_ERROR',
      errors: [
        {
          message: 'Property "colour" is required for Printer on fire',
          context: { propertyName: ['colour'] },
        },
      ],
    },
  ]) {
    const { gateway, seen } = await connectGateway(t, () => ({ status: 400, body }));
    await assert.rejects(gateway.createTicket(withThread), {
      code: 'hubspot-refused',
      detail: 'Property "colour" is required for (removed)',
    });
    assert.equal(seen.length, 1);
  }
});

test('what is refused without the thread too is refused', async (t) => {
  const { gateway } = await connectGateway(t, (each) => (each.method === 'GET' ? freeThread : refused));
  await assert.rejects(gateway.createTicket(withThread), { code: 'hubspot-refused', detail: refusal.message });
});

test('a lost answer is an unknown outcome, and nothing is sent after it', async (t) => {
  const silence: Reply = () => {};
  const lost: Reply[] = [
    (response) => response.destroy(),
    silence,
    { status: 502, body: {} },
    { status: 201, text: 'made!' },
    { status: 201, body: { properties: {} } },
  ];
  for (const [refusals, ticket] of [
    [0, plain],
    [0, withThread],
    [1, withThread],
    [2, withThread],
  ] as const) {
    for (const ending of lost) {
      let creates = 0;
      const { gateway, seen } = await connectGateway(
        t,
        (each) => {
          if (each.method === 'GET') return freeThread;
          creates += 1;
          return creates <= refusals ? refused : ending;
        },
        // Where an answer comes it has all its time: on a busy machine 100 ms were over before a refusal was there.
        { timeoutMs: ending === silence ? 500 : 5_000 },
      );
      await assert.rejects(gateway.createTicket(ticket), { code: 'hubspot-unknown-outcome' });
      assert.deepEqual([creates, seen.at(-1)?.path], [refusals + 1, tickets]);
    }
  }
});

test('a missing scope and a limit are neither refusals nor unknown', async (t) => {
  for (const [status, body, code] of [
    [403, { category: 'MISSING_SCOPES' }, 'hubspot-scope-missing'],
    [429, { policyName: 'TEN_SECONDLY_ROLLING' }, 'hubspot-rate-limited'],
    [423, {}, 'hubspot-locked'],
  ] as const) {
    const { gateway, seen } = await connectGateway(t, () => ({ status, body }));
    await assert.rejects(gateway.createTicket(withThread), { code });
    assert.equal(seen.length, 1);
  }
});
