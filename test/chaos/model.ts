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

/**
 * "The message's own createdAt decides, never the arrival" and "people first": so a ticket stands where the newest of its messages or moves put
 * it. A mail from the contact record, an automatic reply and a comment put it nowhere. `ticketOf` tells which ticket a thread has by now.
 */
export function expectPortal(
  deeds: Deed[],
  rules: Rules,
  ticketOf: (threadId: string) => string | undefined,
): Expected {
  const byThread = new Map<string, ExpectedTicket>();
  const byId = new Map<string, ExpectedTicket>();
  const threadsWithout: string[] = [];
  const decided: string[] = [];
  const find = (threadId: string) => byThread.get(threadId);
  const put = (ticket: ExpectedTicket | undefined, stageId: string, threadId?: string) => {
    if (!ticket) return;
    const isSure = threadId === undefined || !ticket.mergedThreadIds.includes(threadId);
    ticket.stageIds = isSure ? [stageId] : [...new Set([...ticket.stageIds, stageId])];
  };
  const hear = (threadId: string, byMachine: boolean) => {
    const ticket = find(threadId);
    if (ticket) ticket.answeredByMachine = byMachine;
  };
  const inOrder = deeds
    .map((deed, index) => ({ deed, index }))
    .sort((a, b) => a.deed.at - b.deed.at || a.index - b.index);
  for (const { deed } of inOrder) {
    switch (deed.kind) {
      case 'opened': {
        decided.push(deed.messageId);
        if (rules.madeByBaton && !deed.claimed) {
          threadsWithout.push(deed.threadId);
          break;
        }
        const ticket = {
          threadIds: [deed.threadId],
          stageIds: [rules.fresh],
          mergedThreadIds: [],
          answeredByMachine: false,
        };
        byThread.set(deed.threadId, ticket);
        const ticketId = ticketOf(deed.threadId);
        if (ticketId) byId.set(ticketId, byId.get(ticketId) ?? ticket);
        break;
      }
      case 'customer-replied':
        decided.push(deed.messageId);
        hear(deed.threadId, false);
        put(find(deed.threadId), rules.onIncoming, deed.threadId);
        break;
      case 'agent-replied':
        decided.push(deed.messageId);
        put(find(deed.threadId), rules.onOutgoing, deed.threadId);
        break;
      case 'machine-replied':
        hear(deed.threadId, true);
        decided.push(deed.messageId);
        break;
      case 'mailed-from-ticket':
        decided.push(deed.emailId);
        put(byId.get(deed.ticketId), rules.onOutgoing);
        break;
      case 'mailed-from-contact':
        decided.push(deed.emailId);
        break;
      case 'moved':
        put(byId.get(deed.ticketId), deed.stageId);
        break;
      case 'merged': {
        const [kept, gone] = [byId.get(deed.ticketId), byId.get(deed.mergedId)];
        if (!kept || !gone) break;
        kept.mergedThreadIds.push(...gone.threadIds, ...gone.mergedThreadIds);
        kept.threadIds.push(...gone.threadIds);
        kept.stageIds = [...new Set([...kept.stageIds, ...gone.stageIds])];
        for (const threadId of gone.threadIds) byThread.set(threadId, kept);
        byId.set(deed.mergedId, kept);
        gone.threadIds = [];
        break;
      }
    }
  }
  const tickets = [...new Set(byThread.values())];
  return { tickets, threadsWithout, decided };
}
