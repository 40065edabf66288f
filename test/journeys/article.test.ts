// HubSpot's article of 31 October 2019, "Automate ticket status and ticket actions", sentence by sentence, in our words.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Pipeline } from '../../src/emulator/state.ts';
import { type InstalledPortal, type System, startSystem } from '../support/system.ts';

const pipelines: Pipeline[] = [
  {
    id: '0',
    label: 'Support Pipeline',
    stages: [
      { id: '1', label: 'New', ticketState: 'OPEN' },
      { id: '2', label: 'Waiting on contact', ticketState: 'OPEN' },
      { id: '3', label: 'Waiting on us', ticketState: 'OPEN' },
      { id: '4', label: 'Closed', ticketState: 'CLOSED' },
    ],
  },
  {
    id: 'claims',
    label: 'Claims',
    stages: [
      { id: 'c1', label: 'Filed', ticketState: 'OPEN' },
      { id: 'c2', label: 'With the customer', ticketState: 'OPEN' },
      { id: 'c3', label: 'With us', ticketState: 'OPEN' },
    ],
  },
];

const everything = {
  newConversation: { enabled: true, stageId: '1', graceSeconds: 0 },
  outgoing: { enabled: true, stageId: '2' },
  incoming: { enabled: true, stageId: '3' },
};

