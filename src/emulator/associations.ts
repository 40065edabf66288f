// The association batch endpoints, threads included under the one name that works (DATA.md 3.4).
import { type Answer, errorBody, invalid, isoTime, printPartial } from './answers.ts';
import type { Call } from './call.ts';
import { associate, listLinks, listThreadsOfTicket } from './links.ts';
import { findAssociationId, findAssociationType, objectTypes } from './object-types.ts';
import { findRecord } from './records.ts';
import type { Link, ObjectType, PortalState } from './state.ts';
import { attachTicket } from './threads.ts';

export type Side = ObjectType | 'conversations';

const maxReadInputs = 1_000;
const maxCreateInputs = 2_000;
const pageSize = 500;

/** The type a path names; threads under the one name that works in this portal. Throws 400 for any other. */
export function getSide(call: Call, name: string | undefined): Side {
  const side = findAssociationType(name ?? '', call.world.quirks);
  if (!side) throw invalid(`Unable to infer object type from: ${name}`);
  return side;
}

function singular(side: Side): string {
  return side === 'conversations' ? 'conversation' : objectTypes[side].singular;
}

/** Read scopes of both sides (PLATFORM.md 4.6). */
export function associationScopes(params: Record<string, string>, names: (name: string) => Side | undefined): string[] {
  return [params.from, params.to].flatMap((name) => {
    const side = names(name ?? '');
    if (!side) return [];
    return side === 'conversations' ? ['conversations.read'] : objectTypes[side].readScopes;
  });
}

export function readInputs(body: unknown, max: number): Array<Record<string, unknown>> {
  const inputs = (body as { inputs?: unknown } | undefined)?.inputs;
  if (!Array.isArray(inputs)) throw invalid('Invalid input JSON: some required fields were not set: [inputs]');
  if (inputs.length > max) throw invalid(`The maximum number of inputs in a batch request is ${max}`);
  if (inputs.some((input) => typeof input !== 'object' || input === null)) throw invalid('Invalid input JSON: inputs');
  return inputs;
}

export function readLinks({ portal, world }: Call, from: Side, id: string, to: Side): Link[] {
  // The way back is one less: 31 and 277 [mem] (DATA.md 3.4).
  const threadType = world.quirks.threadAssociationTypeId ?? 32;
  if (from === 'conversations') {
    const ticketId = to === 'tickets' ? portal.threads[id]?.ticketId : undefined;
    return ticketId ? [{ id: ticketId, category: 'HUBSPOT_DEFINED', typeId: threadType - 1 }] : [];
  }
  if (to !== 'conversations') return listLinks(portal, from, id, to);
  if (from !== 'tickets') return [];
  return listThreadsOfTicket(portal, id).map((thread) => ({
    id: thread.id,
    category: 'HUBSPOT_DEFINED',
    typeId: threadType,
  }));
}

export function exists(portal: PortalState, side: Side, id: string): boolean {
  if (side === 'conversations') return portal.threads[id] !== undefined;
  return findRecord(portal, side, id, { followsMerge: false }) !== undefined;
}

export function printRow(call: Call, id: string, links: Link[]) {
  const associationTypes = links.map(({ category, typeId }) => ({ category, typeId, label: null }));
  return { toObjectId: call.world.quirks.numericToObjectIds ? Number(id) : id, associationTypes };
}

function readOne(call: Call, from: Side, to: Side, input: Record<string, unknown>) {
  const id = String(input.id ?? '');
  const links = exists(call.portal, from, id) ? readLinks(call, from, id, to) : [];
  const byTarget = [...Map.groupBy(links, (link) => link.id)].filter(([toId]) => exists(call.portal, to, toId));
  const start = input.after === undefined ? 0 : Number(input.after);
  if (!Number.isInteger(start) || start < 0) throw invalid('after must be a cursor of an earlier answer');
  const rows = byTarget.slice(start, start + pageSize).map(([toId, list]) => printRow(call, toId, list));
  const next = start + pageSize;
  const paging = byTarget.length > next ? { paging: { next: { after: String(next), link: '?after=' } } } : {};
  return { id, rows, result: { from: { id }, to: rows, ...paging } };
}

