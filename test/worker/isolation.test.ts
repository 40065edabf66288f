// What fails takes nothing else with it, and nothing is lost or waits for ever.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { bothRulesOn, type InstalledPortal, type System, startSystem } from '../support/system.ts';

describe('a failure', () => {
  let system: System;
  let acme: InstalledPortal;
  let customers = 0;

  before(async () => {
    system = await startSystem();
    const settings = { ...bothRulesOn, mailbox: { evidence: 'associated' } };
    acme = await system.install({ portalId: '64000001', ticketsForNewConversations: true }, settings);
  });
  after(() => system.stop());

  async function openTicket() {
    customers += 1;
    const from = `c${customers}@customer.example`;
    const { threadId, ticketId } = acme.portal.receiveMessage({ from, text: 'Hello?' });
    await system.settled();
    return { from, threadId, ticketId: ticketId as string };
  }

  async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
    const giveUpAt = Date.now() + 30_000;
    while (!(await holds())) {
      assert.ok(Date.now() < giveUpAt, 'did not come about within 30 s');
      await wait(20);
    }
  }

  /** An inbox row as the database keeps it, for what HubSpot would not send. */
  async function insertEvent(event: Record<string, unknown>, attempts: number, receivedAt = new Date()): Promise<void> {
    const key = 'f'.repeat(32);
    const packed = { key, subscriptionType: 'baton.sweep', occurredAt: new Date(), ...event };
    await system.sql.query(
      'insert into inbox (portal_id, run_at, attempts, event, received_at) values ($1, now(), $2, $3, $4)',
      [acme.id, attempts, packed, receivedAt],
    );
    await system.sql.query('update lanes set due_at = least(due_at, now()) where portal_id = $1', [acme.id]);
  }

  it('of reading emails holds up no message', async () => {
    const { from, threadId, ticketId } = await openTicket();
    const other = await openTicket();
    const remove = system.emulator.faults.add({ path: /emails\/batch\/read/, kind: 'status', status: 502 });
    system.emulator.webhooks.hold();
    const mail = { userId: acme.userId, to: other.from, subject: 'Offer', text: 'Have a look.' };
    const { emailId } = acme.portal.sendMailboxEmail({ ...mail, from: 'ticket', ticketId: other.ticketId });
    acme.portal.sendMessage({ threadId, userId: acme.userId, text: `Yes, ${from}?` });
    system.emulator.webhooks.release();
    await until(() => acme.portal.stage(ticketId) === '2');
    assert.equal(acme.portal.stage(other.ticketId), '1');
    remove();
    await system.settled();
    assert.equal(acme.portal.stage(other.ticketId), '2');
    assert.equal((await acme.recordOf(emailId)).outcome, 'done');
  });

  it('of one thread keeps only its own events waiting', async () => {
    const [broken, sound] = [await openTicket(), await openTicket()];
    const path = new RegExp(`threads/${broken.threadId}/messages`);
    const remove = system.emulator.faults.add({ path, kind: 'status', status: 500 });
    system.emulator.webhooks.hold();
    for (const { threadId } of [broken, sound]) {
      acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Yes?' });
    }
    system.emulator.webhooks.release();
    await until(() => acme.portal.stage(sound.ticketId) === '2');
    assert.equal(acme.portal.stage(broken.ticketId), '1');
    remove();
    await system.settled();
    assert.equal(acme.portal.stage(broken.ticketId), '2');
  });

  it('of all of HubSpot is found out by a few calls, not by one for each thread', async () => {
    const tickets = [];
    for (let count = 0; count < 12; count += 1) tickets.push(await openTicket());
    const remove = system.emulator.faults.add({ path: /conversations/, kind: 'status', status: 503 });
    system.emulator.webhooks.hold();
    for (const { threadId } of tickets) acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Yes?' });
    system.emulator.clearRequests();
    system.emulator.webhooks.release();
    await until(async () => {
      const { rows } = await system.sql.query('select min(attempts) as least from inbox');
      return rows[0].least === 1;
    });
    // The listing, and of four threads two answers each, three tries a call; further calls were on their way then.
    assert.ok(
      system.emulator.countRequests(acme.id) <= 3 + 8 * 2 * 3,
      `${system.emulator.countRequests(acme.id)} calls`,
    );
    remove();
    await system.settled();
    for (const { ticketId } of tickets) assert.equal(acme.portal.stage(ticketId), '2');
  });

  it('of the write leaves a message that no webhook told of to be tried again', async () => {
    const { from, threadId, ticketId } = await openTicket();
    const at = Date.now();
    system.emulator.webhooks.settings.lossRate = 1;
    const { messageId } = acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Yes?', at: at - 5_000 });
    system.emulator.webhooks.settings.lossRate = 0;
    system.emulator.faults.add({ path: /tickets\/batch\/update/, kind: 'drop', times: 1 });
    const answer = { subject: 'Automatic reply: Hello', text: 'I am out of the office until 4 January.' };
    const automatic = acme.portal.receiveMessage({ from, threadId, ...answer, at });
    await system.settled();
    assert.equal((await acme.recordOf(automatic.messageId)).reason, 'automatic-reply');
    assert.deepEqual(acme.ownMoves(ticketId), ['2']);
    const record = await acme.recordOf(messageId);
    assert.equal(record.decision, 'move');
    assert.equal(record.trigger, 'sweep');
  });

  it('at the last try of a look that two messages share ends it once, with a record of each', async () => {
    const { from, threadId, ticketId } = await openTicket();
    system.emulator.webhooks.settings.lossRate = 1;
    const at = Date.now();
    const sent = acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Yes?', at: at - 4_000 });
    const reply = acme.portal.receiveMessage({ from, threadId, text: 'The red one.', at: at - 2_000 });
    system.emulator.webhooks.settings.lossRate = 0;
    const remove = system.emulator.faults.add({ path: /tickets\/batch\/update/, kind: 'drop' });
    await insertEvent({ kind: 'conversation', threadId, occurredAt: new Date(at - 2_000) }, 14);
    await system.settled();
    remove();
    for (const { messageId } of [sent, reply]) assert.equal((await acme.recordOf(messageId)).outcome, 'dead');
    const { rows } = await system.sql.query('select error_code from dead_events');
    assert.deepEqual(rows, [{ error_code: 'hubspot-unknown-outcome' }]);
    assert.deepEqual(acme.ownMoves(ticketId), []);
  });

  it('of the database to take what an event tells counts as a try, and the others go on without it', async () => {
    const { threadId, ticketId } = await openTicket();
    system.emulator.webhooks.hold();
    const { messageId } = acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Yes?' });
    // Claimed together: nothing of the portal is taken before both are there.
    await system.sql.query("update lanes set paused_until = now() + interval '1 hour'");
    // No list of ids, where PostgreSQL wants one.
    await insertEvent({ kind: 'ticket-merged', ticketId: '1', mergedTicketIds: 'nonsense' }, 2);
    system.emulator.webhooks.release();
    await system.emulator.webhooks.idle();
    const told = `select 1 from inbox where event ->> 'messageId' = $1`;
    await until(async () => (await system.sql.query(told, [messageId])).rowCount === 1);
    await system.sql.query('update lanes set paused_until = null');
    const records = async () => (await acme.records(ticketId)).filter((record) => record.messageId === messageId);
    const poison = "select attempts from inbox where event ->> 'kind' = 'ticket-merged'";
    await until(async () => (await records()).length === 1);
    assert.deepEqual(acme.ownMoves(ticketId), ['2']);
    assert.equal((await acme.recordOf(messageId)).outcome, 'done');
    assert.deepEqual((await system.sql.query(poison)).rows, [{ attempts: 3 }]);
    await system.sql.query("delete from inbox where event ->> 'kind' = 'ticket-merged'");
    await system.settled();
  });

  it('to show what a time in the future promises is not waited for until then', async () => {
    const { threadId } = await openTicket();
    const minuteMs = 60_000;
    const occurredAt = new Date(Date.now() + 600 * minuteMs);
    await insertEvent({ kind: 'conversation', threadId, occurredAt }, 0, new Date(Date.now() - 2 * minuteMs));
    await insertEvent(
      { kind: 'message', threadId, messageId: 'none', occurredAt },
      0,
      new Date(Date.now() - 2 * minuteMs),
    );
    await system.settled(4_000);
    assert.equal((await acme.recordOf('none')).reason, 'not-a-message');
  });
});
