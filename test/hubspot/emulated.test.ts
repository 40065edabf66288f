// The gateway against the emulator, over real HTTP: requests its strictness accepts, and facts read as they were made.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MoveOutcome } from '../../src/hubspot/gateway.ts';
import { requiredScopes } from '../../src/hubspot/scopes.ts';
import { app, customer, install } from './emulated-portal.ts';

function summarize(outcomes: Map<string, MoveOutcome>): Record<string, string> {
  return Object.fromEntries([...outcomes].map(([id, outcome]) => [id, outcome.ok ? 'moved' : outcome.error.code]));
}

test('an install learns whose portal it is, and no path is unknown to HubSpot', async (t) => {
  const { emulator, oauth, grant, hubspot, gateway } = await install(t);
  assert.deepEqual([grant.portalId, grant.scopes?.toSorted()], ['41000001', [...requiredScopes].sort()]);
  const introspection = await oauth.introspect(grant.accessToken);
  assert.ok(introspection.active && introspection.portalId === '41000001' && introspection.userId);
  const details = await hubspot.accountDetails(grant.accessToken);
  assert.deepEqual(details, { portalId: '41000001', uiDomain: 'app.hubspot.com', timeZone: 'Europe/Paris' });
  assert.deepEqual(await gateway.accountDetails(), details);
  await gateway.listOwners();
  await gateway.listChannelAccounts();
  await gateway.listPipelines();
  assert.deepEqual(emulator.unknownRequests, []);
});

test('pipelines, owners and channel accounts are the portal’s', async (t) => {
  const { gateway, portal } = await install(t);
  const [pipeline] = await gateway.listPipelines();
  assert.deepEqual(
    [pipeline?.id, pipeline?.stages.map(({ id, closed }) => `${id}${closed ? '!' : ''}`)],
    ['0', ['1', '2', '3', '4!']],
  );
  const [owner] = await gateway.listOwners();
  const [user] = portal.look().users;
  assert.deepEqual([owner?.id, owner?.userId, owner?.email], [user?.ownerId, user?.userId, user?.email]);
  const [account] = await gateway.listChannelAccounts();
  assert.deepEqual([account?.channelId, account?.id], ['1002', portal.look().channelAccounts[0]?.id]);
});

for (const sparseMessagePages of [false, true]) {
  test(`a conversation is read whole${sparseMessagePages ? ', by pages with fewer rows than asked for' : ''}`, async (t) => {
    const { gateway, portal, agentId } = await install(t, { quirks: { sparseMessagePages } });
    const startedAt = Date.now() - 600_000;
    const opened = portal.receiveMessage({ from: customer, subject: 'Test', text: 'Hello', at: startedAt });
    const { threadId } = opened;
    const answer = portal.sendMessage({ threadId, userId: agentId, text: 'Yes?', at: startedAt + 60_500 });
    const reply = portal.receiveMessage({ from: customer, threadId, text: 'It broke', at: startedAt + 120_000 });

    const thread = await gateway.findThread(threadId);
    assert.deepEqual([thread?.ticketId, thread?.channelId, thread?.spam], [opened.ticketId, '1002', false]);
    const { messages, complete } = await gateway.listMessages(threadId);
    const mails = messages.filter(({ type }) => type === 'MESSAGE');
    assert.deepEqual(
      mails.map(({ id }) => id),
      [opened.messageId, answer.messageId, reply.messageId],
    );
    assert.deepEqual(
      mails.map(({ direction }) => direction),
      ['INCOMING', 'OUTGOING', 'INCOMING'],
    );
    assert.equal(complete, true);
    assert.deepEqual(
      mails[1]?.senders.map(({ actorId }) => actorId),
      [`A-${agentId}`],
    );
    assert.deepEqual(
      mails[1]?.recipients.map(({ address, field }) => [address, field]),
      [[customer, 'TO']],
    );
    assert.deepEqual(await gateway.findMessage(threadId, reply.messageId), mails[2]);
    assert.equal(await gateway.findMessage(threadId, 'nobody'), undefined);
    assert.equal(await gateway.findThread('404404'), undefined);
    assert.deepEqual(
      (await gateway.listThreadsOfTicket(opened.ticketId ?? '')).map(({ id }) => id),
      [threadId],
    );
    const listed = await gateway.listThreads({ latestMessageAfter: new Date(startedAt + 60_500) });
    assert.deepEqual([listed.threads.map(({ id }) => id), listed.cursor], [[threadId], null]);
    assert.equal((await gateway.listThreads({ latestMessageAfter: new Date(startedAt + 121_000) })).threads.length, 0);
  });
}

