// The conversation recorded in 2024, judged item by item as each arrives: what it is, and where the ticket stands after it.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Message } from '../../src/crm.ts';
import { listMessages } from '../../src/hubspot/messages.ts';
import { classifyMessage } from '../../src/rules/automatic.ts';
import type { Direction, MessageFacts, TicketFacts } from '../../src/rules/facts.ts';
import { judgeMessage } from '../../src/rules/message-verdict.ts';
import { decideTicket } from '../../src/rules/ticket-decisions.ts';
import { assertTellsNothing } from './evidence-privacy.ts';
import { appId, change, context, message, messageFacts, thread, ticket, ticketFacts } from './sample-facts.ts';

const recording = new URL('../../../shared/hubspot/samples/thread-messages.email.recorded-2024.json', import.meta.url);

/** The recording where it is at hand, read as the gateway reads it; else a thread of the same shape. */
async function readThread(): Promise<Message[]> {
  if (!existsSync(recording)) return makeThread();
  const answer = JSON.parse(readFileSync(recording, 'utf8'));
  const client = {
    read: async () => answer,
    write: () => assert.fail('nothing is written'),
    tryWrite: () => assert.fail('nothing is written'),
    warnUnreadable: (_path: string, count: number) => assert.equal(count, 0),
    calls: { total: 0, failed: 0 },
  };
  const { messages, complete } = await listMessages(client, '8243595013');
  assert.ok(complete);
  return messages;
}

function makeThread(): Message[] {
  const item = (direction: Direction | null, time: string, changes: Partial<Message> = {}): Message => ({
    ...message(direction ?? 'INCOMING', {
      id: time,
      threadId: '8243595013',
      createdAt: new Date(`2024-10-21T${time}Z`),
    }),
    ...(direction === null ? { direction, clientType: 'SYSTEM', status: null, channelId: null, text: null } : {}),
    ...changes,
  });
  return [
    item('INCOMING', '11:09:16'),
    item(null, '11:09:22.587', { type: 'THREAD_STATUS_CHANGE' }),
    item('OUTGOING', '11:15:11.699'),
    item(null, '11:15:12.063', { type: 'ASSIGNMENT' }),
    item('INCOMING', '11:20:28'),
    item('INCOMING', '11:38:33'),
    item('OUTGOING', '11:39:29.389'),
  ];
}

function factsOf(list: Message[], one: Message, facts: TicketFacts): MessageFacts {
  const position = list.indexOf(one);
  const from = one.senders.find((sender) => sender.address)?.address ?? null;
  return messageFacts('INCOMING', {
    message: one,
    thread: thread({ id: one.threadId }),
    position,
    isFirst: position === 0,
    positions: new Map(list.map((item, index) => [item.id, index])),
    ticket: facts,
    classification: classifyMessage({ subject: one.subject, from, text: one.text, html: one.html }),
  });
}

test('of the recorded conversation each message moves the ticket to whose turn it is, and each item says why', async () => {
  const list = await readThread();
  const first = list[0] as Message;
  let facts = ticketFacts({
    ticket: ticket({
      stageId: '1',
      originatingThreadId: first.threadId,
      originatingMessageId: first.id,
      stageHistory: [change('1', new Date(first.createdAt.getTime() + 5_000), 'CONVERSATIONS')],
    }),
    ownThreadIds: new Set([first.threadId]),
  });
  const story: string[] = [];
  for (const [index, one] of list.entries()) {
    // Each arrives when the thread holds nothing newer.
    const judged = assertTellsNothing(judgeMessage(factsOf(list.slice(0, index + 1), one, facts), context()));
    const [decided] = judged.reason === null ? decideTicket(facts, [judged], context()) : [];
    if (decided?.toStageId) {
      const moved = change(decided.toStageId, one.createdAt, 'INTEGRATION', appId);
      const stageHistory = [moved, ...facts.ticket.stageHistory];
      facts = { ...facts, ticket: { ...facts.ticket, stageId: decided.toStageId, stageHistory } };
    }
    story.push(`${judged.verdict}: ${judged.reason ?? decided?.reason ?? 'moved'}, now ${facts.ticket.stageId}`);
  }
  assert.deepEqual(story, [
    'opens-conversation: first-message, now 1',
    'not-a-message: not-a-message, now 1',
    'sent-from-ticket: moved, now 2',
    'not-a-message: not-a-message, now 2',
    'reply-on-originating-thread: moved, now 3',
    'reply-on-originating-thread: already-there, now 3',
    'sent-from-ticket: moved, now 2',
  ]);
});
