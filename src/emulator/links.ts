// Associations between CRM records, kept in both directions; a ticket's threads are kept on the threads.
import { findAssociationId } from './object-types.ts';
import { listThreadsWith, noteLinks } from './portal-index.ts';
import type { Link, ObjectType, PortalState, Source, Thread } from './state.ts';
import type { World } from './world.ts';

function linkKey(fromType: ObjectType, fromId: string, toType: ObjectType): string {
  return `${fromType}:${fromId}:${toType}`;
}

export function listLinks(portal: PortalState, fromType: ObjectType, fromId: string, toType: ObjectType): Link[] {
  return portal.links[linkKey(fromType, fromId, toType)] ?? [];
}

/** Distinct ids, oldest association first. */
export function listLinkedIds(portal: PortalState, fromType: ObjectType, fromId: string, toType: ObjectType): string[] {
  return [...new Set(listLinks(portal, fromType, fromId, toType).map((link) => link.id))];
}

export function listThreadsOfTicket(portal: PortalState, ticketId: string): Thread[] {
  return listThreadsWith(portal, ticketId);
}

type Pair = { fromType: ObjectType; fromId: string; toType: ObjectType; toId: string };

function putLink(portal: PortalState, { fromType, fromId, toType, toId }: Pair, typeId: number): boolean {
  const key = linkKey(fromType, fromId, toType);
  const links = portal.links[key] ?? [];
  if (links.some((link) => link.id === toId && link.typeId === typeId)) return false;
  portal.links[key] = [...links, { id: toId, category: 'HUBSPOT_DEFINED', typeId }];
  noteLinks(portal, key);
  return true;
}

function turn({ fromType, fromId, toType, toId }: Pair): Pair {
  return { fromType: toType, fromId: toId, toType: fromType, toId: fromId };
}

/** Associates two records by HubSpot's own type and tells of it once per side (PLATFORM.md 2.7); nothing when it exists. */
export function associate(world: World, portal: PortalState, pair: Pair, source: Source): void {
  for (const side of [pair, turn(pair)]) {
    const typeId = findAssociationId(side.fromType, side.toType);
    if (typeId === undefined) throw new Error(`emulator: no association from ${side.fromType} to ${side.toType}`);
    if (!putLink(portal, side, typeId)) continue;
    world.emit(portal, {
      kind: 'associationChange',
      ...side,
      typeId,
      category: 'HUBSPOT_DEFINED',
      removed: false,
      source,
    });
  }
}

/** Removes every association between two records. */
export function dissociate(world: World, portal: PortalState, pair: Pair, source: Source): void {
  for (const side of [pair, turn(pair)]) {
    const key = linkKey(side.fromType, side.fromId, side.toType);
    const links = portal.links[key] ?? [];
    portal.links[key] = links.filter((link) => link.id !== side.toId);
    noteLinks(portal, key);
    for (const { typeId, category } of links.filter((link) => link.id === side.toId))
      world.emit(portal, { kind: 'associationChange', ...side, typeId, category, removed: true, source });
  }
}
