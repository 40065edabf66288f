// A portal whose tickets are notified of: customers' first mails, the actions of a status, and what became of them.
import type { BatonRecord } from '../../src/db/db.ts';
import { type InstalledPortal, roomyLimits, type System, startSystem } from './system.ts';
import { openTimeline, type Timeline } from './timeline.ts';

export const answerTo = 'Hello {{contact.firstname | default: "there"}}, we have your request <{{ticket.subject}}>.';

export const outOfOffice = {
  subject: 'Automatic reply: Printer',
  text: 'Thank you for your email. I am out of the office until 4 January with no access to my mailbox.',
};

const bothRules = { outgoing: { enabled: true, stageId: '2' }, incoming: { enabled: true, stageId: '3' } };

export type NotifiedPortal = Awaited<ReturnType<typeof startNotifiedPortal>>;

export async function startNotifiedPortal(portalId: string) {
  const system: System = await startSystem({ limits: { leaseMs: 1_500 }, emulator: { limits: roomyLimits } });
  const acme: InstalledPortal = await system.install({ portalId, ticketsForNewConversations: true });
  const timeline: Timeline = openTimeline(system, acme.id);
  let customers = 0;

  async function actsOf(ticketId: string): Promise<BatonRecord[]> {
    return (await acme.records(ticketId)).filter(({ action }) => action !== null).reverse();
  }

  return {
    system,
    acme,
    timeline,
    /** A reply on the ticket's thread, as an action. */
    reply: (id: string, more: object = {}) => ({
      id,
      kind: 'send-notification',
      via: 'thread',
      senderUserId: acme.userId,
      body: answerTo,
      ...more,
    }),
    /** With the automations of incoming and outgoing mail on. */
    saveActions: (stageActions: Record<string, object[]>, more: object = {}) =>
      acme.saveSettings({ pipelines: { '0': { ...bothRules, stageActions } }, ...more }),
    /** A customer's first mail, of which HubSpot made a ticket in New. */
    openTicket(more: { from?: string; subject?: string; text?: string } = {}) {
      customers += 1;
      const from = more.from ?? `customer-${customers}@example.org`;
      const mail = { from, name: 'Casey Jones', subject: 'Printer & fax', text: 'It does not print.', ...more };
      const { threadId, ticketId } = acme.portal.receiveMessage(mail);
      if (!ticketId) throw new Error('HubSpot made no ticket');
      return { threadId, ticketId, from };
    },
    /** The ticket's records of actions, oldest first. */
    actsOf,
    endsOf: async (ticketId: string) =>
      (await actsOf(ticketId)).map(({ action, outcome, reason }) => [action?.id, outcome, reason]),
    async stop(): Promise<void> {
      await timeline.close();
      await system.stop();
    },
  };
}
