// Deliveries as HubSpot sends them (captures and documented shapes of PLATFORM.md 2.4), and as nobody should send them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Event } from '../../src/crm.ts';
import { BatonError } from '../../src/errors.ts';
import { parseDelivery, readDelivery } from '../../src/hubspot/events.ts';
import { subscriptions } from '../../src/hubspot/subscriptions.ts';

const base = { eventId: 1, subscriptionId: 25, portalId: 33, appId: 7, occurredAt: 1790000000000, attemptNumber: 0 };

function readOne(element: object): Event {
  const { events, malformed } = readDelivery([{ ...base, ...element }]);
  assert.equal(malformed, 0);
  assert.equal(events.length, 1);
  return events[0] as Event;
}

function isMalformed(element: unknown): void {
  assert.deepEqual(readDelivery([element]), { events: [], malformed: 1 }, JSON.stringify(element));
}

test('the recorded conversation.newMessage of 2023 is a message', () => {
  const recorded =
    '[{"eventId":3269195544,"subscriptionId":2371671,"portalId":20000001,"appId":2000001,"occurredAt":1702439388898,"subscriptionType":"conversation.newMessage","attemptNumber":0,"objectId":6065362089,"messageId":"9b38dc6d5b5744a788931a9cf3a7b225","messageType":"MESSAGE","changeFlag":"NEW_MESSAGE"}]';
  const { events, malformed } = parseDelivery(Buffer.from(recorded));
  assert.equal(malformed, 0);
  assert.match(events[0]?.key ?? '', /^[0-9a-f]{32}$/);
  assert.deepEqual(events, [
    {
      portalId: '20000001',
      key: events[0]?.key,
      kind: 'message',
      subscriptionType: 'conversation.newMessage',
      occurredAt: new Date(1702439388898),
      threadId: '6065362089',
      messageId: '9b38dc6d5b5744a788931a9cf3a7b225',
      messageType: 'MESSAGE',
      emailId: null,
      ticketId: null,
      contactId: null,
      removed: false,
      mergedTicketIds: [],
      stageId: null,
      changeSource: null,
      sourceId: null,
    },
  ]);
});

test('every subscription Baton asks for is understood', () => {
  const crm = subscriptions.crmObjects.map((each) => ({
    ...each,
    objectTypeId: each.objectType === 'email' ? '0-49' : '0-5',
    ...(each.objectType === 'email'
      ? { fromObjectTypeId: '0-49', toObjectTypeId: '0-5', fromObjectId: 1, toObjectId: 2 }
      : {}),
  }));
  for (const subscription of [...crm, ...subscriptions.hubEvents]) {
    const event = readOne({ objectId: 9, messageId: 'm', ...subscription });
    assert.notEqual(event.kind, 'ignored', event.subscriptionType);
  }
});

test('generic and classic ticket events mean the same', () => {
  for (const type of ['ticket', 'object']) {
    const of = (change: string, more: object = {}) =>
      readOne({
        subscriptionType: `${type}.${change}`,
        objectId: 5,
        ...(type === 'object' ? { objectTypeId: '0-5' } : {}),
        ...more,
      });
    assert.deepEqual([of('creation').kind, of('creation').ticketId], ['ticket-created', '5']);
    assert.deepEqual([of('deletion').kind, of('deletion').ticketId], ['ticket-deleted', '5']);
    const moved = of('propertyChange', {
      propertyName: 'hs_pipeline_stage',
      propertyValue: '2',
      changeSource: 'CRM_UI',
      sourceId: 'userId:1',
    });
    assert.deepEqual(
      [moved.kind, moved.ticketId, moved.stageId, moved.changeSource, moved.sourceId],
      ['ticket-stage', '5', '2', 'CRM_UI', 'userId:1'],
    );
    assert.equal(of('propertyChange', { propertyName: 'subject', propertyValue: 'x' }).kind, 'ignored');
    const merged = of('merge', { primaryObjectId: 5, newObjectId: 8, mergedObjectIds: [6, '7', 5] });
    assert.deepEqual([merged.kind, merged.ticketId, merged.mergedTicketIds], ['ticket-merged', '8', ['5', '6', '7']]);
    assert.deepEqual(of('merge', { primaryObjectId: 5, mergedObjectIds: [6] }).mergedTicketIds, ['6']);
  }
});

