// CRM object endpoints for single records: get, list, create, update, archive (DATA.md 1.1, 4).
import { type Answer, invalid, notFound, printResults, propertyErrorBody, Refusal } from './answers.ts';
import type { Call } from './call.ts';
import { listLinks } from './links.ts';
import { findContact } from './messages.ts';
import { checkNewObject, makeNewObject, requireFreeAddress } from './new-objects.ts';
import { findObjectType, objectTypes } from './object-types.ts';
import { noteRecord, recordsAfter } from './portal-index.ts';
import { findProblems, followStage, readWrittenProperties } from './properties.ts';
import { createRecordPrinter, printRecord, printWritten } from './record-printer.ts';
import { archiveRecord, findRecord, mergeTickets, updateRecord } from './records.ts';
import type { CrmRecord, ObjectType, PortalState } from './state.ts';

export function getType({ params }: Call): ObjectType {
  const type = findObjectType(params.type ?? '');
  if (!type) throw invalid(`Unable to infer object type from: ${params.type}`);
  return type;
}

export function splitList(value: string | null): string[] {
  return (value ?? '').split(',').filter((part) => part !== '');
}

function printAssociations(portal: PortalState, type: ObjectType, id: string, names: string[]) {
  const printed: Record<string, unknown> = {};
  for (const name of names) {
    const toType = findObjectType(name);
    if (!toType) throw invalid(`Unable to infer object type from: ${name}`);
    const label = `${objectTypes[type].singular}_to_${objectTypes[toType].singular}`;
    const results = listLinks(portal, type, id, toType)
      .filter((link) => findRecord(portal, toType, link.id, { followsMerge: false }))
      .map((link) => ({ id: link.id, type: label }));
    if (results.length > 0) printed[toType] = { results };
  }
  return Object.keys(printed).length > 0 ? { associations: printed } : {};
}

/** By record id, or by `idProperty=email` for contacts. */
export function lookUp(
  { portal, world }: Call,
  type: ObjectType,
  id: string,
  idProperty: string | null,
  follows: boolean,
): CrmRecord | undefined {
  if (!idProperty || idProperty === 'hs_object_id') return findRecord(portal, type, id, { followsMerge: follows });
  if (type !== 'contacts' || idProperty !== 'email') throw invalid(`Property '${idProperty}' is not a unique property`);
  const found = findContact(portal, id);
  const isPrimary = found?.properties.email?.toLowerCase() === id.toLowerCase();
  return isPrimary || world.quirks.findsAdditionalAddresses ? found : undefined;
}

/** With `archived=true` only what was deleted is found, a merged ticket's old record not (objects guide). */
export function findArchived(portal: PortalState, type: ObjectType, id: string): CrmRecord | undefined {
  const record = Object.hasOwn(portal.objects[type], id) ? portal.objects[type][id] : undefined;
  return record && record.archivedAt !== null && record.mergedInto === null ? record : undefined;
}

export function getObject(call: Call): Answer {
  const type = getType(call);
  const { portal, query, params } = call;
  const record =
    query.get('archived') === 'true'
      ? findArchived(portal, type, params.id ?? '')
      : lookUp(call, type, params.id ?? '', query.get('idProperty'), true);
  if (!record) throw notFound();
  const reading = {
    properties: splitList(query.get('properties')),
    history: splitList(query.get('propertiesWithHistory')),
  };
  const associations = printAssociations(portal, type, record.id, splitList(query.get('associations')));
  return { status: 200, body: { ...printRecord(portal, type, record, reading), ...associations } };
}

export function listObjects(call: Call): Answer {
  const type = getType(call);
  const { portal, query } = call;
  const reading = {
    properties: splitList(query.get('properties')),
    history: splitList(query.get('propertiesWithHistory')),
  };
  // Lists give fewer rows a page when history is asked for (DATA.md 4).
  const limit = readLimit(query, 10, reading.history.length > 0 ? 50 : 100);
  const after = Number(query.get('after') ?? 0);
  if (!Number.isSafeInteger(after)) throw invalid('after must be a cursor of an earlier answer');
  const archived = query.get('archived') === 'true';
  const names = splitList(query.get('associations'));
  const listed: CrmRecord[] = [];
  for (const record of recordsAfter(portal, type, after)) {
    if ((record.archivedAt !== null) === archived && record.mergedInto === null) listed.push(record);
    // One more than the page tells that there is a next one.
    if (listed.length > limit) break;
  }
  const page = listed.slice(0, limit);
  const last = page.at(-1);
  const paging = listed.length > limit && last ? { paging: { next: { after: last.id } } } : {};
  const print = createRecordPrinter(portal, type, reading);
  const results = page.map((record) => {
    const associations = JSON.stringify(printAssociations(portal, type, record.id, names));
    return associations === '{}' ? print(record) : `${print(record).slice(0, -1)},${associations.slice(1)}`;
  });
  return { status: 200, json: printResults(results, paging) };
}

