// Contacts by address: found without lag where HubSpot allows it, made once, and never made of what is no address.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectGateway, type Seen } from './fake-hubspot.ts';

const path = '/crm/objects/2026-09/contacts';
const missing = { category: 'OBJECT_NOT_FOUND', message: 'Could not get some CONTACT objects' };
const nobody = { status: 207, body: { results: [], errors: [missing] } };
const noHits = { body: { total: 0, results: [] } };
const isSearch = (seen: Seen) => seen.path.endsWith('/search');
const casey = { address: 'Casey@Customer.example', firstName: 'Casey', lastName: null };

test('a primary address is read by id property, in lower case, without a search', async (t) => {
  const { gateway, seen } = await connectGateway(t, () => ({
    body: { results: [{ id: 101, properties: { email: 'casey@customer.example' } }] },
  }));
  assert.equal(await gateway.findContactByAddress('Casey <Casey@Customer.example>'), '101');
  assert.deepEqual([seen.length, seen[0]?.path], [1, `${path}/batch/read`]);
  const { inputs, idProperty } = JSON.parse(seen[0]?.body ?? '');
  assert.deepEqual([inputs, idProperty], [[{ id: 'casey@customer.example' }], 'email']);
});

test('an additional address is searched for, and only the very address counts', async (t) => {
  const contact = (id: string, additional: string) => ({
    id,
    properties: { email: 'x@x.example', hs_additional_emails: additional },
  });
  const near = contact('102', 'customer@casey.example;casey@customer.example.org');
  for (const [hits, found] of [
    [[near, contact('103', 'old@x.example;Casey@customer.example')], '103'],
    [[near], undefined],
    [[], undefined],
  ] as const) {
    const { gateway, seen } = await connectGateway(t, (each) =>
      isSearch(each) ? { body: { results: hits } } : nobody,
    );
    assert.equal(await gateway.findContactByAddress('casey@customer.example'), found);
    const { filterGroups } = JSON.parse(seen[1]?.body ?? '');
    assert.deepEqual(filterGroups, [
      {
        filters: [
          { propertyName: 'hs_additional_emails', operator: 'CONTAINS_TOKEN', value: 'casey@customer.example' },
        ],
      },
    ]);
  }
});

test('an error of the read is not absence', async (t) => {
  const error = { category: 'INTERNAL', message: 'No luck with casey@customer.example' };
  const { gateway, seen } = await connectGateway(t, () => ({ status: 207, body: { results: [], errors: [error] } }));
  await assert.rejects(gateway.findContactByAddress('casey@customer.example'), {
    code: 'hubspot-transient',
    detail: 'No luck with (address)',
  });
  assert.equal(seen.length, 1);
});

test('what is no address is refused before any call, and not repeated', async (t) => {
  const { gateway, seen } = await connectGateway(t, () => nobody);
  for (const address of ['', 'Casey', 'casey at customer', 'casey @customer.example']) {
    for (const call of [gateway.findContactByAddress(address), gateway.createContact({ ...casey, address })]) {
      await assert.rejects(call, (error: Error & { code: string }) => {
        assert.equal(error.code, 'hubspot-refused');
        assert.ok(address === '' || !error.message.includes(address));
        return true;
      });
    }
  }
  assert.equal(seen.length, 0);
});

test('a contact is made with the names there are', async (t) => {
  const { gateway, seen } = await connectGateway(t, () => ({ status: 201, body: { id: 104, properties: {} } }));
  assert.equal(await gateway.createContact(casey), '104');
  await gateway.createContact({ ...casey, firstName: null, lastName: 'Customer' });
  assert.deepEqual(
    seen.map((each) => [each.method, each.path, JSON.parse(each.body)]),
    [
      ['POST', path, { properties: { email: 'casey@customer.example', firstname: 'Casey' }, associations: [] }],
      ['POST', path, { properties: { email: 'casey@customer.example', lastname: 'Customer' }, associations: [] }],
    ],
  );
});

test('a contact that exists answers its own id, wherever HubSpot names it', async (t) => {
  const message = 'Contact already exists. Existing ID: 105';
  for (const body of [
    { status: 'error', category: 'CONFLICT', message },
    { status: 'error', category: 'CONFLICT', message: 'Conflict', errors: [{ message }] },
    { status: 'error', category: 'CONFLICT', message: 'Conflict', context: { existingId: ['105'] } },
    { status: 'error', category: 'CONFLICT', message: 'Conflict', errors: [{ context: { id: [105] } }] },
  ]) {
    const { gateway, seen } = await connectGateway(t, () => ({ status: 409, body }));
    assert.equal(await gateway.createContact(casey), '105');
    assert.equal(seen.length, 1);
  }
});

test('a contact that exists without being named is looked up', async (t) => {
  const taken = { status: 409, body: { category: 'CONFLICT', message: 'Casey has casey@customer.example already' } };
  const found = { body: { results: [{ id: '106', properties: {} }] } };
  const lucky = await connectGateway(t, (each) => (each.path === path ? taken : found));
  assert.equal(await lucky.gateway.createContact(casey), '106');
  const { gateway } = await connectGateway(t, (each) =>
    each.path === path ? taken : isSearch(each) ? noHits : nobody,
  );
  await assert.rejects(gateway.createContact(casey), {
    code: 'hubspot-refused',
    detail: '(removed) has (removed) already',
  });
});

test('an address HubSpot does not take is refused in its words, without the address', async (t) => {
  const body = {
    category: 'VALIDATION_ERROR',
    message: 'Property values were not valid: [{"message":"Email address casey@customer.example is invalid"}]',
  };
  const { gateway } = await connectGateway(t, () => ({ status: 400, body }));
  await assert.rejects(gateway.createContact(casey), {
    code: 'hubspot-refused',
    detail: 'Email address (removed) is invalid',
  });
});

test('a contact whose making got no answer is an unknown outcome', async (t) => {
  for (const reply of [{ status: 500 }, { status: 201, body: {} }]) {
    const { gateway, seen } = await connectGateway(t, () => reply);
    await assert.rejects(gateway.createContact(casey), { code: 'hubspot-unknown-outcome' });
    assert.equal(seen.length, 1);
  }
});
