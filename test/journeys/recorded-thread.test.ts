// The conversation recorded in 2024, replayed item by item through the whole running system.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type InstalledPortal, type System, startSystem } from '../support/system.ts';

const samples = fileURLToPath(new URL('../../../shared/hubspot/samples/', import.meta.url));

type Item = { id: string; type: string; direction?: string; createdAt: string; client: { clientType: string } };

/** The recording where it is at hand; else a thread of the same shape: three incoming, two outgoing, two system items. */
function readItems(): Item[] {
  const file = `${samples}thread-messages.email.recorded-2024.json`;
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')).results;
  return makeItems();
}

const visitor = {
  actorId: 'V-101',
  senderField: 'FROM',
  deliveryIdentifier: { type: 'HS_EMAIL_ADDRESS', value: 'casey@customer.example' },
};
const agent = {
  actorId: 'A-8835724',
  senderField: 'FROM',
  deliveryIdentifier: { type: 'HS_EMAIL_ADDRESS', value: 'support@agency.example' },
};

function makeItems(): Item[] {
  const base = { conversationsThreadId: '8243595013', archived: false };
  const mail = {
    ...base,
    type: 'MESSAGE',
    client: { clientType: 'HUBSPOT' },
    channelId: '1002',
    channelAccountId: '779894945',
  };
  const incoming = (id: string, createdAt: string) => ({
    ...mail,
    id,
    createdAt,
    direction: 'INCOMING',
    createdBy: 'V-101',
    senders: [visitor],
    recipients: [{ recipientField: 'TO', deliveryIdentifier: agent.deliveryIdentifier }],
    status: { statusType: 'RECEIVED' },
    text: 'One more thing about the order.',
  });
  const outgoing = (id: string, createdAt: string) => ({
    ...mail,
    id,
    createdAt,
    direction: 'OUTGOING',
    createdBy: 'A-8835724',
    senders: [agent],
    recipients: [{ recipientField: 'TO', deliveryIdentifier: visitor.deliveryIdentifier }],
    status: { statusType: 'SENT' },
    text: 'We are looking into it.',
  });
  const system = (id: string, type: string, createdAt: string) => ({
    ...base,
    id,
    type,
    createdAt,
    createdBy: 'S-hubspot',
    client: { clientType: 'SYSTEM' },
    senders: [{ actorId: 'S-hubspot' }],
    recipients: [],
  });
  return [
    incoming('c6f5237b-ca83-47ed-9e3c-000000000001', '2024-10-21T11:09:16Z'),
    system('5a7cb7bd-810d-44b8-b79c-000000000002', 'THREAD_STATUS_CHANGE', '2024-10-21T11:09:22.587Z'),
    outgoing('f511eb3892ba4e948b1e7ad800000003', '2024-10-21T11:15:11.699Z'),
    system('b2ebf776-723b-4523-bed5-000000000004', 'ASSIGNMENT', '2024-10-21T11:15:12.063Z'),
    incoming('be066bfd-d0f2-43b1-8f5d-000000000005', '2024-10-21T11:20:28Z'),
    incoming('dc358e41-8155-4beb-8be1-000000000006', '2024-10-21T11:38:33Z'),
    outgoing('66a8e3e68ba746ed8aeb000000000007', '2024-10-21T11:39:29.389Z'),
  ];
}

/** What PRODUCT.md says of each message of the recording, by its place. */
const expected = [
  { at: 0, stage: '1', verdict: 'opens-conversation', decision: 'stay', reason: 'first-message' },
  { at: 2, stage: '2', verdict: 'sent-from-ticket', decision: 'move', reason: null },
  { at: 4, stage: '3', verdict: 'reply-on-originating-thread', decision: 'move', reason: null },
  { at: 5, stage: '3', verdict: 'reply-on-originating-thread', decision: 'stay', reason: 'already-there' },
  { at: 6, stage: '2', verdict: 'sent-from-ticket', decision: 'move', reason: null },
];

