// Where a conversation message came from: every verdict with its evidence, and both answers to what HubSpot leaves uncertain.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message, Party, Thread } from '../../src/crm.ts';
import type { Reason } from '../../src/rules/decide.ts';
import type { BatchContext, Direction, MessageFacts } from '../../src/rules/facts.ts';
import { judgeMessage } from '../../src/rules/message-verdict.ts';
import { defaultSettings } from '../../src/rules/settings.ts';
import { assertTellsNothing, findSeen, listChecks } from './evidence-privacy.ts';
import {
  appId,
  casey,
  contact,
  context,
  humanMail,
  messageFacts,
  thread,
  ticket,
  ticketFacts,
} from './sample-facts.ts';

function judge(facts: MessageFacts, where = context()) {
  return assertTellsNothing(judgeMessage(facts, where));
}

/** [verdict, reason]; reason null = the ticket decides. */
function judgeShort(facts: MessageFacts, where = context()) {
  const { verdict, reason } = judge(facts, where);
  return [verdict, reason];
}

const supplier: Party = { actorId: null, address: 'parts@supplier.example', field: 'TO' };
const otherThread = ticketFacts({ ownThreadIds: new Set(['t9']) });

test("an agent's mail to the contact on the ticket's own thread is sent from the ticket", () => {
  const one = judge(messageFacts('OUTGOING'));
  assert.deepEqual([one.verdict, one.reason, one.targetStageId], ['sent-from-ticket', null, '2']);
  assert.deepEqual(listChecks(one), [
    'thread-state',
    'not-ours',
    'message-type',
    'agent-sender',
    'message-status',
    'channel',
    'thread-ticket',
    'own-thread',
    'recipient-is-contact',
    'stage-exists',
  ]);
  assert.equal(findSeen(one, 'agent-sender'), 'A-7 by HUBSPOT');
});

test("the contact's reply on the ticket's own thread is a reply on the originating thread", () => {
  const one = judge(messageFacts('INCOMING'));
  assert.deepEqual([one.verdict, one.reason, one.targetStageId], ['reply-on-originating-thread', null, '3']);
  assert.deepEqual(listChecks(one), [
    'thread-state',
    'not-ours',
    'message-type',
    'channel',
    'automatic',
    'not-first-message',
    'thread-ticket',
    'own-thread',
    'stage-exists',
  ]);
});

test('a thread counts as own whether it is the originating one, a merged one or that of the first email from the ticket', () => {
  const own = ticketFacts({ ticket: ticket({ originatingThreadId: null }), ownThreadIds: new Set(['t0', 't1']) });
  assert.deepEqual(judgeShort(messageFacts('INCOMING', { ticket: own })), ['reply-on-originating-thread', null]);
  assert.deepEqual(judgeShort(messageFacts('OUTGOING', { ticket: own })), ['sent-from-ticket', null]);
});

test('on a thread that is merely associated with the ticket nothing counts', () => {
  const incoming = judge(messageFacts('INCOMING', { ticket: otherThread }));
  assert.deepEqual([incoming.verdict, incoming.reason], ['reply-elsewhere', 'reply-elsewhere']);
  assert.equal(findSeen(incoming, 'own-thread'), 't9');
  const outgoing = judge(messageFacts('OUTGOING', { ticket: otherThread, openedBy: 'INCOMING' }));
  assert.deepEqual([outgoing.verdict, outgoing.reason], ['sent-elsewhere', 'sent-elsewhere']);
  assert.equal(findSeen(outgoing, 'opened-by-agent'), 'INCOMING');
  const ownless = ticketFacts({ ticket: ticket({ originatingThreadId: null }), ownThreadIds: new Set() });
  assert.deepEqual(judgeShort(messageFacts('INCOMING', { ticket: ownless })), ['reply-elsewhere', 'reply-elsewhere']);
});

test('a second thread that an agent opened from the ticket is sent from the ticket, and the answer on it is not a reply', () => {
  const changes = { ticket: otherThread, openedBy: 'OUTGOING' as const };
  assert.deepEqual(judgeShort(messageFacts('OUTGOING', changes)), ['sent-from-ticket', null]);
  assert.deepEqual(judgeShort(messageFacts('INCOMING', changes)), ['reply-elsewhere', 'reply-elsewhere']);
});

