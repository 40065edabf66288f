// A portal to try things in: a team, a support inbox, customers, an email thread with its ticket, a ticket made by hand.

import type { PortalOptions } from './portal.ts';
import type { PortalControl } from './portal-control.ts';

/** What seeding needs of an emulator. */
type Seedable = { addPortal(options: PortalOptions): PortalControl };

export type Seeded = {
  portalId: string;
  agentId: string;
  /** The ticket HubSpot made from the thread, and the one made by hand (no thread). */
  ticketId: string;
  handMadeTicketId: string;
  threadId: string;
  /** An email published for single send. */
  emailId: string;
  contactIds: string[];
};

const minute = 60_000;

function converse(portal: PortalControl, agentId: string, nowMs: number): { threadId: string; ticketId: string } {
  const started = nowMs - 90 * minute;
  const from = { from: 'mara@harbour-bikes.example', name: 'Mara Lindqvist' };
  const opened = portal.receiveMessage({
    ...from,
    subject: 'Brake lever arrived bent',
    text: 'Good morning, the brake lever from order 2214 arrived bent. Can you send a new one?',
    at: started,
  });
  const { threadId } = opened;
  const { ticketId } = portal.createTicket({ userId: agentId, fromThreadId: threadId, at: started + 6_000 });
  const agent = { threadId, userId: agentId };
  portal.sendMessage({
    ...agent,
    text: 'Sorry about that, Mara. Which model is it: the short lever or the long one?',
    at: started + 9 * minute + 695,
  });
  portal.receiveMessage({ ...from, threadId, text: 'The long one, in black.', at: started + 31 * minute });
  portal.receiveMessage({
    ...from,
    threadId,
    text: 'And please to the shop, not to my home address.',
    at: started + 33 * minute,
  });
  portal.sendMessage({
    ...agent,
    text: 'A long black lever leaves today, to the shop.',
    at: started + 47 * minute + 389,
  });
  return { threadId, ticketId };
}

/**
 * Adds the portal and fills it; nothing is delivered, since the app is not installed yet. Throws when the portal exists.
 * `nowMs`: the moment the story is told up to.
 */
export function seedPortal(emulator: Seedable, options: { portalId?: string; nowMs?: number } = {}): Seeded {
  const portalId = options.portalId ?? '51234567';
  const portal = emulator.addPortal({
    portalId,
    domain: 'fjord-cycles.example',
    timeZone: 'Europe/Oslo',
    uiDomain: 'app-eu1.hubspot.com',
    users: [
      { email: 'ingrid@fjord-cycles.example', firstName: 'Ingrid', lastName: 'Dahl' },
      { email: 'tomas@fjord-cycles.example', firstName: 'Tomas', lastName: 'Berg' },
    ],
    inboxes: [{ name: 'Support' }],
    channelAccounts: [{ address: 'support@fjord-cycles.example', name: 'Fjord Cycles support' }],
  });
  const agentId = portal.look().users[0]?.userId ?? '';
  const contactIds = [
    portal.addContact({ email: 'mara@harbour-bikes.example', name: 'Mara Lindqvist' }),
    portal.addContact({ email: 'jonas@ridgeway.example', name: 'Jonas Weber' }),
    portal.addContact({ email: 'amelie@atelier-velo.example', name: 'Amélie Roux' }),
  ].map((made) => made.contactId);
  const { threadId, ticketId } = converse(portal, agentId, options.nowMs ?? Date.now());
  const byHand = portal.createTicket({
    userId: agentId,
    subject: 'Call about a frame size',
    contactIds: contactIds.slice(1, 2),
  });
  const { emailId } = portal.addMarketingEmail({ name: 'We have your request' });
  portal.addMarketingEmail({ name: 'Spring newsletter', publishedForSingleSend: false });
  // From here on every new mail makes a ticket, as HubSpot's own toggle does.
  portal.configure({ ticketsForNewConversations: true });
  return { portalId, agentId, ticketId, handMadeTicketId: byHand.ticketId, threadId, emailId, contactIds };
}
