// What PRODUCT.md says must have become of a portal, from what people did in it alone: written apart from src/rules, and sharing nothing with it.
import type { Deed } from './story.ts';

/** Of the portal's settings what the deeds need: whether Baton makes tickets, and where each message moves them. */
export type Rules = { madeByBaton: boolean; fresh: string; onOutgoing: string; onIncoming: string };

export type ExpectedTicket = {
  /** The conversations that made it: one, and more after a merge. */
  threadIds: string[];
  /** One where PRODUCT.md leaves no choice; more right after a merge, when what came before it may not have been decided yet. */
  stageIds: string[];
  /**
   * Of tickets merged into this one. HubSpot answers for a merged ticket with the surviving one, so that whoever had not read it before the
   * merge cannot know which thread was its own: mail there may move the ticket, or not.
   */
  mergedThreadIds: string[];
  /** Whether the last that customers wrote was a machine's: a notification never answers one. */
  answeredByMachine: boolean;
};
export type Expected = {
  tickets: ExpectedTicket[];
  /** Conversations nobody may make a ticket for. */
  threadsWithout: string[];
  /** Every message and email that must have a record, by its id. */
  decided: string[];
};

type Book = { byThread: Map<string, ExpectedTicket>; byId: Map<string, ExpectedTicket> };

/** A message or move puts a ticket into a stage. One on a merged ticket's thread may have: then both are allowed. */
function put(ticket: ExpectedTicket | undefined, stageId: string, threadId?: string): void {
  if (!ticket) return;
  const isSure = threadId === undefined || !ticket.mergedThreadIds.includes(threadId);
  ticket.stageIds = isSure ? [stageId] : [...new Set([...ticket.stageIds, stageId])];
}

function hear(ticket: ExpectedTicket | undefined, byMachine: boolean): void {
  if (ticket) ticket.answeredByMachine = byMachine;
}

function merge({ byThread, byId }: Book, keptId: string, goneId: string): void {
  const [kept, gone] = [byId.get(keptId), byId.get(goneId)];
  if (!kept || !gone) return;
  kept.mergedThreadIds.push(...gone.threadIds, ...gone.mergedThreadIds);
  kept.threadIds.push(...gone.threadIds);
  kept.stageIds = [...new Set([...kept.stageIds, ...gone.stageIds])];
  for (const threadId of gone.threadIds) byThread.set(threadId, kept);
  byId.set(goneId, kept);
  gone.threadIds = [];
}

function apply(deed: Deed, rules: Rules, { byThread, byId }: Book): void {
  switch (deed.kind) {
    case 'customer-replied':
      hear(byThread.get(deed.threadId), false);
      put(byThread.get(deed.threadId), rules.onIncoming, deed.threadId);
      break;
    case 'agent-replied':
      put(byThread.get(deed.threadId), rules.onOutgoing, deed.threadId);
      break;
    case 'machine-replied':
      hear(byThread.get(deed.threadId), true);
      break;
    case 'mailed-from-ticket':
      put(byId.get(deed.ticketId), rules.onOutgoing);
      break;
    case 'moved':
      put(byId.get(deed.ticketId), deed.stageId);
      break;
    case 'merged':
      merge({ byThread, byId }, deed.ticketId, deed.mergedId);
      break;
  }
}

/**
 * "The message's own createdAt decides, never the arrival" and "people first": so a ticket stands where the newest of its messages or moves put
 * it. A mail from the contact record, an automatic reply and a comment put it nowhere. `ticketOf` tells which ticket a thread had first.
 */
export function expectPortal(
  deeds: Deed[],
  rules: Rules,
  ticketOf: (threadId: string) => string | undefined,
): Expected {
  const book: Book = { byThread: new Map(), byId: new Map() };
  const threadsWithout: string[] = [];
  const inOrder = deeds
    .map((deed, index) => ({ deed, index }))
    .sort((a, b) => a.deed.at - b.deed.at || a.index - b.index);
  for (const { deed } of inOrder) {
    if (deed.kind !== 'opened') {
      apply(deed, rules, book);
      continue;
    }
    const { threadId } = deed;
    if (rules.madeByBaton && !deed.claimed) {
      threadsWithout.push(threadId);
      continue;
    }
    const ticket = { threadIds: [threadId], stageIds: [rules.fresh], mergedThreadIds: [], answeredByMachine: false };
    book.byThread.set(threadId, ticket);
    const ticketId = ticketOf(threadId);
    if (ticketId) book.byId.set(ticketId, ticket);
  }
  const decided = deeds.flatMap((deed) =>
    deed.kind !== 'commented' && 'messageId' in deed ? [deed.messageId] : 'emailId' in deed ? [deed.emailId] : [],
  );
  return { tickets: [...new Set(book.byThread.values())], threadsWithout, decided };
}
