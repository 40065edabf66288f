// What a full batch costs in HubSpot calls: 110 in ten seconds is all a portal has (PLATFORM.md 5.1).
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { converse, fullSettings, makeTickets, openConversations, sendFromTickets } from '../../bench/full-batches.ts';
import { type InstalledPortal, type System, startSystem } from '../support/system.ts';

describe('a full batch', () => {
  let system: System;

  before(async () => {
    system = await startSystem();
  });
  after(() => system.stop());

  /** `METHOD /path` with ids left out, by how often it was called, token requests included. */
  function countCalls(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { method, path } of system.emulator.requests) {
      const call = `${method} ${path.replace(/\/\d{4}-\d{2}\//, '/').replaceAll(/\/\d{5,}/g, '/:id')}`;
      counts[call] = (counts[call] ?? 0) + 1;
    }
    return counts;
  }

  async function install(portalId: string): Promise<InstalledPortal> {
    return system.install({ portalId, ticketsForNewConversations: true }, fullSettings);
  }

  it('of 100 emails sent from 100 ticket records is settled in 7 calls', async () => {
    const { portal, userId, records } = await install('54000001');
    const tickets = makeTickets(portal, userId);
    await system.settled();
    const { settings } = system.emulator.webhooks;
    const { subscriptions } = settings;
    // One delivery of 100: without what else HubSpot tells of the same emails.
    settings.subscriptions = subscriptions.filter(
      ({ subscriptionType, objectType }) => subscriptionType === 'object.creation' && objectType === 'email',
    );
    system.emulator.clearRequests();
    sendFromTickets(system.emulator, portal, { userId, tickets });
    await system.settled();
    settings.subscriptions = subscriptions;
    assert.deepEqual(countCalls(), {
      'POST /crm/objects/emails/batch/read': 1,
      'POST /crm/associations/emails/tickets/batch/read': 1,
      'POST /crm/associations/tickets/contacts/batch/read': 1,
      'POST /crm/objects/contacts/batch/read': 1,
      'POST /crm/objects/tickets/batch/read': 2, // 50 inputs a call with stage history
      'POST /crm/objects/tickets/batch/update': 1,
    });
    assert.deepEqual(
      tickets.filter(({ ticketId }) => portal.stage(ticketId) !== '2'),
      [],
    );
    const written = await records();
    assert.equal(written.filter((record) => record.verdict === 'sent-from-ticket').length, 100);
  });

  it('of 100 messages on 25 threads is settled in 28 calls, and one an hour that asks for email twins', async () => {
    const { portal, userId } = await install('54000002');
    const conversations = openConversations(portal, 25);
    await system.settled();
    system.emulator.clearRequests();
    converse(system.emulator, portal, { userId, conversations });
    await system.settled();
    assert.deepEqual(countCalls(), {
      'GET /conversations/conversations/threads': 1,
      'GET /conversations/conversations/threads/:id/messages': 25,
      'POST /crm/objects/tickets/batch/read': 1,
      'POST /crm/associations/tickets/emails/batch/read': 1,
      'POST /crm/objects/tickets/batch/update': 1,
    });
    assert.deepEqual(
      conversations.filter(({ ticketId }) => portal.stage(ticketId) !== '3'),
      [],
    );
  });

  const newConversation = { enabled: true, stageId: '1', graceSeconds: 0 };
  const ticketsForAll = { pipelines: { '0': { newConversation } } };

  it('of one new conversation is settled in 5 calls, one of them to see that it has no other ticket, and in 2 more where a grace time is kept', async () => {
    const { portal, saveSettings } = await system.install({ portalId: '54000003' }, ticketsForAll);
    portal.addContact({ email: 'one@customer.example' });
    await system.settled();
    const once = {
      'GET /conversations/conversations/threads/:id': 2,
      'GET /conversations/conversations/threads/:id/messages': 1,
      'POST /crm/objects/contacts/batch/read': 1,
      'POST /crm/objects/tickets': 1,
    };
    system.emulator.clearRequests();
    portal.receiveMessage({ from: 'one@customer.example', subject: 'Printer', text: 'It does not print.' });
    await system.settled();
    assert.deepEqual(countCalls(), once);
    await saveSettings({ pipelines: { '0': { newConversation: { ...newConversation, graceSeconds: 1 } } } });
    system.emulator.clearRequests();
    // To the second, as HubSpot stamps it.
    const at = Math.ceil(Date.now() / 1_000) * 1_000;
    portal.receiveMessage({ from: 'one@customer.example', subject: 'Printer', text: 'It does not print.', at });
    await system.settled();
    assert.deepEqual(countCalls(), {
      ...once,
      'GET /conversations/conversations/threads/:id': 3,
      'GET /conversations/conversations/threads/:id/messages': 2,
    });
  });

  it('of 25 new conversations is settled in 77 calls', async () => {
    const { portal } = await system.install({ portalId: '54000004' }, ticketsForAll);
    await system.settled();
    system.emulator.webhooks.hold();
    system.emulator.clearRequests();
    for (let count = 0; count < 25; count += 1) {
      portal.receiveMessage({ from: `c${count}@customer.example`, subject: 'Printer', text: 'It does not print.' });
    }
    system.emulator.webhooks.release();
    await system.settled();
    assert.deepEqual(countCalls(), {
      'GET /conversations/conversations/threads': 1,
      'GET /conversations/conversations/threads/:id': 25,
      'GET /conversations/conversations/threads/:id/messages': 25,
      'POST /crm/objects/contacts/batch/read': 1,
      'POST /crm/objects/tickets': 25,
    });
    assert.equal(portal.listTickets().length, 25);
  });
});
