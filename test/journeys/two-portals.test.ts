// Two portals side by side never see each other, by page, API, webhook or worker.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { bothRulesOn, type InstalledPortal, type System, startSystem } from '../support/system.ts';

describe('two portals installed side by side', () => {
  let system: System;
  let north: InstalledPortal;
  let south: InstalledPortal;

  before(async () => {
    system = await startSystem({ workers: 2 });
    north = await system.install({ portalId: '53000001', domain: 'north.example', ticketsForNewConversations: true });
    south = await system.install(
      { portalId: '53000002', domain: 'south.example', ticketsForNewConversations: true },
      null,
    );
  });
  after(() => system.stop());

  it('keep their settings apart', async () => {
    const mine = await north.agent.get('/api/settings').expect(200);
    const other = await south.agent.get('/api/settings').expect(200);
    assert.equal(mine.body.portal.id, north.id);
    assert.equal(other.body.portal.id, south.id);
    assert.equal(mine.body.version, 1);
    assert.equal(other.body.version, 0);
    assert.deepEqual(other.body.settings.pipelines, {});
    await south.saveSettings({ shadow: true });
    assert.equal((await north.agent.get('/api/settings')).body.settings.shadow, false);
  });

  it('the same ids in both mean different tickets: rules of one never move those of the other', async () => {
    await south.saveSettings({});
    const items = recordedItems();
    const inNorth = north.portal.importThread({ items: items as never, append: 1 });
    const inSouth = south.portal.importThread({
      items: items as never,
      append: 1,
      ticket: { ticketId: inNorth.ticketId as string },
    });
    assert.equal(inNorth.threadId, inSouth.threadId);
    assert.equal(inNorth.ticketId, inSouth.ticketId);
    for (const item of items.slice(1)) {
      north.portal.appendRecordedItem(inNorth.threadId, item as never);
      south.portal.appendRecordedItem(inSouth.threadId, item as never);
    }
    await system.settled();
    const ticketId = inNorth.ticketId as string;
    assert.equal(north.portal.stage(ticketId), '2');
    assert.equal(south.portal.stage(ticketId), '1');
    assert.deepEqual(south.ownMoves(ticketId), []);
    const ofNorth = await north.records(ticketId);
    const ofSouth = await south.records(ticketId);
    assert.equal(ofNorth.length, 2);
    assert.equal(ofSouth.length, 2);
    assert.ok(ofSouth.every((record) => record.outcome === 'skipped'));
    const ids = new Set(ofNorth.map((record) => record.id));
    assert.ok(ofSouth.every((record) => !ids.has(record.id)));
  });

  it('a page or filter of one shows nothing of the other', async () => {
    const { threadId, ticketId } = north.portal.receiveMessage({ from: 'casey@north.example', text: 'Hello?' });
    north.portal.sendMessage({ threadId, userId: north.userId, text: 'Yes?' });
    await system.settled();
    assert.ok((await north.records(ticketId as string)).length > 0);
    await north.agent.get(`/tickets/${ticketId}`).expect(200);
    await south.agent.get(`/tickets/${ticketId}`).expect(404);
    assert.deepEqual(await south.records(ticketId as string), []);
    const page = await south.agent.get('/activity').expect(200);
    assert.ok(!page.text.includes(ticketId as string));
    const mine = await north.records();
    const after = await south.agent.get('/api/records').query({ after: mine[0]?.id, limit: 100 }).expect(200);
    const foreign = new Set(mine.map((record) => record.id));
    assert.ok(after.body.records.every((record: { id: string }) => !foreign.has(record.id)));
  });

  it("one's CSRF token does not save the other's settings, and a session is of one portal", async () => {
    const { csrfToken } = (await north.agent.get('/api/settings')).body;
    const refused = await south.agent
      .put('/api/settings')
      .set('X-CSRF-Token', csrfToken)
      .send({ basedOn: 0, settings: {} });
    assert.equal(refused.status, 403);
  });

  it('each is read and written with its own token only', async () => {
    const calls = system.emulator.requests.filter((request) => request.status === 401 || request.status === 403);
    assert.deepEqual(calls, []);
    const { rows } = await system.sql.query('select portal_id, access_token from tokens order by portal_id');
    assert.equal(rows.length, 2);
    assert.notDeepEqual(rows[0].access_token, rows[1].access_token);
    await assert.rejects(swapTokens(), /does not open the tokens/);
  });

  it('one that is out of HubSpot calls holds up nothing of the other', async () => {
    await south.saveSettings(bothRulesOn);
    system.emulator.faults.add({
      portalId: north.id,
      path: /threads/,
      times: 1000,
      kind: 'status',
      status: 429,
      body: rateLimit,
    });
    const busy = north.portal.receiveMessage({ from: 'busy@north.example', text: 'Hello?' });
    north.portal.sendMessage({ threadId: busy.threadId, userId: north.userId, text: 'Yes?' });
    const quiet = south.portal.receiveMessage({ from: 'quiet@south.example', text: 'Hello?' });
    const startedAt = Date.now();
    south.portal.sendMessage({ threadId: quiet.threadId, userId: south.userId, text: 'Yes?' });
    while (south.portal.stage(quiet.ticketId as string) !== '2') {
      assert.ok(Date.now() - startedAt < 5_000, 'the other portal waited');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.equal(north.portal.stage(busy.ticketId as string), '1');
  });

  const rateLimit = {
    status: 'error',
    message: 'You have reached your ten_secondly_rolling limit.',
    policyName: 'TEN_SECONDLY_ROLLING',
  };

  /** Puts one portal's encrypted tokens into the other's row: the database alone must not be enough to use them. */
  async function swapTokens(): Promise<unknown> {
    const { rows } = await system.sql.query('select * from tokens where portal_id = $1', [north.id]);
    const { rows: kept } = await system.sql.query('select * from tokens where portal_id = $1', [south.id]);
    const set = 'update tokens set access_token = $2, refresh_token = $3 where portal_id = $1';
    await system.sql.query(set, [south.id, rows[0].access_token, rows[0].refresh_token]);
    try {
      return await system.db.tokens.findToken(south.id);
    } finally {
      await system.sql.query(set, [south.id, kept[0].access_token, kept[0].refresh_token]);
    }
  }
});

function recordedItems() {
  const item = (id: string, createdAt: string, direction: 'INCOMING' | 'OUTGOING') => {
    const visitor = { type: 'HS_EMAIL_ADDRESS', value: 'casey@customer.example' };
    const team = { type: 'HS_EMAIL_ADDRESS', value: 'support@agency.example' };
    const incoming = direction === 'INCOMING';
    const actorId = incoming ? 'V-101' : 'A-8835724';
    return {
      id,
      conversationsThreadId: '8243595013',
      createdAt,
      createdBy: actorId,
      client: { clientType: 'HUBSPOT' },
      senders: [{ actorId, senderField: 'FROM', deliveryIdentifier: incoming ? visitor : team }],
      recipients: [{ recipientField: 'TO', deliveryIdentifier: incoming ? team : visitor }],
      archived: false,
      text: 'Words of a test.',
      status: { statusType: incoming ? 'RECEIVED' : 'SENT' },
      direction,
      channelId: '1002',
      channelAccountId: '779894945',
      type: 'MESSAGE',
    };
  };
  return [item('m-1', '2024-10-21T11:09:16Z', 'INCOMING'), item('m-2', '2024-10-21T11:15:11.699Z', 'OUTGOING')];
}
