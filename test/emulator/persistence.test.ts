// What the data file keeps: over a clean restart, over a kill -9, and with deliveries still to make.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createEmulator } from '../../src/emulator/emulator.ts';
import { seedPortal } from '../../src/emulator/seed.ts';
import { createReceiver } from './receiver.ts';
import { allScopes, app, createCaller } from './rig.ts';

function createDataFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'baton-emulator-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'emulator.json');
}

test('a restarted emulator has its portals, tickets, threads and tokens again', async (t) => {
  const dataFile = createDataFile(t);
  const first = await createEmulator({ ...app, dataFile });
  const { portalId, ticketId, threadId } = seedPortal(first);
  const { accessToken } = first.portal(portalId).install({ scopes: allScopes });
  const before = first.portal(portalId).look();
  await first.close();
  const second = await createEmulator({ ...app, dataFile });
  t.after(() => second.close());
  assert.deepEqual(second.portal(portalId).look(), before);
  const call = createCaller(second.url, accessToken);
  assert.equal((await call('GET', `/crm/objects/2026-09/tickets/${ticketId}`)).status, 200);
  const { messageId } = second.portal(portalId).comment({ threadId, userId: before.users[0]?.userId ?? '', text: 'x' });
  assert.ok(messageId);
});

test('what was answered before a kill -9 is there afterwards', async (t) => {
  const dataFile = createDataFile(t);
  const prepared = await createEmulator({ ...app, dataFile });
  const { portalId, ticketId } = seedPortal(prepared);
  const { accessToken } = prepared.portal(portalId).install({ scopes: allScopes });
  await prepared.close();
  const keeper = fileURLToPath(new URL('./keeper.ts', import.meta.url));
  const child = spawn(process.execPath, [keeper, dataFile], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [url] = (await once(child.stdout, 'data')) as [Buffer];
  const call = createCaller(url.toString().trim(), accessToken);
  const path = `/crm/objects/2026-09/tickets/${ticketId}`;
  for (const stageId of ['2', '3', '4', '3'])
    assert.equal((await call('PATCH', path, { properties: { hs_pipeline_stage: stageId } })).status, 200);
  const made = await call('POST', '/crm/objects/2026-09/tickets', {
    properties: { subject: 'Last words', hs_pipeline_stage: '1' },
  });
  child.kill('SIGKILL');
  await once(child, 'exit');
  const revived = await createEmulator({ ...app, dataFile });
  t.after(() => revived.close());
  const history = revived
    .portal(portalId)
    .ticket(ticketId)
    .stageHistory.map((entry) => entry.value);
  assert.deepEqual(history, ['3', '4', '3', '2', '1']);
  assert.equal(revived.portal(portalId).ticket(made.body.id).properties.subject, 'Last words');
});

test('deliveries and tickets that were still to come are made after a restart', async (t) => {
  const dataFile = createDataFile(t);
  const first = await createEmulator({ ...app, dataFile });
  const portal = first.addPortal({ portalId: '41000001', ticketsForNewConversations: 30 });
  portal.install();
  const { threadId } = portal.receiveMessage({ from: 'c@customer.example', text: 'x' });
  await first.close();
  const receiver = await createReceiver(t);
  const second = await createEmulator({ ...app, dataFile, webhookUrl: receiver.url });
  t.after(() => second.close());
  await second.webhooks.idle();
  const types = receiver.events().map((event) => event.subscriptionType);
  assert.deepEqual(types.sort(), ['conversation.creation', 'conversation.newMessage', 'object.creation']);
  assert.ok(second.portal('41000001').thread(threadId).ticketId);
});

test('a reset leaves nothing, in memory and in the file', async (t) => {
  const dataFile = createDataFile(t);
  const emulator = await createEmulator({ ...app, dataFile });
  const { portalId } = seedPortal(emulator);
  const { accessToken } = emulator.portal(portalId).install();
  emulator.quirks.searchLagMs = 9;
  await emulator.reset();
  assert.deepEqual(emulator.listPortalIds(), []);
  assert.equal(emulator.quirks.searchLagMs, 1_000);
  assert.throws(() => emulator.portal(portalId).look(), /no portal 51234567/);
  assert.equal((await createCaller(emulator.url, accessToken)('GET', '/crm/owners/2026-09')).status, 401);
  await emulator.close();
  const again = await createEmulator({ ...app, dataFile });
  t.after(() => again.close());
  assert.deepEqual(again.listPortalIds(), []);
});

test('a data file that is none stops the start and says which', async (t) => {
  const dataFile = createDataFile(t);
  writeFileSync(dataFile, '{"portals":');
  await assert.rejects(createEmulator({ ...app, dataFile }), /emulator\.json cannot be read; delete it/);
  writeFileSync(dataFile, '{"portals":{}}');
  await assert.rejects(
    createEmulator({ ...app, dataFile }),
    /emulator\.json was written by another version; delete it/,
  );
});

test('a file written change by change holds what the memory holds, also after a last line was cut', async (t) => {
  const dataFile = createDataFile(t);
  const first = await createEmulator({ ...app, dataFile });
  const { portalId, agentId, ticketId, handMadeTicketId, threadId, contactIds } = seedPortal(first);
  await first.saved();
  const portal = first.portal(portalId);
  const step = async (act: () => unknown) => {
    await act();
    await first.saved();
  };
  const { messageId } = portal.sendMessage({ threadId, userId: agentId, text: 'One more thing' });
  await first.saved();
  await step(() => portal.setMessageStatus({ threadId, messageId, status: 'FAILED' }));
  await step(() => portal.markSpam(threadId));
  await step(() => portal.archiveThread(threadId));
  await step(() => portal.archiveThread(threadId, false));
  await step(() => portal.closeThread(threadId));
  await step(() => portal.configure({ twins: true, automaticAssociation: true }));
  await step(() => portal.receiveMessage({ from: 'new@customer.example', text: 'x' }));
  await step(() => portal.importMail({ raw: 'From: c@customer.example\nMessage-ID: <1@c.example>\nSubject: a\n\nb' }));
  const { emailId } = portal.sendMailboxEmail({
    from: 'ticket',
    ticketId,
    userId: agentId,
    to: 'c@customer.example',
    subject: 'a',
    text: 'b',
  });
  await step(() => portal.associateEmail({ emailId, ticketIds: [ticketId], userId: agentId, remove: true }));
  await step(() => portal.eraseContact(contactIds[2] ?? ''));
  await step(() => portal.mergeTickets({ primaryId: ticketId, mergedId: handMadeTicketId, userId: agentId }));
  const { threadId: erased } = portal.receiveMessage({ from: 'gone@customer.example', text: 'x' });
  await step(() => portal.eraseThread(erased));
  first.clock.advance(60_000);
  const before = { ...portal.look(), ticket: portal.ticket(ticketId), email: portal.email(emailId) };
  await first.close();
  // As a kill in the middle of a write leaves it.
  appendFileSync(dataFile, '{"at":["lastIds"],"va');
  const second = await createEmulator({ ...app, dataFile });
  t.after(() => second.close());
  const again = second.portal(portalId);
  assert.deepEqual({ ...again.look(), ticket: again.ticket(ticketId), email: again.email(emailId) }, before);
  assert.ok(second.clock.now() - Date.now() > 50_000, 'the clock stays moved');
});

test('a file of format 4, with a history of every property, is read and becomes one of this format', async (t) => {
  const dataFile = createDataFile(t);
  const first = await createEmulator({ ...app, dataFile });
  const { portalId, agentId, ticketId } = seedPortal(first);
  first.portal(portalId).moveTicket({ ticketId, stageId: '3', userId: agentId });
  const history = first.portal(portalId).ticket(ticketId).stageHistory;
  await first.close();
  const [, ...lines] = readFileSync(dataFile, 'utf8').trimEnd().split('\n');
  const older = lines.map((line) => {
    const { at, value } = JSON.parse(line) as { at: string[]; value: Record<string, Record<string, unknown>> };
    if (at[2] !== 'objects') return line;
    for (const [name, written] of Object.entries(value.properties ?? {}))
      if (value.history) value.history[name] ??= [{ value: written, timestamp: 0, sourceType: 'OLD', sourceId: null }];
    return JSON.stringify({ at, value });
  });
  writeFileSync(dataFile, ['{"format":4}', ...older, ''].join('\n'));
  const second = await createEmulator({ ...app, dataFile });
  const portal = second.portal(portalId);
  assert.deepEqual(portal.ticket(ticketId).stageHistory, history);
  const call = createCaller(second.url, portal.install({ scopes: allScopes }).accessToken);
  const path = `/crm/objects/2026-09/tickets/${ticketId}?propertiesWithHistory=subject`;
  const [kept] = (await call('GET', path)).body.propertiesWithHistory.subject;
  assert.equal(kept.sourceType, 'OLD');
  await second.close();
  assert.equal(readFileSync(dataFile, 'utf8').split('\n')[0], '{"format":5}');
});

test('messages that are alike stay their own: what happens to one happens to it alone, also after a restart', async (t) => {
  const dataFile = createDataFile(t);
  const first = await createEmulator({ ...app, dataFile });
  const { portalId, agentId, threadId } = seedPortal(first);
  const send = () => first.portal(portalId).sendMessage({ threadId, userId: agentId, text: 'alike' }).messageId;
  const [one, other] = [send(), send()];
  first.portal(portalId).setMessageStatus({ threadId, messageId: one, status: 'FAILED' });
  await first.close();
  const second = await createEmulator({ ...app, dataFile });
  t.after(() => second.close());
  const portal = second.portal(portalId);
  const statusOf = (id: string) => {
    const item = portal.thread(threadId).items.find((candidate) => candidate.id === id);
    return (item?.status as { statusType?: string } | undefined)?.statusType;
  };
  assert.deepEqual([statusOf(one), statusOf(other)], ['FAILED', 'SENT']);
  portal.setMessageStatus({ threadId, messageId: other, status: 'READ' });
  assert.deepEqual([statusOf(one), statusOf(other)], ['FAILED', 'READ']);
  // What is handed out is a copy that may be changed.
  const copy = portal.thread(threadId);
  for (const item of copy.items) Object.assign(item.client as object, { clientType: 'CHANGED' });
  assert.ok(
    portal.thread(threadId).items.every(({ client }) => (client as { clientType: string }).clientType !== 'CHANGED'),
  );
});