export function readLimit(query: URLSearchParams, fallback: number, max: number): number {
  const text = query.get('limit');
  if (text === null) return fallback;
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > max)
    throw invalid(`Invalid limit: ${text}. It must be between 1 and ${max}.`);
  return limit;
}

export function createObject(call: Call): Answer {
  const type = getType(call);
  const record = makeNewObject(call, type, checkNewObject(call, type, call.body));
  const written = Object.keys(record.properties);
  return { status: 201, body: printWritten(call.portal, type, record, written) };
}

/** The single PATCH accepts the id of a ticket that was merged away (DATA.md 1.1). */
export function updateObject(call: Call): Answer {
  const type = getType(call);
  const { world, portal, params, query, source, version } = call;
  const record = lookUp(call, type, params.id ?? '', query.get('idProperty'), true);
  if (!record) throw notFound();
  const written = readWrittenProperties((call.body as { properties?: unknown } | undefined)?.properties);
  if (!written) throw invalid('properties must be an object');
  if (world.quirks.otherPipelineStage === 'follow') followStage(portal, written);
  const problems = findProblems(portal, type, written, record.properties, version >= '2026-09');
  if (problems.length > 0)
    throw new Refusal({ status: 400, body: propertyErrorBody(portal.id, problems, world.quirks) });
  if (type === 'contacts') requireFreeAddress(portal, written, record);
  updateRecord(world, portal, type, record, { properties: written, source });
  return { status: 200, body: printWritten(portal, type, record, Object.keys(written)) };
}

export function deleteObject(call: Call): Answer {
  const type = getType(call);
  const record = findRecord(call.portal, type, call.params.id ?? '', { followsMerge: true });
  // Archiving what is gone already is answered the same way.
  if (record) archiveRecord(call.world, call.portal, type, record, call.source);
  return { status: 204 };
}

/** `POST /crm/objects/{v}/tickets/merge` (DATA.md 1.1): the answer is the survivor. */
export function mergeObjects(call: Call): Answer {
  const { portal, world, source, body } = call;
  const { primaryObjectId, objectIdToMerge } = (body ?? {}) as Record<string, unknown>;
  const missing = Object.entries({ primaryObjectId, objectIdToMerge }).filter(([, value]) => value === undefined);
  if (missing.length > 0)
    throw invalid(
      `Invalid input JSON: some required fields were not set: [${missing.map(([name]) => name).join(', ')}]`,
    );
  const [primary, merged] = [primaryObjectId, objectIdToMerge].map((id) =>
    findRecord(portal, 'tickets', String(id), { followsMerge: true }),
  );
  if (!primary || !merged) throw notFound();
  if (primary === merged) throw invalid('A ticket cannot be merged with itself');
  const survivor = mergeTickets(world, portal, primary, merged, source);
  return { status: 200, body: printRecord(portal, 'tickets', survivor, { properties: [], history: [] }) };
}

/** `POST /crm/objects/{v}/contacts/gdpr-delete`: gone for good, two events in any order (PLATFORM.md 2.7). */
export function eraseContact(call: Call): Answer {
  const { portal, world, source } = call;
  const { objectId, idProperty } = (call.body ?? {}) as Record<string, unknown>;
  if (typeof objectId !== 'string') throw invalid('Invalid input JSON: some required fields were not set: [objectId]');
  const contact = lookUp(call, 'contacts', objectId, typeof idProperty === 'string' ? idProperty : null, true);
  if (!contact) throw notFound();
  delete portal.objects.contacts[contact.id];
  noteRecord(portal, 'contacts', contact);
  for (const kind of ['deletion', 'privacyDeletion'] as const)
    world.emit(portal, { kind, type: 'contacts', id: contact.id, source });
  return { status: 204 };
}
