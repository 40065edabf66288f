// A past for a portal: mail its team sent to people with open tickets, long before the app came (PRODUCT.md 4).
import { sendMailboxEmail } from './mailbox-actions.ts';
import type { PortalState } from './state.ts';
import { takeId } from './state.ts';
import { addContact, createTicket, moveTicket } from './ticket-actions.ts';
import type { World } from './world.ts';

export type AddMailHistory = {
  /** How many mails, each to a contact of its own who has `openTickets` open tickets at that time. */
  mails: number;
  /** The record they were composed on; default the contact's. */
  from?: 'contact' | 'ticket';
  /** Default 1; 0 = mail to people without a ticket, which proves nothing. */
  openTickets?: number;
  /** Default: as the portal's automatic association says; else every ticket, or none, of the contact is on the mail. */
  associated?: boolean;
  /** Whether the tickets have been closed since. Default false. */
  closedSince?: boolean;
  userId?: string;
  /** First and last day, counted back from now; the mails are spread evenly between them. Default 20 and 2. */
  fromDaysAgo?: number;
  toDaysAgo?: number;
};

const dayMs = 86_400_000;

/** Somebody nobody has written to yet. */
function inventPerson(world: World): { email: string; name: string } {
  const number = takeId(world.state, 'people', world.random);
  return { email: `past-${number}@customer.example`, name: `Past ${number}` };
}

/** Makes contacts, tickets and mails with times in the past; no webhook tells of them. */
export function addMailHistory(
  world: World,
  portal: PortalState,
  history: AddMailHistory,
): { emailIds: string[]; ticketIds: string[]; contactIds: string[] } {
  const {
    mails,
    from = 'contact',
    openTickets = 1,
    associated,
    closedSince,
    fromDaysAgo = 20,
    toDaysAgo = 2,
  } = history;
  const silent: World = { ...world, emit: () => undefined, doLater: () => undefined };
  const userId = history.userId ?? portal.users[0]?.userId ?? '';
  const made = { emailIds: [] as string[], ticketIds: [] as string[], contactIds: [] as string[] };
  if (from === 'ticket' && openTickets < 1)
    throw new Error('emulator: mail from a ticket needs openTickets of 1 or more');
  for (let index = 0; index < mails; index += 1) {
    const daysAgo = fromDaysAgo - ((fromDaysAgo - toDaysAgo) * index) / Math.max(1, mails - 1);
    const at = Math.round(world.now() - daysAgo * dayMs);
    const person = inventPerson(silent);
    const { contactId } = addContact(silent, portal, { ...person, at: at - 2 * dayMs });
    const ticketIds = Array.from({ length: openTickets }, (_, ticket) => {
      const subject = `Past matter ${index + 1}.${ticket + 1}`;
      return createTicket(silent, portal, { userId, subject, contactIds: [contactId], at: at - dayMs }).ticketId;
    });
    const mail = { userId, contactId, to: person.email, subject: `About your matter ${index + 1}`, text: 'Hello', at };
    const on = from === 'ticket' ? { from, ticketId: ticketIds[0] } : { from };
    const { emailId } = sendMailboxEmail(silent, portal, { ...mail, ...on, automatic: associated });
    if (closedSince) for (const ticketId of ticketIds) closeTicket(silent, portal, ticketId, userId, at + dayMs / 2);
    made.emailIds.push(emailId);
    made.ticketIds.push(...ticketIds);
    made.contactIds.push(contactId);
  }
  return made;
}

function closeTicket(world: World, portal: PortalState, ticketId: string, userId: string, at: number): void {
  const stages = portal.pipelines[0]?.stages ?? [];
  const closed = stages.find((stage) => stage.ticketState === 'CLOSED');
  if (!closed) throw new Error(`emulator: portal ${portal.id} has no closed stage in its first pipeline`);
  moveTicket(world, portal, { ticketId, stageId: closed.id, userId, at });
}
