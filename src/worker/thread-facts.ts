// Reads the threads a batch is about, each once: its state with its ticket, and its messages.
import type { Message, Thread } from '../crm.ts';
import { BatonError } from '../errors.ts';
import type { PortalGateway } from '../hubspot/gateway.ts';
import type { MessageSubject } from './subjects.ts';

export type ThreadReading = {
  thread: Thread;
  /** Oldest first. */
  messages: Message[];
  complete: boolean;
};
/** A thread that could not be read keeps only its own events waiting; undefined = HubSpot does not know it. */
export type ThreadReadings = Map<string, ThreadReading | BatonError | undefined>;

/** From this many threads on, one listing of recently active threads costs less than reading each. */
const listFrom = 3;
/** The listing's timestamps may lag behind the events'. */
const listSlackMs = 5_000;
/** A thread longer than one page is read to its beginning only where that decides: 1,000 items at most. */
const deepPages = 10;

/** Throws only what stops the whole portal (limit, migration, revoked); other failures stay with their thread. */
export async function readThreads(
  gateway: PortalGateway,
  wanted: Map<string, { subjects: MessageSubject[]; since: Date }>,
): Promise<ThreadReadings> {
  const listed = await listRecent(gateway, wanted);
  const readings: ThreadReadings = new Map();
  await Promise.all(
    [...wanted].map(async ([threadId, { subjects }]) => {
      try {
        readings.set(threadId, await readThread(gateway, threadId, listed.get(threadId), subjects));
      } catch (error) {
        if (!(error instanceof BatonError) || stopsPortal(error)) throw error;
        readings.set(threadId, error.code === 'hubspot-not-found' ? undefined : error);
      }
    }),
  );
  return readings;
}

/** Failures that every further call of this portal would meet. */
export function stopsPortal(error: BatonError): boolean {
  return (
    error.code === 'hubspot-rate-limited' || error.code === 'hubspot-migrating' || error.code === 'hubspot-revoked'
  );
}

async function listRecent(gateway: PortalGateway, wanted: Map<string, { since: Date }>): Promise<Map<string, Thread>> {
  const listed = new Map<string, Thread>();
  if (wanted.size < listFrom) return listed;
  const earliest = Math.min(...[...wanted.values()].map(({ since }) => since.getTime()));
  // One page: in a busy portal the batch's threads may stand behind others, and are then read one by one.
  const page = await gateway.listThreads({ latestMessageAfter: new Date(earliest - listSlackMs) });
  for (const thread of page.threads) listed.set(thread.id, thread);
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
  let reading = newest;
  if (!reading.complete && needsBeginning(reading.messages, subjects)) {
    reading = await gateway.listMessages(threadId, { maxPages: deepPages });
  }
  const missing = subjects.filter(({ messageId }) => !reading.messages.some((message) => message.id === messageId));
  const found = reading.complete
    ? []
    : await Promise.all(missing.map((one) => gateway.findMessage(threadId, one.messageId)));
  const older = found.filter((message) => message !== undefined);
  older.sort((left, right) => left.createdAt.getTime() - right.createdAt.getTime());
  return { thread, messages: [...older, ...reading.messages], complete: reading.complete };
}

/** Who opened the thread decides only for outgoing mail. */
function needsBeginning(messages: Message[], subjects: MessageSubject[]): boolean {
  const asked = new Set(subjects.map((subject) => subject.messageId));
  return messages.some((message) => asked.has(message.id) && message.direction === 'OUTGOING');
}
