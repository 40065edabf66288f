// The pages for people: what they show and what their forms do without script.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allScopes, createCaller, postForm } from './rig.ts';
import { createSeeded } from './seeded-pages.ts';

test('the seeded portal has one thread of three incoming, two outgoing and two system items, and two tickets', async (t) => {
  const { portal, seeded, html } = await createSeeded(t);
  const items = portal.thread(seeded.threadId).items;
  assert.deepEqual(
    items.map((item) => (item.type === 'MESSAGE' ? item.direction : item.type)),
    ['INCOMING', 'THREAD_STATUS_CHANGE', 'OUTGOING', 'ASSIGNMENT', 'INCOMING', 'INCOMING', 'OUTGOING'],
  );
  assert.equal(portal.ticket(seeded.ticketId).properties.hs_conversations_originating_thread_id, seeded.threadId);
  assert.deepEqual(portal.ticket(seeded.handMadeTicketId).threadIds, []);
  const page = await html();
  assert.match(page, /Brake lever arrived bent/);
  assert.match(page, new RegExp(`data-ticket="${seeded.ticketId}"[^>]*>New<`));
});

test('the first page lists the portals', async (t) => {
  const { emulator, seeded } = await createSeeded(t);
  assert.match(await (await fetch(emulator.url)).text(), new RegExp(`href="/portals/${seeded.portalId}"`));
  assert.equal((await fetch(`${emulator.url}/portals/1`)).status, 404);
});

test('every form does what it says and leads back to the page', async (t) => {
  const { portal, seeded, press, html } = await createSeeded(t);
  const { agentId: userId, threadId, ticketId, contactIds } = seeded;
  const from = 'mara@harbour-bikes.example';
  const mail = { userId, to: from, subject: 'About the lever', text: 'On its way' };
  const done = async (action: string, fields: Record<string, string>) => {
    const answered = await press(action, fields);
    assert.equal(answered.status, 303, String(answered.body));
    assert.equal(answered.headers.get('location'), `/portals/${seeded.portalId}`);
  };
  await done('receiveMessage', { from, subject: 'New matter', text: 'Hello' });
  await done('receiveMessage', { from, threadId, text: 'One more thing' });
  await done('sendMessage', { threadId, userId, text: 'Done' });
  await done('comment', { threadId, userId, text: 'Only for us' });
  await done('sendMailboxEmail', { ...mail, from: 'ticket', ticketId });
  await done('sendMailboxEmail', { ...mail, from: 'contact', contactId: contactIds[0] ?? '' });
  await done('startThread', { ...mail, ticketId });
  await done('moveTicket', { ticketId, userId, stageId: '4' });
  const look = portal.look();
  assert.equal(look.threads.length, 3);
  assert.equal(look.tickets.length, 3, 'the new mail made a ticket');
  assert.deepEqual(
    portal
      .thread(threadId)
      .items.slice(-3)
      .map((item) => item.text),
    ['One more thing', 'Done', 'Only for us'],
  );
  assert.equal(look.emails.length, 2);
  assert.equal(portal.ticket(ticketId).emailIds.length, 1);
  assert.match(await html(), new RegExp(`data-ticket="${ticketId}"[^>]*>Closed<`));
});

test('an agent merges, deletes, marks, closes and erases by the forms of the pages', async (t) => {
  const { portal, seeded, press } = await createSeeded(t);
  const { agentId: userId, threadId, ticketId, handMadeTicketId } = seeded;
  await press('markSpam', { threadId, spam: 'true' });
  assert.equal(portal.thread(threadId).spam, true);
  await press('markSpam', { threadId, spam: 'false' });
  await press('archiveThread', { threadId, archived: 'true' });
  assert.deepEqual([portal.thread(threadId).spam, portal.thread(threadId).archived], [false, true]);
  await press('closeThread', { threadId });
  assert.equal(portal.thread(threadId).status, 'CLOSED');
  await press('mergeTickets', { primaryId: ticketId, mergedId: handMadeTicketId, userId });
  assert.equal(portal.ticket(handMadeTicketId).id, ticketId);
  await press('deleteTicket', { ticketId, userId });
  assert.equal(portal.listTickets().length, 0);
  await press('eraseThread', { threadId });
  assert.equal(portal.look().threads.length, 0);
});

test('a customer writes from another address, in copy and out of office', async (t) => {
  const { portal, seeded, press, html } = await createSeeded(t);
  const { threadId } = seeded;
  portal.configure({ twins: true });
  const from = 'mara@harbour-bikes.example';
  await press('receiveMessage', { threadId, from, text: 'My boss reads along', cc: 'boss@harbour-bikes.example' });
  assert.match(await html(`/threads/${threadId}`), /<option value="boss@harbour-bikes\.example">/);
  await press('receiveMessage', { threadId, from: 'boss@harbour-bikes.example', text: 'And I answer' });
  await press('receiveMessage', { threadId, from: 'mara@home.example', text: 'From my phone' });
  await press('receiveMessage', { threadId, from, subject: 'Automatic reply: x', text: 'Away', outOfOffice: 'true' });
  const senders = portal
    .thread(threadId)
    .items.slice(-4)
    .map((item) => JSON.stringify(item.senders));
  for (const [index, address] of ['mara@harbour', 'boss@', 'mara@home', 'mara@harbour'].entries())
    assert.ok(senders[index]?.includes(address), senders[index]);
  const away = portal.look().emails.map((email) => email.properties.hs_incoming_email_is_out_of_office);
  assert.deepEqual(away, ['false', 'false', 'false', 'true']);
});

