// Where an email activity came from: proven as PRODUCT.md 4 asks, or it does not count.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Email } from '../../src/crm.ts';
import { judgeEmail } from '../../src/rules/email-verdict.ts';
import type { EmailFacts } from '../../src/rules/facts.ts';
import { defaultSettings, type Settings } from '../../src/rules/settings.ts';
import { assertTellsNothing, findSeen, listChecks } from './evidence-privacy.ts';
import { appId, at, context, emailFacts, humanMail, ticket, ticketFacts } from './sample-facts.ts';

type Mode = Settings['mailbox']['evidence'];

function mailbox(evidence: Mode, settings: Partial<Settings> = {}) {
  return context({}, { mailbox: { evidence }, ...settings });
}

function judge(facts: EmailFacts, where = mailbox('associated')) {
  return assertTellsNothing(judgeEmail(facts, where));
}

/** [verdict, reason]; reason null = the ticket decides. */
function judgeShort(facts: EmailFacts, where = mailbox('associated')) {
  const { verdict, reason } = judge(facts, where);
  return [verdict, reason];
}

const sentElsewhere = ['sent-elsewhere', 'sent-elsewhere'];
const replyElsewhere = ['reply-elsewhere', 'reply-elsewhere'];

test('with evidence `associated` a mail of a user to the contact, on this one ticket at once, is sent from the ticket', () => {
  const one = judge(emailFacts('OUTGOING'));
  assert.deepEqual([one.verdict, one.reason, one.targetStageId], ['sent-from-ticket', null, '2']);
  assert.deepEqual(listChecks(one), [
    'not-ours',
    'email-direction',
    'email-status',
    'channel',
    'one-ticket',
    'mailbox-evidence',
    'associated-in-time',
    'email-sender',
    'recipient-is-contact',
    'stage-exists',
  ]);
});

test('with evidence `associated` an answer in the mail thread that made the ticket is a reply on the originating thread', () => {
  const one = judge(emailFacts('INCOMING'));
  assert.deepEqual([one.verdict, one.reason, one.targetStageId], ['reply-on-originating-thread', null, '3']);
  assert.deepEqual(listChecks(one), [
    'not-ours',
    'email-direction',
    'email-status',
    'channel',
    'automatic',
    'thread-ticket',
    'mailbox-evidence',
    'email-thread',
    'stage-exists',
  ]);
});

const unproven = { counts: false, why: 'auto: 2 of 3 mails seen that prove it' };
const proven = { counts: true, why: 'auto: proven by 3 mails' };

test('outgoing mailbox mail moves nothing where the portal has not proven what an association tells; the record says what is missing', () => {
  for (const mode of ['off', 'auto', 'fingerprint'] as const) {
    const one = judge(emailFacts('OUTGOING', { mailbox: unproven, looksLike: 'ticket' }), mailbox(mode));
    assert.deepEqual([one.verdict, one.reason], sentElsewhere);
    assert.ok(listChecks(one).includes('!mailbox-evidence'));
    assert.equal(findSeen(one, 'mailbox-evidence'), unproven.why);
  }
});

test('an answer on the thread of the email that created the ticket counts with every evidence but `off`', () => {
  for (const mode of ['auto', 'associated', 'fingerprint'] as const) {
    const one = judge(emailFacts('INCOMING', { mailbox: unproven }), mailbox(mode));
    assert.deepEqual([one.verdict, one.reason], ['reply-on-originating-thread', null]);
    const elsewhere = judge(emailFacts('INCOMING', { originatingEmailThreadId: 'another' }), mailbox(mode));
    assert.deepEqual([elsewhere.verdict, elsewhere.reason], replyElsewhere);
  }
  const one = judge(emailFacts('INCOMING'), mailbox('off'));
  assert.deepEqual([one.verdict, one.reason], replyElsewhere);
  assert.ok(listChecks(one).includes('!mailbox-evidence'));
});

test('what Baton has proven by itself does not count for a mail that something other than its sender put on the ticket', () => {
  const bySource: [EmailFacts['associatedBy'], Mode, boolean][] = [
    ['sender', 'auto', true],
    [null, 'auto', true],
    ['other', 'auto', false],
    ['other', 'associated', true],
  ];
  for (const [associatedBy, mode, counts] of bySource) {
    const one = judge(emailFacts('OUTGOING', { mailbox: proven, associatedBy }), mailbox(mode));
    assert.deepEqual([one.verdict, one.reason], counts ? ['sent-from-ticket', null] : sentElsewhere);
    assert.equal(listChecks(one).includes('!association-source'), !counts);
  }
});

