// HubSpot's out-of-office mark stands on a message's email activity alone, and many portals keep none.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { PortalOptions } from '../../src/emulator/portal.ts';
import { bothRulesOn, type InstalledPortal, type Settings, type System, startSystem } from '../support/system.ts';

describe('a reply whose email activity HubSpot marks out of office', () => {
  let system: System;
  let portals = 0;
  const from = 'casey@customer.example';
  // Nothing of it looks automatic.
  const text = 'Merry Christmas to all of you, see you in January!';
  before(async () => {
    system = await startSystem();
  });
  after(() => system.stop());

  async function answerTicket(options: Partial<PortalOptions>, settings: Settings = bothRulesOn) {
    portals += 1;
    const portalId = String(65_000_000 + portals);
    const acme = await system.install({ portalId, ticketsForNewConversations: true, ...options }, settings);
    const at = Date.now() - 600_000;
    const { threadId, ticketId } = acme.portal.receiveMessage({ from, subject: 'Fax', text: 'It beeps.', at });
    acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'How often?', at: at + 60_000 });
    await system.settled();
    assert.equal(acme.portal.stage(ticketId as string), '2');
    return { acme, threadId, ticketId: ticketId as string, at: at + 120_000 };
  }

  const looks = ({ id }: InstalledPortal): number =>
    system.emulator.requests.filter(
      ({ portalId, path }) => portalId === id && /associations\/[^/]+\/tickets\/emails\/batch\/read/.test(path),
    ).length;

  it('does not move the ticket, whatever it says', async () => {
    const { acme, threadId, ticketId, at } = await answerTicket({ twins: true });
    const { messageId } = acme.portal.receiveMessage({ from, threadId, text, outOfOffice: true, at });
    await system.settled();
    const { reason, evidence } = await acme.recordOf(messageId);
    assert.equal(reason, 'automatic-reply');
    assert.equal(evidence.find(({ check }) => check === 'automatic')?.seen, 'HubSpot marks it out of office');
    assert.equal(acme.portal.stage(ticketId), '2');
  });

  it('leaves a reply of the same sender, written soon after it, to count', async () => {
    const { acme, threadId, ticketId, at } = await answerTicket({ twins: true });
    system.emulator.webhooks.hold();
    acme.portal.receiveMessage({ from, threadId, text, outOfOffice: true, at });
    const { messageId } = acme.portal.receiveMessage({ from, threadId, text: 'Every hour.', at: at + 30_000 });
    system.emulator.webhooks.release();
    await system.settled();
    assert.equal((await acme.recordOf(messageId)).decision, 'move');
    assert.equal(acme.portal.stage(ticketId), '3');
  });

  it('moves it where the guard is off, and nothing is asked then', async () => {
    const settings = { ...bothRulesOn, guards: { automaticReplies: false } };
    const { acme, threadId, ticketId, at } = await answerTicket({ twins: true }, settings);
    acme.portal.receiveMessage({ from, threadId, text, outOfOffice: true, at });
    await system.settled();
    assert.equal(acme.portal.stage(ticketId), '3');
    assert.equal(looks(acme), 0);
  });

  it('opens no new ticket either, when its own is closed', async () => {
    const incoming = { enabled: true, stageId: '3', closed: { policy: 'never', otherwise: 'new-ticket' } };
    const settings = { pipelines: { '0': { outgoing: { enabled: true, stageId: '2' }, incoming } } };
    const { acme, threadId, ticketId, at } = await answerTicket({ twins: true }, settings);
    acme.portal.moveTicket({ ticketId, stageId: '4', userId: acme.userId, at: at - 1_000 });
    acme.portal.receiveMessage({ from, threadId, text, outOfOffice: true, at });
    await system.settled();
    assert.equal(acme.portal.listTickets().length, 1);
  });

  it('is asked for once in a portal that keeps no such activities', async () => {
    const { acme, threadId, ticketId, at } = await answerTicket({});
    for (const [index, reply] of ['Every hour.', 'Now every minute.'].entries()) {
      acme.portal.receiveMessage({ from, threadId, text: reply, at: at + index * 120_000 });
      await system.settled();
      acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'And now?', at: at + index * 120_000 + 60_000 });
      await system.settled();
    }
    assert.equal(acme.portal.stage(ticketId), '2');
    assert.equal(looks(acme), 1);
  });
});
