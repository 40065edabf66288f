// Finds the thread a real mail belongs to by Message-ID, In-Reply-To and References (RFC 5322, 3.6.4); subjects never count.
import { noteThread } from './portal-index.ts';
import type { Item, PortalState, Thread } from './state.ts';

/** The Message-ID of an item: the one it came with, else one made of its id, the same at every look. */
export function mailIdOf(portal: PortalState, thread: Thread, item: Item): string {
  return thread.mailIds?.[item.id] ?? `<${item.id}.${thread.id}@${portal.domain}>`;
}

function findByMadeId(portal: PortalState, mailId: string): Thread | undefined {
  const [, itemId, threadId] = /^<([^.<>@]+)\.(\d+)@/.exec(mailId) ?? [];
  const thread = threadId === undefined ? undefined : portal.threads[threadId];
  return thread?.items.some((item) => item.id === itemId) ? thread : undefined;
}

/** The thread a Message-ID belongs to; undefined when nobody knows it, or when its thread was erased. */
export function findMailThread(portal: PortalState, mailId: string): Thread | undefined {
  const known = portal.mailThreads?.[mailId];
  const threadId = known !== undefined && Object.hasOwn(portal.mailThreads ?? {}, mailId) ? known : undefined;
  return threadId === undefined ? findByMadeId(portal, mailId) : portal.threads[threadId];
}

/** Remembers where a mail is, so that answers to it find the way; with `itemId` also which item it became. */
export function rememberMail(portal: PortalState, mailId: string, thread: Thread, itemId?: string): void {
  portal.mailThreads ??= {};
  portal.mailThreads[mailId] = thread.id;
  if (itemId === undefined) return;
  thread.mailIds ??= {};
  thread.mailIds[itemId] = mailId;
  noteThread(portal, thread);
}
