// Where the sheets call a fact of HubSpot's uncertain, the main job comes out the same under either answer.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { PortalOptions } from '../../src/emulator/portal.ts';
import { defaultQuirks, type Quirks } from '../../src/emulator/world.ts';
import { bothRulesOn, type InstalledPortal, type System, startSystem } from '../support/system.ts';

type Answer = { name: string; quirks?: Partial<Quirks>; portal?: Partial<PortalOptions> };

const answers: Answer[] = [
  { name: 'as the sheets hold likely' },
  { name: 'a batch update refuses any bad input whole', quirks: { batchUpdate: 'refuse-any' } },
  { name: 'a batch update succeeds in part', quirks: { batchUpdate: 'partial' } },
  { name: 'a page of messages holds fewer than asked for', quirks: { sparseMessagePages: true } },
  { name: 'items of one second stand by their printed time', quirks: { sameSecondOrder: 'createdAt' } },
  { name: 'associated ids are printed as numbers', quirks: { numericToObjectIds: true } },
  { name: 'threads are called conversations in paths', quirks: { threadAssociationName: 'conversations' } },
  { name: 'a refresh ends the old refresh token', quirks: { rotatesRefreshTokens: true } },
  { name: 'messages of a team address have email activities too', portal: { twins: true } },
  {
    name: 'all at once',
    quirks: {
      batchUpdate: 'partial',
      sparseMessagePages: true,
      sameSecondOrder: 'createdAt',
      numericToObjectIds: true,
      threadAssociationName: 'conversations',
      rotatesRefreshTokens: true,
      latestMessageAfterIsInclusive: true,
    },
    portal: { twins: true },
  },
];

const settings = { ...bothRulesOn, mailbox: { evidence: 'associated' } };

/** Both directions, mail that must move nothing, a batch with a refused move, and a ticket that a mailbox answers. */
async function doMainJob(system: System, acme: InstalledPortal): Promise<void> {
  const { portal, userId } = acme;
  const at = Date.now() - 600_000;
  const open = (from: string) => {
    const { threadId, ticketId, messageId } = portal.receiveMessage({ from, subject: 'Fax', text: 'It beeps.', at });
    return { threadId, ticketId: ticketId as string, messageId };
  };
  const [one, two, three] = [
    open('one@customer.example'),
    open('two@customer.example'),
    open('three@customer.example'),
  ];
  await system.settled();
  for (const { ticketId } of [one, two, three])
    assert.equal(portal.stage(ticketId), '1', 'a first message moves nothing');

  portal.expireTokens();
  portal.sendMessage({ threadId: one.threadId, userId, text: 'How often?', at: at + 60_000 });
  await system.settled();
  assert.equal(portal.stage(one.ticketId), '2');

  // One batch: a reply that moves its ticket, an answer whose move the portal refuses.
  portal.configure({ requiredForStage: { '2': ['hs_ticket_category'] } });
  system.emulator.webhooks.hold();
  portal.receiveMessage({ from: 'one@customer.example', threadId: one.threadId, text: 'Twice.', at: at + 120_000 });
  const refused = portal.sendMessage({ threadId: two.threadId, userId, text: 'How often?', at: at + 120_000 });
  system.emulator.webhooks.release();
  await system.settled();
  portal.configure({ requiredForStage: {} });
  assert.equal(portal.stage(one.ticketId), '3');
  assert.equal(portal.stage(two.ticketId), '1');
  assert.equal((await acme.recordOf(refused.messageId)).reason, 'refused-by-hubspot');

  portal.expireTokens();
  const elsewhere = portal.receiveMessage({ from: 'three@customer.example', text: 'Another thing.', at: at + 180_000 });
  const contactId = portal.ticket(three.ticketId).contactIds[0] as string;
  const mail = { userId, to: 'three@customer.example', subject: 'Offer', text: 'Have a look at this.' };
  portal.sendMailboxEmail({ ...mail, from: 'contact', contactId });
  await system.settled();
  assert.equal(portal.stage(three.ticketId), '1');
  assert.notEqual((await acme.recordOf(elsewhere.messageId)).ticketId, three.ticketId);
  portal.sendMailboxEmail({ ...mail, from: 'ticket', ticketId: three.ticketId });
  await system.settled();
  assert.equal(portal.stage(three.ticketId), '2');
  assert.deepEqual(acme.ownMoves(one.ticketId), ['2', '3']);
  assert.deepEqual(acme.ownMoves(two.ticketId), []);
  assert.deepEqual(acme.ownMoves(three.ticketId), ['2']);
}

describe('the main job', () => {
  let system: System;
  before(async () => {
    system = await startSystem();
  });
  after(() => system.stop());

  for (const [index, { name, quirks, portal }] of answers.entries()) {
    it(`is right when HubSpot answers so: ${name}`, async () => {
      Object.assign(system.emulator.quirks, defaultQuirks, quirks);
      const options = { portalId: String(61_000_001 + index), ticketsForNewConversations: true, ...portal };
      await doMainJob(system, await system.install(options, settings));
      assert.deepEqual(system.emulator.unknownRequests, []);
    });
  }
});

describe('what comes late', { concurrency: true }, () => {
  /** A system of its own, because each waits for some seconds. */
  async function withPortal(options: Partial<PortalOptions>, quirks: Partial<Quirks>, act: typeof doMainJob) {
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
