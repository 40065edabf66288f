// What the pages show of a portal, read from its state: nothing here changes or copies it.
import { listLinkedIds } from '../links.ts';
import { threadSubject } from '../messages.ts';
import { findRecord } from '../records.ts';
import type { CrmRecord, HistoryEntry, Item, ObjectType, PortalState, Thread } from '../state.ts';

export function subjectOf(thread: Thread): string {
  return threadSubject(thread) || 'No subject';
}

export function titleOf(ticket: CrmRecord): string {
  return ticket.properties.subject || 'No subject';
}

export function stageLabel(portal: PortalState, stageId: string | undefined): string {
  const stages = portal.pipelines.flatMap((pipeline) => pipeline.stages);
  return stages.find((stage) => stage.id === stageId)?.label ?? stageId ?? '';
}

export function findTicket(portal: PortalState, ticketId: string | null): CrmRecord | undefined {
  return ticketId ? findRecord(portal, 'tickets', ticketId, { followsMerge: true }) : undefined;
}

export function findPerson(portal: PortalState, contactId: string | undefined): CrmRecord | undefined {
  return contactId ? findRecord(portal, 'contacts', contactId, { followsMerge: true }) : undefined;
}

export function nameOf({ properties }: CrmRecord): string {
  const name = `${properties.firstname ?? ''} ${properties.lastname ?? ''}`.trim();
  return name || properties.email || 'Nameless contact';
}

export function agentName(portal: PortalState, userId: string | null | undefined): string {
  const user = portal.users.find((candidate) => candidate.userId === userId);
  return user ? `${user.firstName} ${user.lastName}` : `user ${userId ?? ''}`;
}

/** Who did it, in words and as HubSpot prints it: the ids say little to a person. */
export function sourceName(portal: PortalState, { sourceType, sourceId }: HistoryEntry, appId: string): string {
  const userId = /^userId:(\d+)$/.exec(sourceId ?? '')?.[1];
  if (userId) return `${agentName(portal, userId)} (${sourceType})`;
  if (sourceType === 'INTEGRATION')
    return `${sourceId === appId ? 'the app' : 'another app'} (INTEGRATION ${sourceId})`;
  return sourceId ? `${sourceType} ${sourceId}` : sourceType;
}

export function linked(portal: PortalState, from: ObjectType, id: string, to: ObjectType): CrmRecord[] {
  return listLinkedIds(portal, from, id, to).flatMap(
    (toId) => findRecord(portal, to, toId, { followsMerge: true }) ?? [],
  );
}

type Party = {
  name?: string;
  actorId?: string;
  recipientField?: string;
  deliveryIdentifier?: { value?: string };
};

/** The actors of comments and system items come without a name. */
function actorName(portal: PortalState, actorId: string | undefined): string {
  const userId = /^A-(\d+)$/.exec(actorId ?? '')?.[1];
  if (userId) return agentName(portal, userId);
  return !actorId || actorId === 'S-hubspot' ? 'HubSpot' : actorId;
}

export function senderOf(portal: PortalState, item: Item): { name: string; address: string } {
  const [sender] = (item.senders ?? []) as Party[];
  const name = sender?.name ?? actorName(portal, sender?.actorId);
  return { name, address: sender?.deliveryIdentifier?.value ?? '' };
}

export function recipientsOf(item: Item, kind: 'TO' | 'CC'): string[] {
  const parties = (item.recipients ?? []) as Party[];
  return parties
    .filter((party) => party.recipientField === kind)
    .flatMap((party) => party.deliveryIdentifier?.value ?? []);
}

/** Everybody who was put in copy on the thread and is no team address. */
export function listCopied(portal: PortalState, thread: Thread): string[] {
  const own = new Set(portal.channelAccounts.map((account) => account.address));
  const copied = thread.items.flatMap((item) => recipientsOf(item, 'CC'));
  return [...new Set(copied)].filter((address) => !own.has(address));
}

export function statusOf(item: Item): string {
  return (item.status as { statusType?: string } | undefined)?.statusType ?? '';
}

/** The newest item a person reads. */
export function latestItem(thread: Thread): Item | undefined {
  return thread.items.findLast((item) => item.type === 'MESSAGE' || item.type === 'COMMENT');
}

/** The customer wrote last: somebody has to answer. */
export function isUnanswered(thread: Thread): boolean {
  return thread.items.findLast((item) => item.type === 'MESSAGE')?.direction === 'INCOMING';
}
