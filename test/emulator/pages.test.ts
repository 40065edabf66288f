// The pages for people: what they show, what their forms do without script, and what they refuse.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seedPortal } from '../../src/emulator/seed.ts';
import { allScopes, createCaller, postForm, startEmulator } from './rig.ts';

async function createSeeded(t: Parameters<typeof startEmulator>[0]) {
  const emulator = await startEmulator(t);
  const seeded = seedPortal(emulator);
  const portal = emulator.portal(seeded.portalId);
  const pageUrl = `${emulator.url}/portals/${seeded.portalId}`;
  const html = async () => (await fetch(pageUrl)).text();
  const press = (action: string, fields: Record<string, string>) => postForm(`${pageUrl}/${action}`, fields);
  return { emulator, portal, seeded, html, press };
}

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

test('the page shows what went out, and the notes and tasks of a ticket', async (t) => {
  const { emulator, portal, seeded, html } = await createSeeded(t);
  const { accessToken } = portal.install({ scopes: [...allScopes, 'transactional-email'] });
  const call = createCaller(emulator.url, accessToken);
  const before = await html();
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
  const after = await html();
  assert.match(after, /To new@customer\.example, transactional email \d+: We have your request/);
  assert.match(after, /from Ingrid Dahl &#60;support@fjord-cycles\.example&#62;: Re: Brake lever/);
  assert.match(after, /Note: &#60;script&#62;alert/);
  assert.match(after, /Task: Call Mara, due 2026-11-22T10:00:00Z, NOT_STARTED/);
  assert.equal(after.includes('<b>Frame') || after.includes('<script>alert'), false);
});

test('text from outside is shown as text', async (t) => {
  const { press, html } = await createSeeded(t);
  await press('receiveMessage', {
    from: 'x@customer.example',
    subject: '<script>alert(1)</script>',
    text: '<b>"x"</b>',
  });
  const page = await html();
  assert.equal(page.includes('<script>alert'), false);
  assert.equal(page.includes('<b>"x"'), false);
  assert.match(page, /&#60;script&#62;alert/);
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

test('a form of another site is refused', async (t) => {
  const { emulator, portal, seeded } = await createSeeded(t);
  const answered = await fetch(`${emulator.url}/portals/${seeded.portalId}/moveTicket`, {
    method: 'POST',
    headers: { origin: 'https://evil.example' },
    body: new URLSearchParams({ ticketId: seeded.ticketId, userId: seeded.agentId, stageId: '4' }),
  });
  assert.equal(answered.status, 403);
  assert.equal(portal.stage(seeded.ticketId), '1');
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
