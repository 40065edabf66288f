// What HubSpot refuses, delays and signs, held by name: sizes, locks, migrations, retries that grow, scopes that come later.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Signature } from '@hubspot/api-client';
import { createEmulator } from '../../src/emulator/emulator.ts';
import { createReceiver } from './receiver.ts';
import { allScopes, app, createCaller, createRig } from './rig.ts';

const tickets = '/crm/objects/2026-09/tickets';

test('every batch has its size and takes no input more', async (t) => {
  const { call } = await createRig(t);
  const inputs = (count: number) => Array.from({ length: count }, (_, index) => ({ id: String(index + 1) }));
  const written = (count: number) => inputs(count).map((one) => ({ ...one, properties: {} }));
  const pairs = (count: number) =>
    inputs(count).map(({ id }) => ({
      from: { id },
      to: { id },
      types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 16 }],
    }));
  const pair = '/crm/associations/2026-09/tickets/contacts';
  // DATA.md 0.7, 4; PLATFORM.md 5.1.
  for (const [path, body, max] of [
    [`${tickets}/batch/read`, (count: number) => ({ inputs: inputs(count), properties: [] }), 100],
    [
      `${tickets}/batch/read`,
      (count: number) => ({ inputs: inputs(count), properties: [], propertiesWithHistory: ['subject'] }),
      50,
    ],
    [`${tickets}/batch/update`, (count: number) => ({ inputs: written(count) }), 100],
    [`${tickets}/batch/archive`, (count: number) => ({ inputs: inputs(count) }), 100],
    [`${pair}/batch/read`, (count: number) => ({ inputs: inputs(count) }), 1_000],
    [`${pair}/batch/create`, (count: number) => ({ inputs: pairs(count) }), 2_000],
    [`${pair}/batch/archive`, (count: number) => ({ inputs: pairs(count) }), 100],
  ] as const) {
    const refused = await call('POST', path, body(max + 1));
    assert.equal(refused.status, 400, path);
    assert.match(refused.body.message, new RegExp(`maximum number of inputs .*${max}`), path);
    const taken = await call('POST', path, body(max));
    assert.doesNotMatch(String(taken.body?.message), /maximum number/, path);
  }
});

test('a locked record answers 423 and a portal that moves 477 with Retry-After in seconds, and nothing is done', async (t) => {
  const { emulator, portal, call, agentId } = await createRig(t);
  const { ticketId } = portal.createTicket({ userId: agentId });
  for (const [status, headers] of [
    [423, {}],
    [477, { 'Retry-After': '86400' }],
  ] as const) {
    emulator.faults.add({ method: 'PATCH', kind: 'status', status, headers, times: 1, body: { status: 'error' } });
    const answer = await call('PATCH', `${tickets}/${ticketId}`, { properties: { hs_pipeline_stage: '2' } });
    assert.equal(answer.status, status);
    assert.equal(answer.headers.get('retry-after'), status === 477 ? '86400' : null);
    assert.equal(portal.stage(ticketId), '1');
  }
});

test('a scope the app asks for later is refused until the portal connects again, old tokens included', async (t) => {
  const { emulator, portal, call } = await createRig(t);
  const path = '/marketing/v3/email/send-statuses/1';
  emulator.app.optionalScopes = [...emulator.app.optionalScopes, 'transactional-email'];
  assert.equal((await call('GET', path)).body.category, 'MISSING_SCOPES');
  const { accessToken } = portal.install({ scopes: [...allScopes, 'transactional-email'] });
  assert.equal((await createCaller(emulator.url, accessToken)('GET', path)).status, 404);
  assert.equal((await call('GET', path)).status, 403);
});

test('the gaps between the tries of a delivery grow, each at random within its bounds', async (t) => {
  const receiver = await createReceiver(t, () => 503);
  const { emulator, portal } = await createRig(t, {
    webhookUrl: receiver.url,
    webhooks: { retryBaseMs: 20, retries: 4 },
  });
  portal.receiveMessage({ from: 'casey@customer.example', text: 'x' });
  await emulator.webhooks.idle();
  const at = receiver.deliveries.map((delivery) => delivery.at);
  assert.equal(at.length, 5);
  // The load of a machine makes gaps longer, never shorter.
  for (const [index, time] of at.slice(1).entries())
    assert.ok(time - (at[index] ?? 0) >= 20 * 2 ** index * 0.5 - 2, `gap ${index + 1}`);
});

test('a delivery is signed by v1 and v3 together, any other request by v2 and v3', async (t) => {
  const receiver = await createReceiver(t);
  const { emulator, portal } = await createRig(t, { webhookUrl: receiver.url });
  portal.receiveMessage({ from: 'casey@customer.example', text: 'Zoë' });
  await emulator.webhooks.idle();
  const [delivery] = receiver.deliveries;
  const url = 'https://app.example.com/hubspot/card';
  const requests = [
    { headers: delivery?.headers ?? {}, url: receiver.url, body: delivery?.raw ?? '', other: 'v1' },
    { headers: lowerCase(emulator.sign({ method: 'POST', url, body: '{"é":1}' })), url, body: '{"é":1}', other: 'v2' },
  ];
  for (const { headers, url: called, body, other } of requests) {
    assert.equal(headers['x-hubspot-signature-version'], other);
    const facts = { clientSecret: app.clientSecret, requestBody: body, url: called, method: 'POST' };
    const timestamp = Number(headers['x-hubspot-request-timestamp']);
    const v3 = headers['x-hubspot-signature-v3'] ?? '';
    assert.ok(Signature.isValid({ ...facts, signature: v3, signatureVersion: 'v3', timestamp }));
    const signature = headers['x-hubspot-signature'] ?? '';
    assert.ok(Signature.isValid({ ...facts, signature, signatureVersion: other }));
  }
});

test('subscriptions HubSpot does not take, and fewer than six deliveries at once, are refused at the start', async () => {
  for (const [subscription, why] of [
    [{ subscriptionType: 'app.uninstalled' }, /none of this type/],
    [{ subscriptionType: 'product.associationChange' }, /none of this type/],
    [{ subscriptionType: 'object.creation' }, /objectType/],
    [{ subscriptionType: 'ticket.creation', objectType: 'ticket' }, /objectType/],
    [{ subscriptionType: 'ticket.propertyChange' }, /propertyName/],
    [{ subscriptionType: 'ticket.propertyChange', propertyName: 'hs_lastmodifieddate' }, /cannot be subscribed/],
    [
      { subscriptionType: 'object.propertyChange', objectType: 'email', propertyName: 'hs_email_html' },
      /cannot be subscribed/,
    ],
  ] as const)
    await assert.rejects(createEmulator({ ...app, webhooks: { subscriptions: [subscription] } }), why);
  await assert.rejects(createEmulator({ ...app, webhooks: { maxInFlightPerPortal: 5 } }), /above 5/);
});

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
