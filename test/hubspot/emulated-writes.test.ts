// What the gateway makes, against the emulator over real HTTP: accepted by its strictness, made once, and found as it was made.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { customer, install } from './emulated-portal.ts';

const minuteMs = 60_000;
const ticket = { pipelineId: '0', stageId: '1', subject: 'Test', content: 'Hello', followsTicketId: null };

for (const threadAssociationTypeId of [32, 278] as const) {
  for (const threadAssociationName of ['conversation', 'conversations'] as const) {
    for (const stampsOriginatingThread of [false, true]) {
      const quirks = { threadAssociationTypeId, threadAssociationName, stampsOriginatingThread };
      test(`a ticket is made for a thread (${Object.values(quirks).join(', ')})`, async (t) => {
        const { gateway, portal } = await install(t, { quirks });
        portal.configure({ ticketsForNewConversations: false });
        const { threadId } = portal.receiveMessage({ from: customer, subject: 'Test', text: 'Hello' });
        const contactId = await gateway.findContactByAddress(customer);
        assert.ok(contactId);
        const made = await gateway.createTicket({ ...ticket, contactId, threadId });
        assert.equal(made.withThread, true);
        assert.equal((await gateway.findThread(threadId))?.ticketId, made.ticketId);
        const read = await gateway.findTicket(made.ticketId);
        assert.deepEqual(
          [read?.pipelineId, read?.stageId, read?.createdAt, read?.originatingThreadId],
          ['0', '1', made.createdAt, stampsOriginatingThread ? threadId : null],
        );
        const contacts = await gateway.readAssociations('tickets', 'contacts', [made.ticketId]);
        assert.deepEqual(contacts.get(made.ticketId), [contactId]);
        const texts = await gateway.readProperties('tickets', [made.ticketId], ['subject', 'content']);
        assert.deepEqual(texts.get(made.ticketId), { subject: 'Test', content: 'Hello' });
      });
    }
  }
}

for (const threadAssociationTypeId of [32, 278, null] as const) {
  for (const threadAssociationName of ['conversation', 'conversations'] as const) {
    const quirks = { threadAssociationTypeId, threadAssociationName, associatesThreadsLater: true };
    test(`a thread refused at the making is tied later if at all (${threadAssociationTypeId}, ${threadAssociationName})`, async (t) => {
      const { emulator, gateway, portal } = await install(t, { quirks });
      portal.configure({ ticketsForNewConversations: false });
      const { threadId } = portal.receiveMessage({ from: customer, subject: 'Test', text: 'Hello' });
      const path = /objects\/2026-09\/tickets$/;
      emulator.faults.add({ method: 'POST', path, times: 2, kind: 'status', status: 400, body: { message: 'No' } });
      const made = await gateway.createTicket({ ...ticket, contactId: null, threadId });
      const tied = threadAssociationTypeId !== null;
      assert.equal(made.withThread, tied);
      assert.equal((await gateway.findThread(threadId))?.ticketId, tied ? made.ticketId : null);
      assert.equal(portal.listTickets().length, 1);
      assert.deepEqual(emulator.unknownRequests, []);
    });
  }
}

test('a portal whose threads take no ticket gets one ticket all the same', async (t) => {
  const { gateway, portal } = await install(t, { quirks: { threadAssociationTypeId: null } });
  portal.configure({ ticketsForNewConversations: false });
  const { threadId } = portal.receiveMessage({ from: customer, subject: 'Test', text: 'Hello' });
  const made = await gateway.createTicket({ ...ticket, contactId: null, threadId });
  assert.equal(made.withThread, false);
  assert.deepEqual(
    portal.listTickets().map(({ id }) => id),
    [made.ticketId],
  );
});

test('a ticket that follows another is tied to it, and a thread that has its ticket gets no second', async (t) => {
  const { gateway, portal } = await install(t);
  const { threadId, ticketId } = portal.receiveMessage({ from: customer, subject: 'Test', text: 'Hello' });
  const made = await gateway.createTicket({
    ...ticket,
    contactId: null,
    threadId: null,
    followsTicketId: ticketId ?? '',
  });
  assert.equal(made.withThread, false);
  const followed = await gateway.readAssociations('tickets', 'tickets', [made.ticketId]);
  assert.deepEqual(followed.get(made.ticketId), [ticketId]);
  const before = portal.listTickets().length;
  await assert.rejects(gateway.createTicket({ ...ticket, contactId: null, threadId }), { code: 'hubspot-refused' });
  assert.equal(portal.listTickets().length, before);
});

test('a ticket whose answer is lost is unknown and there once, one HubSpot refuses is not there', async (t) => {
  const { emulator, gateway, portal } = await install(t);
  emulator.faults.add({ method: 'POST', path: /objects\/2026-09\/tickets$/, times: 1, kind: 'apply-then-drop' });
  const plain = { ...ticket, contactId: null, threadId: null };
  await assert.rejects(gateway.createTicket(plain), { code: 'hubspot-unknown-outcome' });
  assert.equal(portal.listTickets().length, 1);
  await assert.rejects(gateway.createTicket({ ...plain, stageId: 'gone' }), {
    code: 'hubspot-refused',
    detail: /gone was not one of the allowed options/,
  });
  await assert.rejects(gateway.createTicket({ ...plain, contactId: '404404' }), { code: 'hubspot-refused' });
  assert.equal(portal.listTickets().length, 1);
});

