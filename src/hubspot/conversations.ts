// Conversation threads and their channel accounts (DATA.md 3.1, 3.2).
import { z } from 'zod';
import type { ChannelAccount, Thread } from '../crm.ts';
import { BatonError } from '../errors.ts';
import { id, optionalId, optionalText, optionalTime, page, readAs, readEach } from './answers.ts';
import { readPages } from './objects.ts';
import { paths } from './paths.ts';
import type { PortalClient } from './portal-client.ts';

const threadShape = z.object({
  id,
  originalChannelId: id,
  originalChannelAccountId: optionalId,
  // May be a visitor's id that is no contact (spec PublicThread).
  associatedContactId: optionalId,
  spam: z.boolean().nullish(),
  archived: z.boolean().nullish(),
  latestMessageTimestamp: optionalTime,
  // Only with `association=TICKET` (DATA.md 0.6).
  threadAssociations: z.object({ associatedTicketId: optionalId }).nullish(),
});

const withTicket = { association: 'TICKET' };

export async function listThreads(
  client: PortalClient,
  query: { latestMessageAfter: Date; cursor?: string },
): Promise<{ threads: Thread[]; latestMessageAt: Date | null; cursor: string | null }> {
  const answer = readAs(
    page,
    await client.read({
      method: 'GET',
      path: paths.threads,
      query: {
        ...withTicket,
        // The one filter needs the one sort (DATA.md 3.2); 500 is the most a page holds.
        latestMessageTimestampAfter: query.latestMessageAfter.toISOString(),
        sort: 'latestMessageTimestamp',
        limit: '500',
        ...(query.cursor ? { after: query.cursor } : {}),
      },
    }),
  );
  const { read, unreadable } = readEach(threadShape, answer.results);
  client.warnUnreadable(paths.threads, unreadable);
  const times = read.flatMap((thread) => thread.latestMessageTimestamp?.getTime() ?? []);
  return {
    threads: read.map(toThread),
    latestMessageAt: times.length > 0 ? new Date(Math.max(...times)) : null,
    cursor: answer.paging,
  };
}

export async function findThread(client: PortalClient, threadId: string): Promise<Thread | undefined> {
  try {
    const answer = await client.read({ method: 'GET', path: paths.thread(threadId), query: withTicket });
    return toThread(readAs(threadShape, answer));
  } catch (error) {
    if (error instanceof BatonError && error.code === 'hubspot-not-found') return undefined;
    throw error;
  }
}

/** The filter `associatedTicketId` stands in the 2026-09 spec and the guide, but not in every spec file (DATA.md 3.2). */
export async function listThreadsOfTicket(client: PortalClient, ticketId: string): Promise<Thread[]> {
  const query = { ...withTicket, associatedTicketId: ticketId, limit: '500' };
  const results = await readPages(client, paths.threads, query);
  const threads = results.map((result) => toThread(readAs(threadShape, result)));
  if (threads.some((thread) => thread.ticketId !== ticketId)) {
    throw new BatonError('hubspot-unreadable', { detail: 'HubSpot listed threads of other tickets.' });
  }
  return threads;
}

const channelAccountShape = z.object({ id, channelId: id, inboxId: optionalId, name: optionalText });

export async function listChannelAccounts(client: PortalClient): Promise<ChannelAccount[]> {
  const results = await readPages(client, paths.channelAccounts, { limit: '100' });
  const { read, unreadable } = readEach(channelAccountShape, results);
  client.warnUnreadable(paths.channelAccounts, unreadable);
  return read.map((account) => ({ ...account, name: account.name ?? '' }));
}

function toThread(thread: z.infer<typeof threadShape>): Thread {
  return {
    id: thread.id,
    ticketId: thread.threadAssociations?.associatedTicketId ?? null,
    contactId: thread.associatedContactId,
    channelId: thread.originalChannelId,
    channelAccountId: thread.originalChannelAccountId,
    spam: thread.spam === true,
    archived: thread.archived === true,
    latestMessageAt: thread.latestMessageTimestamp,
  };
}
