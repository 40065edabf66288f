// Reads the threads a batch is about, each once: its state with its ticket, and its messages.
import type { Message, Thread } from '../crm.ts';
import { BatonError } from '../errors.ts';
import type { PortalGateway } from '../hubspot/gateway.ts';
import { concernsOneCall } from './failure.ts';
import type { MessageSubject } from './subjects.ts';

export type ThreadReading = {
  thread: Thread;
  /** Oldest first. */
  messages: Message[];
  complete: boolean;
  /** The ticket is the one Baton made for it, whatever HubSpot shows. */
  created?: true;
};
/** A thread that could not be read keeps only its own events waiting; undefined = HubSpot does not know it. */
export type ThreadReadings = Map<string, ThreadReading | BatonError | undefined>;

/** From this many threads on, one listing of recently active threads costs less than reading each. */
const listFrom = 3;
/** The listing's timestamps may lag behind the events'. */
const listSlackMs = 5_000;
/** A thread longer than one page is read to its beginning only where that decides: 1,000 items at most. */
const deepPages = 10;

/** As many as HubSpot calls may be in flight (CONTRACT.md 5): more would only wait for one another. */
const threadsAtOnce = 4;
/** After this many threads in a row without an answer HubSpot is taken to be down, and the others are not tried. */
const downAfter = 4;

/** Throws only what further calls would meet too (limit, migration, revoked, lease); other failures stay with their thread. */
export async function readThreads(
  gateway: PortalGateway,
  wanted: Map<string, { subjects: MessageSubject[]; since: Date }>,
): Promise<ThreadReadings> {
  const listed = await listRecent(gateway, wanted);
  const readings: ThreadReadings = new Map();
  const queue = [...wanted];
  let down: BatonError[] = [];

  async function readNext(): Promise<void> {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [threadId, { subjects }] = next;
      try {
        if (down[downAfter - 1]) throw down[downAfter - 1];
        readings.set(threadId, await readThread(gateway, threadId, listed.get(threadId), subjects));
        down = [];
      } catch (error) {
        if (!(error instanceof BatonError) || !concernsOneCall(error)) throw error;
        if (error.code === 'hubspot-transient') down.push(error);
        readings.set(threadId, error.code === 'hubspot-not-found' ? undefined : error);
      }
    }
  }
  await Promise.all(Array.from({ length: threadsAtOnce }, readNext));
  return readings;
}

async function listRecent(gateway: PortalGateway, wanted: Map<string, { since: Date }>): Promise<Map<string, Thread>> {
  const listed = new Map<string, Thread>();
  if (wanted.size < listFrom) return listed;
  const earliest = Math.min(...[...wanted.values()].map(({ since }) => since.getTime()));
  try {
    // One page: in a busy portal the batch's threads may stand behind others, and are then read one by one.
    const page = await gateway.listThreads({ latestMessageAfter: new Date(earliest - listSlackMs) });
    for (const thread of page.threads) listed.set(thread.id, thread);
  } catch (error) {
    // Only a short cut: each thread read by itself says what is wrong.
    if (!(error instanceof BatonError) || !concernsOneCall(error)) throw error;
  }
  return listed;
}

async function readThread(
  gateway: PortalGateway,
  threadId: string,
  listed: Thread | undefined,
  subjects: MessageSubject[],
): Promise<ThreadReading | undefined> {
  const [thread, newest] = await Promise.all([listed ?? gateway.findThread(threadId), gateway.listMessages(threadId)]);
  if (!thread) return undefined;
  const missing = subjects.filter(({ messageId }) => !newest.messages.some((message) => message.id === messageId));
  const found = newest.complete
    ? []
    : await Promise.all(missing.map((one) => gateway.findMessage(threadId, one.messageId)));
  const older = found.filter((message) => message !== undefined);
  older.sort((left, right) => left.createdAt.getTime() - right.createdAt.getTime());
  return { thread, messages: [...older, ...newest.messages], complete: newest.complete };
}

/** The same thread back to its beginning, as far as `deepPages` reach. */
export async function readBeginning(gateway: PortalGateway, reading: ThreadReading): Promise<ThreadReading> {
  const { messages, complete } = await gateway.listMessages(reading.thread.id, { maxPages: deepPages });
  const read = new Set(messages.map((message) => message.id));
  return { ...reading, messages: [...reading.messages.filter(({ id }) => !read.has(id)), ...messages], complete };
}
