// The main job as people see it: who writes what in HubSpot, and where the ticket ends.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type InstalledPortal, type System, startSystem } from '../support/system.ts';

let system: System;
let acme: InstalledPortal;

/** A customer's mail that HubSpot made a ticket of. */
function openTicket(from: string) {
  const { threadId, ticketId } = acme.portal.receiveMessage({ from, subject: 'Printer', text: 'It does not print.' });
  assert.ok(ticketId);
  return { threadId, ticketId };
}

describe('the main job', () => {
  before(async () => {
    system = await startSystem();
    acme = await system.install({ portalId: '51000001', ticketsForNewConversations: true });
  });
  after(() => system.stop());

  describe('an email sent from the ticket record', () => {
    it('moves the ticket to waiting on contact, and the record says why', async () => {
      const { threadId, ticketId } = openTicket('one@customer.example');
      const { messageId } = acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Which printer is it?' });
      await system.settled();
      assert.equal(acme.portal.stage(ticketId), '2');
      const record = await acme.recordOf(messageId);
      assert.equal(record.verdict, 'sent-from-ticket');
      assert.equal(record.decision, 'move');
      assert.equal(record.outcome, 'done');
      assert.equal(record.fromStageId, '1');
      assert.equal(record.toStageId, '2');
      assert.equal(record.reason, null);
      assert.ok(record.latencyMs !== null && record.latencyMs < 10_000);
      assert.deepEqual(
        record.evidence.filter((check) => !check.passed),
        [],
      );
    });

    it('moves a ticket made by hand when it is composed on its record, and a reply to it moves it back', async () => {
      const { contactId } = acme.portal.addContact({ email: 'two@customer.example' });
      const { ticketId } = acme.portal.createTicket({
        pipelineId: '0',
        stageId: '1',
        userId: acme.userId,
        contactIds: [contactId],
      });
      const sent = {
        ticketId,
        userId: acme.userId,
        to: 'two@customer.example',
        subject: 'Your call',
        text: 'As discussed.',
      };
      const { threadId } = acme.portal.startThread(sent);
      await system.settled();
      assert.equal(acme.portal.stage(ticketId), '2');
      acme.portal.receiveMessage({ from: 'two@customer.example', threadId, text: 'It works now, except for the fax.' });
      await system.settled();
      assert.equal(acme.portal.stage(ticketId), '3');
    });

    it('leaves the ticket alone when it went only to somebody who is no contact of it', async () => {
      const { threadId, ticketId } = openTicket('three@customer.example');
      const to = ['supplier@elsewhere.example'];
      const { messageId } = acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Can you deliver?', to });
      await system.settled();
      assert.equal(acme.portal.stage(ticketId), '1');
      assert.equal((await acme.recordOf(messageId)).reason, 'sent-to-others');
    });
  });

  describe('a reply on the thread the ticket was created on', () => {
    it('moves the ticket to waiting on us', async () => {
      const { threadId, ticketId } = openTicket('four@customer.example');
      acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Which printer is it?' });
      await system.settled();
      const { messageId } = acme.portal.receiveMessage({
        from: 'four@customer.example',
        threadId,
        text: 'The one upstairs.',
      });
      await system.settled();
      assert.equal(acme.portal.stage(ticketId), '3');
      assert.equal((await acme.recordOf(messageId)).verdict, 'reply-on-originating-thread');
    });

    it('does not move it when it is an out-of-office answer', async () => {
      const { threadId, ticketId } = openTicket('five@customer.example');
      acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Which printer is it?' });
      await system.settled();
      const { messageId } = acme.portal.receiveMessage({
        from: 'five@customer.example',
        threadId,
        subject: 'Automatic reply: Printer',
        text: 'Thank you for your email. I am out of the office until 4 January with no access to my mailbox.',
      });
      await system.settled();
      assert.equal(acme.portal.stage(ticketId), '2');
      assert.equal((await acme.recordOf(messageId)).reason, 'automatic-reply');
    });
  });

  describe('any other mail', () => {
    it('by the same contact on another thread does not move the ticket', async () => {
      const { threadId, ticketId } = openTicket('six@customer.example');
      acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Which printer is it?' });
      await system.settled();
      const other = acme.portal.receiveMessage({
        from: 'six@customer.example',
        subject: 'Invoice',
        text: 'A question.',
      });
      const reply = acme.portal.receiveMessage({
        from: 'six@customer.example',
        threadId: other.threadId,
        text: 'And another.',
      });
      await system.settled();
      assert.equal(acme.portal.stage(ticketId), '2');
      assert.notEqual((await acme.recordOf(reply.messageId)).ticketId, ticketId);
    });

    it('from the contact record does not move the ticket, associated or not', async () => {
      const { ticketId } = openTicket('seven@customer.example');
      await acme.saveSettings({
        pipelines: { '0': { outgoing: { enabled: true, stageId: '2' }, incoming: { enabled: true, stageId: '3' } } },
        mailbox: { evidence: 'associated' },
      });
      const contactId = acme.portal.ticket(ticketId).contactIds[0] as string;
      const mail = { from: 'contact' as const, contactId, userId: acme.userId, to: 'seven@customer.example' };
      const { emailId } = acme.portal.sendMailboxEmail({ ...mail, subject: 'Offer', text: 'Have a look at this.' });
      await system.settled();
      assert.equal(acme.portal.stage(ticketId), '1');
      assert.equal((await acme.recordOf(emailId)).reason, 'no-ticket');
    });

    it('from the ticket record by a personal mailbox moves the ticket where associations are evidence', async () => {
      const { ticketId } = openTicket('eight@customer.example');
      const mail = { from: 'ticket' as const, ticketId, userId: acme.userId, to: 'eight@customer.example' };
      const { emailId } = acme.portal.sendMailboxEmail({ ...mail, subject: 'Re: Printer', text: 'Which one?' });
      await system.settled();
      const record = await acme.recordOf(emailId);
      assert.equal(record.verdict, 'sent-from-ticket', JSON.stringify(record.evidence));
      assert.equal(acme.portal.stage(ticketId), '2');
    });
  });
});