test('with a fingerprint only the properties decide: looking like neither test mail is not enough', () => {
  const found = { counts: true, why: 'fingerprint: by the check' };
  for (const looksLike of ['ticket', 'contact', 'neither', null] as const) {
    // Seen on the ticket long after it was sent: the association's time says nothing here.
    const facts = emailFacts('OUTGOING', { mailbox: found, looksLike, associatedAfterMs: 3_600_000 });
    const one = judge(facts, mailbox('fingerprint'));
    assert.deepEqual([one.verdict, one.reason], looksLike === 'ticket' ? ['sent-from-ticket', null] : sentElsewhere);
    assert.equal(findSeen(one, 'fingerprint'), looksLike ?? 'unknown');
  }
  const two = emailFacts('OUTGOING', {
    mailbox: found,
    looksLike: 'ticket',
    ticketIds: ['900', '901'],
    ticket: 'none',
  });
  assert.deepEqual(judgeShort(two, mailbox('fingerprint')), sentElsewhere);
});

test('an association made later than a minute after the email proves nothing, nor does one whose time is unknown', () => {
  const times: [number | null, boolean, string][] = [
    [-2_000, true, '0 s after'],
    [0, true, '0 s after'],
    [60_000, true, '60 s after'],
    [60_001, false, '60 s after'],
    [3_600_000, false, '3600 s after'],
    [null, false, 'time of association unknown'],
  ];
  for (const [associatedAfterMs, counts, seen] of times) {
    const one = judge(emailFacts('OUTGOING', { associatedAfterMs }));
    assert.deepEqual([one.verdict, one.reason], counts ? ['sent-from-ticket', null] : sentElsewhere, seen);
    assert.equal(findSeen(one, 'associated-in-time'), seen);
  }
});

test('an email on several tickets is from none of them', () => {
  const two = { ticketIds: ['900', '901'], ticket: 'none' as const };
  const outgoing = judge(emailFacts('OUTGOING', two));
  assert.deepEqual([outgoing.verdict, outgoing.reason], sentElsewhere);
  assert.equal(findSeen(outgoing, 'one-ticket'), '2 tickets');
  const incoming = judge(emailFacts('INCOMING', two));
  assert.deepEqual([incoming.verdict, incoming.reason], replyElsewhere);
  assert.equal(findSeen(incoming, 'thread-ticket'), '900, 901');
});

test('an email without a ticket, or with one that HubSpot no longer knows, moves nothing', () => {
  for (const [direction, verdict] of [
    ['OUTGOING', 'sent-elsewhere'],
    ['INCOMING', 'reply-elsewhere'],
  ] as const) {
    assert.deepEqual(judgeShort(emailFacts(direction, { ticketIds: [], ticket: 'none' })), [verdict, 'no-ticket']);
    const gone = judge(emailFacts(direction, { ticket: 'gone' }));
    assert.deepEqual([gone.verdict, gone.reason], [verdict, 'ticket-gone']);
    assert.equal(findSeen(gone, 'ticket-found'), '900');
  }
});

const bySender: { what: string; counts: boolean; fromOwner: boolean; email?: Partial<Email> }[] = [
  { what: "an owner's address", counts: true, fromOwner: true, email: { ownerId: null } },
  { what: 'an alias of the owner the mail is logged for', counts: true, fromOwner: false },
  { what: 'a user without an owner', counts: true, fromOwner: false, email: { ownerId: null, createdByUserId: '7' } },
  { what: 'nobody HubSpot knows', counts: false, fromOwner: false, email: { ownerId: null } },
  // A sales tool may log inbound mail as EMAIL: 74 % of one portal's were (DATA.md 2.2).
  { what: 'the customer', counts: false, fromOwner: false, email: { fromAddress: 'Casey@Customer.example' } },
  { what: 'another app', counts: false, fromOwner: true, email: { objectSource: 'INTEGRATION', objectSourceId: '9' } },
];
for (const { what, counts, fromOwner, email } of bySender) {
  test(`an outgoing email by ${what} is ${counts ? '' : 'not '}sent by a user`, () => {
    const one = judge(emailFacts('OUTGOING', { fromOwner }, email));
    assert.deepEqual([one.verdict, one.reason], counts ? ['sent-from-ticket', null] : sentElsewhere);
    assert.ok(listChecks(one).includes(counts ? 'email-sender' : '!email-sender'));
  });
}

test('an email to others than contacts of the ticket is sent to others, one contact among them is enough', () => {
  const toSupplier = emailFacts('OUTGOING', {}, { toAddresses: ['parts@supplier.example'] });
  assert.deepEqual(judgeShort(toSupplier), ['sent-to-others', 'sent-to-others']);
  assert.deepEqual(judgeShort(emailFacts('OUTGOING', {}, { toAddresses: [] })), ['sent-to-others', 'sent-to-others']);
  const toBoth = emailFacts('OUTGOING', {}, { toAddresses: ['parts@supplier.example', 'CASEY@home.example'] });
  assert.deepEqual(judgeShort(toBoth), ['sent-from-ticket', null]);
});

test('mail threads count only when both are known and equal', () => {
  const threads: [string | null, string | null, string][] = [
    ['mail-thread-1', 'mail-thread-2', 'another thread'],
    [null, 'mail-thread-1', 'the email names no thread'],
    ['mail-thread-1', null, "the thread of the ticket's first email is unknown"],
    [null, null, 'the email names no thread'],
  ];
  for (const [emailThreadId, originatingEmailThreadId, seen] of threads) {
    const one = judge(emailFacts('INCOMING', { originatingEmailThreadId }, { emailThreadId }));
    assert.deepEqual([one.verdict, one.reason], replyElsewhere);
    assert.equal(findSeen(one, 'email-thread'), seen);
  }
});

