// Random hours of a small team, as steps of a script: what people do in HubSpot, none of it by Baton.
import fc from 'fast-check';
import type { InstalledPortal } from './system.ts';

/** `who` counts customers, the first ones with a ticket from before; `ticket` those made by hand before. */
export type Step =
  | { kind: 'asks' | 'is-answered' | 'answers-automatically' | 'is-commented'; who: number }
  | { kind: 'moved'; ticket: number; stageId: string }
  | { kind: 'made'; stageId: string }
  | { kind: 'mailed'; from: 'ticket' | 'contact' };

const customers = 4;
const who = fc.nat(customers - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('asks' as const), who }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('is-answered' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('answers-automatically', 'is-commented' as const), who }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('moved' as const),
      ticket: fc.nat(2),
      // Where Baton moves no such ticket: nobody moves a ticket to the status that it has.
      stageId: fc.constantFrom('1', '4'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('made' as const), stageId: fc.constantFrom('1', '4') }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('mailed' as const), from: fc.constantFrom('ticket', 'contact' as const) }),
  },
);
export const script = fc.array(step, { minLength: 6, maxLength: 9 });

/** What a script acts on, by names that are the same in both portals. */
export type Cast = { threads: Map<string, string>; tickets: Map<string, string>; mailTicketId: string };

const address = (index: number) => `customer${index}@customer.example`;
const mailbox = 'mailbox@customer.example';

/** What there is before the outage: two conversations, two tickets made by hand, and one whose contact is mailed from a mailbox. */
export function openPast({ portal, userId }: InstalledPortal, at: number): Cast {
  const cast: Cast = { threads: new Map(), tickets: new Map(), mailTicketId: '' };
  for (const index of [0, 1]) {
    const { threadId } = portal.receiveMessage({ from: address(index), subject: 'Before', text: 'Hello?' });
    cast.threads.set(`conversation ${index}`, threadId);
  }
  for (const index of [0, 1]) {
    cast.tickets.set(`by hand ${index}`, portal.createTicket({ userId, stageId: '2', at }).ticketId);
  }
  const { contactId } = portal.addContact({ email: mailbox, at });
  const { ticketId } = portal.createTicket({ userId, stageId: '3', contactIds: [contactId], at });
  cast.mailTicketId = ticketId;
  cast.tickets.set('mailed', ticketId);
  return cast;
}

/** Does one step at `at`; `number` names what it makes. */
export function act({ portal, userId }: InstalledPortal, cast: Cast, step: Step, number: number, at: number): void {
  if (step.kind === 'moved') {
    const ticketId = [...cast.tickets.values()][step.ticket] as string;
    if (portal.stage(ticketId) !== step.stageId) portal.moveTicket({ ticketId, stageId: step.stageId, userId, at });
  } else if (step.kind === 'made') {
    cast.tickets.set(`made ${number}`, portal.createTicket({ userId, stageId: step.stageId, at }).ticketId);
  } else if (step.kind === 'mailed') {
    const mail = { userId, to: mailbox, subject: `Mail ${number}`, text: 'See below.', at };
    const contactId = portal.contactId(mailbox) as string;
    if (step.from === 'ticket') portal.sendMailboxEmail({ ...mail, from: 'ticket', ticketId: cast.mailTicketId });
    else portal.sendMailboxEmail({ ...mail, from: 'contact', contactId });
  } else converse({ portal, userId }, cast, step, at);
}

function converse(
  { portal, userId }: Pick<InstalledPortal, 'portal' | 'userId'>,
  cast: Cast,
  { kind, who: index }: Extract<Step, { who: number }>,
  at: number,
): void {
  const name = `conversation ${index}`;
  const from = address(index);
  const threadId = cast.threads.get(name);
  if (!threadId) {
    if (kind === 'asks') {
      cast.threads.set(name, portal.receiveMessage({ from, subject: 'New', text: 'It burns.', at }).threadId);
    }
    return;
  }
  if (kind === 'asks') portal.receiveMessage({ from, threadId, text: 'It still burns.', at });
  else if (kind === 'is-answered') portal.sendMessage({ threadId, userId, text: 'Have you tried water?', at });
  else if (kind === 'is-commented') portal.comment({ threadId, userId, text: 'Odd one.', at });
  else {
    const text = 'I am out of the office until 4 January.';
    portal.receiveMessage({ from, threadId, subject: 'Automatic reply: New', text, at });
  }
}