test('where the beginning of another thread was not read, its mail is sent elsewhere', () => {
  const one = judge(messageFacts('OUTGOING', { ticket: otherThread, openedBy: null }));
  assert.equal(one.reason, 'sent-elsewhere');
  assert.equal(findSeen(one, 'opened-by-agent'), 'beginning not read');
});

test('mail sent from the ticket to a supplier alone is sent to others', () => {
  const one = judge(messageFacts('OUTGOING', { visitors: new Set() }, { recipients: [supplier] }));
  assert.deepEqual([one.verdict, one.reason], ['sent-to-others', 'sent-to-others']);
  assert.equal(findSeen(one, 'recipient-is-contact'), '1 recipients');
  assert.deepEqual(judgeShort(messageFacts('OUTGOING', {}, { recipients: [] })), ['sent-to-others', 'sent-to-others']);
});

test('one recipient who is a contact or a visitor is enough, in any field, by address or by actor', () => {
  const reached: { recipient: Party; visitors?: string[] }[] = [
    { recipient: { actorId: null, address: 'CASEY@HOME.example', field: 'CC' } },
    { recipient: { actorId: 'V-101', address: null, field: 'TO' } },
    {
      recipient: { actorId: null, address: 'Robin@Customer.example', field: 'BCC' },
      visitors: ['robin@customer.example'],
    },
    { recipient: { actorId: 'V-202', address: null, field: 'TO' }, visitors: ['V-202'] },
  ];
  for (const { recipient, visitors = [] } of reached) {
    const facts = messageFacts('OUTGOING', { visitors: new Set(visitors) }, { recipients: [supplier, recipient] });
    assert.deepEqual(judgeShort(facts), ['sent-from-ticket', null], JSON.stringify(recipient));
  }
});

test('the first message of a thread opens a conversation, with a ticket or without', () => {
  const withTicket = judge(messageFacts('INCOMING', { isFirst: true, position: 0 }));
  assert.deepEqual([withTicket.verdict, withTicket.reason], ['opens-conversation', 'first-message']);
  assert.equal(findSeen(withTicket, 'not-first-message'), 'item 1');
  const without = messageFacts('INCOMING', { isFirst: true, ticket: 'none', thread: thread({ ticketId: null }) });
  assert.deepEqual(judgeShort(without), ['opens-conversation', 'no-ticket']);
});

test('the message that HubSpot names as the one that made the ticket is its first message, wherever it stands', () => {
  const made = ticketFacts({ ticket: ticket({ originatingMessageId: 'm1' }) });
  assert.deepEqual(judgeShort(messageFacts('INCOMING', { ticket: made })), ['opens-conversation', 'first-message']);
  // DATA.md 1.2: that property's meaning is known by its name only, so a portal without it must be right too.
  const unnamed = ticketFacts({ ticket: ticket({ originatingMessageId: null }) });
  assert.deepEqual(judgeShort(messageFacts('INCOMING', { ticket: unnamed })), ['reply-on-originating-thread', null]);
  assert.deepEqual(judgeShort(messageFacts('INCOMING', { ticket: unnamed, isFirst: true })), [
    'opens-conversation',
    'first-message',
  ]);
});

test("an agent's first message opens no conversation", () => {
  const facts = messageFacts('OUTGOING', { isFirst: true, openedBy: 'OUTGOING', position: 0 });
  assert.deepEqual(judgeShort(facts), ['sent-from-ticket', null]);
});

test('a message whose thread has no ticket, or one that HubSpot no longer knows, moves nothing', () => {
  for (const direction of ['INCOMING', 'OUTGOING'] as const) {
    const elsewhere = direction === 'INCOMING' ? 'reply-elsewhere' : 'sent-elsewhere';
    const none = messageFacts(direction, { ticket: 'none', thread: thread({ ticketId: null }) });
    assert.deepEqual(judgeShort(none), [elsewhere, 'no-ticket']);
    const gone = judge(messageFacts(direction, { ticket: 'gone' }));
    assert.deepEqual([gone.verdict, gone.reason], [elsewhere, 'ticket-gone']);
    assert.equal(findSeen(gone, 'ticket-found'), '900');
  }
});

