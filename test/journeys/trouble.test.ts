// What HubSpot refuses, withholds or takes away: nothing is lost, nothing is doubled, and the record says what happened.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { bothRulesOn, type InstalledPortal, type System, startSystem } from '../support/system.ts';

describe('trouble with HubSpot', () => {
  let system: System;
  let acme: InstalledPortal;
  let customers = 0;

  before(async () => {
    system = await startSystem();
    acme = await system.install({ portalId: '54000001', ticketsForNewConversations: true });
  });
  after(() => system.stop());

  /** A ticket whose agent has just answered; what Baton makes of it is what each test looks at. */
  async function answerTicket() {
    customers += 1;
    const { threadId, ticketId } = acme.portal.receiveMessage({
      from: `c${customers}@customer.example`,
      text: 'Hello?',
    });
    await system.settled();
    const { messageId } = acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Yes?' });
    return { threadId, ticketId: ticketId as string, messageId };
  }

  it('an access token that ran out is refreshed once, and the work goes on', async () => {
    acme.portal.expireTokens();
    const { ticketId } = await answerTicket();
    await system.settled();
    assert.equal(acme.portal.stage(ticketId), '2');
  });

  it('an answer that was lost after the change was made moves the ticket once and is recorded as done', async () => {
    system.emulator.faults.add({ path: /tickets\/batch\/update/, times: 1, kind: 'apply-then-drop' });
    const { ticketId, messageId } = await answerTicket();
    await system.settled();
    assert.deepEqual(acme.ownMoves(ticketId), ['2']);
    const record = await acme.recordOf(messageId);
    assert.equal(record.decision, 'move');
    assert.equal(record.outcome, 'done');
    assert.equal(record.fromStageId, '1');
  });

  it('a write that HubSpot never saw is made by the next try', async () => {
    system.emulator.faults.add({ path: /tickets\/batch\/update/, times: 1, kind: 'drop' });
    const { ticketId } = await answerTicket();
    await system.settled();
    assert.deepEqual(acme.ownMoves(ticketId), ['2']);
  });

  it('five bad answers in a row end in one move', async () => {
    system.emulator.faults.add({ path: /tickets\/batch\/read/, times: 5, kind: 'status', status: 503 });
    const { ticketId, messageId } = await answerTicket();
    await system.settled();
    assert.deepEqual(acme.ownMoves(ticketId), ['2']);
    assert.equal((await acme.recordOf(messageId)).outcome, 'done');
  });

  it("a move that the portal's own rules refuse is recorded with HubSpot's words, and moves no other ticket's fate", async () => {
    acme.portal.configure({ requiredForStage: { '2': ['hs_ticket_category'] } });
    const { ticketId, messageId } = await answerTicket();
    await system.settled();
    acme.portal.configure({ requiredForStage: {} });
    assert.equal(acme.portal.stage(ticketId), '1');
    const record = await acme.recordOf(messageId);
    assert.equal(record.decision, 'stay');
    assert.equal(record.reason, 'refused-by-hubspot');
    assert.equal(record.outcome, 'failed');
    assert.match(String(record.error), /hs_ticket_category/);
  });

  it('paused: decided and recorded, and not made up for later', async () => {
    await acme.saveSettings({ ...bothRulesOn, paused: true });
    const { ticketId, messageId } = await answerTicket();
    await system.settled();
    assert.equal((await acme.recordOf(messageId)).reason, 'paused');
    await acme.saveSettings(bothRulesOn);
    await system.settled();
    assert.equal(acme.portal.stage(ticketId), '1');
  });

  it('shadow: decided and recorded as a move, and nothing written to HubSpot', async () => {
    await acme.saveSettings({ ...bothRulesOn, shadow: true });
    const { ticketId, messageId } = await answerTicket();
    await system.settled();
    const record = await acme.recordOf(messageId);
    assert.equal(record.decision, 'move');
    assert.equal(record.outcome, 'shadow');
    assert.equal(record.toStageId, '2');
    assert.equal(acme.portal.stage(ticketId), '1');
    assert.deepEqual(acme.ownMoves(ticketId), []);
    await acme.saveSettings(bothRulesOn);
  });

  it('a ticket that was deleted in between is gone, and said so', async () => {
    system.emulator.webhooks.hold();
    const { threadId, ticketId } = acme.portal.receiveMessage({ from: 'gone@customer.example', text: 'Hello?' });
    const { messageId } = acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Yes?' });
    acme.portal.deleteTicket(ticketId as string);
    system.emulator.webhooks.release();
    await system.settled(70_000);
    assert.equal((await acme.recordOf(messageId)).reason, 'ticket-gone');
  });

  it('after a merge, a reply on the thread of the ticket merged away moves the one that is left', async () => {
    const { threadId, ticketId } = await answerTicket();
    const other = await answerTicket();
    await system.settled();
    acme.portal.mergeTickets({ primaryId: other.ticketId, mergedId: ticketId, userId: acme.userId });
    await system.settled();
    const { messageId } = acme.portal.receiveMessage({
      from: `c${customers - 1}@customer.example`,
      threadId,
      text: 'And this?',
    });
    await system.settled();
    const record = await acme.recordOf(messageId);
    assert.equal(record.verdict, 'reply-on-originating-thread', JSON.stringify(record.evidence));
    assert.equal(acme.portal.stage(record.ticketId as string), '3');
  });

  it('a missing scope ends the work with a record that names it', async () => {
    acme.portal.restrictScopes(['oauth', 'tickets', 'crm.objects.contacts.read']);
    system.emulator.webhooks.hold();
    customers += 1;
    const { threadId } = acme.portal.receiveMessage({ from: `c${customers}@customer.example`, text: 'Hello?' });
    const { messageId } = acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Yes?' });
    system.emulator.webhooks.release();
    await system.settled();
    const record = await acme.recordOf(messageId);
    assert.equal(record.reason, 'scope-missing');
    assert.equal(record.outcome, 'failed');
    assert.match(String(record.error), /conversations\.read/);
  });

  it('an uninstall in HubSpot is noticed at the next refresh: waiting events end, and nothing calls HubSpot any more', async () => {
    acme.portal.install();
    const { ticketId } = await answerTicket();
    await system.settled();
    system.emulator.webhooks.hold();
    const { threadId } = acme.portal.receiveMessage({ from: 'last@customer.example', text: 'Hello?' });
    acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Yes?' });
    system.emulator.webhooks.release();
    acme.portal.uninstall();
    await system.settled();
    const portal = await system.db.portals.findPortal(acme.id);
    assert.equal(portal?.status, 'revoked');
    const { rows } = await system.sql.query('select count(*)::int as tokens from tokens where portal_id = $1', [
      acme.id,
    ]);
    assert.equal(rows[0].tokens, 0);
    await acme.agent.get('/api/settings').expect(401);
    system.emulator.clearRequests();
    await wait(300);
    assert.equal(system.emulator.countRequests(acme.id), 0);
    assert.ok(ticketId);
  });
});