test('mail from a contact record by the team address lands where one chooses', async (t) => {
  const { portal, seeded, press } = await createSeeded(t);
  const mail = { contactId: seeded.contactIds[0] ?? '', userId: seeded.agentId, subject: 'Hello', text: 'Hello' };
  await press('sendContactMail', { ...mail, lands: 'open-thread' });
  assert.equal(portal.thread(seeded.threadId).items.at(-1)?.text, 'Hello');
  assert.equal(portal.look().threads.length, 1);
  await press('sendContactMail', { ...mail, lands: 'no-thread' });
  assert.equal(portal.look().emails.length, 1);
  await press('sendContactMail', mail);
  const added = portal.look().threads.find((thread) => thread.id !== seeded.threadId);
  assert.equal(added?.ticketId, null);
  assert.equal((await press('sendContactMail', { ...mail, contactId: '1' })).status, 400);
});

test('the settings of the portal are changed by their form, and a field that is not there changes nothing', async (t) => {
  const { emulator, portal, seeded, press } = await createSeeded(t);
  const { ticketId, agentId: userId } = seeded;
  const saved = await press('configure', {
    ticketsForNewConversations: 'false',
    automaticAssociation: 'some',
    'own.0.outgoing': '2',
    'own.0.incoming': '',
    'own.0.delaySeconds': '0',
    'required.4': 'hs_resolution, hs_ticket_priority',
  });
  assert.equal(saved.status, 303);
  assert.equal(
    portal.receiveMessage({ from: 'n@customer.example', text: 'x' }).ticketId,
    undefined,
    'no ticket is made',
  );
  const call = createCaller(emulator.url, portal.install({ scopes: allScopes }).accessToken);
  const close = () =>
    call('PATCH', `/crm/objects/2026-09/tickets/${ticketId}`, { properties: { hs_pipeline_stage: '4' } });
  assert.match((await close()).body.message, /hs_resolution/);
  await press('configure', { 'required.4': '' });
  assert.equal((await close()).status, 200);
  portal.sendMessage({ threadId: seeded.threadId, userId, text: 'x' });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(portal.stage(ticketId), '2', "HubSpot's own automation moved it");
  const wrong = await press('configure', { 'own.0.outgoing': '99', 'own.0.incoming': '', 'own.0.delaySeconds': '0' });
  assert.match(wrong.body, /no stage 99/);
  assert.match((await press('configure', { fingerprints: 'all' })).body, /none, detail or/);
});

test('the laboratory sets switches and orders faults', async (t) => {
  const { emulator, portal } = await createSeeded(t);
  const call = createCaller(emulator.url, portal.install({ scopes: allScopes }).accessToken);
  const press = (action: string, fields: Record<string, string>) =>
    postForm(`${emulator.url}/laboratory/${action}`, fields);
  await press('quirks', { batchUpdate: 'partial', threadAssociationTypeId: 'null', searchLagMs: '0', twoLegs: '1' });
  const { batchUpdate, threadAssociationTypeId, searchLagMs } = emulator.quirks;
  assert.deepEqual([batchUpdate, threadAssociationTypeId, searchLagMs], ['partial', null, 0]);
  assert.equal(Object.hasOwn(emulator.quirks, 'twoLegs'), false);
  const wrong = await press('quirks', { searchLagMs: '5', batchUpdate: 'sometimes' });
  assert.match(wrong.body, /batchUpdate is one of refuse-invalid, partial, refuse-any/);
  assert.equal(emulator.quirks.searchLagMs, 0, 'all or none');
  await press('webhooks', { duplicateRate: '0.5', shuffles: 'true' });
  assert.deepEqual([emulator.webhooks.settings.duplicateRate, emulator.webhooks.settings.shuffles], [0.5, true]);
  await press('faults', { kind: 'status', status: '503', path: 'owners', times: '1', portalId: '', method: 'GET' });
  assert.match(await (await fetch(`${emulator.url}/laboratory`)).text(), /status 503: GET owners, 1 times left/);
  assert.equal((await call('GET', '/crm/owners/2026-09')).status, 503);
  assert.equal((await call('GET', '/crm/owners/2026-09')).status, 200);
  assert.match((await press('faults', { kind: 'status', status: '503', path: '(' })).body, /no regular expression/);
  await press('faults', { kind: 'webhook-loss', event: 'newMessage', path: 'owners', probability: '0.5' });
  const [loss] = emulator.faults.list();
  assert.deepEqual(
    [loss?.kind, String(loss?.event), loss?.path, loss?.probability],
    ['webhook-loss', '/newMessage/', undefined, 0.5],
  );
  await press('remove-fault', { id: loss?.id ?? '' });
  assert.deepEqual(emulator.faults.list(), []);
  await press('faults', { kind: 'drop' });
  await press('clear-faults', {});
  assert.equal((await call('GET', '/crm/owners/2026-09')).status, 200);
});

