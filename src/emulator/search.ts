// CRM search: filters, sorts, paging, and an index that lags behind (DATA.md 4, PLATFORM.md 5.1).
import { type Answer, invalid, printResults } from './answers.ts';
import type { Call } from './call.ts';
import { objectTypes } from './object-types.ts';
import { getType } from './objects.ts';
import { countRecords, recordsAfter, ticketsInStage, touchedAfter } from './portal-index.ts';
import { findProperty } from './properties.ts';
import { createRecordPrinter } from './record-printer.ts';
import { createGroupsTest, createReader, type Filter, readGroups, type Test } from './search-filters.ts';
import { comparable, compareRead, createTokenTest } from './search-values.ts';
import type { CrmRecord, ObjectType, PortalState } from './state.ts';

const maxPage = 200;
const maxResults = 10_000;
const maxBodyCharacters = 3_000;

/** When search has to hear of a record again: it was changed, or deleted. */
function touchedAt({ updatedAt, archivedAt }: CrmRecord): number {
  return archivedAt === null ? updatedAt : Math.max(updatedAt, archivedAt);
}

/** What the index knows of a record right now; undefined while it has not heard of it. */
function seeThroughIndex(record: CrmRecord, now: number, lagMs: number): CrmRecord | undefined {
  const fresh = lagMs > 0 && now - touchedAt(record) < lagMs;
  if (!fresh) return record.archivedAt === null ? record : undefined;
  return record.indexed ? { ...record, ...record.indexed, archivedAt: null } : undefined;
}

// Searched by `query` (search guide, default searchable properties; emails: the subject only, DATA.md 2.1).
const searchable: Record<ObjectType, string[]> = {
  tickets: ['subject', 'content', 'hs_pipeline_stage', 'hs_ticket_category', 'hs_ticket_id'],
  contacts: ['firstname', 'lastname', 'email', 'phone', 'company', 'hs_additional_emails'],
  emails: ['hs_email_subject'],
  notes: ['hs_note_body'],
  tasks: ['hs_task_body', 'hs_task_subject'],
};

function readQuery(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw invalid('query must be a string');
  return value;
}

/** Every word of the query begins some word of the searched properties. */
function createQueryTest(type: ObjectType, query: string): Test {
  const words = query.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const holds = createTokenTest(words.map((word) => `${word}*`).join(' '));
  return ({ properties }) =>
    words.length === 0 || holds(searchable[type].map((name) => properties[name] ?? '').join(' '));
}

type Sort = { propertyName: string; direction: 'ASCENDING' | 'DESCENDING' };

function readSort(portal: PortalState, type: ObjectType, value: unknown): Sort | undefined {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return undefined;
  if (!Array.isArray(value) || value.length > 1) throw invalid('sorts must be a list with one sort');
  const sort = (typeof value[0] === 'string' ? { propertyName: value[0] } : value[0]) as Partial<Sort>;
  const propertyName = sort.propertyName ?? '';
  if (!findProperty(portal, type, propertyName)) throw invalid(`Unknown sort property "${propertyName}"`);
  return { propertyName, direction: sort.direction === 'DESCENDING' ? 'DESCENDING' : 'ASCENDING' };
}

/** `list` comes in the order of ids, which stays where the sort says nothing. */
function pickPage(type: ObjectType, list: CrmRecord[], sort: Sort | undefined, { after, limit }: Page): CrmRecord[] {
  if (!sort) return list.slice(after, after + limit);
  const sign = sort.direction === 'DESCENDING' ? -1 : 1;
  const read = createReader(type, sort.propertyName);
  const values = list.map((seen) => read(seen) ?? '');
  const valueAt = (place: number) => values[place] as number | string;
  // Places are sorted in place of records: a search of a large portal leaves next to nothing to collect.
  const places = new Uint32Array(list.length);
  for (let place = 0; place < places.length; place += 1) places[place] = place;
  places.sort((a, b) => compareRead(valueAt(a), valueAt(b)) * sign);
  return Array.from(places.subarray(after, after + limit), (place) => list[place] as CrmRecord);
}

