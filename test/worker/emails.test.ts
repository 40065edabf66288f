// Email activities whose facts come one after the other, or change afterwards.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { bothRulesOn, type InstalledPortal, type System, startSystem } from '../support/system.ts';

const trusting = { ...bothRulesOn, mailbox: { evidence: 'associated' } };

describe('an email activity', () => {
  let system: System;
  let acme: InstalledPortal;
  let customers = 0;

  before(async () => {
    system = await startSystem();
    acme = await system.install({ portalId: '65000001', ticketsForNewConversations: true }, trusting);
  });
  after(() => system.stop());

  async function openTicket() {
    customers += 1;
    const to = `c${customers}@customer.example`;
    const { ticketId } = acme.portal.receiveMessage({ from: to, text: 'Hello?' });
    await system.settled();
    const mail = { userId: acme.userId, to, subject: 'Offer', text: 'Have a look at this.' };
    return { ticketId: ticketId as string, mail: { ...mail, from: 'ticket' as const, ticketId: ticketId as string } };
  }

  async function recordsOf(emailId: string) {
    return (await acme.records()).filter((record) => record.emailId === emailId);
  }

  it('that was scheduled counts when it is sent, by the association it had from the start', async () => {
    const { ticketId, mail } = await openTicket();
    // Made 57 s ago: in time when first seen, too late by the clock when it is sent.
    const { emailId } = acme.portal.sendMailboxEmail({ ...mail, status: 'SCHEDULED', at: Date.now() - 57_000 });
    await system.settled();
    assert.equal((await acme.recordOf(emailId)).reason, 'not-a-message');
    await wait(4_000);
    acme.portal.setEmailStatus({ emailId, status: 'SENT' });
    await system.settled();
    const [now, ...before] = await recordsOf(emailId);
    assert.equal(now?.verdict, 'sent-from-ticket', JSON.stringify(now?.evidence));
    assert.equal(before.length, 1);
    assert.equal(acme.portal.stage(ticketId), '2');
  });

  it('that is put on a ticket after it was recorded is decided anew', async () => {
    const { ticketId, mail } = await openTicket();
    const { emailId } = acme.portal.sendMailboxEmail({ ...mail, from: 'contact', automatic: false });
    // Not after a time: on a busy machine the first look may come later than any.
    const giveUpAt = Date.now() + 20_000;
    while ((await recordsOf(emailId)).length === 0 && Date.now() < giveUpAt) await wait(20);
    acme.portal.associateEmail({ emailId, userId: acme.userId, ticketIds: [ticketId] });
    await system.settled();
    assert.equal(acme.portal.stage(ticketId), '2');
    assert.deepEqual(
      (await recordsOf(emailId)).map(({ reason }) => reason),
      [null, 'no-ticket'],
    );
  });

  it('that moved a ticket moves nothing when it is put on another, or taken off', async () => {
    const [one, other] = [await openTicket(), await openTicket()];
    const { emailId } = acme.portal.sendMailboxEmail(one.mail);
    await system.settled();
    const change = { emailId, userId: acme.userId };
    acme.portal.associateEmail({ ...change, ticketIds: [other.ticketId] });
    acme.portal.associateEmail({ ...change, ticketIds: [one.ticketId], remove: true });
    await system.settled();
    assert.equal(acme.portal.stage(one.ticketId), '2');
    assert.equal(acme.portal.stage(other.ticketId), '1');
    assert.equal((await recordsOf(emailId)).length, 1);
  });

  it('that did not count stays so when mailbox evidence is switched on later', async () => {
    const { ticketId, mail } = await openTicket();
    await acme.saveSettings({ ...bothRulesOn, mailbox: { evidence: 'off' } });
    const { emailId } = acme.portal.sendMailboxEmail(mail);
    await system.settled();
    await acme.saveSettings(trusting);
    acme.portal.setEmailStatus({ emailId, status: 'SENDING' });
    acme.portal.setEmailStatus({ emailId, status: 'SENT' });
    await system.settled();
    assert.equal(acme.portal.stage(ticketId), '1');
    assert.deepEqual(
      (await recordsOf(emailId)).map(({ reason }) => reason),
      ['sent-elsewhere'],
    );
  });
});

describe('the stage decided on', () => {
  it('is read again where finding the own thread took long: a person who moved the ticket meanwhile is not overruled', async () => {
    const system = await startSystem();
    try {
      const { portal, userId, recordOf } = await system.install({ portalId: '65000002' });
      const { threadId } = portal.receiveMessage({ from: 'own@customer.example', text: 'Hello?' });
      const other = portal.receiveMessage({ from: 'own@customer.example', text: 'And the invoice?' });
      const threadIds = [threadId, other.threadId];
      const { ticketId } = portal.createTicket({ userId, pipelineId: '0', stageId: '1', threadIds });
      await system.settled();
      let listed = false;
      system.emulator.onRequest(async ({ path }, phase) => {
        if (phase !== 'applied' || !path.endsWith('/threads') || listed) return;
        listed = true;
        await wait(1_100);
        portal.moveTicket({ ticketId, stageId: '4', userId });
      });
      const { messageId } = portal.sendMessage({ threadId, userId, text: 'Yes?' });
      await system.settled();
      assert.ok(listed, 'the threads of the ticket were asked for');
      assert.equal((await recordOf(messageId)).reason, 'person-moved-it');
      assert.equal(portal.stage(ticketId), '4');
    } finally {
      await system.stop();
    }
  });
});
