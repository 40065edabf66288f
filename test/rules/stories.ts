// Random stories of one ticket for the model, and the same stories as the facts Baton would gather.
import fc from 'fast-check';
import type { StageChange } from '../../src/crm.ts';
import type { BatchContext, Direction, Facts, TicketFacts } from '../../src/rules/facts.ts';
import { defaultSettings } from '../../src/rules/settings.ts';
import {
  alex,
  appId,
  at,
  casey,
  change,
  context,
  email,
  emailFacts,
  humanMail,
  message,
  messageFacts,
  thread,
  ticket,
  ticketFacts,
} from './sample-facts.ts';
import { closedStage, currentStage, type Kind, type Rules, type Sent, type Story } from './ticket-model.ts';

const morning = at('10:00:00').getTime();
const stage = fc.constantFrom('1', '2', '3', closedStage);
const kind = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Kind>('plain') },
  { weight: 2, arbitrary: fc.constant<Kind>('thanks') },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Kind>(
      'comment',
      'failed',
      'app',
      'bounce',
      'out-of-office',
      'other-thread',
      'to-supplier',
      'stranger',
    ),
  },
);
const one = fc.record({ incoming: fc.boolean(), kind, millis: fc.nat(999) });
type SameSecond = { threads: string[]; messages: { incoming: boolean; kind: Kind; millis: number }[] };

/**
 * What happens within one second: on one thread in its own order, or one message each on several threads and in mailboxes. Both at
 * once can be a circle (each thread's newest older than the other's first) for which PRODUCT.md names no order.
 */