test('the email that made the ticket opens the conversation, whatever the mailbox setting', () => {
  const made = ticketFacts({ ticket: ticket({ originatingEmailId: 'e1' }) });
  for (const mode of ['off', 'auto', 'associated'] as const) {
    const one = judge(emailFacts('INCOMING', { ticket: made }), mailbox(mode));
    assert.deepEqual([one.verdict, one.reason], ['opens-conversation', 'first-message']);
    assert.equal(findSeen(one, 'not-first-message'), 'e1');
  }
});

test('only mail that has left counts, and only the two directions HubSpot documents', () => {
  for (const status of ['SCHEDULED', 'SENDING', 'FAILED', 'BOUNCED', 'DRAFT', null]) {
    const one = judge(emailFacts('OUTGOING', {}, { status }));
    assert.deepEqual([one.verdict, one.reason], ['not-a-message', 'not-a-message'], String(status));
    assert.equal(findSeen(one, 'email-status'), status ?? 'none');
  }
  for (const direction of ['FORWARDED_EMAIL', 'OUTGOING_EMAIL', null]) {
    const one = judge(emailFacts('OUTGOING', {}, { direction }));
    assert.deepEqual([one.verdict, one.reason, one.direction], ['not-a-message', 'not-a-message', null]);
  }
  assert.equal(judge(emailFacts('INCOMING', {}, { status: 'SENT' })).reason, null);
});

test('an email that Baton logged is its own message, one of another app is not', () => {
  const own = emailFacts('OUTGOING', {}, { objectSource: 'INTEGRATION', objectSourceId: appId });
  assert.deepEqual(judgeShort(own), ['not-a-message', 'own-message']);
  const other = emailFacts('INCOMING', {}, { objectSource: 'INTEGRATION', objectSourceId: '9' });
  assert.deepEqual(judgeShort(other), ['reply-on-originating-thread', null]);
});

test("HubSpot's out-of-office mark makes an email automatic, whatever its text says", () => {
  const marked = judge(emailFacts('INCOMING', {}, { outOfOffice: true }));
  assert.deepEqual([marked.verdict, marked.reason], ['automatic', 'automatic-reply']);
  assert.equal(findSeen(marked, 'automatic'), 'HubSpot marks it out of office');
  const guards = { ...defaultSettings.guards, automaticReplies: false };
  const off = mailbox('associated', { guards });
  assert.deepEqual(judgeShort(emailFacts('INCOMING', {}, { outOfOffice: true }), off), [
    'reply-on-originating-thread',
    null,
  ]);
});

test('what the text says of a machine holds for emails too', () => {
  for (const [kind, reason] of [
    ['bounce', 'bounce'],
    ['calendar-answer', 'calendar-answer'],
    ['auto-reply', 'automatic-reply'],
  ] as const) {
    const classification = { ...humanMail, automatic: true, kind, reason: 'subject-automatic' };
    assert.deepEqual(judgeShort(emailFacts('INCOMING', { classification })), ['automatic', reason]);
    assert.deepEqual(judgeShort(emailFacts('OUTGOING', { classification })), ['sent-from-ticket', null]);
  }
});

test('where the email channel is off, mailbox mail is off with it and its record says so', () => {
  const one = judge(emailFacts('OUTGOING'), mailbox('associated', { channels: ['1000'] }));
  assert.deepEqual([one.verdict, one.reason], ['sent-from-ticket', 'channel-off']);
  assert.equal(findSeen(one, 'channel'), '1002');
});

test('where only contacts count, an answer from another address is an unknown sender', () => {
  const strict = context({ incoming: { anySender: false } }, { mailbox: { evidence: 'associated' } });
  const robin = emailFacts('INCOMING', {}, { fromAddress: 'robin@customer.example' });
  const one = judge(robin, strict);
  assert.deepEqual([one.verdict, one.reason], ['reply-on-originating-thread', 'unknown-sender']);
  assert.equal(findSeen(one, 'sender-is-contact'), 'unresolved');
  assert.equal(judge(emailFacts('INCOMING', {}, { fromAddress: 'CASEY@HOME.EXAMPLE' }), strict).reason, null);
  assert.equal(judge(emailFacts('INCOMING', {}, { fromAddress: null }), strict).reason, 'unknown-sender');
});

test('an email counts from the time it was sent, and never from later than it was made', () => {
  const times: [Date | null, Date][] = [
    [at('09:58:00'), at('09:58:00')],
    [at('10:30:00'), at('10:00:00')],
    [null, at('10:00:00')],
  ];
  for (const [sentAt, expected] of times) {
    assert.deepEqual(judge(emailFacts('OUTGOING', {}, { sentAt })).at, expected);
  }
});