test('an email and ticket association is told from either side', () => {
  const association = {
    subscriptionType: 'object.associationChange',
    associationTypeId: 224,
    isPrimaryAssociation: false,
  };
  const outward = { fromObjectId: 55501, fromObjectTypeId: '0-49', toObjectId: 1246965, toObjectTypeId: '0-5' };
  const inward = { fromObjectId: 1246965, fromObjectTypeId: '0-5', toObjectId: 55501, toObjectTypeId: '0-49' };
  for (const side of [outward, inward]) {
    const event = readOne({ ...association, ...side, associationRemoved: false });
    assert.deepEqual(
      [event.kind, event.emailId, event.ticketId, event.removed],
      ['email-association', '55501', '1246965', false],
    );
  }
  assert.equal(readOne({ ...association, ...outward, associationRemoved: true }).removed, true);
  assert.equal(readOne({ ...association, ...outward, toObjectTypeId: '0-1' }).kind, 'ignored');
});

test('an email is news when it is made and when its status changes', () => {
  const email = { objectTypeId: '0-49', objectId: 4 };
  assert.equal(readOne({ ...email, subscriptionType: 'object.creation' }).emailId, '4');
  const status = { subscriptionType: 'object.propertyChange', propertyName: 'hs_email_status', propertyValue: 'SENT' };
  assert.equal(readOne({ ...email, ...status }).kind, 'email');
  assert.equal(readOne({ ...email, ...status, propertyName: 'hs_email_text' }).kind, 'ignored');
});

test('erasures name whom or what to erase', () => {
  assert.equal(readOne({ subscriptionType: 'contact.privacyDeletion', objectId: 3 }).contactId, '3');
  assert.equal(readOne({ subscriptionType: 'conversation.privacyDeletion', objectId: 3 }).kind, 'thread-erased');
  assert.equal(readOne({ subscriptionType: 'conversation.deletion', objectId: 3 }).kind, 'ignored');
});

test('what Baton does not know is kept as ignored, under either name of the type', () => {
  for (const type of [
    'contact.propertyChange',
    'deal.creation',
    'event.completed',
    'object.creation',
    'x',
    'future.thing.more',
  ]) {
    assert.equal(readOne({ subscriptionType: type, objectId: 1 }).kind, 'ignored');
  }
  assert.equal(readOne({ eventType: 'conversation.creation', objectId: 1 }).kind, 'conversation');
});

test('property values and addresses are not kept', () => {
  const event = readOne({
    subscriptionType: 'contact.propertyChange',
    objectId: 1,
    propertyName: 'email',
    propertyValue: 'casey@customer.example',
  });
  assert.ok(!JSON.stringify(event).includes('casey'));
});

test('ids beyond 2^53 keep every digit, as numbers and as strings', () => {
  const big = '9007199254740993';
  const text = `[{"portalId":33,"occurredAt":1790000000000,"subscriptionType":"conversation.creation","objectId":${big},"eventId":${big}},
    {"portalId":"33","occurredAt":"1790000000000","subscriptionType":"conversation.creation","objectId":"${big}","eventId":"${big}"}]`;
  const { events } = parseDelivery(Buffer.from(text));
  assert.deepEqual(
    events.map((event) => event.threadId),
    [big, big],
  );
  assert.equal(events[0]?.key, events[1]?.key);
  assert.equal(events[0]?.portalId, '33');
});

test('the largest bigint is an id, one more is not', () => {
  const of = (objectId: string) =>
    `[{"portalId":1,"occurredAt":1,"subscriptionType":"conversation.creation","objectId":${objectId}}]`;
  assert.equal(parseDelivery(Buffer.from(of('9223372036854775807'))).events[0]?.threadId, '9223372036854775807');
  assert.equal(parseDelivery(Buffer.from(of('9223372036854775808'))).malformed, 1);
  assert.equal(parseDelivery(Buffer.from(of('1e400'))).malformed, 1);
});

test('a retry has the same key, any other difference another one', () => {
  const element = { subscriptionType: 'conversation.newMessage', objectId: 2, messageId: 'm1', messageType: 'MESSAGE' };
  const key = readOne(element).key;
  assert.equal(readOne({ ...element, attemptNumber: 3, changeFlag: 'NEW_MESSAGE' }).key, key);
  for (const other of [
    { portalId: 34 },
    { subscriptionId: 26 },
    { eventId: 2 },
    { occurredAt: 1790000000001 },
    { objectId: 3 },
    { messageId: 'm2' },
    { subscriptionType: 'conversation.creation' },
    { propertyName: 'a' },
    { propertyValue: 'a' },
    { fromObjectId: 1 },
    { toObjectId: 1 },
  ]) {
    assert.notEqual(readOne({ ...element, ...other }).key, key, JSON.stringify(other));
  }
  // No two fields can be shifted into each other.
  const a = readOne({ ...element, propertyName: 'a', propertyValue: 'b,c' });
  assert.notEqual(a.key, readOne({ ...element, propertyName: 'a,b', propertyValue: 'c' }).key);
});

