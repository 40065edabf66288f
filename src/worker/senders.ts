// Who wrote the messages that open tickets: their contacts, found in the fewest calls, or made.
import type { Contact, Party } from '../crm.ts';
import { BatonError } from '../errors.ts';
import type { PortalGateway } from '../hubspot/gateway.ts';
import type { Evidence } from '../rules/decide.ts';
import type { MessageFacts } from '../rules/facts.ts';
import { attempt, forEachAtOnce } from './at-once.ts';

/** `contactId` null = no contact of the portal is known of that sender (yet). */
export type Sender = { address: string | null; name: string | null; contactId: string | null };
/** By the subject of the message. An error is that message's alone. */
export type Senders = Map<string, Sender | BatonError>;

/** One call for those HubSpot has resolved, and one for each other address. Makes nothing. */
export async function findSenders(gateway: PortalGateway, messages: MessageFacts[]): Promise<Senders> {
  const ids = [...new Set(messages.flatMap((facts) => [visitorId(facts), facts.thread.contactId]))];
  const asked = ids.filter((contactId) => contactId !== null);
  // A visitor need not be a contact (DATA.md 3.1): absent here then.
  const contacts = asked.length > 0 ? await attempt(() => gateway.readContacts(asked)) : new Map<string, Contact>();
  const senders: Senders = new Map();
  const unknown = new Map<string, Sender[]>();
  for (const facts of messages) {
    if (contacts instanceof BatonError) {
      senders.set(facts.subject, contacts);
      continue;
    }
    const sender = readSender(facts, contacts);
    senders.set(facts.subject, sender);
    if (sender.contactId !== null || sender.address === null) continue;
    unknown.set(sender.address, [...(unknown.get(sender.address) ?? []), sender]);
  }
  await forEachAtOnce(unknown, async ([address, same]) => {
    const found = await attempt(() => gateway.findContactByAddress(address));
    for (const [subject, sender] of senders) {
      if (sender instanceof BatonError || !same.includes(sender)) continue;
      if (found instanceof BatonError) senders.set(subject, found);
      else sender.contactId = found ?? null;
    }
  });
  return senders;
}

function senderOf({ message }: MessageFacts): Party | undefined {
  return message.senders.find((sender) => sender.field === 'FROM') ?? message.senders[0];
}

function visitorId(facts: MessageFacts): string | null {
  return /^V-(\d+)$/.exec(senderOf(facts)?.actorId ?? '')?.[1] ?? null;
}

/** The visitor HubSpot resolved; else the thread's contact, unless the sender writes from an address that is not that contact's. */
function readSender(facts: MessageFacts, contacts: ReadonlyMap<string, Contact>): Sender {
  const party = senderOf(facts);
  const address = party?.address?.toLowerCase() ?? null;
  const visitor = contacts.get(visitorId(facts) ?? '');
  const ofThread = contacts.get(facts.thread.contactId ?? '');
  const isSame = ofThread !== undefined && (address === null || ofThread.addresses.includes(address));
  return { address, name: party?.name ?? null, contactId: visitor?.id ?? (isSame ? ofThread.id : null) };
}

/** A sender without a contact becomes one, if he has an address. A contact that HubSpot refuses is done without, and the evidence says so. */
export async function ensureContacts(
  gateway: PortalGateway,
  senders: Sender[],
): Promise<Map<Sender, Evidence | BatonError>> {
  const results = new Map<Sender, Evidence | BatonError>();
  const tell = (passed: boolean, seen: string): Evidence => ({ check: 'sender-contact', passed, seen });
  for (const sender of senders) {
    if (sender.contactId !== null) results.set(sender, tell(true, 'known'));
    else if (sender.address === null) results.set(sender, tell(false, 'the sender has no address'));
  }
  const unknown = Map.groupBy(
    senders.filter((sender) => !results.has(sender)),
    ({ address }) => address as string,
  );
  await forEachAtOnce(unknown, async ([address, same]) => {
    const made = await attempt(() => gateway.createContact({ address, ...splitName(same[0]?.name ?? null) }));
    const refused = made instanceof BatonError && made.code === 'hubspot-refused';
    for (const sender of same) {
      if (refused) results.set(sender, tell(false, 'HubSpot refused a contact of this address'));
      else if (made instanceof BatonError) results.set(sender, made);
      else {
        sender.contactId = made;
        results.set(sender, tell(true, 'made from the sender'));
      }
    }
  });
  return results;
}

/** HubSpot's own limit of a name is not in the sheets; nobody's is longer. */
const maxNameLength = 100;

/** "Casey Jones", or "Jones, Casey" as some directories write it. An address in place of a name is none. */
export function splitName(name: string | null): { firstName: string | null; lastName: string | null } {
  const clean = (name ?? '').replace(/[\s"]+/g, ' ').trim();
  if (clean === '' || clean.includes('@')) return { firstName: null, lastName: null };
  const [last = '', first = '', more] = clean.split(/\s*,\s*/);
  const isTurned = first !== '' && more === undefined;
  const [word = '', ...others] = clean.split(' ');
  const [firstName, lastName] = isTurned ? [first, last] : [word, others.join(' ')];
  return { firstName: firstName.slice(0, maxNameLength), lastName: lastName.slice(0, maxNameLength) || null };
}
