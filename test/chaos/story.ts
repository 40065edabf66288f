// What people do in one portal during a chaos run: customers write, agents answer from everywhere, tickets are moved, closed and merged.
import { type ChaosPortal, stages } from './portals.ts';

/** Something done, when by HubSpot's clock (epoch ms), and what PRODUCT.md needs to know of it. */
export type Deed = { at: number } & (
  | { kind: 'opened'; threadId: string; messageId: string; from: string; claimed: boolean }
  | { kind: 'customer-replied' | 'agent-replied' | 'machine-replied'; threadId: string; messageId: string }
  | { kind: 'commented'; threadId: string }
  | { kind: 'mailed-from-ticket'; ticketId: string; emailId: string }
  | { kind: 'mailed-from-contact'; ticketId: string; emailId: string }
  | { kind: 'moved'; ticketId: string; stageId: string }
  | { kind: 'merged'; ticketId: string; mergedId: string }
);
export type DeedKind = Deed['kind'];

/**
 * HubSpot stamps incoming mail to the second, and two things of one second have no order that everybody sees alike: on one ticket
 * people act at least so far apart.
 */
const apartMs = 2_500;

const outOfOffice = 'Thank you for your email. I am out of the office until 4 January with no access to my mailbox.';

/** `madeTicketId`: the ticket it had first; after a merge `ticketId` is another. */
type Conversation = { threadId: string; from: string; madeTicketId?: string; ticketId?: string; busyUntil: number };

/** `random` decides everything that people decide; `now` is HubSpot's clock. */
export function createStory(
  { portal, userId, claimed, unclaimed, id }: ChaosPortal,
  random: () => number,
  now: () => number,
) {
  const deeds: Deed[] = [];
  const conversations: Conversation[] = [];
  let customers = 0;

  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];

  function open(): void {
    // Now and then somebody who wrote before: their mail on a new thread must move nothing but its own ticket.
    const known = random() < 0.3 ? pick(conversations)?.from : undefined;
    if (!known) customers += 1;
    const from = known ?? `customer-${customers}@c${id}.example`;
    const isClaimed = random() < 0.8;
    const at = now();
    const mail = {
      from,
      subject: 'Printer',
      text: 'It does not print.',
      channelAccountId: isClaimed ? claimed : unclaimed,
    };
    const { threadId, messageId, ticketId } = portal.receiveMessage({ ...mail, at });
    conversations.push({ threadId, from, madeTicketId: ticketId, ticketId, busyUntil: now() + apartMs });
    deeds.push({ kind: 'opened', at, threadId, messageId, from, claimed: isClaimed });
  }

  /** A conversation with a ticket on which nothing has happened for a while. */
  function findQuiet(): (Conversation & { ticketId: string }) | undefined {
    for (let tries = 0; tries < 8; tries += 1) {
      const found = pick(conversations);
      if (!found || found.busyUntil > now()) continue;
      found.ticketId = portal.thread(found.threadId).ticketId ?? undefined;
      found.madeTicketId ??= found.ticketId;
      if (found.ticketId) return found as Conversation & { ticketId: string };
    }
    return undefined;
  }

  function reply(talk: Conversation, text: string, kind: 'customer-replied' | 'machine-replied'): void {
    const at = now();
    const subject = kind === 'machine-replied' ? 'Automatic reply: Printer' : undefined;
    const { messageId } = portal.receiveMessage({ from: talk.from, threadId: talk.threadId, text, subject, at });
    deeds.push({ kind, at, threadId: talk.threadId, messageId });
  }

  function mail(talk: Conversation & { ticketId: string }, from: 'ticket' | 'contact'): void {
    const at = now();
    const record = from === 'ticket' ? { ticketId: talk.ticketId } : {};
    const text = { subject: 'Your request', text: 'Which printer is it?' };
    const { emailId } = portal.sendMailboxEmail({ from, ...record, userId, to: talk.from, ...text, at });
    deeds.push({ kind: `mailed-from-${from}`, at, ticketId: talk.ticketId, emailId });
  }

  function move(ticketId: string, stageId: string): void {
    const at = now();
    if (portal.stage(ticketId) === stageId) return;
    portal.moveTicket({ ticketId, stageId, userId, at });
    deeds.push({ kind: 'moved', at, ticketId, stageId });
  }

  function merge(talk: Conversation & { ticketId: string }): void {
    const other = findQuiet();
    if (!other || other.ticketId === talk.ticketId) return;
    const at = now();
    portal.mergeTickets({ primaryId: talk.ticketId, mergedId: other.ticketId, userId });
    other.busyUntil = now() + apartMs;
    deeds.push({ kind: 'merged', at, ticketId: talk.ticketId, mergedId: other.ticketId });
  }

  function goOn(talk: Conversation & { ticketId: string }): void {
    const dice = random();
    if (dice < 0.3) reply(talk, 'The one upstairs.', 'customer-replied');
    else if (dice < 0.55) {
      const at = now();
      const { messageId } = portal.sendMessage({ threadId: talk.threadId, userId, text: 'Which printer is it?', at });
      deeds.push({ kind: 'agent-replied', at, threadId: talk.threadId, messageId });
    } else if (dice < 0.65) mail(talk, 'ticket');
    else if (dice < 0.73) mail(talk, 'contact');
    else if (dice < 0.8) reply(talk, outOfOffice, 'machine-replied');
    else if (dice < 0.85) {
      portal.comment({ threadId: talk.threadId, userId, text: 'Ask the warehouse.' });
      deeds.push({ kind: 'commented', at: now(), threadId: talk.threadId });
    } else if (dice < 0.93) move(talk.ticketId, stages.closed);
    else if (dice < 0.99) move(talk.ticketId, pick([stages.fresh, stages.contact, stages.us]) as string);
    else merge(talk);
    const isSame = (one: Conversation) => one.ticketId === talk.ticketId;
    for (const one of conversations.filter(isSame)) one.busyUntil = now() + apartMs;
  }

  return {
    deeds,
    /** The ticket a conversation had before any merge, as far as somebody has looked. */
    ticketOf: (threadId: string) => conversations.find((one) => one.threadId === threadId)?.madeTicketId,
    /** One more thing happens. */
    act(): void {
      const talk = conversations.length > 0 && random() < 0.85 ? findQuiet() : undefined;
      if (talk) goOn(talk);
      else if (conversations.length < 4 || random() < 0.4) open();
    },
  };
}

export type Story = ReturnType<typeof createStory>;
