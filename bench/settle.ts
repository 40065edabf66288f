// Settle: HubSpot calls and time of full batches, time from a message to the written status, and memory.
import { setTimeout as wait } from 'node:timers/promises';
import type { PortalControl } from '../src/emulator/portal-control.ts';
import { type Conversation, converse, makeTickets, openConversations, sendFromTickets } from './full-batches.ts';
import type { BenchParts } from './main.ts';
import { quantile, round } from './numbers.ts';
import { type SettleSystem, startSettleSystem } from './settle-system.ts';

/** Calls an event: of what HubSpot tells of a burst of mails, of messages 4 to a thread, of messages one by one. */
const aims = { emails: 0.05, messages: 0.35, single: 4 };
const aimedMb = 200;
// What the sizes of HubSpot's batches allow: of 100 mails one read each of mails, their tickets, contacts of tickets and contacts, two of
// tickets with their history (50 a call), one write; of 25 threads one listing, each thread's messages, the tickets, one write.
const emailLimit = '7 calls for 100 mails';
const messageLimit = '28 calls for 25 threads';
const singleLimit = 'thread, messages, ticket, write: 4 calls a message';

/** A gentle rate: what a few hundred agents write. */
const gentle = { portals: 20, messagesPerSecond: 5, seconds: 15 };

/** The stage each ticket of a batch must end in: a count of calls that did not do the work is worth nothing. */
function checkStages(portal: PortalControl, ticketIds: string[], stageId: string): void {
  const wrong = ticketIds.filter((ticketId) => portal.stage(ticketId) !== stageId);
  if (wrong.length > 0) throw new Error(`${wrong.length} of ${ticketIds.length} tickets are not in stage ${stageId}`);
}

/** Calls and milliseconds until everything that `act` caused is settled. */
async function measure(system: SettleSystem, portalId: string, act: () => void) {
  await system.settled();
  system.emulator.clearRequests();
  const before = system.emulator.webhooks.deliveries().length;
  const startedAt = performance.now();
  act();
  await system.settled();
  const deliveries = system.emulator.webhooks.deliveries().slice(before);
  return {
    calls: system.emulator.countRequests(portalId),
    ms: round(performance.now() - startedAt),
    deliveries: deliveries.length,
    events: deliveries.reduce((sum, { events }) => sum + events, 0),
  };
}

/** 100 emails by their creation alone, in one delivery; `everyEvent` = with what else HubSpot tells of them. */
async function measureEmails(system: SettleSystem, portalId: string, everyEvent: boolean) {
  const { portal, userId } = await system.install(portalId);
  const tickets = makeTickets(portal, userId);
  await system.settled();
  const { settings } = system.emulator.webhooks;
  const { subscriptions } = settings;
  if (!everyEvent) {
    settings.subscriptions = subscriptions.filter(
      ({ subscriptionType, objectType }) => subscriptionType === 'object.creation' && objectType === 'email',
    );
  }
  const measured = await measure(system, portalId, () => sendFromTickets(system.emulator, portal, { userId, tickets }));
  settings.subscriptions = subscriptions;
  checkStages(
    portal,
    tickets.map(({ ticketId }) => ticketId),
    '2',
  );
  return measured;
}

async function measureMessages(system: SettleSystem, portalId: string) {
  const { portal, userId } = await system.install(portalId);
  const conversations = openConversations(portal, 25);
  const measured = await measure(system, portalId, () => converse(system.emulator, portal, { userId, conversations }));
  checkStages(
    portal,
    conversations.map(({ ticketId }) => ticketId),
    '3',
  );
  return measured;
}

type Sent = { portal: PortalControl; ticketId: string; stageId: string; at: number };

/** Agents and customers in turn, one ticket after the other, so that every message moves its ticket. */
async function writeGently(talks: { portal: PortalControl; userId: string; conversation: Conversation }[]) {
  const sent: Sent[] = [];
  const gapMs = 1_000 / gentle.messagesPerSecond;
  const startedAt = Date.now();
  for (let number = 0; number < gentle.messagesPerSecond * gentle.seconds; number += 1) {
    await wait(Math.max(0, startedAt + number * gapMs - Date.now()));
    const talk = talks[number % talks.length] as (typeof talks)[number];
    const { threadId, ticketId, from } = talk.conversation;
    const byAgent = Math.floor(number / talks.length) % 2 === 0;
    const at = Date.now();
    if (byAgent) talk.portal.sendMessage({ threadId, userId: talk.userId, text: 'Which printer is it?' });
    else talk.portal.receiveMessage({ from, threadId, text: 'The one upstairs.' });
    sent.push({ portal: talk.portal, ticketId, stageId: byAgent ? '2' : '3', at });
  }
  return sent;
}

