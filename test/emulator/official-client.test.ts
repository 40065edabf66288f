// HubSpot's own client, its typed calls included, works against the emulator as it does against HubSpot.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Client } from '@hubspot/api-client';
import { FilterOperatorEnum } from '@hubspot/api-client/lib/codegen/crm/tickets/index.js';
import { allScopes, app, createRig, startEmulator } from './rig.ts';

// v1 tokens and v4 associations of contacts and tickets; 16 = ticket to contact (DATA.md 3.4).
const ticketToContact = 16;

async function createClient(t: TestContext) {
  const rig = await createRig(t, { legacyPaths: true });
  const { accessToken, refreshToken } = rig.portal.install({ scopes: allScopes });
  const client = new Client({ accessToken, basePath: rig.emulator.url, limiterOptions: { minTime: 0 } });
  return { ...rig, client, refreshToken };
}

test('tickets are created, read, moved, found, merged and archived by typed calls', async (t) => {
  const { client, portal, agentId } = await createClient(t);
  const { basicApi, batchApi, searchApi } = client.crm.tickets;
  const properties = { subject: 'Printer', hs_pipeline: '0', hs_pipeline_stage: '1' };
  const made = await basicApi.create({ properties, associations: [] });
  assert.ok(made.createdAt instanceof Date);
  const read = await basicApi.getById(made.id, ['subject'], ['hs_pipeline_stage']);
  assert.equal(read.properties.subject, 'Printer');
  assert.equal(read.propertiesWithHistory?.hs_pipeline_stage?.[0]?.value, '1');
  await basicApi.update(made.id, { properties: { hs_pipeline_stage: '3' } });
  assert.equal(portal.stage(made.id), '3');
  const inputs = [{ id: made.id }];
  const batch = await batchApi.read({ inputs, properties: ['hs_pipeline_stage'], propertiesWithHistory: [] });
  assert.equal(batch.results[0]?.properties.hs_pipeline_stage, '3');
  const filters = [{ propertyName: 'hs_pipeline_stage', operator: FilterOperatorEnum.Eq, value: '3' }];
  const found = await searchApi.doSearch({
    filterGroups: [{ filters }],
    properties: [],
    sorts: [],
    limit: 10,
    after: '0',
  });
  assert.deepEqual(
    found.results.map(({ id }) => id),
    [made.id],
  );
  const other = portal.createTicket({ userId: agentId });
  const survivor = await basicApi.merge({ primaryObjectId: made.id, objectIdToMerge: other.ticketId });
  assert.equal(survivor.id, made.id);
  const all = await client.crm.tickets.getAll();
  assert.equal(all.length, 1);
  await basicApi.archive(made.id);
  await assert.rejects(basicApi.getById(made.id), { code: 404 });
});

test('associations, pipelines, properties and owners are read by typed calls', async (t) => {
  const { client, portal, agentId } = await createClient(t);
  const { ticketId } = portal.createTicket({ userId: agentId });
  const { contactId } = portal.addContact({ email: 'casey@customer.example' });
  await client.crm.associations.v4.basicApi.createDefault('tickets', ticketId, 'contacts', contactId);
  const linked = await client.crm.associations.v4.basicApi.getPage('tickets', ticketId, 'contacts');
  assert.equal(linked.results[0]?.toObjectId, contactId);
  assert.equal(linked.results[0]?.associationTypes[0]?.typeId, ticketToContact);
  const pipelines = await client.crm.pipelines.pipelinesApi.getAll('tickets');
  assert.equal(pipelines.results[0]?.stages[3]?.metadata?.ticketState, 'CLOSED');
  const property = await client.crm.properties.coreApi.getByName('tickets', 'hs_pipeline_stage');
  assert.deepEqual(
    property.options.map(({ value }) => value),
    ['1', '2', '3', '4'],
  );
  const owners = await client.crm.owners.ownersApi.getPage();
  const owner = await client.crm.owners.ownersApi.getById(Number(agentId), 'userId');
  assert.deepEqual(owner, owners.results[0]);
});

test('a token is refreshed by a typed call, and untyped calls reach conversations', async (t) => {
  const { client, emulator, portal, portalId, refreshToken } = await createClient(t);
  const { tokensApi } = client.oauth;
  const { clientId, clientSecret } = app;
  const tokens = await tokensApi.create('refresh_token', undefined, undefined, clientId, clientSecret, refreshToken);
  assert.equal(tokens.expiresIn, 1_800);
  client.setAccessToken(tokens.accessToken);
  const described = await client.oauth.accessTokensApi.get(tokens.accessToken);
  assert.deepEqual([described.hubId, described.appId], [Number(portalId), Number(app.appId)]);
  await client.oauth.refreshTokensApi.archive(refreshToken);
  await assert.rejects(client.oauth.refreshTokensApi.get(refreshToken), { code: 404 });
  const { threadId } = portal.receiveMessage({ from: 'casey@customer.example', text: 'Hello' });
  const path = `/conversations/v3/conversations/threads/${threadId}`;
  const thread = (await (await client.apiRequest({ path })).json()) as { id: string };
  assert.equal(thread.id, threadId);
  assert.deepEqual(emulator.unknownRequests, []);
});

test('without legacyPaths the client finds nothing, and every path it tried is listed', async (t) => {
  const emulator = await startEmulator(t);
  const { accessToken } = emulator.addPortal({ portalId: '41000001' }).install();
  const client = new Client({ accessToken, basePath: emulator.url });
  await assert.rejects(client.crm.tickets.basicApi.getById('1'), { code: 404 });
  assert.deepEqual(emulator.unknownRequests, [{ method: 'GET', path: '/crm/v3/objects/tickets/1' }]);
});
