// A worker killed between any two steps leaves every ticket right and written once.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { killAtEachStep, type Story } from '../support/killed-stories.ts';
import type { InstalledPortal } from '../support/system.ts';

const portalId = '52000001';
const at = Date.now() - 600_000;
const from = 'casey@customer.example';

/** One ticket whose agent answered and whose customer replied. */
const answered: Story = {
  name: 'a ticket that is answered and replied to',
  async make(system) {
    const acme = await system.install({ portalId, ticketsForNewConversations: true });
    const { threadId, ticketId } = acme.portal.receiveMessage({ from, text: 'It is broken.', at });
    acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Which one?', at: at + 60_000 });
    acme.portal.receiveMessage({ from, threadId, text: 'The red one.', at: at + 120_000 });
    return { check: () => checkMoved(acme, ticketId as string) };
  },
};

async function checkMoved(acme: InstalledPortal, ticketId: string): Promise<void> {
  assert.equal(acme.portal.stage(ticketId), '3');
  assert.deepEqual(acme.ownMoves(ticketId), ['3']);
  const records = await acme.records();
  assert.equal(records.length, 3);
  assert.equal(new Set(records.map((record) => record.messageId)).size, 3);
  const moved = records.filter((record) => record.decision === 'move');
  assert.equal(moved.length, 1);
  assert.equal(moved[0]?.outcome, 'done');
  assert.equal(moved[0]?.verdict, 'reply-on-originating-thread');
}

/** A conversation without a ticket, of somebody who is no contact yet. */
const opened: Story = {
  name: 'a new conversation of a stranger',
  async make(system) {
    const newConversation = { enabled: true, stageId: '1', graceSeconds: 0 };
    const acme = await system.install({ portalId }, { pipelines: { '0': { newConversation } } });
    const { threadId } = acme.portal.receiveMessage({ from, name: 'Casey Jones', text: 'It is broken.' });
    acme.portal.eraseContact(acme.portal.contactId(from) as string);
    return { check: () => checkMade(acme, threadId) };
  },
};

async function checkMade(acme: InstalledPortal, threadId: string): Promise<void> {
  const { tickets, contacts } = acme.portal.look();
  assert.equal(tickets.length, 1);
  assert.equal(contacts.length, 1);
  const ticketId = tickets[0]?.id as string;
  const { threadIds, contactIds } = acme.portal.ticket(ticketId);
  assert.deepEqual([threadIds, contactIds], [[threadId], [contacts[0]?.id]]);
  const records = await acme.records();
  assert.deepEqual(
    records.map((record) => [record.decision, record.outcome, record.ticketId]),
    [['create', 'done', ticketId]],
  );
}

describe('killing the worker between any two steps', () => {
  for (const story of [answered, opened]) {
    it(`leaves ${story.name} right and written once, with one record a message`, (context) =>
      killAtEachStep(context, story));
  }
});