for (const numericToObjectIds of [false, true]) {
  test(`a ticket, its contacts and its history are read (associated ids as ${numericToObjectIds ? 'numbers' : 'texts'})`, async (t) => {
    const { gateway, portal, agentId } = await install(t, { quirks: { numericToObjectIds } });
    const opened = portal.receiveMessage({ from: customer, subject: 'Test', text: 'Hello' });
    const ticketId = opened.ticketId ?? '';
    portal.moveTicket({ ticketId, stageId: '2', userId: agentId });
    const ticket = (await gateway.readTickets([ticketId, '999999'], { history: true })).get(ticketId);
    assert.deepEqual(
      [ticket?.stageId, ticket?.originatingThreadId, ticket?.originatingMessageId],
      ['2', opened.threadId, opened.messageId],
    );
    assert.deepEqual(ticket?.stageHistory.map(({ stageId, sourceType }) => [stageId, sourceType])[0], ['2', 'CRM_UI']);
    assert.equal(ticket?.stageHistory[0]?.sourceId, `userId:${agentId}`);
    const contacts = await gateway.readAssociations('tickets', 'contacts', [ticketId, '999999']);
    assert.deepEqual([contacts.get(ticketId)?.length, contacts.get('999999')], [1, []]);
    const contactId = contacts.get(ticketId)?.[0] ?? '';
    assert.deepEqual((await gateway.readContacts([contactId])).get(contactId)?.addresses, [customer]);
  });
}

test('a merged ticket is found by its old id, and absent from a batch', async (t) => {
  const { gateway, portal, agentId } = await install(t);
  const primaryId = portal.createTicket({ userId: agentId }).ticketId;
  const mergedId = portal.createTicket({ userId: agentId }).ticketId;
  portal.mergeTickets({ primaryId, mergedId, userId: agentId });
  const survivor = await gateway.findTicket(mergedId);
  assert.deepEqual([survivor?.id, survivor?.mergedIds], [primaryId, [mergedId]]);
  portal.deleteTicket(primaryId);
  assert.equal(await gateway.findTicket(primaryId), undefined);
  assert.equal((await gateway.readTickets([primaryId], { history: false })).size, 0);
});

test('a mailbox email is read with its direction, people and ticket', async (t) => {
  const { gateway, portal, agentId } = await install(t);
  const { contactId } = portal.addContact({ email: customer });
  const { ticketId } = portal.createTicket({ userId: agentId, contactIds: [contactId] });
  const { emailId } = portal.sendMailboxEmail({
    from: 'ticket',
    ticketId,
    userId: agentId,
    to: customer,
    subject: 'Hi',
    text: 'Hello',
  });
  const email = (await gateway.readEmails([emailId])).get(emailId);
  assert.deepEqual(
    [email?.direction, email?.status, email?.toAddresses, email?.text],
    ['EMAIL', 'SENT', [customer], 'Hello'],
  );
  assert.equal(email?.fromAddress, portal.look().users[0]?.email);
  assert.deepEqual((await gateway.readAssociations('emails', 'tickets', [emailId])).get(emailId), [ticketId]);
});

