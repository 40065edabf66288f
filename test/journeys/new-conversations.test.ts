// Tickets for new conversations as people see them: who writes in, and which ticket comes of it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { PortalOptions } from '../../src/emulator/portal.ts';
import { defaultQuirks, type Quirks } from '../../src/emulator/world.ts';
import { noThreads, openingItem, printer, ticketsFor, untilNextSecond } from '../support/new-conversations.ts';
import { type InstalledPortal, type Settings, type System, startSystem } from '../support/system.ts';

describe('a new conversation', () => {
  let system: System;
  let portals = 0;
  before(async () => {
    system = await startSystem();
  });
  after(() => system.stop());

  function install(settings: Settings = ticketsFor(), options: Partial<PortalOptions> = {}): Promise<InstalledPortal> {
    portals += 1;
    return system.install({ portalId: String(71_000_000 + portals), ...options }, settings);
  }

  /** The one ticket of a thread. */
  function ticketOf({ portal }: InstalledPortal, threadId: string): string {
    const { ticketId } = portal.thread(threadId);
    assert.ok(ticketId, 'the thread has a ticket');
    return ticketId;
  }

  it('becomes a ticket with its subject, its text and its sender as contact, and the record says so', async () => {
    const acme = await install();
    const from = 'casey@customer.example';
    const { threadId, messageId } = acme.portal.receiveMessage({ from, name: 'Casey Jones', ...printer });
    await system.settled();
    const ticketId = ticketOf(acme, threadId);
    const { properties, contactIds, threadIds } = acme.portal.ticket(ticketId);
    assert.equal(properties.subject, printer.subject);
    assert.equal(properties.content, printer.text);
    assert.equal(properties.hs_pipeline_stage, '1');
    assert.deepEqual(contactIds, [acme.portal.contactId(from)]);
    assert.deepEqual(threadIds, [threadId]);
    const record = await acme.recordOf(messageId);
    assert.deepEqual(
      [record.verdict, record.decision, record.reason, record.outcome, record.ticketId, record.toStageId],
      ['opens-conversation', 'create', null, 'done', ticketId, '1'],
    );
    assert.ok(record.latencyMs !== null && record.latencyMs < 10_000);
    assert.equal(record.trigger, 'message');
    assert.equal((await acme.records()).length, 1);
    assert.equal(acme.portal.listTickets().length, 1);
  });

  const answers: Partial<Quirks>[] = [
    {},
    { stampsOriginatingThread: true },
    { threadAssociationName: 'conversations' },
    { threadAssociationTypeId: 278 },
    { threadAssociationTypeId: 278, threadAssociationName: 'conversations', numericToObjectIds: true },
    noThreads,
  ];
  for (const quirks of answers) {
    it(`has its own thread for replies and answers, where HubSpot answers ${JSON.stringify(quirks)}`, async () => {
      Object.assign(system.emulator.quirks, defaultQuirks, quirks);
      const acme = await install();
      const from = 'casey@customer.example';
      const { threadId, messageId } = acme.portal.receiveMessage({ from, ...printer });
      await system.settled();
      const { ticketId } = await acme.recordOf(messageId);
      assert.ok(ticketId);
      const sent = acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Which one?' });
      await system.settled();
      assert.equal(acme.portal.stage(ticketId), '2');
      assert.equal((await acme.recordOf(sent.messageId)).verdict, 'sent-from-ticket');
      const reply = acme.portal.receiveMessage({ from, threadId, text: 'The red one.' });
      await system.settled();
      assert.equal(acme.portal.stage(ticketId), '3');
      assert.equal((await acme.recordOf(reply.messageId)).verdict, 'reply-on-originating-thread');
      assert.equal(acme.portal.listTickets().length, 1);
      Object.assign(system.emulator.quirks, defaultQuirks);
    });
  }

  it('of which HubSpot makes the ticket within the grace time gets no second one', async () => {
    const acme = await install(ticketsFor({ graceSeconds: 2 }), { ticketsForNewConversations: 500 });
    const { threadId, messageId } = acme.portal.receiveMessage({ from: 'casey@customer.example', ...printer });
    await system.settled();
    const record = await acme.recordOf(messageId);
    assert.deepEqual(
      [record.decision, record.reason, record.ticketId],
      ['stay', 'ticket-exists', ticketOf(acme, threadId)],
    );
    assert.equal(acme.portal.listTickets().length, 1);
  });

  it('that is answered within the grace time becomes a ticket that waits on the contact', async () => {
    const acme = await install(ticketsFor({ graceSeconds: 2 }));
    const { threadId } = acme.portal.receiveMessage({ from: 'casey@customer.example', ...printer });
    await wait(300);
    const { messageId } = acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Which one?' });
    await wait(700);
    assert.equal(acme.portal.listTickets().length, 0, 'within the grace time there is none');
    await system.settled();
    const ticketId = ticketOf(acme, threadId);
    assert.equal(acme.portal.stage(ticketId), '2');
    assert.deepEqual(acme.ownMoves(ticketId), ['1', '2']);
    assert.equal((await acme.recordOf(messageId)).decision, 'move');
  });

  it('of a sender who is no contact makes one, by name; of a known second address it finds the contact', async () => {
    const acme = await install();
    const { contactId } = acme.portal.addContact({
      email: 'robin@office.example',
      additionalEmails: ['robin@home.example'],
    });
    system.emulator.webhooks.hold();
    const stranger = acme.portal.receiveMessage({ from: 'casey@customer.example', name: 'Casey Jones', ...printer });
    const known = acme.portal.receiveMessage({ from: 'robin@home.example', ...printer });
    for (const address of ['casey@customer.example', 'robin@home.example']) {
      const visitor = acme.portal.contactId(address);
      if (visitor && visitor !== contactId) acme.portal.eraseContact(visitor);
    }
    system.emulator.webhooks.release();
    await system.settled();
    const made = acme.portal.contactId('casey@customer.example');
    assert.deepEqual(acme.portal.ticket(ticketOf(acme, stranger.threadId)).contactIds, [made]);
    assert.equal(acme.portal.look().contacts.find(({ id }) => id === made)?.name, 'Casey Jones');
    assert.deepEqual(acme.portal.ticket(ticketOf(acme, known.threadId)).contactIds, [contactId]);
    const { evidence } = await acme.recordOf(stranger.messageId);
    assert.deepEqual(
      evidence.find(({ check }) => check === 'sender-contact'),
      { check: 'sender-contact', passed: true, seen: 'made from the sender' },
    );
  });

  it('is left alone when it is automatic, when Baton is paused, or when the rule is off; in shadow it is only noted', async () => {
    const acme = await install(ticketsFor({}, { shadow: true }));
    const from = 'casey@customer.example';
    const open = (mail: { subject: string; text: string }) => acme.portal.receiveMessage({ from, ...mail });
    const shadow = open(printer);
    await system.settled();
    await acme.saveSettings(ticketsFor({}, { paused: true }));
    const paused = open(printer);
    await system.settled();
    await acme.saveSettings(ticketsFor({ enabled: false }));
    system.emulator.clearRequests();
    await acme.saveSettings(ticketsFor());
    const automatic = open({ subject: 'Automatic reply: Offer', text: 'I am out of the office until 4 January.' });
    await system.settled();
    const told = async ({ messageId }: { messageId: string }) => {
      const { decision, reason, outcome } = await acme.recordOf(messageId);
      return [decision, reason, outcome];
    };
    assert.deepEqual(await told(shadow), ['create', null, 'shadow']);
    assert.deepEqual(await told(paused), ['stay', 'paused', 'skipped']);
    assert.deepEqual(await told(automatic), ['stay', 'automatic-reply', 'skipped']);
    assert.equal(acme.portal.listTickets().length, 0);
  });

  it("that HubSpot refuses is recorded with HubSpot's words, once, and nothing waits for it", async () => {
    const acme = await install();
    acme.portal.configure({ requiredForStage: { '1': ['hs_ticket_category'] } });
    const { messageId } = acme.portal.receiveMessage({ from: 'casey@customer.example', ...printer });
    await system.settled();
    const { outcome, reason, error } = await acme.recordOf(messageId);
    assert.deepEqual([outcome, reason], ['failed', 'refused-by-hubspot']);
    assert.match(error ?? '', /hs_ticket_category/);
    assert.equal(acme.portal.listTickets().length, 0);
    const { rows } = await system.sql.query('select subject from planned_actions where portal_id = $1', [acme.id]);
    assert.deepEqual(rows, []);
  });

  it('for which Baton lacks a permission is recorded as such', async () => {
    const acme = await install();
    system.emulator.webhooks.hold();
    const { messageId } = acme.portal.receiveMessage({ from: 'casey@customer.example', ...printer });
    acme.portal.eraseContact(acme.portal.contactId('casey@customer.example') as string);
    acme.portal.restrictScopes(['oauth', 'tickets', 'crm.objects.contacts.read', 'conversations.read']);
    system.emulator.webhooks.release();
    await system.settled();
    const { outcome, reason } = await acme.recordOf(messageId);
    assert.deepEqual([outcome, reason], ['failed', 'scope-missing']);
  });

  it('whose first message was never told becomes a ticket all the same', async () => {
    const acme = await install();
    await untilNextSecond();
    const { settings } = system.emulator.webhooks;
    const { subscriptions } = settings;
    settings.subscriptions = subscriptions.filter((one) => one.subscriptionType !== 'conversation.newMessage');
    const { threadId, messageId } = acme.portal.receiveMessage({ from: 'casey@customer.example', ...printer });
    await system.settled();
    settings.subscriptions = subscriptions;
    const record = await acme.recordOf(messageId);
    assert.deepEqual(
      [record.decision, record.trigger, record.ticketId],
      ['create', 'conversation', ticketOf(acme, threadId)],
    );
  });

  it('that was heard of costs no call to look at again', async () => {
    const acme = await install();
    system.emulator.webhooks.hold();
    acme.portal.receiveMessage({ from: 'casey@customer.example', ...printer });
    system.emulator.clearRequests();
    system.emulator.webhooks.release();
    await system.settled();
    const reads = system.emulator.requests.filter(({ path }) => /threads\/\d+$/.test(path));
    // Once to decide, once to see that the ticket is its only one.
    assert.equal(reads.length, 2);
  });

  it("goes with its ticket through a merge; with its deletion it is nobody's", async () => {
    const acme = await install();
    const from = 'casey@customer.example';
    const { threadId, messageId } = acme.portal.receiveMessage({ from, ...printer });
    await system.settled();
    const mergedId = (await acme.recordOf(messageId)).ticketId as string;
    const { ticketId: primaryId } = acme.portal.createTicket({ userId: acme.userId });
    acme.portal.mergeTickets({ primaryId, mergedId, userId: acme.userId });
    await system.settled();
    acme.portal.receiveMessage({ from, threadId, text: 'Still burning.' });
    await system.settled();
    assert.equal(acme.portal.stage(primaryId), '3');
    acme.portal.deleteTicket(primaryId);
    await system.settled();
    const { rows } = await system.sql.query('select thread_id from own_threads where portal_id = $1', [acme.id]);
    assert.deepEqual(rows, []);
  });

  it('of a visitor without an address, on a chat that a rule names, becomes a ticket without a contact', async () => {
    const chat = { id: '4400000001', address: 'chat', channelId: '1000' };
    const acme = await install(ticketsFor({ channelAccountIds: [chat.id] }), { channelAccounts: [chat] });
    const visitor = { type: 'CHANNEL_SPECIFIC_OPAQUE_ID', value: 'visitor-1' };
    const sender = { actorId: 'V-4500000001', name: 'Visitor', deliveryIdentifier: visitor };
    system.emulator.webhooks.hold();
    const item = openingItem({ threadId: '4600000001', account: chat, sender });
    const { threadId } = acme.portal.importThread({ items: [item], ticket: null });
    for (const { id } of acme.portal.look().contacts) acme.portal.eraseContact(id);
    system.emulator.webhooks.release();
    await system.settled();
    const { properties, contactIds } = acme.portal.ticket(ticketOf(acme, threadId));
    assert.deepEqual(contactIds, []);
    assert.equal(properties.subject, 'No subject (conversation 4600000001)');
    const { evidence } = await acme.recordOf(item.id);
    const contact = evidence.find(({ check }) => check === 'sender-contact');
    assert.deepEqual(contact, { check: 'sender-contact', passed: false, seen: 'the sender has no address' });
  });

  it('with the same ids in two portals becomes a ticket in each', async () => {
    const both = [await install(), await install()];
    system.emulator.webhooks.hold();
    for (const { portal } of both) {
      const account = portal.look().channelAccounts[0];
      const mailed = { type: 'HS_EMAIL_ADDRESS', value: 'casey@customer.example' };
      const sender = { actorId: 'V-4700000001', deliveryIdentifier: mailed };
      const made = { id: '4700000002', channelId: account?.channelId ?? '' };
      portal.importThread({ items: [openingItem({ threadId: '4700000003', account: made, sender })], ticket: null });
    }
    system.emulator.webhooks.release();
    await system.settled();
    for (const acme of both) {
      const { decision, ticketId } = await acme.recordOf('opening-4700000003');
      assert.deepEqual([decision, ticketId], ['create', ticketOf(acme, '4700000003')]);
      assert.equal(acme.portal.listTickets().length, 1);
    }
  });
});