/** By the emulator's clock, which stamps the write when it is made. */
function findWriteMs({ portal, ticketId, stageId, at }: Sent): number {
  const { stageHistory } = portal.ticket(ticketId);
  const written = stageHistory
    .filter((change) => change.sourceType === 'INTEGRATION' && change.value === stageId)
    .map((change) => Number(change.timestamp) - at)
    .filter((ms) => ms >= 0);
  if (written.length === 0) throw new Error(`ticket ${ticketId} never came to stage ${stageId}`);
  return Math.min(...written);
}

async function measureLatency(system: SettleSystem) {
  const talks = [];
  for (let index = 0; index < gentle.portals; index += 1) {
    const { portal, userId } = await system.install(String(63_000_001 + index));
    const [conversation] = openConversations(portal, 1);
    talks.push({ portal, userId, conversation: conversation as Conversation });
  }
  await system.settled();
  system.emulator.clearRequests();
  const before = system.emulator.webhooks.deliveries().length;
  const sent = await writeGently(talks);
  await system.settled();
  const deliveries = system.emulator.webhooks.deliveries().slice(before);
  const events = deliveries.reduce((sum, delivery) => sum + delivery.events, 0);
  const calls = system.emulator.requests.length;
  const ms = sent.map(findWriteMs);
  return {
    messages: sent.length,
    calls,
    events,
    portals: gentle.portals,
    messagesPerSecond: gentle.messagesPerSecond,
    p50Ms: round(quantile(ms, 0.5)),
    p99Ms: round(quantile(ms, 0.99)),
    /** Of these the emulator gathers events before it sends them. */
    batchWindowMs: system.emulator.webhooks.settings.batchWindowMs,
    callsPerMessage: round(calls / sent.length, 2),
  };
}

/** The larger of what was seen so far and what is resident now. */
async function readMemory(system: SettleSystem, before = { webMb: 0, workerMb: 0 }) {
  const [webMb, workerMb] = await Promise.all([system.web.readResidentMb(), system.worker.readResidentMb()]);
  return { webMb: Math.max(webMb, before.webMb), workerMb: Math.max(workerMb, before.workerMb) };
}

/** Prints a line for each kind of batch, one for the time of single messages and one for memory. */
export async function benchSettle({ server, print }: BenchParts): Promise<void> {
  const system = await startSettleSystem(server);
  try {
    const one = await measureEmails(system, '62000001', false);
    print({ what: '100 email events in one delivery', ...one });
    const emails = await measureEmails(system, '62000002', true);
    print({ what: '100 emails with all their events', ...emails, ...aim(emails, emailLimit, aims.emails) });
    const messages = await measureMessages(system, '62000003');
    print({ what: '100 messages on 25 threads', ...messages, ...aim(messages, messageLimit, aims.messages) });
    const afterBatches = await readMemory(system);
    const single = await measureLatency(system);
    const what = 'single messages, with what HubSpot tells of their moves';
    print({ ...single, what, ...aim(single, singleLimit, aims.single) });
    const { webMb, workerMb } = await readMemory(system, afterBatches);
    print({
      what: 'memory',
      measured: `web ${webMb} MB, worker ${workerMb} MB`,
      webMb,
      workerMb,
      aim: `< ${aimedMb} MB each`,
      met: Math.max(webMb, workerMb) < aimedMb,
    });
  } finally {
    await system.stop();
  }
}

function aim({ calls, events }: { calls: number; events: number }, limit: string, atMost: number) {
  const callsPerEvent = round(calls / events, 3);
  const measured = `${callsPerEvent} calls an event (${calls} for ${events})`;
  return { measured, limit, callsPerEvent, aim: `<= ${atMost}`, met: callsPerEvent <= atMost };
}
