// Tickets, emails, contacts and associations as HubSpot answers them: leniently read, strictly asked.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectGateway, type Seen } from './fake-hubspot.ts';

const inputsOf = (seen: Seen | undefined): { id: string; after?: string }[] => JSON.parse(seen?.body ?? '').inputs;
const ticket = (id: string | number, properties: object = {}) => ({
  id,
  properties: { hs_pipeline: '0', hs_pipeline_stage: '1', createdate: '2026-11-01T10:00:00Z', ...properties },
  createdAt: '2026-11-01T10:00:00Z',
  updatedAt: '2026-11-01T10:00:00Z',
  archived: false,
});

test('a ticket is read with its originating ids, its closing, its merged ids and its history, newest first', async (t) => {
  const body = {
    status: 'COMPLETE',
    results: [
      {
        ...ticket(57774743, {
          hs_pipeline_stage: '3',
          hs_conversations_originating_thread_id: '8243595013',
          hs_conversations_originating_message_id: 'c6f5237b',
          hs_originating_email_engagement_id: '77650314959.0',
          hs_last_closed_date: '2026-11-10T08:00:00Z',
          hs_num_associated_conversations: '2',
          hs_merged_object_ids: '11;12',
          surprise: 5,
        }),
        propertiesWithHistory: {
          hs_pipeline_stage: [
            { value: '1', timestamp: '2026-11-01T10:00:00Z', sourceType: 'CRM_UI', sourceId: 'userId:1' },
            {
              value: '3',
              timestamp: '2026-11-02T10:00:00.5Z',
              sourceType: 'INTEGRATION',
              sourceId: 8151242,
              updatedByUserId: 1,
            },
            { value: '2', timestamp: '2026-11-02T10:00:00Z', sourceType: 'AUTOMATION_PLATFORM' },
          ],
        },
      },
    ],
  };
  const { gateway, seen } = await connectGateway(t, () => ({ body }));
  const tickets = await gateway.readTickets(['57774743'], { history: true });
  assert.deepEqual(tickets.get('57774743'), {
    id: '57774743',
    pipelineId: '0',
    stageId: '3',
    createdAt: new Date('2026-11-01T10:00:00Z'),
    originatingThreadId: '8243595013',
    originatingMessageId: 'c6f5237b',
    originatingEmailId: '77650314959',
    lastClosedAt: new Date('2026-11-10T08:00:00Z'),
    threadCount: 2,
    mergedIds: ['11', '12'],
    stageHistory: [
      { stageId: '3', at: new Date('2026-11-02T10:00:00.5Z'), sourceType: 'INTEGRATION', sourceId: '8151242' },
      { stageId: '2', at: new Date('2026-11-02T10:00:00Z'), sourceType: 'AUTOMATION_PLATFORM', sourceId: null },
      { stageId: '1', at: new Date('2026-11-01T10:00:00Z'), sourceType: 'CRM_UI', sourceId: 'userId:1' },
    ],
  });
  assert.deepEqual([seen[0]?.method, seen[0]?.path], ['POST', '/crm/objects/2026-09/tickets/batch/read']);
  const sent = JSON.parse(seen[0]?.body ?? '');
  assert.deepEqual(sent.propertiesWithHistory, ['hs_pipeline_stage']);
  assert.ok(sent.properties.includes('hs_merged_object_ids'));
});

test('a ticket made by hand has nulls where nothing is', async (t) => {
  const { gateway, seen } = await connectGateway(t, () => ({
    body: { results: [ticket('5', { hs_last_closed_date: '', closed_date: null })] },
  }));
  const read = (await gateway.readTickets(['5'], { history: false })).get('5');
  assert.deepEqual(
    [read?.originatingThreadId, read?.lastClosedAt, read?.threadCount, read?.mergedIds, read?.stageHistory],
    [null, null, null, [], []],
  );
  assert.deepEqual(JSON.parse(seen[0]?.body ?? '').propertiesWithHistory, []);
});

test('a call takes a hundred tickets, fifty with history, and none twice', async (t) => {
  const { gateway, seen } = await connectGateway(t, (each) => ({
    body: { results: inputsOf(each).map(({ id }) => ticket(id)) },
  }));
  const ids = Array.from({ length: 120 }, (_, index) => String(index + 1));
  assert.equal((await gateway.readTickets([...ids, ...ids], { history: false })).size, 120);
  assert.equal((await gateway.readTickets(ids, { history: true })).size, 120);
  assert.deepEqual(
    seen.map((each) => inputsOf(each).length),
    [100, 20, 50, 50, 20],
  );
  assert.equal((await gateway.readTickets([], { history: true })).size, 0);
  assert.equal(seen.length, 5);
});

