// What a batch's events are about, and what of it is decided already.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DecidedSubject } from '../../src/db/ticket-memory.ts';
import { sweepType } from '../../src/worker/own-events.ts';
import { dropDecided, isFinal, sortEvents } from '../../src/worker/subjects.ts';
import { inboxEvent } from './inbox-event.ts';

function decided(fields: Partial<DecidedSubject> = {}): DecidedSubject {
  return {
    subject: 'm:1:a',
    id: '1',
    revision: 1,
    verdict: 'sent-from-ticket',
    decision: 'stay',
    reason: 'stale',
    outcome: 'skipped',
    ticketId: '9',
    at: new Date(),
    messageAt: new Date(),
    ...fields,
  };
}

test('a message is one subject, however many events speak of it; another thread may use the same message id', () => {
  const events = [
    inboxEvent({ threadId: '1', messageId: 'a' }),
    inboxEvent({ threadId: '1', messageId: 'a' }),
    inboxEvent({ threadId: '2', messageId: 'a' }),
  ];
  const { messages } = sortEvents(events);
  assert.deepEqual([...messages.keys()], ['m:1:a', 'm:2:a']);
  assert.deepEqual(messages.get('m:1:a')?.events, events.slice(0, 2));
  assert.equal(messages.get('m:1:a')?.trigger, 'message');
});

test('an email, its status and its associations are one subject', () => {
  const events = [
    inboxEvent({ kind: 'email', emailId: '5' }),
    inboxEvent({ kind: 'email-association', emailId: '5', ticketId: '9' }),
  ];
  assert.deepEqual(sortEvents(events).emails.get('e:5')?.events, events);
});

test("Baton's own events say so in the trigger: a message to look at again, a thread to look at whole", () => {
  const message = inboxEvent({ threadId: '1', messageId: 'a', subscriptionType: sweepType });
  const look = inboxEvent({ kind: 'conversation', threadId: '1', subscriptionType: sweepType });
  const sorted = sortEvents([message, look]);
  assert.equal(sorted.messages.get('m:1:a')?.trigger, 'sweep');
  assert.deepEqual(sorted.threadLooks.get('1'), [look]);
});

test('what needs no reading is done at once, and what it tells is remembered', () => {
  const events = [
    inboxEvent({ kind: 'ticket-merged', ticketId: '9', mergedTicketIds: ['7', '8'] }),
    inboxEvent({ kind: 'ticket-deleted', ticketId: '6' }),
    inboxEvent({ kind: 'thread-erased', threadId: '3' }),
  ];
  const sorted = sortEvents(events);
  assert.deepEqual(sorted.done, events);
  assert.deepEqual(sorted.memory, [
    { kind: 'merged', into: '9', ticketIds: ['7', '8'] },
    { kind: 'ticket-gone', ticketId: '6' },
    { kind: 'thread-erased', threadId: '3' },
  ]);
});

test('a new conversation is looked at later, a stage reached is an entry, and both are nothing else', () => {
  const created = inboxEvent({ kind: 'conversation', threadId: '4', subscriptionType: 'conversation.creation' });
  const entered = inboxEvent({ kind: 'ticket-stage', ticketId: '9' });
  const sorted = sortEvents([created, entered]);
  assert.deepEqual([...sorted.newThreads], [['4', [created]]]);
  assert.deepEqual(sorted.stageEvents, [entered]);
  assert.deepEqual([sorted.done, sorted.threadLooks.size], [[], 0]);
});

test('what a workflow asks for is a look at a ticket, each ticket once, or a notification; one without a text is nothing', () => {
  const looks = [1, 2].map(() => inboxEvent({ kind: 'workflow-look', ticketId: '9' }));
  const asked = { kind: 'workflow-notification', ticketId: '9' } as const;
  const notification = inboxEvent({ ...asked, notification: { via: 'transactional', emailId: 5 } });
  const empty = inboxEvent(asked);
  const sorted = sortEvents([...looks, notification, empty]);
  assert.deepEqual([...sorted.ticketLooks], [['9', looks]]);
  assert.deepEqual(sorted.notifications, [notification]);
  assert.deepEqual(sorted.done, [empty]);
});

test('a message is decided once, unless it died or HubSpot did not know it', () => {
  const of = (previous: DecidedSubject | undefined) => isFinal({ kind: 'message', previous });
  assert.equal(of(undefined), false);
  assert.equal(of(decided()), true);
  assert.equal(of(decided({ reason: 'no-ticket' })), true);
  assert.equal(of(decided({ reason: 'not-a-message' })), true);
  assert.equal(of(decided({ reason: 'uninstalled', messageAt: null })), true);
  assert.equal(of(decided({ reason: null, outcome: 'dead', messageAt: null })), false);
  assert.equal(of(decided({ reason: 'not-a-message', messageAt: null })), false);
});

test('an email is decided anew only where its ticket or its sending was missing', () => {
  const open = ['no-ticket', 'ticket-gone', 'not-a-message'];
  const final = ['sent-elsewhere', 'reply-elsewhere', 'paused', 'rule-off', 'stale', 'already-there', null];
  for (const reason of open) assert.equal(isFinal({ kind: 'email', previous: decided({ reason }) }), false, reason);
  for (const reason of final)
    assert.equal(isFinal({ kind: 'email', previous: decided({ reason }) }), true, `${reason}`);
});

test('what is decided for good is taken out and its events are done; the rest knows what it replaces', () => {
  const sorted = sortEvents([
    inboxEvent({ threadId: '1', messageId: 'a' }),
    inboxEvent({ kind: 'email', emailId: '5' }),
  ]);
  const [message, email] = [decided(), decided({ subject: 'e:5', reason: 'no-ticket' })];
  const { events } = sorted.messages.get('m:1:a') ?? assert.fail();
  dropDecided(sorted, new Map([message, email].map((one) => [one.subject, one])));
  assert.equal(sorted.messages.size, 0);
  assert.deepEqual(sorted.done, events);
  assert.equal(sorted.emails.get('e:5')?.previous, email);
});
