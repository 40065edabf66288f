// The emulator without Baton: another app, written with the official client, connects and does its work.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Signature } from '@hubspot/api-client';
import { createEmulator, type EmulatorOptions } from '../../src/emulator/emulator.ts';
import { createOtherApp } from './other-app/app.ts';
import { postForm } from './rig.ts';

async function startOtherApp(t: TestContext, options: EmulatorOptions = {}) {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const emulator = await createEmulator({
    legacyPaths: true,
    requiredScopes: ['oauth', 'tickets'],
    optionalScopes: [],
    webhookUrl: `${publicUrl}/webhooks`,
    webhooks: { subscriptions: [{ subscriptionType: 'ticket.creation' }], retries: 1, retryBaseMs: 20 },
    ...options,
  });
  const { clientId, clientSecret } = emulator.app;
  server.on('request', createOtherApp({ clientId, clientSecret, publicUrl, hubspotUrl: emulator.url, stageId: '3' }));
  t.after(async () => {
    await emulator.close();
    server.closeAllConnections();
    server.close();
  });
  return { emulator, publicUrl };
}

/** What a person does on the consent page. */
async function connect(emulatorUrl: string, publicUrl: string, clientId: string, portalId: string) {
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: `${publicUrl}/callback`,
    scope: 'oauth tickets',
  });
  const page = await fetch(`${emulatorUrl}/oauth/authorize?${query}`);
  assert.match(await page.text(), /Connect app/);
  const fields = { query: query.toString(), portalId, decision: 'connect' };
  const { status, headers } = await postForm(`${emulatorUrl}/oauth/authorize`, fields);
  assert.equal(status, 302);
  const answer = await fetch(headers.get('location') ?? '');
  assert.equal(await answer.text(), `Connected to ${portalId}`);
}

test('another app connects, hears of a new ticket and moves it', async (t) => {
  const { emulator, publicUrl } = await startOtherApp(t);
  const [[portalId, portal] = []] = [...emulator.portals];
  assert.ok(portalId && portal);
  await connect(emulator.url, publicUrl, emulator.app.clientId, portalId);
  const userId = portal.look().users[0]?.userId ?? '';
  const urgent = portal.createTicket({ userId, subject: 'urgent: the printer burns' });
  const other = portal.createTicket({ userId, subject: 'the printer is warm' });
  await emulator.webhooks.idle();
  assert.equal(portal.stage(urgent.ticketId), '3');
  assert.equal(portal.stage(other.ticketId), '1');
  assert.deepEqual(emulator.unknownRequests, []);
  const [move] = portal.ticket(urgent.ticketId).stageHistory;
  assert.deepEqual([move?.sourceType, move?.sourceId], ['INTEGRATION', emulator.app.appId]);
});

test("a delivery signed with another app's secret is refused and tried again", async (t) => {
  const { emulator, publicUrl } = await startOtherApp(t);
  const [[portalId, portal] = []] = [...emulator.portals];
  assert.ok(portalId && portal);
  await connect(emulator.url, publicUrl, emulator.app.clientId, portalId);
  emulator.app.clientSecret = 'not what the app was given';
  const userId = portal.look().users[0]?.userId ?? '';
  const { ticketId } = portal.createTicket({ userId, subject: 'urgent' });
  await emulator.webhooks.idle();
  assert.deepEqual(
    emulator.webhooks.deliveries().map(({ status, attempt }) => [status, attempt]),
    [
      [401, 0],
      [401, 1],
    ],
  );
  assert.equal(portal.stage(ticketId), '1');
});

test('an emulator asked for nothing has an app and a portal, and reset goes back to them', async (t) => {
  const emulator = await createEmulator();
  t.after(() => emulator.close());
  assert.match(emulator.app.appId, /^\d+$/);
  assert.notEqual(emulator.app.clientId, emulator.app.clientSecret);
  assert.deepEqual([...emulator.portals.keys()], ['50000001']);
  const { accessToken } = emulator.portal('50000001').install();
  const read = () =>
    fetch(`${emulator.url}/account-info/2026-09/details`, { headers: { authorization: `Bearer ${accessToken}` } });
  assert.equal((await read()).status, 200);
  emulator.addPortal({ portalId: '50000002' });
  await emulator.reset();
  assert.deepEqual([...emulator.portals.keys()], ['50000001']);
  assert.equal((await read()).status, 401);
});

test('an emulator starts with the portals it is given, and with none for an app that is named', async (t) => {
  const named = await createEmulator({ appId: '1', clientId: 'a', clientSecret: 'b' });
  t.after(() => named.close());
  assert.deepEqual([...named.portals.keys()], []);
  const given = await createEmulator({ portals: [{ portalId: '60000001' }, { portalId: '60000002' }] });
  t.after(() => given.close());
  assert.deepEqual([...given.portals.keys()], ['60000001', '60000002']);
});

test('scopes the app gains later reach a portal once it connects again', async (t) => {
  const { emulator } = await startOtherApp(t);
  const portal = emulator.portal('50000001');
  const read = async (accessToken: string) => {
    const headers = { authorization: `Bearer ${accessToken}` };
    return (await fetch(`${emulator.url}/crm/owners/2026-09`, { headers })).status;
  };
  const before = portal.install();
  assert.equal(await read(before.accessToken), 403);
  emulator.app.requiredScopes = ['oauth', 'tickets', 'crm.objects.owners.read'];
  const tokenUrl = `${emulator.url}/oauth/2026-09/token`;
  const { clientId: client_id, clientSecret: client_secret } = emulator.app;
  const fields = { grant_type: 'refresh_token', refresh_token: before.refreshToken, client_id, client_secret };
  const refreshed = await postForm(tokenUrl, fields);
  assert.equal(await read(refreshed.body.access_token), 403);
  assert.equal(await read(portal.install().accessToken), 200);
});

test('requests other than deliveries are signed v2 and v3 together', async (t) => {
  const emulator = await createEmulator();
  t.after(() => emulator.close());
  const { clientSecret } = emulator.app;
  const request = { method: 'POST', url: 'https://app.example.com/actions/notify', body: '{"callbackId":"1"}' };
  const headers = emulator.sign(request);
  const asked = { clientSecret, method: request.method, url: request.url, requestBody: request.body };
  assert.equal(headers['X-HubSpot-Signature-Version'], 'v2');
  const v2 = { ...asked, signatureVersion: 'v2', signature: headers['X-HubSpot-Signature'] ?? '' };
  assert.ok(Signature.isValid(v2));
  const timestamp = Number(headers['X-HubSpot-Request-Timestamp']);
  const v3 = { ...asked, signatureVersion: 'v3', signature: headers['X-HubSpot-Signature-v3'] ?? '', timestamp };
  assert.ok(Signature.isValid(v3));
  assert.ok(!Signature.isValid({ ...v3, requestBody: '{"callbackId":"2"}' }));
});