const machines = [
  ['bounce', 'bounce'],
  ['calendar-answer', 'calendar-answer'],
  ['out-of-office', 'automatic-reply'],
  ['auto-reply', 'automatic-reply'],
] as const;

test('what a machine sent is automatic, and its kind is the reason', () => {
  for (const [kind, reason] of machines) {
    const classification = { ...humanMail, automatic: true, kind, reason: 'subject-automatic' };
    const one = judge(messageFacts('INCOMING', { classification }));
    assert.deepEqual([one.verdict, one.reason], ['automatic', reason]);
    assert.deepEqual(listChecks(one).at(-1), '!automatic');
    assert.equal(findSeen(one, 'automatic'), 'subject-automatic');
  }
});

test('with the guard off automatic answers count like others, a bounce still never does', () => {
  const guards = { ...defaultSettings.guards, automaticReplies: false };
  for (const [kind] of machines) {
    const classification = { ...humanMail, automatic: true, kind, reason: 'subject-automatic' };
    const one = judge(messageFacts('INCOMING', { classification }), context({}, { guards }));
    const expected = kind === 'bounce' ? ['automatic', 'bounce'] : ['reply-on-originating-thread', null];
    assert.deepEqual([one.verdict, one.reason], expected);
    if (kind !== 'bounce') assert.equal(findSeen(one, 'automatic'), 'subject-automatic; the guard is off');
  }
});

test("an agent's own words are never taken for a machine's", () => {
  const classification = { ...humanMail, automatic: true, kind: 'out-of-office' as const, reason: 'absence' };
  assert.deepEqual(judgeShort(messageFacts('OUTGOING', { classification })), ['sent-from-ticket', null]);
});

const senders = (actorId: string | null): Pick<Message, 'senders'> => ({
  senders: [{ actorId, address: null, field: 'FROM' }],
});
const notMessages: { what: string; direction?: Direction; message?: Partial<Message>; thread?: Partial<Thread> }[] = [
  { what: 'a comment', message: { type: 'COMMENT', direction: null } },
  { what: 'a welcome message', message: { type: 'WELCOME_MESSAGE' } },
  { what: 'an assignment', message: { type: 'ASSIGNMENT', direction: null } },
  { what: 'a thread status change', message: { type: 'THREAD_STATUS_CHANGE', direction: null } },
  { what: 'a type HubSpot has not made yet', message: { type: 'POLL' } },
  { what: 'a message without direction', message: { direction: null } },
  { what: 'an archived message', message: { archived: true } },
  { what: 'a message of an archived thread', thread: { archived: true } },
  { what: 'a bot', direction: 'OUTGOING', message: senders('B-1') },
  { what: "HubSpot's customer agent", direction: 'OUTGOING', message: senders('L-1') },
  { what: 'another app', direction: 'OUTGOING', message: senders('I-99') },
  { what: 'HubSpot itself', direction: 'OUTGOING', message: senders('S-hubspot') },
  { what: "an app under an agent's name", direction: 'OUTGOING', message: { clientType: 'INTEGRATION' } },
  { what: 'a sender nobody knows', direction: 'OUTGOING', message: senders(null) },
  { what: 'a failed send', direction: 'OUTGOING', message: { status: 'FAILED' } },
  { what: 'a send still to come', direction: 'OUTGOING', message: { status: 'SCHEDULED' } },
  { what: 'a send without a status', direction: 'OUTGOING', message: { status: null } },
  { what: 'an incoming message of a bot', message: senders('B-1') },
  { what: 'an incoming message of the customer agent', message: senders('L-1') },
  { what: 'an incoming message of an app', message: senders('I-99') },
  { what: 'an incoming message of the system', message: { clientType: 'SYSTEM' } },
];
for (const { what, direction = 'INCOMING', message: changes, thread: threadChanges } of notMessages) {
  test(`${what} is not a message`, () => {
    const one = judge(messageFacts(direction, { thread: thread(threadChanges) }, changes));
    assert.deepEqual([one.verdict, one.reason, one.targetStageId], ['not-a-message', 'not-a-message', null]);
    assert.match(listChecks(one).join(), /!/);
  });
}

