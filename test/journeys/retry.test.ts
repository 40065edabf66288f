// What HubSpot's trouble outlived: it is given up, said so, and made good when a person presses "Try again".
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { type InstalledPortal, type System, startSystem } from '../support/system.ts';

describe('retry by hand', () => {
  let system: System;
  let acme: InstalledPortal;
  let customers = 0;

  before(async () => {
    system = await startSystem();
    acme = await system.install({ portalId: '57000001', ticketsForNewConversations: true });
  });
  after(() => system.stop());

  async function openTicket() {
    customers += 1;
    const from = `r${customers}@customer.example`;
    const { threadId, ticketId } = acme.portal.receiveMessage({ from, text: 'Hello?' });
    await system.settled();
    return { from, threadId, ticketId: ticketId as string };
  }

  /** As if the day of growing gaps had passed (worker/backoff.ts): what has failed once has one try left, now. */
  async function passTheDay(): Promise<void> {
    const giveUpAt = Date.now() + 20_000;
    const waiting = async (where: string): Promise<number> => {
      const { rows } = await system.sql.query(
        `select count(*)::int as count from inbox where portal_id = $1 and ${where}`,
        [acme.id],
      );
      return rows[0].count;
    };
    while ((await waiting('attempts = 0')) > 0 || (await waiting('true')) === 0) {
      assert.ok(Date.now() < giveUpAt, 'nothing failed');
      await wait(20);
    }
    while ((await waiting('true')) > 0) {
      assert.ok(Date.now() < giveUpAt, 'nothing died');
      await system.sql.query('update inbox set attempts = 14, run_at = now() where portal_id = $1 and run_at > now()', [
        acme.id,
      ]);
      await system.sql.query('update lanes set due_at = now() where portal_id = $1', [acme.id]);
      await wait(50);
    }
  }

  async function readRetryForm(filter = 'outcome=dead'): Promise<{ page: string; fields: Record<string, string> }> {
    const { text } = await acme.agent.get(`/activity?${filter}`).expect(200);
    const form =
      /<form method="post" action="\/activity\/retry">(?:(?!<\/form>)[\s\S])*name="record"[\s\S]*?<\/form>/.exec(text);
    assert.ok(form, 'no form to try again');
    const fields = [...form[0].matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]);
    return { page: text, fields: Object.fromEntries(fields) };
  }

  async function pressRetry(filter?: string): Promise<void> {
    const { fields } = await readRetryForm(filter);
    const answer = await acme.agent.post('/activity/retry').type('form').send(fields).expect(303);
    const { text } = await acme.agent.get(answer.headers.location as string).expect(200);
    assert.match(text, /It is being tried again/);
  }

  async function recordsOf(messageId: string) {
    const records = await acme.records();
    return records.filter((record) => record.messageId === messageId);
  }

  it('a message that died moves its ticket after all, with one further record that replaces the dead one', async () => {
    const { threadId, ticketId } = await openTicket();
    const heal = system.emulator.faults.add({ path: /\/threads\//, kind: 'status', status: 503 });
    const { messageId } = acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Yes?' });
    await system.emulator.webhooks.idle();
    await passTheDay();
    heal();
    const [dead, ...none] = await recordsOf(messageId);
    assert.deepEqual([dead?.outcome, dead?.decision, none.length], ['dead', 'stay', 0]);
    assert.equal(acme.portal.stage(ticketId), '1');
    assert.match((await readRetryForm()).page, /Baton gave up on one message/);

    await pressRetry();
    await system.settled();
    assert.deepEqual(acme.ownMoves(ticketId), ['2']);
    const [record, replaced, ...rest] = await recordsOf(messageId);
    assert.deepEqual([record?.outcome, record?.decision, rest.length], ['done', 'move', 0]);
    assert.equal(replaced?.id, dead?.id);
    const { rows } = await system.sql.query('select replaces, revision from records where id = $1', [record?.id]);
    assert.deepEqual(rows, [{ replaces: dead?.id, revision: 2 }]);
    const { text } = await acme.agent.get('/activity?outcome=dead').expect(200);
    assert.doesNotMatch(text, /gave up on|name="record"/);
    const story = await acme.agent.get(`/tickets/${ticketId}`).expect(200);
    assert.match(story.text, /It is the contact’s turn/);
  });

  it('where a person or a newer message was faster, trying again changes nothing', async () => {
    const { threadId, ticketId, from } = await openTicket();
    const heal = system.emulator.faults.add({ path: /\/threads\//, kind: 'status', status: 503 });
    const { messageId } = acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Yes?' });
    await system.emulator.webhooks.idle();
    await passTheDay();
    heal();
    await wait(1_100); // HubSpot's incoming messages are stamped to the second
    acme.portal.receiveMessage({ from, threadId, text: 'Thank you, and one more thing' });
    await system.settled();
    assert.deepEqual(acme.ownMoves(ticketId), ['3']);
    await pressRetry();
    await system.settled();
    const [record] = await recordsOf(messageId);
    assert.deepEqual([record?.decision, record?.reason], ['stay', 'stale']);
    assert.deepEqual(acme.ownMoves(ticketId), ['3']);
  });

  it('what fails again for a day is given up again, and can be tried once more', async () => {
    const { threadId, ticketId } = await openTicket();
    const heal = system.emulator.faults.add({ path: /\/threads\//, kind: 'status', status: 503 });
    const { messageId } = acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Yes?' });
    await system.emulator.webhooks.idle();
    await passTheDay();
    await pressRetry();
    await passTheDay();
    assert.deepEqual(
      (await recordsOf(messageId)).map(({ outcome }) => outcome),
      ['dead', 'dead'],
    );
    heal();
    await pressRetry();
    await system.settled();
    assert.deepEqual(acme.ownMoves(ticketId), ['2']);
    assert.deepEqual(
      (await recordsOf(messageId)).map(({ outcome }) => outcome),
      ['done', 'dead', 'dead'],
    );
  });

  it('a message that only the sweep had found is tried again through the look at its thread', async () => {
    const { threadId, ticketId } = await openTicket();
    await wait(1_100); // the sweep compares whole seconds
    const heal = system.emulator.faults.add({ path: /tickets\/batch\/update/, kind: 'status', status: 503 });
    system.emulator.webhooks.settings.lossRate = 1;
    const { messageId } = acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Yes?' });
    system.emulator.webhooks.settings.lossRate = 0;
    await system.db.sweeps.startSweep('messages', new Date());
    await passTheDay();
    heal();
    assert.deepEqual(
      (await recordsOf(messageId)).map(({ outcome }) => outcome),
      ['dead'],
    );
    await pressRetry();
    await system.settled();
    assert.deepEqual(acme.ownMoves(ticketId), ['2']);
    assert.deepEqual(
      (await recordsOf(messageId)).map(({ outcome, decision }) => [outcome, decision]),
      [
        ['done', 'move'],
        ['dead', 'stay'],
      ],
    );
  });

  it('what a missing permission stopped is kept, and done once the permission is granted', async () => {
    const { threadId, ticketId } = await openTicket();
    const granted = (await system.db.portals.findPortal(acme.id))?.scopes ?? [];
    acme.portal.restrictScopes(['oauth', 'tickets', 'crm.objects.contacts.read']);
    const { messageId } = acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Yes?' });
    await system.settled();
    const told = (records: Awaited<ReturnType<typeof recordsOf>>) =>
      records.map(({ outcome, reason, decision }) => `${outcome} ${reason ?? decision}`);
    assert.deepEqual(told(await recordsOf(messageId)), ['failed scope-missing']);
    const { page } = await readRetryForm('reason=scope-missing');
    assert.match(
      page,
      /Baton gave up on one message.*[\s\S]*it lacks a permission in HubSpot.*href="\/oauth\/install"/,
    );

    await pressRetry('reason=scope-missing');
    await system.settled();
    assert.deepEqual(told(await recordsOf(messageId)), ['failed scope-missing'], 'still missing is no news');

    acme.portal.restrictScopes(granted);
    await pressRetry('reason=scope-missing');
    await system.settled();
    assert.deepEqual(acme.ownMoves(ticketId), ['2']);
    assert.deepEqual(told(await recordsOf(messageId)), ['done move', 'failed scope-missing']);
  });
});