test('the clock is moved and stopped on the laboratory page', async (t) => {
  const { emulator, portal, press: act } = await createSeeded(t);
  const press = (fields: Record<string, string>) => postForm(`${emulator.url}/laboratory/clock`, fields);
  await act('configure', { ticketsForNewConversations: 'true', ticketDelaySeconds: '600' });
  const { threadId } = portal.receiveMessage({ from: 'n@customer.example', text: 'x' });
  assert.equal(portal.thread(threadId).ticketId, null);
  await press({ frozen: 'true' });
  assert.equal(emulator.clock.look().isFrozen, true);
  const before = emulator.clock.now();
  await press({ advanceMs: '3600000' });
  assert.equal(emulator.clock.now() - before, 3_600_000);
  assert.ok(portal.thread(threadId).ticketId, 'what was due on the way has happened');
  await press({ at: '2027-01-02T03:04:05Z' });
  assert.match(
    await (await fetch(`${emulator.url}/laboratory`)).text(),
    /2027-01-02 03:04:05<\/time> UTC, and it stands still/,
  );
  assert.equal((await press({ at: 'tomorrow' })).status, 400);
  await press({ frozen: 'false' });
  assert.equal(emulator.clock.look().isFrozen, false);
});

test('the page shows what went out, and the notes and tasks of a ticket', async (t) => {
  const { emulator, portal, seeded, html } = await createSeeded(t);
  const { accessToken } = portal.install({ scopes: [...allScopes, 'transactional-email'] });
  const call = createCaller(emulator.url, accessToken);
  const before = await html('/sent');
  assert.match(before, /We have your request/);
  assert.match(before, /Spring newsletter \(not published for single send\)/);
  const sent = await call('POST', '/marketing/transactional/2026-09/single-email/send', {
    emailId: Number(seeded.emailId),
    message: { to: 'new@customer.example', sendId: 's1', cc: [], bcc: [], replyTo: [] },
    contactProperties: {},
    customProperties: { subject: '<b>Frame</b>' },
  });
  assert.equal(sent.body.sendResult, 'SENT');
  const onTicket = (associationTypeId: number) => [
    { to: { id: seeded.ticketId }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId }] },
  ];
  const hs_timestamp = '2026-11-22T10:00:00Z';
  const note = { hs_timestamp, hs_note_body: '<script>alert(1)</script>' };
  await call('POST', '/crm/objects/2026-09/notes', { properties: note, associations: onTicket(228) });
  const task = { hs_timestamp, hs_task_subject: 'Call Mara', hs_task_status: 'NOT_STARTED' };
  await call('POST', '/crm/objects/2026-09/tasks', { properties: task, associations: onTicket(230) });
  const after = (await html('/sent')) + (await html(`/tickets/${seeded.ticketId}`));
  assert.match(after, /To new@customer\.example, transactional email \d+: We have your request/);
  assert.match(after, /from Ingrid Dahl &#60;support@fjord-cycles\.example&#62;[\s\S]*Re: Brake lever/);
  assert.match(after, /Note: &#60;script&#62;alert/);
  assert.match(after, /Task: Call Mara, due <time[^>]*>2026-11-22 10:00:00<\/time>, NOT_STARTED/);
  assert.equal(after.includes('<b>Frame') || after.includes('<script>alert'), false);
});

test('a form that cannot be done says why and changes nothing', async (t) => {
  const { portal, press, seeded } = await createSeeded(t);
  const before = portal.look();
  const wrong = await press('moveTicket', { ticketId: seeded.ticketId, userId: seeded.agentId, stageId: '99' });
  assert.equal(wrong.status, 400);
  assert.match(wrong.body, /hs_pipeline_stage/);
  assert.equal((await press('noSuchAction', {})).status, 400);
  assert.equal((await press('sendMessage', { threadId: '1', userId: seeded.agentId, text: 'x' })).status, 400);
  assert.deepEqual(portal.look(), before);
});

test('programs do the same by JSON, and ask for the statuses', async (t) => {
  const { emulator, portal, seeded } = await createSeeded(t);
  const base = `${emulator.url}/emulator/portals/${seeded.portalId}`;
  const act = async (action: string, body: unknown) => {
    const headers = { 'content-type': 'application/json' };
    const answered = await fetch(`${base}/${action}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: answered.status, body: await answered.json() };
  };
  const moved = { ticketId: seeded.ticketId, userId: seeded.agentId, stageId: '3' };
  assert.deepEqual(await act('moveTicket', moved), { status: 200, body: { result: null } });
  assert.deepEqual((await act('stage', { args: [seeded.ticketId] })).body, { result: '3' });
  assert.equal((await act('stage', { args: ['1'] })).status, 400);
  assert.equal((await act('toString', {})).status, 400);
  const status = (await (await fetch(`${base}/status`)).json()) as { stages: Record<string, string> };
  assert.equal(status.stages[seeded.ticketId], 'Waiting on us');
  assert.equal(portal.stage(seeded.ticketId), '3');
});