test('a contact is made once, and found by each of its addresses', async (t) => {
  const { gateway, portal } = await install(t, { quirks: { searchLagMs: 0 } });
  const made = await gateway.createContact({ address: 'Casey@Customer.example', firstName: 'Casey', lastName: 'Roe' });
  assert.equal(await gateway.createContact({ address: customer, firstName: null, lastName: null }), made);
  assert.equal(await gateway.findContactByAddress('CASEY@customer.example'), made);
  assert.deepEqual((await gateway.readProperties('contacts', [made], ['firstname', 'lastname'])).get(made), {
    firstname: 'Casey',
    lastname: 'Roe',
  });
  assert.equal(await gateway.findContactByAddress('nobody@x.example'), undefined);
  assert.equal(portal.look().contacts.length, 1);
});

for (const findsAdditionalAddresses of [false, true]) {
  test(`an additional address is its contact’s (${findsAdditionalAddresses ? '' : 'not '}found by id property)`, async (t) => {
    const quirks = { findsAdditionalAddresses, searchLagMs: 60_000 };
    const { emulator, gateway, portal } = await install(t, { quirks });
    const additionalEmails = ['old@x.example', 'c2@x.example'];
    const { contactId } = portal.addContact({ email: 'x@x.example', additionalEmails });
    const found = () => gateway.findContactByAddress('C2@x.example');
    assert.equal(await found(), findsAdditionalAddresses ? contactId : undefined);
    // What the search does not know yet HubSpot knows when it is asked to make a second one.
    assert.equal(await gateway.createContact({ address: 'c2@x.example', firstName: 'C', lastName: null }), contactId);
    emulator.quirks.searchLagMs = 0;
    assert.equal(await found(), contactId);
    assert.equal(portal.look().contacts.length, 1);
  });
}

test('a note, a task and properties are set on a ticket', async (t) => {
  const { gateway, portal, agentId } = await install(t);
  const { ticketId } = portal.createTicket({ userId: agentId });
  const ownerId = portal.look().users[0]?.ownerId ?? '';
  const at = new Date(Math.floor(Date.now() / 1_000) * 1_000);
  const noteId = await gateway.createNote({ ticketId, html: '<p>Hi</p>', at });
  const taskId = await gateway.createTask({ ticketId, subject: 'Call', dueAt: at, ownerId });
  assert.deepEqual((await gateway.readAssociations('tickets', 'notes', [ticketId])).get(ticketId), [noteId]);
  assert.deepEqual((await gateway.readAssociations('tickets', 'tasks', [ticketId])).get(ticketId), [taskId]);
  const note = await gateway.readProperties('notes', [noteId], ['hs_note_body', 'hs_timestamp']);
  assert.deepEqual(note.get(noteId), { hs_note_body: '<p>Hi</p>', hs_timestamp: at.toISOString() });
  const names = ['hs_task_subject', 'hs_task_status', 'hs_task_type', 'hubspot_owner_id'];
  assert.deepEqual(Object.values((await gateway.readProperties('tasks', [taskId], names)).get(taskId) ?? {}), [
    'Call',
    'NOT_STARTED',
    'TODO',
    ownerId,
  ]);
  await gateway.updateTicket(ticketId, { hs_ticket_priority: 'HIGH', hubspot_owner_id: ownerId });
  const set = await gateway.readProperties('tickets', [ticketId], ['hs_ticket_priority', 'hubspot_owner_id']);
  assert.deepEqual(set.get(ticketId), { hs_ticket_priority: 'HIGH', hubspot_owner_id: ownerId });
  await assert.rejects(gateway.updateTicket(ticketId, { hs_ticket_priority: 'SOON' }), {
    code: 'hubspot-refused',
    detail: /SOON was not one of the allowed options/,
  });
});

test('what was sent in a span is found, newest first, page by page', async (t) => {
  const { gateway, portal } = await install(t, { quirks: { searchLagMs: 0 } });
  const before = Math.floor(Date.now() / minuteMs) * minuteMs;
  const add = (minutes: number, hs_email_direction = 'EMAIL', hs_email_status = 'SENT') =>
    portal.addEmail({
      properties: {
        hs_email_direction,
        hs_email_status,
        hs_timestamp: new Date(before - minutes * minuteMs).toISOString(),
      },
    }).emailId;
  const sent = Array.from({ length: 203 }, (_, index) => add(index));
  add(5, 'INCOMING_EMAIL');
  add(5, 'EMAIL', 'SCHEDULED');
  const span = { after: new Date(before - 201 * minuteMs), before: new Date(before - minuteMs) };
  const first = await gateway.searchSentEmails(span);
  const second = await gateway.searchSentEmails({ ...span, cursor: first.cursor ?? '' });
  assert.deepEqual([first.emails.length, second.emails.length, second.cursor], [200, 1, null]);
  assert.deepEqual(
    [...first.emails, ...second.emails].map(({ id }) => id),
    sent.slice(1, 202),
  );
});

test('a ticket property that can be chosen can be set', async (t) => {
  const { emulator, gateway, portal, agentId } = await install(t);
  const { ticketId } = portal.createTicket({ userId: agentId });
  const ownerId = portal.look().users[0]?.ownerId;
  const properties = await gateway.listTicketProperties();
  const priority = properties.find(({ name }) => name === 'hs_ticket_priority');
  assert.deepEqual(
    priority?.options.map(({ value }) => value),
    ['LOW', 'MEDIUM', 'HIGH', 'URGENT'],
  );
  assert.ok(!properties.some(({ name }) => name === 'hs_pipeline_stage' || name === 'createdate'));
  const values: Record<string, string> = { string: 'x', number: '5', datetime: '2026-11-22T10:00:00Z', bool: 'true' };
  for (const { name, type, options } of properties) {
    const value = name === 'hubspot_owner_id' ? ownerId : (options[0]?.value ?? values[type]);
    if (value !== undefined) await gateway.updateTicket(ticketId, { [name]: value });
  }
  assert.deepEqual(emulator.unknownRequests, []);
});
