// What Baton itself did, and what people undid, needs no webhook of its own to go on from.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type InstalledPortal, roomyLimits, type System, startSystem } from '../support/system.ts';
import { openTimeline, type Timeline } from '../support/timeline.ts';

const minuteMs = 60_000;
const note = (id: string) => ({ id, kind: 'add-note', body: `note ${id}` });
const rules = {
  newConversation: { enabled: true, stageId: '1', graceSeconds: 0 },
  outgoing: { enabled: true, stageId: '2' },
  incoming: { enabled: true, stageId: '3', closed: { policy: 'never', otherwise: 'new-ticket' } },
  stageActions: { '1': [note('new')], '2': [note('ours')] },
};

describe('when HubSpot tells nothing of tickets', () => {
  let system: System;
  let acme: InstalledPortal;
  let timeline: Timeline;

  before(async () => {
    system = await startSystem({ emulator: { limits: roomyLimits } });
    acme = await system.install({ portalId: '68000001' }, { pipelines: { '0': rules } });
    timeline = openTimeline(system, acme.id);
    await system.sql.query(`update portals set installed_at = now() - interval '1 day'`);
  });
  after(async () => {
    await timeline.close();
    await system.stop();
  });

  async function untold(act: () => void): Promise<void> {
    const { settings } = system.emulator.webhooks;
    const { subscriptions } = settings;
    settings.subscriptions = subscriptions.filter(({ objectType }) => objectType !== 'ticket');
    act();
    await system.settled();
    settings.subscriptions = subscriptions;
  }

  /** A conversation that Baton made a ticket for some time ago. */
  async function openConversation(from: string) {
    const { threadId } = acme.portal.receiveMessage({ from, text: 'Hello?', at: Date.now() - 30 * minuteMs });
    await system.settled();
    const ticketId = acme.portal.thread(threadId).ticketId ?? assert.fail('no ticket');
    await system.sql.query(`update records set at = at - interval '20 minutes' where ticket_id = $1`, [ticketId]);
    return { from, threadId, ticketId };
  }

  /** Not through the page: a session ends with its installation's date. */
  async function listRecords() {
    return (await system.db.records.listRecords(acme.id, { limit: 100 })).records;
  }
  const recordOf = async (messageId: string) =>
    (await listRecords()).find((record) => record.messageId === messageId) ?? assert.fail('no record');

  it('the actions of a ticket that Baton made run, and those of the status it moved it to', async () => {
    let threadId = '';
    await untold(() => {
      threadId = acme.portal.receiveMessage({ from: 'casey@customer.example', text: 'Hello?' }).threadId;
    });
    const ticketId = acme.portal.thread(threadId).ticketId ?? assert.fail('no ticket');
    assert.deepEqual(await timeline.notes(ticketId), ['note new']);
    await untold(() => void acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Yes?' }));
    assert.equal(acme.portal.stage(ticketId), '2');
    assert.deepEqual(await timeline.notes(ticketId), ['note new', 'note ours']);
  });

  it('they run once when HubSpot tells of them as well', async () => {
    const { threadId, ticketId } = await openConversation('once@customer.example');
    acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Yes?' });
    await system.settled();
    assert.deepEqual(await timeline.notes(ticketId), ['note new', 'note ours']);
    const acts = (await listRecords()).filter((record) => record.ticketId === ticketId && record.action !== null);
    assert.equal(acts.length, 2);
  });

  it('a ticket of ours that was deleted holds its thread no more than one HubSpot told of', async () => {
    const told = await openConversation('told@customer.example');
    const lost = await openConversation('lost@customer.example');
    acme.portal.deleteTicket(told.ticketId);
    await system.settled();
    await untold(() => acme.portal.deleteTicket(lost.ticketId));
    const ends = [];
    for (const { from, threadId } of [told, lost]) {
      const { messageId } = acme.portal.receiveMessage({
        from,
        threadId,
        text: 'Well?',
        at: Date.now() - 2 * minuteMs,
      });
      await system.settled();
      const { verdict, decision, reason } = await recordOf(messageId);
      ends.push({ verdict, decision, reason });
    }
    assert.deepEqual(ends[1], ends[0]);
    const { rows } = await system.sql.query('select thread_id from own_threads where ticket_id = any($1)', [
      [told.ticketId, lost.ticketId],
    ]);
    assert.deepEqual(rows, []);
  });

  it('the ticket that one of ours followed takes its place again when that one is deleted', async () => {
    const other = await system.install(
      { portalId: '68000002', ticketsForNewConversations: true },
      { pipelines: { '0': rules } },
    );
    const from = 'again@customer.example';
    const at = Date.now() - 30 * minuteMs;
    const { threadId, ticketId } = other.portal.receiveMessage({ from, text: 'Hello?', at });
    await system.settled();
    other.portal.moveTicket({ ticketId: ticketId as string, stageId: '4', userId: other.userId, at: at + minuteMs });
    await system.settled();
    const followUp = async () => {
      const { messageId } = other.portal.receiveMessage({ from, threadId, text: 'Well?' });
      await system.settled();
      const { decision, reason, ticketId: madeId } = await other.recordOf(messageId);
      assert.deepEqual([decision, reason], ['create', null]);
      return madeId ?? assert.fail('no ticket');
    };
    const first = await followUp();
    await system.sql.query(`update records set at = at - interval '20 minutes' where ticket_id = $1`, [first]);
    await untold(() => other.portal.deleteTicket(first));
    assert.notEqual(await followUp(), first);
  });

  it('one that was made moments ago is not forgotten because HubSpot does not show it', async () => {
    const { threadId, ticketId, from } = await openConversation('young@customer.example');
    await system.sql.query(`update records set at = now() where ticket_id = $1`, [ticketId]);
    await untold(() => acme.portal.deleteTicket(ticketId));
    const { messageId } = acme.portal.receiveMessage({ from, threadId, text: 'Well?', at: Date.now() - 2 * minuteMs });
    await system.settled();
    assert.equal((await recordOf(messageId)).reason, 'ticket-gone');
    const { rows } = await system.sql.query('select thread_id from own_threads where ticket_id = $1', [ticketId]);
    assert.deepEqual(rows, [{ thread_id: threadId }]);
  });
});