/** `POST /crm/associations/{v}/{from}/{to}/batch/read`; inputs without any association come back as errors of a 207. */
export function readAssociations(call: Call): Answer {
  const from = getSide(call, call.params.from);
  const to = getSide(call, call.params.to);
  const read = readInputs(call.body, maxReadInputs).map((input) => readOne(call, from, to, input));
  // As the v4 endpoint answers in the field [mem]; the sheet does not settle it, so a quirk does.
  const { unassociated } = call.world.quirks;
  const errors = read
    .filter(({ rows }) => rows.length === 0 && unassociated === 'reported')
    .map(({ id }) => ({
      ...errorBody('OBJECT_NOT_FOUND', `No ${singular(to)} is associated with ${singular(from)} ${id}.`),
      subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND',
      context: { fromObjectId: [id], fromObjectType: [singular(from)], toObjectType: [singular(to)] },
    }));
  const shown = read.filter(({ rows }) => rows.length > 0 || unassociated === 'empty');
  const results = shown.map(({ result }) => result);
  const now = isoTime(call.world.now());
  const body = { status: 'COMPLETE', results, ...printPartial(errors), startedAt: now, completedAt: now };
  return { status: errors.length > 0 ? 207 : 200, body };
}

export function labelledPair(pair: { fromType: ObjectType; fromId: string; toType: ObjectType; toId: string }) {
  return {
    fromObjectTypeId: objectTypes[pair.fromType].typeId,
    fromObjectId: pair.fromId,
    toObjectTypeId: objectTypes[pair.toType].typeId,
    toObjectId: pair.toId,
    labels: [],
  };
}

/** `POST /crm/associations/{v}/{from}/{to}/batch/create`; all or nothing. */
export function createAssociations(call: Call): Answer {
  const { portal, world, source } = call;
  const from = getSide(call, call.params.from);
  const to = getSide(call, call.params.to);
  if (from === 'conversations' || to === 'conversations') return createThreadAssociations(call, from, to);
  const expected = findAssociationId(from, to);
  const pairs = readInputs(call.body, maxCreateInputs).map((input) => {
    const fromId = String((input.from as { id?: unknown } | undefined)?.id ?? '');
    const toId = String((input.to as { id?: unknown } | undefined)?.id ?? '');
    const types = Array.isArray(input.types) ? input.types : [];
    requireTypes(types, expected, `between ${from} and ${to}`);
    if (!exists(portal, from, fromId) || !exists(portal, to, toId))
      throw invalid(`One of the records ${fromId} and ${toId} does not exist`);
    return { fromType: from, fromId, toType: to, toId };
  });
  for (const pair of pairs) associate(world, portal, pair, source);
  const results = pairs.map(labelledPair);
  const now = isoTime(world.now());
  return { status: 201, body: { status: 'COMPLETE', results, startedAt: now, completedAt: now } };
}

export function requireTypes(types: unknown[], expected: number | null | undefined, where: string): void {
  const fits = (type: unknown) => {
    const { associationCategory, associationTypeId } = (type ?? {}) as Record<string, unknown>;
    return associationCategory === 'HUBSPOT_DEFINED' && Number(associationTypeId) === expected;
  };
  if (types.length === 0 || !types.every(fits)) throw invalid(`types must name association type ${expected} ${where}`);
}

/** Threads put on tickets that exist: whether HubSpot lets an app do it is unknown, `quirks.associatesThreadsLater` says. */
function createThreadAssociations(call: Call, from: Side, to: Side): Answer {
  const { portal, world } = call;
  if (!world.quirks.associatesThreadsLater || from !== 'tickets' || to !== 'conversations')
    throw invalid('A conversation gets its ticket when the ticket is created; it cannot be associated later');
  const pairs = readInputs(call.body, maxCreateInputs).map((input) => {
    const ticketId = String((input.from as { id?: unknown } | undefined)?.id ?? '');
    const thread = portal.threads[String((input.to as { id?: unknown } | undefined)?.id ?? '')];
    requireTypes(Array.isArray(input.types) ? input.types : [], world.quirks.threadAssociationTypeId, 'to a thread');
    if (!thread || !exists(portal, 'tickets', ticketId)) throw invalid('The ticket or the thread does not exist');
    if (thread.ticketId && thread.ticketId !== ticketId) throw invalid(`Thread ${thread.id} already has a ticket`);
    return { ticketId, thread };
  });
  if (new Set(pairs.map(({ thread }) => thread.id)).size < pairs.length)
    throw invalid('A thread belongs to one ticket: each may be named once');
  for (const { thread, ticketId } of pairs) attachTicket(world, portal, thread, ticketId);
  const results = pairs.map(({ ticketId, thread }) => ({
    fromObjectTypeId: objectTypes.tickets.typeId,
    fromObjectId: ticketId,
    toObjectTypeId: '0-11',
    toObjectId: thread.id,
    labels: [],
  }));
  const now = isoTime(world.now());
  return { status: 201, body: { status: 'COMPLETE', results, startedAt: now, completedAt: now } };
}