test('an element that is no event is counted and loses nobody else', () => {
  const good = { ...base, subscriptionType: 'conversation.creation', objectId: 1 };
  for (const element of [null, 7, 'x', true, [], [good], {}]) isMalformed(element);
  isMalformed({ ...good, portalId: undefined });
  isMalformed({ ...good, portalId: 0 });
  isMalformed({ ...good, portalId: -5 });
  isMalformed({ ...good, portalId: 1.5 });
  isMalformed({ ...good, portalId: '12; drop table' });
  isMalformed({ ...good, subscriptionType: undefined });
  isMalformed({ ...good, subscriptionType: 'x'.repeat(65) });
  isMalformed({ ...good, subscriptionType: 'a\0b' });
  isMalformed({ ...good, occurredAt: undefined });
  isMalformed({ ...good, occurredAt: 'yesterday' });
  isMalformed({ ...good, occurredAt: 8.64e15 });
  isMalformed({ ...good, occurredAt: -1 });
  isMalformed({ ...good, objectId: undefined });
  isMalformed({ ...good, subscriptionType: 'conversation.newMessage' });
  isMalformed({ ...good, subscriptionType: 'conversation.newMessage', messageId: 'a\0' });
  const delivery = readDelivery([null, good, {}, good]);
  assert.deepEqual([delivery.events.length, delivery.malformed], [2, 2]);
});

test('texts that PostgreSQL cannot keep do not get that far', () => {
  const event = readOne({
    subscriptionType: 'ticket.propertyChange',
    objectId: 1,
    propertyName: 'hs_pipeline_stage',
    propertyValue: '2\0',
    changeSource: '\ud800',
    sourceId: 'x'.repeat(500),
  });
  assert.deepEqual([event.stageId, event.changeSource, event.sourceId], [null, null, null]);
});

test('a body that is not JSON is bad-request, one that is no array not-an-array, and the error quotes neither', () => {
  for (const text of ['', '{', '[{"a":1},]', 'casey@customer.example', '\u0000']) {
    assert.throws(
      () => parseDelivery(Buffer.from(text)),
      (error) => error instanceof BatonError && error.code === 'bad-request' && !error.message.includes('casey'),
    );
  }
  for (const text of ['{}', 'null', '"x"', '1', 'true']) {
    assert.throws(() => parseDelivery(Buffer.from(text)), { code: 'not-an-array' });
  }
  assert.throws(() => parseDelivery(Buffer.from([0xff, 0xfe, 0x00])), { code: 'bad-request' });
});

test('nesting and size neither crash nor hang', () => {
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  const startedAt = performance.now();
  assert.equal(parseDelivery(Buffer.from(deep)).malformed, 1);
  // With a number that needs its digits kept, the reviver meets the nesting: refused, not crashed.
  const long = `[{"portalId":12345678901234567890,"more":${deep}}]`;
  assert.throws(() => parseDelivery(Buffer.from(long)), { code: 'bad-request' });
  const many = `[${Array.from({ length: 20_000 }, () => '{"portalId":12345678901234567}').join(',')}]`;
  assert.equal(parseDelivery(Buffer.from(many)).malformed, 20_000);
  assert.ok(performance.now() - startedAt < 3_000);
});

test('no JSON value makes it throw anything but a BatonError', () => {
  const element = fc.record(
    {
      portalId: fc.jsonValue(),
      subscriptionType: fc.oneof(
        fc.constantFrom('ticket.merge', 'conversation.newMessage', 'object.associationChange'),
        fc.jsonValue(),
      ),
      occurredAt: fc.oneof(fc.integer(), fc.jsonValue()),
      objectId: fc.jsonValue(),
      mergedObjectIds: fc.jsonValue(),
      fromObjectTypeId: fc.constantFrom('0-5', '0-49', 1),
      toObjectTypeId: fc.constantFrom('0-5', '0-49', null),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(element, fc.jsonValue())), (body) => {
      const { events, malformed } = parseDelivery(Buffer.from(JSON.stringify(body)));
      assert.equal(events.length + malformed, body.length);
    }),
  );
});
