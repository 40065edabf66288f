// The 0-49 activity that a team-address mail may leave beside its conversation message (DATA.md 9, item 2: unknown).
import { associate } from './links.ts';
import { noteThread } from './portal-index.ts';
import { conversationsSource, createRecord, findRecord } from './records.ts';
import type { Item, PortalState, Thread } from './state.ts';
import type { World } from './world.ts';

type Party = { deliveryIdentifier?: { value?: string } };

function addressesOf(parties: unknown): string[] {
  return ((parties ?? []) as Party[]).flatMap((party) => party.deliveryIdentifier?.value ?? []);
}

/** Makes the twin of a message, tied to the thread's contact and, when it has one, its ticket. */
export function addTwin(
  world: World,
  portal: PortalState,
  thread: Thread,
  item: Item,
  options: { outOfOffice: boolean },
): void {
  const incoming = item.direction === 'INCOMING';
  const at = Date.parse(item.createdAt);
  const from = addressesOf(item.senders)[0] ?? '';
  const to = addressesOf(item.recipients).map((email) => ({ email, firstName: '', lastName: '' }));
  const properties = {
    hs_timestamp: item.createdAt,
    hs_email_direction: incoming ? 'INCOMING_EMAIL' : 'EMAIL',
    hs_email_status: 'SENT',
    hs_email_subject: String(item.subject ?? ''),
    hs_email_text: String(item.text ?? ''),
    hs_email_headers: JSON.stringify({ from: { email: from }, to, cc: [], bcc: [] }),
    ...(incoming ? { hs_incoming_email_is_out_of_office: String(options.outOfOffice) } : {}),
  };
  const twin = createRecord(world, portal, 'emails', { properties, source: conversationsSource, at });
  const side = { fromType: 'emails', fromId: twin.id } as const;
  if (findRecord(portal, 'contacts', thread.contactId, { followsMerge: true }))
    associate(world, portal, { ...side, toType: 'contacts', toId: thread.contactId }, conversationsSource);
  if (thread.ticketId)
    associate(world, portal, { ...side, toType: 'tickets', toId: thread.ticketId }, conversationsSource);
  thread.twinIds.push(twin.id);
  noteThread(portal, thread);
}