describe('the recorded conversation', () => {
  const items = readItems();
  let system: System;
  let agency: InstalledPortal;
  let thread: { threadId: string; ticketId: string | null };

  before(async () => {
    system = await startSystem();
    agency = await system.install({ portalId: '51000002' });
  });
  after(() => system.stop());

  it('has the shape the replay is about', () => {
    const shape = items.map((item) => item.direction ?? item.type);
    assert.deepEqual(shape, [
      'INCOMING',
      'THREAD_STATUS_CHANGE',
      'OUTGOING',
      'ASSIGNMENT',
      'INCOMING',
      'INCOMING',
      'OUTGOING',
    ]);
  });

  for (const [index, item] of items.entries()) {
    const wanted = expected.find(({ at }) => at === index);
    const ends = wanted ? `leaves the ticket in stage ${wanted.stage}` : 'leaves no record';
    it(`item ${index + 1} (${item.direction ?? item.type}) ${ends}`, async () => {
      if (index === 0) {
        thread = agency.portal.importThread({ items: items as never, append: 1 });
      } else agency.portal.appendRecordedItem(thread.threadId, item as never);
      await system.settled();
      const records = (await agency.records()).filter((record) => record.messageId === item.id);
      if (!wanted) return assert.equal(records.length, 0);
      assert.equal(records.length, 1);
      const [record] = records;
      assert.ok(record);
      const seen = { verdict: record.verdict, decision: record.decision, reason: record.reason };
      assert.deepEqual(seen, { verdict: wanted.verdict, decision: wanted.decision, reason: wanted.reason });
      assert.ok(record.evidence.length > 0);
      assert.equal(record.ticketId, thread.ticketId);
      assert.equal(agency.portal.stage(thread.ticketId as string), wanted.stage);
    });
  }

  it('was written to HubSpot once for each move', () => {
    assert.deepEqual(agency.ownMoves(thread.ticketId as string), ['2', '3', '2']);
  });

  it('delivered again as it was recorded in 2023 changes nothing for a portal that is not installed', async () => {
    const file = `${samples}webhook.conversation.newMessage.recorded-2023.json`;
    const recorded = existsSync(file)
      ? readFileSync(file, 'utf8')
      : '[{"eventId":3269195544,"subscriptionId":2371671,"portalId":20000001,"appId":2000001,"occurredAt":1702439388898,"subscriptionType":"conversation.newMessage","attemptNumber":0,"objectId":6065362089,"messageId":"9b38dc6d5b5744a788931a9cf3a7b225","messageType":"MESSAGE","changeFlag":"NEW_MESSAGE"}]';
    assert.equal(await system.deliver(recorded), 204);
    const { rows } = await system.sql.query(
      'select (select count(*) from inbox)::int + (select count(*) from ignored_events)::int as kept',
    );
    assert.equal(rows[0].kept, 0);
  });

  it('delivered as it was recorded in 2023, for this portal and thread, finds the message decided already', async () => {
    const event = {
      eventId: 3269195544,
      subscriptionId: 2371671,
      portalId: Number(agency.id),
      appId: 2000001,
      occurredAt: 1702439388898,
      subscriptionType: 'conversation.newMessage',
      attemptNumber: 0,
      objectId: Number(thread.threadId),
      messageId: items[4]?.id,
      messageType: 'MESSAGE',
      changeFlag: 'NEW_MESSAGE',
    };
    const before = await agency.records();
    system.emulator.clearRequests();
    assert.equal(await system.deliver(JSON.stringify([event])), 204);
    await system.settled();
    assert.deepEqual(await agency.records(), before);
    assert.equal(system.emulator.countRequests(agency.id), 0, 'nothing needs to be read for it');
    assert.deepEqual(agency.ownMoves(thread.ticketId as string), ['2', '3', '2']);
  });
});
