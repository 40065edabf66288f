// Associations of one record or one pair: listed, made with HubSpot's own type, removed (D-ASSOC; spec 2026-03/associations.json).
import { type Answer, invalid, isoTime, notFound } from './answers.ts';
import {
  exists,
  getSide,
  labelledPair,
  printRow,
  readInputs,
  readLinks,
  requireTypes,
  type Side,
} from './associations.ts';
import type { Call } from './call.ts';
import { associate, dissociate } from './links.ts';
import { findAssociationId, objectTypes } from './object-types.ts';
import { readLimit } from './objects.ts';
import type { ObjectType } from './state.ts';

const maxArchiveInputs = 100;
const maxDefaultInputs = 2_000;

type Pair = { fromType: ObjectType; fromId: string; toType: ObjectType; toId: string };

/** `GET /crm/objects/{v}/{type}/{id}/associations/{toType}`: at most 500 a page (DATA.md 3.4). */
export function listAssociations(call: Call): Answer {
  const from = getSide(call, call.params.from);
  const to = getSide(call, call.params.to);
  const id = call.params.id ?? '';
  if (!exists(call.portal, from, id)) throw notFound();
  const limit = readLimit(call.query, 500, 500);
  const start = Number(call.query.get('after') ?? 0);
  if (!Number.isInteger(start) || start < 0) throw invalid('after must be a cursor of an earlier answer');
  const groups = [...Map.groupBy(readLinks(call, from, id, to), (link) => link.id)];
  const targets = groups.filter(([toId]) => exists(call.portal, to, toId));
  const results = targets.slice(start, start + limit).map(([toId, links]) => printRow(call, toId, links));
  const next = start + limit;
  const paging = targets.length > next ? { paging: { next: { after: String(next), link: `?after=${next}` } } } : {};
  return { status: 200, body: { results, ...paging } };
}

/** Threads get and keep their ticket elsewhere: a conversation "cannot be dissociated from it" (DATA.md 3.1). */
function requireRecords(from: Side, to: Side): { from: ObjectType; to: ObjectType } {
  if (from === 'conversations' || to === 'conversations')
    throw invalid('A conversation gets its ticket when the ticket is created; it cannot be changed here');
  if (findAssociationId(from, to) === undefined) throw invalid(`No association exists between ${from} and ${to}`);
  return { from, to };
}

function readSides(call: Call): { from: ObjectType; to: ObjectType } {
  return requireRecords(getSide(call, call.params.from), getSide(call, call.params.to));
}

function idOf(side: unknown): string {
  return String((side as { id?: unknown } | null | undefined)?.id ?? '');
}

function requirePair(call: Call, pair: Pair): Pair {
  for (const [type, id] of [
    [pair.fromType, pair.fromId],
    [pair.toType, pair.toId],
  ] as const)
    if (!exists(call.portal, type, id)) throw invalid(`No ${objectTypes[type].singular} with id ${id}`);
  return pair;
}

function pairOfPath(call: Call): Pair {
  const { from, to } = readSides(call);
  return requirePair(call, {
    fromType: from,
    fromId: call.params.id ?? '',
    toType: to,
    toId: call.params.toId ?? '',
  });
}

function associateByDefault(call: Call, pairs: Pair[]): Answer {
  for (const pair of pairs) associate(call.world, call.portal, pair, call.source);
  const turned = (pair: Pair): Pair => ({
    fromType: pair.toType,
    fromId: pair.toId,
    toType: pair.fromType,
    toId: pair.fromId,
  });
  const results = pairs
    .flatMap((pair) => [pair, turned(pair)])
    .map((pair) => ({
      from: { id: pair.fromId },
      to: { id: pair.toId },
      associationSpec: {
        associationCategory: 'HUBSPOT_DEFINED',
        associationTypeId: findAssociationId(pair.fromType, pair.toType),
      },
    }));
  const now = isoTime(call.world.now());
  return { status: 200, body: { status: 'COMPLETE', results, startedAt: now, completedAt: now } };
}

/** `PUT .../associations/default/{toType}/{toId}` */
export function associateDefault(call: Call): Answer {
  return associateByDefault(call, [pairOfPath(call)]);
}

/** `POST /crm/associations/{v}/{from}/{to}/batch/associate/default`; all or nothing. */
export function associateDefaultBatch(call: Call): Answer {
  const { from, to } = readSides(call);
  const pairs = readInputs(call.body, maxDefaultInputs).map((input) =>
    requirePair(call, { fromType: from, fromId: idOf(input.from), toType: to, toId: idOf(input.to) }),
  );
  return associateByDefault(call, pairs);
}

/** `PUT .../associations/{toType}/{toId}` with a list of types as the body. */
export function associateByTypes(call: Call): Answer {
  const pair = pairOfPath(call);
  const types = Array.isArray(call.body) ? call.body : [];
  requireTypes(types, findAssociationId(pair.fromType, pair.toType), `between ${pair.fromType} and ${pair.toType}`);
  associate(call.world, call.portal, pair, call.source);
  return { status: 201, body: labelledPair(pair) };
}

/** `DELETE .../associations/{toType}/{toId}`: all associations between the two; none is no error. */
export function removeAssociation(call: Call): Answer {
  const { from, to } = readSides(call);
  const pair = { fromType: from, fromId: call.params.id ?? '', toType: to, toId: call.params.toId ?? '' };
  dissociate(call.world, call.portal, pair, call.source);
  return { status: 204 };
}

/** `POST /crm/associations/{v}/{from}/{to}/batch/archive`: 100 inputs, each from one record to several. */
export function archiveAssociations(call: Call): Answer {
  const { from, to } = readSides(call);
  const pairs = readInputs(call.body, maxArchiveInputs).flatMap((input): Pair[] => {
    if (!Array.isArray(input.to)) throw invalid('Invalid input JSON: to must be a list');
    const fromId = idOf(input.from);
    return input.to.map((side) => ({ fromType: from, fromId, toType: to, toId: idOf(side) }));
  });
  for (const pair of pairs) dissociate(call.world, call.portal, pair, call.source);
  return { status: 204 };
}

/** `GET /crm/associations/{v}/{from}/{to}/labels`: HubSpot's own type; a portal's labels are not played. */
export function listAssociationTypes(call: Call): Answer {
  const { from, to } = readSides(call);
  const typeId = findAssociationId(from, to);
  return { status: 200, body: { results: [{ category: 'HUBSPOT_DEFINED', typeId, label: null }] } };
}