const sameSecond: fc.Arbitrary<SameSecond> = fc.oneof(
  fc.record({
    threads: fc.constantFrom<string[]>(['t1'], ['t2']),
    messages: fc.array(one, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    threads: fc.shuffledSubarray(['t1', 't2', 'e1', 'e2'], { minLength: 1 }),
    messages: fc.array(one, { minLength: 4, maxLength: 4 }),
  }),
);
function toMessages(seconds: { at: number; happening: SameSecond }[]): Sent[] {
  const places: Record<string, number> = {};
  return seconds
    .toSorted((left, right) => left.at - right.at)
    .flatMap(({ at: second, happening: { threads, messages } }) =>
      messages.slice(0, threads.length > 1 ? threads.length : undefined).map((each, index) => {
        const name = threads[index] ?? threads[0] ?? 't1';
        places[name] = (places[name] ?? 0) + 1;
        // Incoming messages are stamped to the second, outgoing ones to the millisecond.
        const ms = second * 1000 + (each.incoming ? 0 : each.millis);
        const place = places[name];
        return {
          id: `${name}-${place}`,
          kind: each.kind,
          incoming: each.incoming,
          ms,
          thread: name.startsWith('e') ? null : name,
          place,
        };
      }),
    );
}

const messages = fc
  .uniqueArray(fc.record({ at: fc.nat(9), happening: sameSecond }), {
    selector: ({ at }) => at,
    minLength: 1,
    maxLength: 4,
  })
  .map(toMessages);
const foreign = fc
  .array(fc.record({ ms: fc.integer({ min: -5_000, max: 12_000 }), person: fc.boolean(), stage }), { maxLength: 3 })
  .map((changes) => changes.toSorted((left, right) => left.ms - right.ms));
const from = fc.option(fc.subarray(['1', '2', '3', closedStage], { minLength: 1 }));
const rules: fc.Arbitrary<Rules> = fc.record({
  outgoing: fc.record({ to: stage, from }),
  incoming: fc.record({ to: stage, from, anySender: fc.boolean() }),
  closed: fc.record({ policy: fc.constantFrom('always', 'within', 'never'), days: fc.integer({ min: 1, max: 20 }) }),
  thanksKeepsClosed: fc.boolean(),
});
const days = (count: number): number => -count * 24 * 3_600_000;

export const story: fc.Arbitrary<Story> = fc.record({
  bornIn: stage,
  bornMs: fc.constant(days(30)),
  foreign,
  lastClosedMs: fc.constantFrom(null, days(20), days(1), days(1) + 5_000, -60_000),
  messages,
  rules,
});

/** The same rules without those that look at where the ticket stood when the message came. */
export function withoutMemory(told: Story): Story {
  const { outgoing, incoming } = told.rules;
  return {
    ...told,
    rules: {
      outgoing: { ...outgoing, from: null },
      incoming: { ...incoming, from: null },
      closed: { policy: 'always', days: 1 },
      thanksKeepsClosed: false,
    },
  };
}

export function toDate(ms: number): Date {
  return new Date(morning + ms);
}

export function toContext({ rules: { outgoing, incoming, closed, thanksKeepsClosed } }: Story): BatchContext {
  return context(
    {
      outgoing: { stageId: outgoing.to, fromStageIds: outgoing.from },
      incoming: {
        stageId: incoming.to,
        fromStageIds: incoming.from,
        anySender: incoming.anySender,
        closed: { ...closed, otherwise: 'leave' },
      },
    },
    {
      mailbox: { evidence: 'associated' },
      guards: { ...defaultSettings.guards, thanksKeepsClosed, movesPerTicketPerHour: 1000 },
    },
  );
}

/** The ticket before Baton does anything. */
export function toTicket(told: Story): TicketFacts {
  const history: StageChange[] = told.foreign.map(({ ms, person, stage: entered }) =>
    person ? change(entered, toDate(ms), 'CRM_UI', 'userId:7') : change(entered, toDate(ms), 'AUTOMATION_PLATFORM'),
  );
  const born = change(told.bornIn, toDate(told.bornMs), 'CONVERSATIONS');
  return ticketFacts({
    ticket: ticket({
      stageId: currentStage(told),
      lastClosedAt: told.lastClosedMs === null ? null : toDate(told.lastClosedMs),
      stageHistory: [...history.toReversed(), born],
    }),
    ownThreadIds: new Set(['t1', 't2']),
  });
}

/** What HubSpot would say of a message; `all` = the story's messages, for the thread's list. */
export function toFacts(sent: Sent, all: Sent[], facts: TicketFacts): Facts {
  const direction: Direction = sent.incoming ? 'INCOMING' : 'OUTGOING';
  const { kind: what } = sent;
  const machine = what === 'bounce' || what === 'out-of-office';
  const classification = { ...humanMail, automatic: machine, kind: machine ? what : null, thanks: what === 'thanks' };
  const robin = 'robin@elsewhere.example';
  return sent.thread === null
    ? toEmailFacts(sent, direction, facts, classification, robin)
    : toMessageFacts(sent, direction, all, facts, classification, robin);
}

function toMessageFacts(
  { id, ms, place, thread: threadId, kind: what }: Sent,
  direction: Direction,
  all: Sent[],
  facts: TicketFacts,
  classification: typeof humanMail,
  robin: string,
): Facts {
  const elsewhere = what === 'other-thread';
  const stranger = { actorId: `E-${robin}`, address: robin, field: 'FROM' as const };
  const from = direction === 'OUTGOING' ? alex : what === 'stranger' ? stranger : casey;
  const lost = what === 'bounce' || what === 'out-of-office' || what === 'to-supplier';
  // A machine's answer and a mail to a supplier exist in one direction only; the other does not count either.
  const type =
    what === 'comment' || (lost && (direction === 'OUTGOING') !== (what === 'to-supplier')) ? 'COMMENT' : 'MESSAGE';
  const to =
    direction === 'INCOMING' ? alex : what === 'to-supplier' ? { ...casey, actorId: null, address: robin } : casey;
  const made = message(direction, {
    id,
    threadId: threadId ?? '',
    type: what === 'failed' && direction === 'INCOMING' ? 'COMMENT' : type,
    createdAt: toDate(ms),
    status: what === 'failed' ? 'FAILED' : direction === 'INCOMING' ? 'RECEIVED' : 'SENT',
    senders: [what === 'app' ? { actorId: `I-${appId}`, address: null, field: 'FROM' } : from],
    recipients: [{ ...to, field: 'TO' }],
  });
  const list = all.filter((each) => each.thread === threadId).map((each) => [each.id, each.place] as const);
  return messageFacts(direction, {
    message: made,
    thread: thread({ id: made.threadId }),
    position: place,
    positions: new Map(list),
    ticket: elsewhere ? { ...facts, ownThreadIds: new Set(['t9']) } : facts,
    openedBy: 'INCOMING',
    classification,
  });
}

function toEmailFacts(
  { id, ms, kind: what }: Sent,
  direction: Direction,
  facts: TicketFacts,
  classification: typeof humanMail,
  robin: string,
): Facts {
  const incoming = direction === 'INCOMING';
  const wrongWay = incoming
    ? what === 'to-supplier' || what === 'failed'
    : what === 'bounce' || what === 'out-of-office';
  const made = email(direction, {
    id,
    createdAt: toDate(ms),
    sentAt: toDate(ms),
    ...(what === 'comment' || wrongWay ? { direction: 'FORWARDED_EMAIL' } : {}),
    ...(what === 'failed' ? { status: 'FAILED' } : {}),
    ...(what === 'app' ? { objectSource: 'INTEGRATION', objectSourceId: appId } : {}),
    ...(what === 'to-supplier' ? { toAddresses: [robin] } : {}),
    ...(what === 'stranger' && incoming ? { fromAddress: robin } : {}),
    ...(what === 'other-thread' ? { emailThreadId: 'mail-thread-2' } : {}),
  });
  const associatedAfterMs = what === 'other-thread' ? 90_000 : 500;
  return emailFacts(direction, { email: made, ticket: facts, associatedAfterMs, classification });
}