test('what Baton posted itself is its own message, by app id or by actor', () => {
  for (const changes of [{ integrationAppId: appId }, senders(`I-${appId}`)]) {
    assert.deepEqual(judgeShort(messageFacts('OUTGOING', {}, changes)), ['not-a-message', 'own-message']);
  }
});

test('a message on a spam thread is spam', () => {
  const one = judge(messageFacts('INCOMING', { thread: thread({ spam: true }) }));
  assert.deepEqual([one.verdict, one.reason, findSeen(one, 'thread-state')], ['not-a-message', 'spam', 'spam']);
});

test('a sender whom HubSpot does not resolve is a person, named by an E- actor or by none', () => {
  for (const actorId of [null, 'E-casey@home.example']) {
    const from = { actorId, address: 'casey@home.example', field: 'FROM' as const };
    assert.deepEqual(judgeShort(messageFacts('INCOMING', {}, { senders: [from] })), [
      'reply-on-originating-thread',
      null,
    ]);
    const strict = judge(
      messageFacts('INCOMING', {}, { senders: [from] }),
      context({ incoming: { anySender: false } }),
    );
    assert.equal(strict.reason, null);
    assert.equal(findSeen(strict, 'sender-is-contact'), 'unresolved');
  }
});

test('where only contacts count, a stranger on the thread is an unknown sender', () => {
  const strict = context({ incoming: { anySender: false } });
  const stranger = { actorId: 'V-303', address: 'robin@customer.example', field: 'FROM' as const };
  const one = judge(messageFacts('INCOMING', {}, { senders: [stranger] }), strict);
  assert.deepEqual([one.verdict, one.reason], ['reply-on-originating-thread', 'unknown-sender']);
  assert.equal(findSeen(one, 'sender-is-contact'), 'visitor');
  assert.deepEqual(judgeShort(messageFacts('INCOMING', {}, { senders: [casey] }), strict)[1], null);
  assert.deepEqual(judgeShort(messageFacts('INCOMING', {}, senders(`V-${contact.id}`)), strict)[1], null);
  assert.deepEqual(judgeShort(messageFacts('INCOMING', {}, { senders: [] }), strict)[1], 'unknown-sender');
});

test("a message without a channel of its own is on its thread's channel", () => {
  const one = messageFacts('INCOMING', { thread: thread({ channelId: '1000' }) }, { channelId: null });
  assert.deepEqual(judgeShort(one), ['reply-on-originating-thread', 'channel-off']);
  assert.deepEqual(judgeShort(one, context({}, { channels: ['1000'] })), ['reply-on-originating-thread', null]);
});

test('a mail that was read has been sent', () => {
  assert.deepEqual(judgeShort(messageFacts('OUTGOING', {}, { status: 'READ' })), ['sent-from-ticket', null]);
});

test('paused, a rule that is off and a stage that is gone each keep the verdict', () => {
  const cases: [BatchContext, Reason][] = [
    [context({}, { paused: true }), 'paused'],
    [context({ incoming: { enabled: false } }), 'rule-off'],
    [context({}, { pipelines: {} }), 'rule-off'],
    [context({ incoming: { stageId: '99' } }), 'stage-missing'],
    [context({ incoming: { stageId: null } }), 'stage-missing'],
    [{ ...context(), pipelines: [] }, 'stage-missing'],
  ];
  for (const [where, reason] of cases) {
    assert.deepEqual(judgeShort(messageFacts('INCOMING'), where), ['reply-on-originating-thread', reason]);
  }
  const gone = judge(messageFacts('INCOMING'), context({ incoming: { stageId: '99' } }));
  assert.equal(findSeen(gone, 'stage-exists'), '99');
});
