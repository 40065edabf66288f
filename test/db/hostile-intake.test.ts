// Whatever somebody signs: what the parser lets through, the inbox can keep.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Event } from '../../src/crm.ts';
import { readDelivery } from '../../src/hubspot/events.ts';
import { installPortal, leaseOptions, openTestDb, settlement } from './test-db.ts';

const { db } = await openTestDb();

/** Whatever JSON can say, mixed with what HubSpot says, so that much of it gets through the parser. */
const hostileText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '\0',
    'a\0b',
    '\ud800',
    'x\udfff',
    '{}',
    '"',
    '\\',
    "'; drop table inbox; --",
    'NULL',
    'x'.repeat(200),
    '\u2028',
  ),
);
const hostileId = fc.oneof(
  { arbitrary: fc.nat(), weight: 20 },
  fc.constantFrom<unknown>(
    '9223372036854775807',
    '9223372036854775808',
    '0',
    '-1',
    1e308,
    2 ** 53,
    2 ** 63,
    1.5,
    '٣',
    null,
  ),
  hostileText,
);
const hostileElement = (portalId: string) =>
  fc.record({
    portalId: fc.constantFrom<unknown>(portalId, Number(portalId), '9223372036854775807'),
    subscriptionType: fc.oneof(
      fc.constantFrom(
        'conversation.newMessage',
        'object.creation',
        'object.merge',
        'ticket.propertyChange',
        'object.associationChange',
        'contact.privacyDeletion',
      ),
      hostileText,
    ),
    occurredAt: fc.oneof(
      { arbitrary: fc.nat(), weight: 5 },
      fc.constantFrom<unknown>(253402300799999, '0', 8.64e15, -1, '99999999999999999999'),
    ),
    objectTypeId: fc.constantFrom('0-5', '0-49', 'x'),
    objectId: hostileId,
    eventId: hostileId,
    messageId: hostileText,
    messageType: hostileText,
    propertyName: fc.constantFrom('hs_pipeline_stage', 'hs_email_status'),
    propertyValue: hostileText,
    primaryObjectId: hostileId,
    newObjectId: hostileId,
    mergedObjectIds: fc.array(hostileId, { maxLength: 5 }),
    fromObjectTypeId: fc.constantFrom('0-5', '0-49'),
    toObjectTypeId: fc.constantFrom('0-5', '0-49'),
    fromObjectId: hostileId,
    toObjectId: hostileId,
    changeSource: hostileText,
    sourceId: hostileText,
  });

test('whatever the parser lets through can be stored and read back', async () => {
  const portalId = await installPortal(db);
  let read = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(hostileElement(portalId), { minLength: 10, maxLength: 30 }), async (elements) => {
      const { events } = readDelivery(elements);
      const { stored, duplicates, notInstalled } = await db.events.store(events);
      assert.equal(stored + duplicates + notInstalled, events.length);
      const wanted = new Map(events.map((event: Event) => [event.key, event]));
      for (const { lease, events: waiting } of await db.lanes.claimLanes(10, leaseOptions)) {
        for (const { id: _id, runAt: _runAt, attempts: _a, receivedAt: _at, intents: _i, ...event } of waiting) {
          assert.deepEqual(event, wanted.get(event.key));
          read += 1;
        }
        await db.lanes.settle(lease, settlement({ done: waiting }));
      }
    }),
    { numRuns: 60 },
  );
  assert.ok(read > 50, `only ${read} events were read back`);
});
