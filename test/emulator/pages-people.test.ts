// What HubSpot asks people: the right to install apps on the consent page, and what a stage requires on the board.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { seedPortal } from '../../src/emulator/seed.ts';
import { allScopes, app, createCaller, postForm, startEmulator } from './rig.ts';
import { createSeeded } from './seeded-pages.ts';

const redirectUri = 'http://localhost:3000/oauth/callback';
const consentQuery = (scopes = allScopes) =>
  new URLSearchParams({ client_id: app.clientId, redirect_uri: redirectUri, scope: scopes.join(' '), state: 's' });

/** Presses "Connect app" as the page's own form does. */
async function connect(emulator: { url: string }, portalId: string, userId: string, query = consentQuery()) {
  const fields = { query: query.toString(), portalId, [`userId.${portalId}`]: userId, decision: 'connect' };
  return postForm(`${emulator.url}/oauth/authorize`, fields);
}

async function userOf(emulator: { url: string }, location: string | null): Promise<number> {
  const code = new URL(location ?? '').searchParams.get('code') ?? '';
  const client = { client_id: app.clientId, client_secret: app.clientSecret, redirect_uri: redirectUri };
  const fields = { ...client, grant_type: 'authorization_code', code };
  return (await postForm(`${emulator.url}/oauth/2026-09/token`, fields)).body.user_id;
}

test('the user who connects the app is chosen on the consent page', async (t) => {
  const { emulator, portal, seeded } = await createSeeded(t);
  const [, second] = portal.look().users;
  const page = await (await fetch(`${emulator.url}/oauth/authorize?${consentQuery()}`)).text();
  assert.match(page, new RegExp(`<option value="${second?.userId}">Tomas Berg</option>`));
  const answered = await connect(emulator, seeded.portalId, second?.userId ?? '');
  assert.equal(await userOf(emulator, answered.headers.get('location')), Number(second?.userId));
});

test('a user without App Marketplace access is refused on a page that never calls back, and nothing is granted', async (t) => {
  const { emulator, portal, seeded, html, press } = await createSeeded(t);
  const [first, second] = portal.look().users;
  const userId = second?.userId ?? '';
  assert.match(await html('/settings'), /aria-label="Take App Marketplace access from Tomas Berg"/);
  assert.equal((await press('setRights', { userId, mayManageApps: 'false' })).status, 303);
  assert.match(await html('/settings'), /aria-label="Give Tomas Berg App Marketplace access"/);
  const shown = await (await fetch(`${emulator.url}/oauth/authorize?${consentQuery()}`)).text();
  assert.match(shown, /Tomas Berg, without App Marketplace access/);
  const refused = await connect(emulator, seeded.portalId, userId);
  assert.deepEqual([refused.status, refused.headers.get('location')], [403, null]);
  assert.match(refused.body, /You don't have the right permissions to install this app/);
  assert.match(refused.body, /<li>App Marketplace access<\/li>/);
  assert.equal(portal.look().installed, false);
  const other = await connect(emulator, seeded.portalId, first?.userId ?? '');
  assert.equal(other.status, 302, 'somebody else still may');
  await press('setRights', { userId, mayManageApps: 'true' });
  assert.equal((await connect(emulator, seeded.portalId, userId)).status, 302);
  assert.equal((await press('setRights', { userId: '1', mayManageApps: 'true' })).status, 400);
});

test('who comes back to a connected app is asked for the right only where a scope is new', async (t) => {
  const { emulator, portal, seeded } = await createSeeded(t);
  const [, second] = portal.look().users;
  const userId = second?.userId ?? '';
  portal.install({ scopes: allScopes });
  portal.setRights({ userId, mayManageApps: false });
  const returned = await connect(emulator, seeded.portalId, userId);
  assert.equal(await userOf(emulator, returned.headers.get('location')), Number(userId));
  const more = consentQuery([...allScopes, 'transactional-email']);
  assert.equal((await connect(emulator, seeded.portalId, userId, more)).status, 403);
  portal.uninstall();
  assert.equal((await connect(emulator, seeded.portalId, userId)).status, 403);
});

test('rights outlive a restart, and people of a file written before there were any may install apps', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'baton-emulator-'));
  t.after(() => rm(folder, { recursive: true }));
  const dataFile = join(folder, 'emulator.json');
  const emulator = await startEmulator(t, { dataFile });
  const { portalId } = seedPortal(emulator);
  const [first, second] = emulator.portal(portalId).look().users;
  emulator.portal(portalId).setRights({ userId: second?.userId ?? '', mayManageApps: false });
  await emulator.close();
  const written = await readFile(dataFile, 'utf8');
  const lines = written.replaceAll(',"mayManageApps":true', '').replaceAll('"mayManageApps":true,', '');
  assert.notEqual(lines, written);
  await writeFile(dataFile, lines);
  const again = await startEmulator(t, { dataFile });
  assert.equal((await connect(again, portalId, second?.userId ?? '')).status, 403);
  assert.equal((await connect(again, portalId, first?.userId ?? '')).status, 302);
});

