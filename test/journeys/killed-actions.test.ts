// A worker killed between any two steps of a status's actions: each is done once, and the customer is mailed once.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { killAtCalls, type Story } from '../support/killed-stories.ts';
import type { InstalledPortal } from '../support/system.ts';
import { openTimeline } from '../support/timeline.ts';
import { callAction, workflowCall } from '../support/workflow-call.ts';

const portalId = '52000002';
const from = 'casey@customer.example';

async function checkRecords(acme: InstalledPortal, ticketId: string, ids: string[]): Promise<void> {
  const acts = (await acme.records(ticketId)).filter(({ action }) => action !== null).reverse();
  assert.deepEqual(
    acts.map(({ action, outcome }) => [action?.id, outcome]),
    ids.map((id) => [id, 'done']),
  );
}

const replied: Story = {
  name: 'a reply on the thread, a note, a task and a property',
  async make(system) {
    const acme = await system.install({ portalId, ticketsForNewConversations: true }, null);
    const outgoing = { enabled: true, stageId: '2' };
    const actions = [
      {
        id: 'reply',
        kind: 'send-notification',
        via: 'thread',
        senderUserId: acme.userId,
        body: 'We have it, {{contact.firstname}}.',
      },
      { id: 'note', kind: 'add-note', body: 'A <note>.' },
      { id: 'task', kind: 'create-task', subject: 'Call {{contact.firstname}}', dueInHours: 1 },
      { id: 'urgent', kind: 'set-property', property: 'hs_ticket_priority', value: 'HIGH' },
    ];
    await acme.saveSettings({ pipelines: { '0': { outgoing, stageActions: { '1': actions } } } });
    const mail = { from, name: 'Casey Jones', text: 'It is broken.' };
    const { threadId, ticketId } = acme.portal.receiveMessage(mail) as { threadId: string; ticketId: string };
    return {
      async check() {
        const timeline = openTimeline(system, portalId);
        try {
          assert.equal((await timeline.sent(threadId)).length, 1);
          assert.equal((await timeline.notes(ticketId)).length, 1);
          assert.equal((await timeline.tasks(ticketId)).length, 1);
        } finally {
          await timeline.close();
        }
        assert.equal(acme.portal.ticket(ticketId).properties.hs_ticket_priority, 'HIGH');
        assert.equal(acme.portal.stage(ticketId), '1');
        await checkRecords(acme, ticketId, ['reply', 'note', 'task', 'urgent']);
        // The customer's mail, and the reply that came back as an event.
        assert.equal((await acme.records(ticketId)).length, 6);
      },
    };
  },
};

const mailed: Story = {
  name: 'a transactional email',
  async make(system) {
    const acme = await system.install({ portalId }, null);
    acme.portal.addMarketingEmail({ id: '5', name: 'We have your request' });
    const actions = [{ id: 'mail', kind: 'send-notification', via: 'transactional', emailId: 5 }];
    await acme.saveSettings({ pipelines: { '0': { stageActions: { '1': actions } } } });
    const { contactId } = acme.portal.addContact({ email: from });
    const made = { pipelineId: '0', stageId: '1', userId: acme.userId, contactIds: [contactId] };
    const { ticketId } = acme.portal.createTicket(made);
    return {
      async check() {
        assert.equal(acme.portal.sentEmails().length, 1);
        await checkRecords(acme, ticketId, ['mail']);
      },
    };
  },
};

const asked: Story = {
  name: 'a reply that a workflow asked for',
  async make(system) {
    const acme = await system.install({ portalId, ticketsForNewConversations: true }, null);
    const { threadId, ticketId } = acme.portal.receiveMessage({ from, text: 'It is broken.' });
    const inputFields = { via: 'thread', senderUserId: acme.userId, body: 'We have it.' };
    const call = workflowCall({ callbackId: 'ap-1', portalId, ticketId: ticketId as string, inputFields });
    assert.equal(await callAction(system, 'send-notification', call), 'SUCCESS');
    return {
      async check() {
        const timeline = openTimeline(system, portalId);
        try {
          assert.equal((await timeline.sent(threadId)).length, 1);
        } finally {
          await timeline.close();
        }
        await checkRecords(acme, ticketId as string, ['workflow']);
      },
    };
  },
};

describe('killing the worker around any change in HubSpot', () => {
  it('does a reply on the thread, a note, a task and a property once, with one record an action', (context) =>
    killAtCalls(context, replied, [
      { method: 'POST', path: /\/threads\/\d+\/messages$/ },
      { method: 'POST', path: /\/objects\/[\d-]+\/notes$/ },
      { method: 'POST', path: /\/objects\/[\d-]+\/tasks$/ },
      { method: 'PATCH', path: /\/objects\/[\d-]+\/tickets\/\d+$/ },
    ]));

  it('sends a transactional email once, with one record', (context) =>
    killAtCalls(context, mailed, [{ method: 'POST', path: /\/single-email\/send$/ }]));

  it('sends once what a workflow asked for, with one record', (context) =>
    killAtCalls(context, asked, [{ method: 'POST', path: /\/threads\/\d+\/messages$/ }]));
});