test('ids HubSpot does not know are absent, any other error is not absence', async (t) => {
  const missing = {
    status: 'error',
    category: 'OBJECT_NOT_FOUND',
    message: 'Could not get some TICKET objects',
    context: { ids: ['6'] },
  };
  const { gateway } = await connectGateway(t, () => ({
    status: 207,
    body: { results: [ticket('5')], numErrors: 1, errors: [missing] },
  }));
  assert.deepEqual([...(await gateway.readTickets(['5', '6'], { history: false })).keys()], ['5']);
  const other = await connectGateway(t, () => ({
    status: 207,
    body: { results: [], errors: [{ category: 'INTERNAL', message: 'Oops' }] },
  }));
  await assert.rejects(other.gateway.readTickets(['5'], { history: false }), {
    code: 'hubspot-transient',
    detail: 'Oops',
  });
});

test('a ticket that cannot be read is not taken for one that is gone', async (t) => {
  for (const broken of [
    { ...ticket('6'), id: null },
    ticket('6', { hs_pipeline_stage: null }),
    ticket('6', { closed_date: 'soon' }),
  ]) {
    const { gateway } = await connectGateway(t, () => ({ body: { results: [ticket('5'), broken] } }));
    await assert.rejects(gateway.readTickets(['5', '6'], { history: false }), { code: 'hubspot-unreadable' });
  }
});

test('a single ticket follows a merge, and is undefined when gone', async (t) => {
  const { gateway, seen } = await connectGateway(t, (each) =>
    each.path.endsWith('/11') ? { body: ticket('57') } : { status: 404, body: {} },
  );
  assert.equal((await gateway.findTicket('11'))?.id, '57');
  assert.equal(await gateway.findTicket('12'), undefined);
  assert.equal(seen[0]?.path, '/crm/objects/2026-09/tickets/11');
  assert.equal(seen[0]?.query.get('propertiesWithHistory'), 'hs_pipeline_stage');
  await gateway.findTicket('../../x?y');
  assert.equal(seen[2]?.path, '/crm/objects/2026-09/tickets/..%2F..%2Fx%3Fy');
});

test('an email is read with everybody who got it, from headers inside a string too', async (t) => {
  const email = {
    id: '77650314959',
    createdAt: '2026-11-18T11:08:34.513Z',
    properties: {
      hs_timestamp: '2026-11-18T11:08:30Z',
      hs_email_direction: 'EMAIL',
      hs_email_status: 'SENT',
      hs_email_from_email: 'Alex@Company.example',
      hs_email_to_email: 'casey@customer.example;other@customer.example',
      hs_email_headers:
        '{"from":{"email":"alias@company.example"},"to":[{"email":"Casey<casey@customer.example>"}],"cc":[{"email":"Boss <boss@customer.example>"}],"bcc":null}',
      hubspot_owner_id: '42',
      hs_created_by_user_id: '8',
      hs_object_source: 'EMAIL',
      hs_object_source_id: 'x',
      hs_email_thread_id: 't1',
      hs_incoming_email_is_out_of_office: 'true',
      hs_email_subject: 'Re: Test',
      hs_email_text: 'Hello',
      hs_email_html: '<p>Hello</p>',
    },
  };
  const bare = { id: '8', createdAt: '2026-11-18T11:08:34Z', properties: { hs_email_headers: '{broken' } };
  const { gateway } = await connectGateway(t, () => ({ body: { results: [email, bare] } }));
  const emails = await gateway.readEmails(['77650314959', '8']);
  assert.deepEqual(emails.get('77650314959'), {
    id: '77650314959',
    createdAt: new Date('2026-11-18T11:08:34.513Z'),
    sentAt: new Date('2026-11-18T11:08:30Z'),
    direction: 'EMAIL',
    status: 'SENT',
    fromAddress: 'alex@company.example',
    toAddresses: ['casey@customer.example', 'other@customer.example', 'boss@customer.example'],
    ownerId: '42',
    createdByUserId: '8',
    objectSource: 'EMAIL',
    objectSourceId: 'x',
    emailThreadId: 't1',
    outOfOffice: true,
    subject: 'Re: Test',
    text: 'Hello',
    html: '<p>Hello</p>',
  });
  const second = emails.get('8');
  assert.deepEqual(
    [second?.fromAddress, second?.toAddresses, second?.outOfOffice, second?.sentAt],
    [null, [], false, null],
  );
});

