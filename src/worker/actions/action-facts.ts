// What the actions of a batch need to know beyond the ticket's stage: each read once, for all of them, and only when an action asks.
import type { Contact, Email, Message, Owner, Thread, Ticket } from '../../crm.ts';
import type { OwnThread } from '../../db/ticket-memory.ts';
import { placeholdersOf } from '../../rules/action-texts.ts';
import type { StageAction } from '../../rules/stage-actions.ts';
import type { TemplateSubject } from '../../rules/templates.ts';
import type { Batch } from '../batch.ts';

export type Properties = Record<string, string | null>;
export type Correspondence = {
  /** The ticket's own thread; null when it has none. */
  thread: Thread | null;
  /** Of that thread, oldest first. */
  messages: Message[];
  /** The email that created the ticket, where one did. */
  email: Email | null;
};

export type ActionFacts = {
  /** Contacts of a ticket, in HubSpot's order. */
  contactsOf(ticketId: string): Promise<Contact[]>;
  /** `hubspot_owner_id`, `subject` and what a text names. */
  ticketProperties(ticketId: string): Promise<Properties>;
  contactProperties(contactId: string): Promise<Properties>;
  findOwner(ownerId: string): Promise<Owner | undefined>;
  correspondenceOf(ticket: Ticket): Promise<Correspondence>;
  /** Ids of what other actions of the ticket made; an action adds what it finds to be its own. */
  madeFor(ticketId: string): Promise<Set<string>>;
};

/** The tickets of the batch and every action that may run for one of them. */
export type FactsWanted = { tickets: Ticket[]; actions: StageAction[] };

export function createActionFacts(batch: Batch, { tickets, actions }: FactsWanted): ActionFacts {
  const { gateway, db, portal } = batch;
  const ticketIds = tickets.map(({ id }) => id);
  const placeholders = placeholdersOf(actions);
  const namesOf = (subject: TemplateSubject): string[] =>
    placeholders.flatMap((one) => (one.subject === subject && one.property !== 'id' ? one.property : []));

  const readContacts = once(async () => {
    const associated = await gateway.readAssociations('tickets', 'contacts', ticketIds);
    const contacts = await gateway.readContacts([...new Set([...associated.values()].flat())]);
    return { associated, contacts };
  });
  const readTicketProperties = once(() =>
    gateway.readProperties('tickets', ticketIds, unique(['hubspot_owner_id', 'subject', ...namesOf('ticket')])),
  );
  const readContactProperties = once(async () => {
    const { contacts } = await readContacts();
    const names = unique(namesOf('contact'));
    return names.length > 0 ? gateway.readProperties('contacts', [...contacts.keys()], names) : new Map();
  });
  const listOwners = once(() => gateway.listOwners());
  const readMemory = once(() => db.ticketMemory.findMemory(portal.id, ticketIds, batch.now()));
  const readEmails = once(async () => {
    const emailIds = tickets.flatMap(({ originatingEmailId }) => originatingEmailId ?? []);
    return emailIds.length > 0 ? gateway.readEmails(unique(emailIds)) : new Map<string, Email>();
  });

  return {
    async contactsOf(ticketId) {
      const { associated, contacts } = await readContacts();
      return (associated.get(ticketId) ?? []).flatMap((contactId) => contacts.get(contactId) ?? []);
    },
    ticketProperties: async (ticketId) => (await readTicketProperties()).get(ticketId) ?? {},
    contactProperties: async (contactId) => (await readContactProperties()).get(contactId) ?? {},
    findOwner: async (ownerId) => (await listOwners()).find(({ id }) => id === ownerId),
    correspondenceOf: onceEach(
      ({ id }: Ticket) => id,
      async (ticket) => {
        const { ownThreads } = await readMemory();
        const email = (await readEmails()).get(ticket.originatingEmailId ?? '') ?? null;
        const thread = await findTicketThread(batch, ticket, ownThreads.get(ticket.id) ?? []);
        const messages = thread ? (await gateway.listMessages(thread.id)).messages : [];
        return { thread, messages, email };
      },
    ),
    madeFor: onceEach(String, (ticketId) => db.plannedActions.findMade(portal.id, ticketId)),
  };
}

/** One that Baton made the ticket for comes first, then the one the ticket was created from, then what else counts as its own. */
const sourceOrder: OwnThread['source'][] = ['created', 'originating', 'first-email', 'merged'];

async function findTicketThread({ gateway }: Batch, ticket: Ticket, known: OwnThread[]): Promise<Thread | null> {
  const own = [
    ...known,
    ...(ticket.originatingThreadId
      ? [{ threadId: ticket.originatingThreadId, ticketId: ticket.id, source: 'originating' as const }]
      : []),
  ];
  own.sort((left, right) => sourceOrder.indexOf(left.source) - sourceOrder.indexOf(right.source));
  for (const threadId of unique(own.map((one) => one.threadId))) {
    const thread = await gateway.findThread(threadId);
    if (thread) return thread;
  }
  const associated = (await gateway.listThreadsOfTicket(ticket.id)).filter((thread) => !thread.archived);
  const timeOf = (thread: Thread): number => thread.latestMessageAt?.getTime() ?? 0;
  return associated.sort((left, right) => timeOf(right) - timeOf(left))[0] ?? null;
}

function unique<T>(values: T[]): T[] {
  return [...new Set(values)];
}

/** Read at most once a batch: a failure is everybody's who asked. */
function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => {
    reading ??= read();
    return reading;
  };
}

function onceEach<In, T>(keyOf: (asked: In) => string, read: (asked: In) => Promise<T>): (asked: In) => Promise<T> {
  const readings = new Map<string, Promise<T>>();
  return (asked) => {
    const reading = readings.get(keyOf(asked)) ?? read(asked);
    readings.set(keyOf(asked), reading);
    return reading;
  };
}
