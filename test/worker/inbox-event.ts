// Makes inbox events for tests of the worker's pure parts.
import type { InboxEvent } from '../../src/db/lanes.ts';

let ids = 0;

export function inboxEvent(fields: Partial<InboxEvent> = {}): InboxEvent {
  ids += 1;
  return {
    portalId: '1',
    key: String(ids).padStart(32, '0'),
    kind: 'message',
    subscriptionType: 'conversation.newMessage',
    occurredAt: new Date('2026-11-22T10:00:00Z'),
    threadId: null,
    messageId: null,
    messageType: null,
    emailId: null,
    ticketId: null,
    contactId: null,
    removed: false,
    mergedTicketIds: [],
    stageId: null,
    changeSource: null,
    sourceId: null,
    id: String(ids),
    runAt: '2026-11-22 10:00:00+00',
    attempts: 0,
    receivedAt: new Date('2026-11-22T10:00:01Z'),
    intents: [],
    ...fields,
  };
}