type Page = { limit: number; after: number };

function readPage(body: Record<string, unknown>): Page {
  const limit = body.limit === undefined ? 10 : Number(body.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > maxPage) throw invalid(`limit must be between 1 and ${maxPage}`);
  const after = body.after === undefined || body.after === '' ? 0 : Number(body.after);
  if (!Number.isInteger(after) || after < 0) throw invalid('after must be a cursor of an earlier answer');
  if (after + limit > maxResults) throw invalid(`A query can page through at most ${maxResults} results`);
  return { limit, after };
}

/** Records among which are all that a filter may let through, but for those the index lags behind with. */
type Candidates = { count: number; records: Iterable<CrmRecord> };

function narrowByFilter(portal: PortalState, type: ObjectType, filter: Filter): Candidates | undefined {
  const { propertyName, operator, value } = filter;
  if (type === 'tickets' && propertyName === 'hs_pipeline_stage' && operator === 'EQ')
    return ticketsInStage(portal, String(value));
  if (propertyName !== objectTypes[type].modifiedProperty || !['GT', 'GTE', 'BETWEEN'].includes(operator))
    return undefined;
  const since = comparable(String(value));
  return typeof since === 'number' ? touchedAfter(portal, type, since - 1) : undefined;
}

/** One filter of each group is enough, the one that leaves least; undefined where a group has none that narrows. */
function narrow(portal: PortalState, type: ObjectType, groups: Filter[][]): Candidates[] | undefined {
  const narrowed = groups.map((group) =>
    group
      .flatMap((filter) => narrowByFilter(portal, type, filter) ?? [])
      .reduce<Candidates | undefined>((least, one) => (least && least.count <= one.count ? least : one), undefined),
  );
  const found = narrowed.filter((one) => one !== undefined);
  return groups.length > 0 && found.length === groups.length ? found : undefined;
}

/** What is to be looked at, in the order of ids: all records, or the few that can be meant. */
function listCandidates({ portal, world }: Call, type: ObjectType, groups: Filter[][]): Iterable<CrmRecord> {
  const narrowed = narrow(portal, type, groups);
  const all = () => recordsAfter(portal, type, -1);
  if (!narrowed) return all();
  // Search still knows these by what they were: no filter on what they are now finds them.
  const lagging = touchedAfter(portal, type, world.now() - Math.max(0, world.quirks.searchLagMs));
  const parts = [lagging, ...narrowed];
  // To gather and sort them costs more than to look at every record once there are so many.
  if (parts.reduce((sum, { count }) => sum + count, 0) > countRecords(portal, type) / 8) return all();
  const records = new Set(parts.flatMap((part) => [...part.records]));
  return [...records].sort((a, b) => Number(a.id) - Number(b.id));
}

/** `POST /crm/objects/{v}/{type}/search` */
export function searchObjects(call: Call): Answer {
  const type = getType(call);
  const { portal, world } = call;
  const body = (call.body ?? {}) as Record<string, unknown>;
  if (JSON.stringify(body).length > maxBodyCharacters)
    throw invalid(`The request body is longer than ${maxBodyCharacters} characters`);
  const groups = readGroups(portal, type, body.filterGroups);
  const sort = readSort(portal, type, body.sorts);
  const { limit, after } = readPage(body);
  const meetsQuery = createQueryTest(type, readQuery(body.query));
  const meetsGroups = createGroupsTest(portal, type, groups);
  const properties = Array.isArray(body.properties) ? body.properties.map(String) : [];
  const now = world.now();
  const found: CrmRecord[] = [];
  for (const record of listCandidates(call, type, groups)) {
    const seen = seeThroughIndex(record, now, world.quirks.searchLagMs);
    if (seen && meetsGroups(seen) && meetsQuery(seen)) found.push(seen);
  }
  const print = createRecordPrinter(portal, type, { properties, history: [] });
  const results = pickPage(type, found, sort, { after, limit }).map(print);
  const paging = found.length > after + limit ? { paging: { next: { after: String(after + limit) } } } : {};
  return { status: 200, json: printResults(results, { total: found.length, ...paging }) };
}
