// The order of reasons: wherever two causes hold at once, the earlier of PRODUCT.md's list is the reason.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Email, Message, Thread } from '../../src/crm.ts';
import type { Reason } from '../../src/rules/decide.ts';
import { judgeEmail } from '../../src/rules/email-verdict.ts';
import type { Classification, Direction, EmailFacts, MessageFacts } from '../../src/rules/facts.ts';
import { judgeMessage } from '../../src/rules/message-verdict.ts';
import type { Settings } from '../../src/rules/settings.ts';
import { assertTellsNothing } from './evidence-privacy.ts';
import {
  appId,
  context,
  emailFacts,
  humanMail,
  messageFacts,
  type RuleChanges,
  thread,
  ticket,
  ticketFacts,
} from './sample-facts.ts';

/** PRODUCT.md 2, copied by hand, without what a verdict cannot know. */
const order: Reason[] = [
  'spam',
  'own-message',
  'not-a-message',
  'channel-off',
  'bounce',
  'calendar-answer',
  'automatic-reply',
  'first-message',
  'no-ticket',
  'ticket-gone',
  'reply-elsewhere',
  'sent-elsewhere',
  'sent-to-others',
  'paused',
  'rule-off',
  'stage-missing',
  'unknown-sender',
];

type Scene = {
  message?: Partial<Message>;
  email?: Partial<Email>;
  thread?: Partial<Thread>;
  facts?: Partial<MessageFacts> & Partial<EmailFacts>;
  rules?: RuleChanges;
  settings?: Partial<Settings>;
};
/** Two causes that fill the same slot cannot hold at once. */
type Cause = { slot?: string; only?: Direction; scene: Scene };

const machine = (kind: Classification['kind']): Cause => ({
  slot: 'kind',
  only: 'INCOMING',
  scene: { facts: { classification: { ...humanMail, automatic: true, kind } } },
});
const foreignTicket = ticketFacts({
  ticket: ticket({ originatingEmailId: 'e1' }),
  ownThreadIds: new Set(['t9']),
});
const strict: RuleChanges = { incoming: { anySender: false } };

const shared: Partial<Record<Reason, Cause>> = {
  'channel-off': { scene: { settings: { channels: ['1000'] } } },
  bounce: machine('bounce'),
  'calendar-answer': machine('calendar-answer'),
  'automatic-reply': machine('out-of-office'),
  paused: { scene: { settings: { paused: true } } },
  'rule-off': { scene: { rules: { outgoing: { enabled: false }, incoming: { enabled: false } } } },
  'stage-missing': { scene: { rules: { outgoing: { stageId: '99' }, incoming: { stageId: '99' } } } },
};

const ofMessages: Partial<Record<Reason, Cause>> = {
  ...shared,
  spam: { scene: { thread: { spam: true } } },
  'own-message': { scene: { message: { integrationAppId: appId } } },
  'not-a-message': { scene: { message: { type: 'COMMENT' } } },
  'first-message': { only: 'INCOMING', scene: { facts: { isFirst: true } } },
  'no-ticket': { slot: 'ticket', scene: { facts: { ticket: 'none' } } },
  'ticket-gone': { slot: 'ticket', scene: { facts: { ticket: 'gone' } } },
  'reply-elsewhere': { slot: 'ticket', only: 'INCOMING', scene: { facts: { ticket: foreignTicket } } },
  'sent-elsewhere': { slot: 'ticket', only: 'OUTGOING', scene: { facts: { ticket: foreignTicket } } },
  'sent-to-others': { only: 'OUTGOING', scene: { message: { recipients: [] } } },
  'unknown-sender': { only: 'INCOMING', scene: { rules: strict, message: { senders: [] } } },
};

const ofEmails: Partial<Record<Reason, Cause>> = {
  ...shared,
  'own-message': { scene: { email: { objectSource: 'INTEGRATION', objectSourceId: appId } } },
  'not-a-message': { scene: { email: { direction: 'FORWARDED_EMAIL' } } },
  'first-message': { slot: 'ticket', only: 'INCOMING', scene: { facts: { ticket: foreignTicket } } },
  'no-ticket': { slot: 'ticket', scene: { facts: { ticket: 'none', ticketIds: [] } } },
  'ticket-gone': { slot: 'ticket', scene: { facts: { ticket: 'gone' } } },
  'reply-elsewhere': { only: 'INCOMING', scene: { email: { emailThreadId: 'another' } } },
  'sent-elsewhere': { only: 'OUTGOING', scene: { facts: { associatedAfterMs: 60_001 } } },
  'sent-to-others': { only: 'OUTGOING', scene: { email: { toAddresses: ['parts@supplier.example'] } } },
  'unknown-sender': { only: 'INCOMING', scene: { rules: strict, email: { fromAddress: 'robin@customer.example' } } },
};

function merge(left: Scene, right: Scene): Scene {
  return {
    message: { ...left.message, ...right.message },
    email: { ...left.email, ...right.email },
    thread: { ...left.thread, ...right.thread },
    facts: { ...left.facts, ...right.facts },
    settings: { ...left.settings, ...right.settings },
    rules: {
      outgoing: { ...left.rules?.outgoing, ...right.rules?.outgoing },
      incoming: { ...left.rules?.incoming, ...right.rules?.incoming },
    },
  };
}

function judge(kind: 'message' | 'email', direction: Direction, causes: Cause[]): Reason | null {
  const scene = causes.map((cause) => cause.scene).reduce(merge, {});
  const where = context(scene.rules, { mailbox: { evidence: 'associated' }, ...scene.settings });
  const judged =
    kind === 'message'
      ? judgeMessage(messageFacts(direction, { thread: thread(scene.thread), ...scene.facts }, scene.message), where)
      : judgeEmail(emailFacts(direction, scene.facts, scene.email), where);
  return assertTellsNothing(judged).reason;
}

function* pairs(causes: Partial<Record<Reason, Cause>>, direction: Direction) {
  const known = order.filter((reason) => causes[reason] && (causes[reason].only ?? direction) === direction);
  for (const [place, earlier] of known.entries()) {
    yield [earlier];
    for (const later of known.slice(place + 1)) {
      const slot = causes[earlier]?.slot;
      const opposed = slot !== undefined && slot === causes[later]?.slot;
      // With a ticket it is `first-message`, without one `no-ticket`: never both.
      if (!opposed && !(earlier === 'first-message' && later === 'no-ticket')) yield [earlier, later];
    }
  }
}

for (const [kind, causes] of [
  ['message', ofMessages],
  ['email', ofEmails],
] as const) {
  for (const direction of ['INCOMING', 'OUTGOING'] as const) {
    test(`of two causes that hold for an ${direction.toLowerCase()} ${kind}, the earlier is the reason`, () => {
      assert.equal(judge(kind, direction, []), null, 'without a cause the ticket decides');
      let tried = 0;
      for (const reasons of pairs(causes, direction)) {
        const made = reasons.map((reason) => causes[reason] as Cause);
        assert.equal(judge(kind, direction, made), reasons[0], reasons.join(' before '));
        assert.equal(judge(kind, direction, made.toReversed()), reasons[0], reasons.join(' before '));
        tried += 1;
      }
      assert.ok(tried > 40, `${tried} combinations`);
    });
  }
}