test('emails too large for one answer are read in smaller parts', async (t) => {
  const { gateway, seen } = await connectGateway(t, (each) => {
    const inputs = inputsOf(each);
    if (inputs.length > 2) return { text: '{"results": [' };
    return { body: { results: inputs.map(({ id }) => ({ id, createdAt: '2026-11-18T11:08:34Z', properties: {} })) } };
  });
  assert.equal((await gateway.readEmails(['1', '2', '3', '4', '5'])).size, 5);
  assert.ok(seen.length <= 7);
});

test('a contact has all its addresses, in lower case', async (t) => {
  const contact = {
    id: 101,
    properties: {
      email: 'Casey@Customer.example',
      hs_additional_emails: 'c2@x.example;C3@x.example;casey@customer.example',
    },
  };
  const { gateway } = await connectGateway(t, () => ({
    body: { results: [contact, { id: 102, properties: { email: null } }] },
  }));
  const contacts = await gateway.readContacts(['101', '102']);
  assert.deepEqual(contacts.get('101'), {
    id: '101',
    addresses: ['casey@customer.example', 'c2@x.example', 'c3@x.example'],
  });
  assert.deepEqual(contacts.get('102')?.addresses, []);
});

test('associations are read whole: pages of one input, numbers as ids, all labels, and inputs without any', async (t) => {
  const types = [
    { category: 'HUBSPOT_DEFINED', typeId: 16, label: null },
    { category: 'USER_DEFINED', typeId: 28, label: 'Billing' },
  ];
  const { gateway, seen } = await connectGateway(t, (each) =>
    inputsOf(each)[0]?.after
      ? { body: { results: [{ from: { id: '1' }, to: [{ toObjectId: '103', associationTypes: types }] }] } }
      : {
          status: 207,
          body: {
            results: [
              {
                from: { id: '1' },
                to: [
                  { toObjectId: 101, associationTypes: types },
                  { toObjectId: '102', associationTypes: types },
                  { toObjectId: '101', associationTypes: [] },
                ],
                paging: { next: { after: 'cursor' } },
              },
              { from: { id: 2 }, to: [] },
            ],
            errors: [
              {
                category: 'OBJECT_NOT_FOUND',
                subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND',
                context: { fromObjectId: ['3'] },
              },
            ],
          },
        },
  );
  const found = await gateway.readAssociations('tickets', 'contacts', ['1', '2', '3']);
  assert.deepEqual(Object.fromEntries(found), { 1: ['101', '102', '103'], 2: [], 3: [] });
  assert.equal(seen[0]?.path, '/crm/associations/2026-09/tickets/contacts/batch/read');
  assert.deepEqual(inputsOf(seen[1]), [{ id: '1', after: 'cursor' }]);
});

test('ids beyond 2^53 in an answer keep their digits', async (t) => {
  const { gateway } = await connectGateway(t, () => ({
    text: '{"results":[{"from":{"id":"1"},"to":[{"toObjectId":9007199254740993,"associationTypes":[]}]}]}',
  }));
  assert.deepEqual((await gateway.readAssociations('emails', 'tickets', ['1'])).get('1'), ['9007199254740993']);
});

test('associations take a thousand inputs a call, and a cursor that stands still ends', async (t) => {
  const { gateway, seen } = await connectGateway(t, (each) => ({
    body: {
      results: inputsOf(each).map(({ id }) => ({
        from: { id },
        to: [{ toObjectId: id }],
        paging: id === '1' ? { next: { after: 'same' } } : undefined,
      })),
    },
  }));
  const ids = Array.from({ length: 1_200 }, (_, index) => String(index + 1));
  const found = await gateway.readAssociations('emails', 'contacts', ids);
  assert.deepEqual([found.size, found.get('1200')], [1_200, ['1200']]);
  assert.deepEqual(
    seen.map((each) => inputsOf(each).length),
    [1_000, 200, 1],
  );
});