describe('the article of 2019', () => {
  let system: System;
  let acme: InstalledPortal;
  let customers = 0;
  let customer = '';

  before(async () => {
    system = await startSystem();
    acme = await system.install({ portalId: '59000001', pipelines, ticketsForNewConversations: false });
  });
  after(() => system.stop());
  beforeEach(async () => {
    customers += 1;
    customer = `customer${customers}@customer.example`;
    acme.portal.configure({ ticketsForNewConversations: false });
    await acme.saveSettings({ pipelines: { '0': everything } });
  });

  /** A customer's first mail, and the ticket that came of it. */
  async function openTicket(subject = 'Printer') {
    const { threadId } = acme.portal.receiveMessage({ from: customer, subject, text: 'It does not print.' });
    await system.settled();
    const ticketId = (await acme.records()).find((record) => record.threadId === threadId)?.ticketId;
    assert.ok(ticketId, 'no ticket was made');
    return { threadId, ticketId };
  }

  const ticketsOf = () => {
    const contactId = acme.portal.contactId(customer) as string;
    return acme.portal.listTickets().filter((ticket) => ticket.contactIds.includes(contactId));
  };

  describe('“Create tickets for new conversations: each time an email arrives in the inbox”', () => {
    it('a ticket is created in the status chosen for it, with the sender as its contact', async () => {
      const { ticketId } = await openTicket('Printer on fire');
      assert.deepEqual(
        ticketsOf().map(({ id, stageId, subject }) => ({ id, stageId, subject })),
        [{ id: ticketId, stageId: '1', subject: 'Printer on fire' }],
      );
    });

    it('switched off, an email that arrives creates none', async () => {
      await acme.saveSettings({ pipelines: { '0': { ...everything, newConversation: { enabled: false } } } });
      acme.portal.receiveMessage({ from: customer, subject: 'Printer', text: 'It does not print.' });
      await system.settled();
      assert.deepEqual(ticketsOf(), []);
    });

    it('note 1, “greyed out where the inbox settings govern it”: HubSpot makes the ticket, and Baton no second one', async () => {
      acme.portal.configure({ ticketsForNewConversations: true });
      const { messageId } = acme.portal.receiveMessage({ from: customer, subject: 'Printer', text: 'Help!' });
      await system.settled();
      assert.equal(ticketsOf().length, 1);
      assert.equal((await acme.recordOf(messageId)).decision, 'stay');
    });
  });

  describe('“Change the ticket’s status on an outgoing message: an email sent to a contact from the ticket record”', () => {
    it('the ticket moves to the status chosen for it', async () => {
      const { threadId, ticketId } = await openTicket();
      acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Which printer is it?' });
      await system.settled();
      assert.equal(acme.portal.stage(ticketId), '2');
    });

    it('switched off, it stays where it is', async () => {
      const { threadId, ticketId } = await openTicket();
      await acme.saveSettings({ pipelines: { '0': { ...everything, outgoing: { enabled: false } } } });
      acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Which printer is it?' });
      await system.settled();
      assert.equal(acme.portal.stage(ticketId), '1');
    });

    for (const automaticAssociation of [false, true] as const) {
      it(`note 2, “an email sent from the contact record does not trigger it”${automaticAssociation ? ', even where HubSpot puts it on the ticket too' : ''}`, async () => {
        acme.portal.configure({ automaticAssociation });
        const { ticketId } = await openTicket();
        const contactId = acme.portal.contactId(customer) as string;
        const mail = { from: 'contact' as const, contactId, userId: acme.userId, to: customer };
        const { emailId } = acme.portal.sendMailboxEmail({ ...mail, subject: 'Offer', text: 'Have a look at this.' });
        await system.settled();
        assert.equal(acme.portal.stage(ticketId), '1');
        const record = await acme.recordOf(emailId);
        assert.equal(record.decision, 'stay');
        acme.portal.configure({ automaticAssociation: false });
      });
    }
  });

  describe('“Change the status on an incoming message: a contact replies on the same thread the ticket was created on”', () => {
    it('the ticket moves to the status chosen for it', async () => {
      const { threadId, ticketId } = await openTicket();
      acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Which printer is it?' });
      await system.settled();
      acme.portal.receiveMessage({ threadId, from: customer, text: 'The one upstairs.' });
      await system.settled();
      assert.equal(acme.portal.stage(ticketId), '3');
    });

    it('switched off, it stays where it is', async () => {
      const { threadId, ticketId } = await openTicket();
      await acme.saveSettings({ pipelines: { '0': { ...everything, incoming: { enabled: false } } } });
      acme.portal.receiveMessage({ threadId, from: customer, text: 'The one upstairs.' });
      await system.settled();
      assert.equal(acme.portal.stage(ticketId), '1');
    });

    it('“any other email sent by that contact does not trigger it”: another thread has a ticket of its own', async () => {
      const { ticketId } = await openTicket();
      const other = await openTicket('Invoice');
      assert.notEqual(other.ticketId, ticketId);
      acme.portal.receiveMessage({ threadId: other.threadId, from: customer, text: 'About the invoice again.' });
      await system.settled();
      assert.equal(acme.portal.stage(ticketId), '1');
      assert.equal(acme.portal.stage(other.ticketId), '3');
    });
  });

  describe('“Trigger actions when tickets reach a status”', () => {
    it('“send the contact a transactional ticket notification when the ticket is new”: once', async () => {
      const notify = { id: 'welcome', kind: 'send-notification', via: 'transactional', emailId: 123456 };
      acme.portal.addMarketingEmail({ id: '123456', name: 'We have your request' });
      await acme.saveSettings({ pipelines: { '0': { ...everything, stageActions: { '1': [notify] } } } });
      const { ticketId } = await openTicket();
      await system.settled();
      const sent = acme.portal.sentEmails().filter(({ to }) => to === customer);
      assert.deepEqual(
        sent.map(({ emailId }) => emailId),
        ['123456'],
      );
      assert.equal(acme.portal.stage(ticketId), '1');
      const record = (await acme.records(ticketId)).find(({ decision }) => decision === 'act');
      assert.deepEqual([record?.outcome, record?.action], ['done', { id: 'welcome', kind: 'send-notification' }]);
    });

    it('every status can have its own, and reaching it again triggers them again', async () => {
      const note = (id: string, body: string) => ({ id, kind: 'add-note', body });
      const stageActions = { '2': [note('asked', 'We asked.')], '3': [note('answered', 'They answered.')] };
      await acme.saveSettings({ pipelines: { '0': { ...everything, stageActions } } });
      const { threadId, ticketId } = await openTicket();
      for (let round = 0; round < 2; round += 1) {
        acme.portal.sendMessage({ threadId, userId: acme.userId, text: `Question ${round}?` });
        await system.settled();
        acme.portal.receiveMessage({ threadId, from: customer, text: `Answer ${round}.` });
        await system.settled();
      }
      const acts = (await acme.records(ticketId)).filter(({ decision }) => decision === 'act').reverse();
      assert.deepEqual(
        acts.map(({ action, outcome }) => [action?.id, outcome]),
        [
          ['asked', 'done'],
          ['answered', 'done'],
          ['asked', 'done'],
          ['answered', 'done'],
        ],
      );
    });
  });

  it('“for each pipeline”: every pipeline has its own toggles and statuses', async () => {
    const claims = { outgoing: { enabled: true, stageId: 'c2' }, incoming: { enabled: true, stageId: 'c3' } };
    await acme.saveSettings({ pipelines: { '0': everything, claims } });
    const { threadId, ticketId } = await openTicket();
    const { contactId } = acme.portal.addContact({ email: `claimant-${customer}` });
    const made = { pipelineId: 'claims', stageId: 'c1', userId: acme.userId, contactIds: [contactId] };
    const claim = acme.portal.createTicket(made).ticketId;
    const mail = {
      ticketId: claim,
      userId: acme.userId,
      to: `claimant-${customer}`,
      subject: 'Claim',
      text: 'Photos?',
    };
    const { threadId: claimThread } = acme.portal.startThread(mail);
    acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Which printer is it?' });
    await system.settled();
    assert.deepEqual([acme.portal.stage(ticketId), acme.portal.stage(claim)], ['2', 'c2']);
    acme.portal.receiveMessage({ threadId: claimThread, from: `claimant-${customer}`, text: 'Here they are.' });
    await system.settled();
    assert.deepEqual([acme.portal.stage(ticketId), acme.portal.stage(claim)], ['2', 'c3']);
  });
});