for (const batchUpdate of ['refuse-invalid', 'refuse-any', 'partial'] as const) {
  test(`each move of a batch has its own outcome when HubSpot answers ${batchUpdate}`, async (t) => {
    const { gateway, portal, agentId } = await install(t, { quirks: { batchUpdate } });
    const [good, bad] = [0, 1].map(() => portal.createTicket({ userId: agentId }).ticketId) as [string, string];
    const outcomes = await gateway.moveTickets([
      { ticketId: good, stageId: '3' },
      { ticketId: bad, stageId: 'no-such-stage' },
      { ticketId: '999999', stageId: '3' },
    ]);
    assert.deepEqual(summarize(outcomes), { [good]: 'moved', [bad]: 'hubspot-refused', 999999: 'hubspot-not-found' });
    const refused = outcomes.get(bad);
    assert.match((refused && !refused.ok && refused.error.detail) || '', /option|valid/i);
    const ticket = await gateway.findTicket(good);
    assert.deepEqual(
      [ticket?.stageId, ticket?.stageHistory[0]?.sourceType, ticket?.stageHistory[0]?.sourceId],
      ['3', 'INTEGRATION', app.appId],
    );
    assert.equal(portal.stage(bad), '1');
  });
}

test('a move whose answer is lost is unknown, was made once, and is seen in the history', async (t) => {
  const { emulator, gateway, portal, agentId } = await install(t);
  const { ticketId } = portal.createTicket({ userId: agentId });
  for (const [kind, stageId] of [
    ['apply-then-drop', '2'],
    ['apply-then-hang', '3'],
  ] as const) {
    emulator.faults.add({ method: 'POST', path: /batch\/update/, times: 1, kind });
    assert.deepEqual(summarize(await gateway.moveTickets([{ ticketId, stageId }])), {
      [ticketId]: 'hubspot-unknown-outcome',
    });
    assert.equal((await gateway.findTicket(ticketId))?.stageId, stageId);
  }
  assert.equal((await gateway.findTicket(ticketId))?.stageHistory.length, 3);
});

test('tokens that end are refreshed, and one that HubSpot takes back is found out by its 401', async (t) => {
  const { gateway, portal, table } = await install(t, {
    quirks: { accessTokenSeconds: 200, rotatesRefreshTokens: true },
  });
  await gateway.listPipelines();
  assert.equal(table.row()?.generation, 2);
  portal.expireTokens();
  table.extend(3_600_000);
  await gateway.listPipelines();
  assert.equal(table.row()?.generation, 3);
});

test('a grant that HubSpot ended marks the portal revoked, and no further call is made', async (t) => {
  const { emulator, gateway, portal, table } = await install(t);
  portal.uninstall();
  await assert.rejects(gateway.listPipelines(), { code: 'hubspot-revoked' });
  assert.deepEqual([table.revoked.length, table.row()], [1, undefined]);
  emulator.clearRequests();
  await assert.rejects(gateway.listPipelines(), { code: 'hubspot-revoked' });
  assert.equal(emulator.requests.length, 0);
});

test('an uninstall by us ends the grant', async (t) => {
  const { gateway, portal } = await install(t);
  await gateway.uninstall();
  assert.equal(portal.look().installed, false);
});

test('a scope taken away is named', async (t) => {
  const { gateway, portal } = await install(t);
  portal.restrictScopes(['oauth', 'tickets']);
  await assert.rejects(gateway.listOwners(), {
    code: 'hubspot-scope-missing',
    detail: 'Missing: crm.objects.owners.read.',
  });
});

test('a hundred emails cost one call, fifty tickets with history too', async (t) => {
  const { emulator, gateway, portal, agentId } = await install(t);
  const properties = { hs_email_direction: 'EMAIL' };
  const emailIds = Array.from({ length: 100 }, () => portal.addEmail({ properties }).emailId);
  const ticketIds = Array.from({ length: 51 }, () => portal.createTicket({ userId: agentId }).ticketId);
  emulator.clearRequests();
  assert.equal((await gateway.readEmails(emailIds)).size, 100);
  assert.equal(emulator.countRequests('41000001'), 1);
  assert.equal((await gateway.readTickets(ticketIds, { history: true })).size, 51);
  assert.deepEqual([emulator.countRequests('41000001'), gateway.calls.total], [3, 3]);
});
