// A late reply to a closed ticket opens a new one that follows it, and its thread goes on with the new one.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { PortalOptions } from '../../src/emulator/portal.ts';
import { type InstalledPortal, type Settings, type System, startSystem } from '../support/system.ts';

function lateRepliesOpen(changes: Settings = {}): Settings {
  const closed = { policy: 'never', otherwise: 'new-ticket' };
  const rules = {
    newConversation: { enabled: true, stageId: '1', graceSeconds: 0 },
    outgoing: { enabled: true, stageId: '2' },
    incoming: { enabled: true, stageId: '3', closed },
  };
  return { pipelines: { '0': rules }, guards: { thanksKeepsClosed: true }, ...changes };
}

describe('a reply outside the window of its closed ticket', () => {
  let system: System;
  let portals = 0;
  const from = 'casey@customer.example';
  before(async () => {
    system = await startSystem();
  });
  after(() => system.stop());

  /** A conversation whose ticket (HubSpot's, or Baton's own) was closed by an agent some time ago. */
  async function closeTicket(
    options: Partial<PortalOptions> = { ticketsForNewConversations: true },
    settings = lateRepliesOpen(),
  ) {
    portals += 1;
    const acme = await system.install({ portalId: String(73_000_000 + portals), ...options }, settings);
    const at = Date.now() - 600_000;
    const { threadId } = acme.portal.receiveMessage({ from, subject: 'Fire', text: 'It burns.', at });
    await system.settled();
    const oldId = acme.portal.thread(threadId).ticketId as string;
    acme.portal.moveTicket({ ticketId: oldId, stageId: '4', userId: acme.userId, at: at + 60_000 });
    await system.settled();
    return { acme, threadId, oldId, at };
  }

  /** Ids of the tickets beside the old one. */
  const others = ({ portal }: InstalledPortal, oldId: string): string[] =>
    portal.listTickets().flatMap(({ id }) => (id === oldId ? [] : [id]));

  for (const [who, options] of [
    ['HubSpot', { ticketsForNewConversations: true }],
    ['Baton', {}],
  ] as const) {
    it(`opens a new ticket after one that ${who} made, and both ways the thread acts on the new one alone`, async () => {
      const { acme, threadId, oldId } = await closeTicket(options);
      const reply = acme.portal.receiveMessage({ from, threadId, text: 'It burns again.' });
      await system.settled();
      const [newId, ...more] = others(acme, oldId);
      assert.ok(newId);
      assert.deepEqual(more, []);
      const record = await acme.recordOf(reply.messageId);
      assert.deepEqual(
        [record.decision, record.reason, record.outcome, record.ticketId, record.toStageId],
        ['create', null, 'done', newId, '1'],
      );
      assert.equal(record.evidence.find(({ check }) => check === 'follows-ticket')?.seen, oldId);
      assert.deepEqual(acme.portal.ticket(newId).contactIds, [acme.portal.contactId(from)]);
      const sent = acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Which one?' });
      await system.settled();
      assert.equal(acme.portal.stage(newId), '2');
      assert.equal((await acme.recordOf(sent.messageId)).verdict, 'sent-from-ticket');
      const second = acme.portal.receiveMessage({ from, threadId, text: 'The red one.' });
      await system.settled();
      assert.equal(acme.portal.stage(newId), '3');
      assert.equal((await acme.recordOf(second.messageId)).verdict, 'reply-on-originating-thread');
      assert.equal(acme.portal.stage(oldId), '4');
      assert.deepEqual(others(acme, oldId), [newId]);
    });
  }

  it('opens one ticket when two come at once; the second is a reply on it', async () => {
    const { acme, threadId, oldId } = await closeTicket();
    system.emulator.webhooks.hold();
    const now = Date.now();
    const first = acme.portal.receiveMessage({ from, threadId, text: 'It burns again.', at: now - 3_000 });
    const second = acme.portal.receiveMessage({ from, threadId, text: 'And now the curtain.', at: now - 1_000 });
    system.emulator.webhooks.release();
    await system.settled();
    const [newId, ...more] = others(acme, oldId);
    assert.deepEqual(more, []);
    assert.equal((await acme.recordOf(first.messageId)).decision, 'create');
    const record = await acme.recordOf(second.messageId);
    assert.deepEqual(
      [record.ticketId, record.decision, record.verdict],
      [newId, 'move', 'reply-on-originating-thread'],
    );
    assert.equal(acme.portal.stage(newId as string), '3');
  });

  it('that only says thanks opens none, and none is opened where the rule leaves the ticket closed', async () => {
    const { acme, threadId, oldId } = await closeTicket();
    const thanks = acme.portal.receiveMessage({ from, threadId, text: 'Thank you very much!' });
    await system.settled();
    assert.equal((await acme.recordOf(thanks.messageId)).reason, 'thanks');
    const closed = { policy: 'never', otherwise: 'leave' };
    await acme.saveSettings({ pipelines: { '0': { incoming: { enabled: true, stageId: '3', closed } } } });
    const late = acme.portal.receiveMessage({ from, threadId, text: 'It burns again.' });
    await system.settled();
    assert.equal((await acme.recordOf(late.messageId)).reason, 'closed-outside-window');
    assert.deepEqual(others(acme, oldId), []);
  });

  for (const kind of ['apply-then-drop', 'drop'] as const) {
    it(`opens one ticket when the answer is lost (${kind})`, async () => {
      const { acme, threadId, oldId } = await closeTicket();
      system.emulator.faults.add({ method: 'POST', path: /objects\/[^/]+\/tickets$/, times: 1, kind });
      const { messageId } = acme.portal.receiveMessage({ from, threadId, text: 'It burns again.' });
      await system.settled();
      const [newId, ...more] = others(acme, oldId);
      assert.deepEqual(more, []);
      assert.equal((await acme.recordOf(messageId)).ticketId, newId);
    });
  }

  it('follows a ticket that follows one, each closed in its turn', async () => {
    const { acme, threadId, oldId } = await closeTicket();
    const seen = [oldId];
    for (const text of ['It burns again.', 'And again.']) {
      const { messageId } = acme.portal.receiveMessage({ from, threadId, text });
      await system.settled();
      const { ticketId } = await acme.recordOf(messageId);
      assert.ok(ticketId && !seen.includes(ticketId));
      seen.push(ticketId);
      acme.portal.moveTicket({ ticketId, stageId: '4', userId: acme.userId, at: Date.now() - 120_000 });
      await system.settled();
    }
    assert.equal(acme.portal.listTickets().length, 3);
  });
});
