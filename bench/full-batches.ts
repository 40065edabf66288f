// The two fullest batches a portal can bring: 100 mails from 100 ticket records, and 100 messages on 25 threads.
import type { Emulator } from '../src/emulator/emulator.ts';
import type { PortalControl } from '../src/emulator/portal-control.ts';

export type Conversation = { threadId: string; ticketId: string; from: string };

/** Automations B and C in the default pipeline; mailbox mail counts. */
export const fullSettings = {
  pipelines: { '0': { outgoing: { enabled: true, stageId: '2' }, incoming: { enabled: true, stageId: '3' } } },
  mailbox: { evidence: 'associated' },
};

/** Customers who just wrote, each with a ticket that HubSpot made. The portal must make tickets for conversations. */
export function openConversations(portal: PortalControl, count: number): Conversation[] {
  return Array.from({ length: count }, (_, index) => {
    const from = `customer-${index}@portal-${portal.look().portalId}.example`;
    const { threadId, ticketId } = portal.receiveMessage({ from, subject: 'Printer', text: 'It does not print.' });
    if (!ticketId) throw new Error('the portal makes no tickets for new conversations');
    return { threadId, ticketId, from };
  });
}

/** 100 tickets made by hand, each with a contact of its own; `from` counts on from those made before. */
export function makeTickets(portal: PortalControl, userId: string, from = 0): { ticketId: string; to: string }[] {
  return Array.from({ length: 100 }, (_, index) => {
    const to = `contact-${from + index}@customer.example`;
    const { contactId } = portal.addContact({ email: to });
    const { ticketId } = portal.createTicket({ userId, contactIds: [contactId] });
    return { ticketId, to };
  });
}

/** One mail from each ticket record by the rep's own mailbox, all of it told at once. */
export function sendFromTickets(
  { webhooks }: Pick<Emulator, 'webhooks'>,
  portal: PortalControl,
  mail: { userId: string; tickets: { ticketId: string; to: string }[] },
): void {
  webhooks.hold();
  for (const { ticketId, to } of mail.tickets) {
    const text = { subject: 'Your request', text: 'Which printer is it?' };
    portal.sendMailboxEmail({ from: 'ticket', ticketId, userId: mail.userId, to, ...text });
  }
  webhooks.release();
}

/** Agent and customer write twice each on every thread, all of it told at once; the customer has the last word. */
export function converse(
  { webhooks }: Pick<Emulator, 'webhooks'>,
  portal: PortalControl,
  talk: { userId: string; conversations: Conversation[] },
): void {
  const { userId, conversations } = talk;
  webhooks.hold();
  for (const { threadId, from } of conversations) {
    for (let turn = 0; turn < 2; turn += 1) {
      portal.sendMessage({ threadId, userId, text: 'Which printer is it?' });
      portal.receiveMessage({ from, threadId, text: 'The one upstairs.' });
    }
  }
  webhooks.release();
}