test('the board asks a person for what a stage requires, and goes on with the answers', async (t) => {
  const { portal, press, html, seeded } = await createSeeded(t);
  const { ticketId, agentId: userId, portalId } = seeded;
  portal.configure({ requiredForStage: { '4': ['hs_resolution', 'hubspot_owner_id', 'source_ref'] } });
  const back = `/portals/${portalId}/tickets?pipeline=0`;
  const asked = await press('moveTicket', { ticketId, userId, stageId: '4', back });
  assert.equal(asked.status, 400);
  assert.match(asked.body, /<h1>Closed asks for more<\/h1>/);
  assert.match(asked.body, /must have hs_resolution, hubspot_owner_id, source_ref to enter it/);
  assert.match(asked.body, /<select name="property\.hs_resolution">.*ISSUE_FIXED/);
  assert.match(asked.body, /<select name="property\.hubspot_owner_id">.*Ingrid Dahl/);
  assert.match(asked.body, /<input name="property\.source_ref" value="" required>/);
  assert.equal(portal.stage(ticketId), '1', 'nothing was changed');
  const given = { ticketId, userId, stageId: '4', back, 'property.hs_resolution': 'ISSUE_FIXED' };
  const still = await press('moveTicket', { ...given, 'property.source_ref': '' });
  assert.match(still.body, /must have hubspot_owner_id, source_ref to enter it/);
  assert.match(still.body, /name="property\.hs_resolution" value="ISSUE_FIXED"/, 'what was answered is kept');
  assert.equal(still.body.split('name="property.source_ref"').length, 2, 'and what is missing is asked for once');
  const ownerId = portal.look().users[0]?.ownerId ?? '';
  const all = { ...given, 'property.source_ref': 'A bent lever', 'property.hubspot_owner_id': ownerId };
  const wrong = await press('moveTicket', { ...all, 'property.hs_resolution': 'MAGIC' });
  assert.match(wrong.body, /hs_resolution: MAGIC was not one of the allowed options/);
  const done = await press('moveTicket', all);
  assert.deepEqual([done.status, done.headers.get('location')], [303, back]);
  const { properties, stageHistory } = portal.ticket(ticketId);
  assert.deepEqual(
    [properties.hs_pipeline_stage, properties.hs_resolution, properties.source_ref, properties.hubspot_owner_id],
    ['4', 'ISSUE_FIXED', 'A bent lever', ownerId],
  );
  assert.equal(stageHistory[0]?.sourceType, 'CRM_UI');
  assert.match(await html('/tickets'), /stage-4.*?<span class="tag">1</s);
});

test('a ticket that has what a stage requires is moved without a question, and a workflow is asked nothing', async (t) => {
  const { emulator, portal, seeded } = await createSeeded(t);
  const { ticketId, handMadeTicketId, agentId: userId } = seeded;
  portal.configure({ requiredForStage: { '4': ['hs_resolution'] } });
  const call = createCaller(emulator.url, portal.install({ scopes: allScopes }).accessToken);
  await call('PATCH', `/crm/objects/2026-09/tickets/${ticketId}`, { properties: { hs_resolution: 'ISSUE_FIXED' } });
  portal.moveTicket({ ticketId, userId, stageId: '4' });
  assert.throws(
    () => portal.moveTicket({ ticketId: handMadeTicketId, userId, stageId: '4' }),
    /Closed asks for hs_resolution/,
  );
  portal.moveByWorkflow({ ticketId: handMadeTicketId, stageId: '4' });
  assert.deepEqual([portal.stage(ticketId), portal.stage(handMadeTicketId)], ['4', '4']);
});

test('a ticket made by hand is asked for what its first stage requires; HubSpot’s own making is not', async (t) => {
  const { portal, press, seeded } = await createSeeded(t);
  portal.configure({ requiredForStage: { '1': ['hs_ticket_priority'] } });
  const count = () => portal.listTickets().length;
  const before = count();
  const fields = { userId: seeded.agentId, subject: 'By hand', contactIds: seeded.contactIds[0] ?? '' };
  assert.match((await press('createTicket', fields)).body, /New asks for more/);
  const { threadId } = portal.receiveMessage({ from: 'n@customer.example', text: 'x' });
  assert.ok(portal.thread(threadId).ticketId);
  assert.equal(count(), before + 1);
  assert.equal((await press('createTicket', { ...fields, 'property.hs_ticket_priority': 'HIGH' })).status, 303);
  const made = portal.listTickets().find(({ subject }) => subject === 'By hand');
  assert.deepEqual(made?.contactIds, [seeded.contactIds[0]]);
  assert.equal(portal.ticket(made?.id ?? '').properties.hs_ticket_priority, 'HIGH');
});
