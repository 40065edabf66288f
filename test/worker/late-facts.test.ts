// What HubSpot shows only after a while, and what no webhook told of, is waited for and made up for once.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { PortalOptions } from '../../src/emulator/portal.ts';
import type { Quirks } from '../../src/emulator/world.ts';
import { type InstalledPortal, type System, startSystem } from '../support/system.ts';

type Act = (system: System, acme: InstalledPortal) => Promise<void>;

describe('what comes late', { concurrency: true }, () => {
  /** A system of its own, because each waits for some seconds. */
  async function withPortal(options: Partial<PortalOptions>, quirks: Partial<Quirks>, act: Act) {
    const system = await startSystem({ emulator: { quirks } });
    try {
      await act(system, await system.install({ portalId: '62000001', ...options }));
    } finally {
      await system.stop();
    }
  }

  it('a message that cannot be read yet is waited for', () =>
    withPortal({ ticketsForNewConversations: true }, {}, async (system, { portal, userId, recordOf }) => {
      const { threadId, ticketId } = portal.receiveMessage({ from: 'late@customer.example', text: 'Hello?' });
      await system.settled();
      system.emulator.quirks.messageLagMs = 2_000;
      const { messageId } = portal.sendMessage({ threadId, userId, text: 'Yes?' });
      await system.settled();
      assert.equal(portal.stage(ticketId as string), '2');
      assert.equal((await recordOf(messageId)).verdict, 'sent-from-ticket');
    }));

  it('a ticket that HubSpot makes after the first messages is waited for', () =>
    withPortal({ ticketsForNewConversations: 2_500 }, {}, async (system, { portal, userId, recordOf, ownMoves }) => {
      const { threadId, messageId } = portal.receiveMessage({ from: 'late@customer.example', text: 'Hello?' });
      const sent = portal.sendMessage({ threadId, userId, text: 'Yes?' });
      await system.settled();
      const { ticketId, decision } = await recordOf(sent.messageId);
      assert.equal(decision, 'move');
      assert.deepEqual(ownMoves(ticketId as string), ['2']);
      assert.equal((await recordOf(messageId)).ticketId, ticketId, "the first message's record names the ticket too");
    }));

  it('a message that is still being sent is waited for', () =>
    withPortal({ ticketsForNewConversations: true }, {}, async (system, { portal, userId, recordOf }) => {
      const { threadId, ticketId } = portal.receiveMessage({ from: 'late@customer.example', text: 'Hello?' });
      await system.settled();
      const { messageId } = portal.sendMessage({ threadId, userId, text: 'Yes?', status: 'PENDING' });
      await wait(1_000);
      portal.setMessageStatus({ threadId, messageId, status: 'SENT' });
      await system.settled();
      assert.equal(portal.stage(ticketId as string), '2');
      assert.equal((await recordOf(messageId)).verdict, 'sent-from-ticket');
    }));

  for (const latestMessageAfterIsInclusive of [false, true]) {
    it(`a lost webhook is made up for once, the listing's start ${latestMessageAfterIsInclusive ? 'in' : 'ex'}cluded`, async () => {
      const emulator = { quirks: { latestMessageAfterIsInclusive } };
      const system = await startSystem({ emulator, sweepSchedule: '* * * * * *' });
      try {
        const { portal, userId, ownMoves, records } = await system.install({
          portalId: '62000002',
          ticketsForNewConversations: true,
        });
        const { threadId, ticketId } = portal.receiveMessage({ from: 'lost@customer.example', text: 'Hello?' });
        await system.settled();
        system.emulator.webhooks.settings.lossRate = 1;
        await wait(1_100);
        portal.sendMessage({ threadId, userId, text: 'Yes?' });
        await wait(3_500);
        await system.settled();
        assert.deepEqual(ownMoves(ticketId as string), ['2']);
        assert.equal((await records()).length, 2);
      } finally {
        await system.stop();
      }
    });
  }
});
