// CRM search: filters, sorts, paging, and an index that lags behind (DATA.md 4, PLATFORM.md 5.1).
import { type Answer, invalid, isoTime } from './answers.ts';
import type { Call } from './call.ts';
import { listLinkedIds } from './links.ts';
import { findObjectType } from './object-types.ts';
import { getType, printProperties } from './objects.ts';
import { recordsAfter } from './portal-index.ts';
import { findProperty } from './properties.ts';
import type { CrmRecord, ObjectType, PortalState } from './state.ts';

type Filter = { propertyName: string; operator: string; value?: unknown; highValue?: unknown; values?: unknown };
type Seen = { record: CrmRecord; properties: Record<string, string>; updatedAt: number };

const maxPage = 200;
const maxResults = 10_000;
const maxBodyCharacters = 3_000;

/** What the index knows of a record right now; undefined while it has not heard of it. */
function seeThroughIndex(record: CrmRecord, now: number, lagMs: number): Seen | undefined {
  const fresh = lagMs > 0 && now - Math.max(record.updatedAt, record.archivedAt ?? 0) < lagMs;
  if (!fresh) {
    if (record.archivedAt !== null) return undefined;
    return { record, properties: record.properties, updatedAt: record.updatedAt };
  }
  return record.indexed ? { record, ...record.indexed } : undefined;
}

// Dates may be given as epoch milliseconds or ISO text; stored ones are ISO.
function comparable(value: string): number | string {
  if (/^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  const time = /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? value.toLowerCase() : time;
}

function compareRead(x: number | string, y: number | string): number {
  if (typeof x === 'number' && typeof y === 'number') return x - y;
  return String(x) < String(y) ? -1 : String(x) > String(y) ? 1 : 0;
}

// A filter's value is compared with that of every record: read once.
const readValues = new Map<string, number | string>();

function comparableOnce(value: string): number | string {
  const known = readValues.get(value);
  if (known !== undefined) return known;
  if (readValues.size > 1_000) readValues.clear();
  const read = comparable(value);
  readValues.set(value, read);
  return read;
}

/** A record's value against a filter's. */
function compare(actual: string, wanted: string): number {
  return compareRead(comparable(actual), comparableOnce(wanted));
}

function matchesToken(actual: string, wanted: string): boolean {
  const words = actual.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  const tokens = wanted
    .toLowerCase()
    .split(/[^\p{L}\p{N}*]+/u)
    .filter(Boolean);
  return tokens.every((token) => {
    const pattern = new RegExp(`^${token.replaceAll('*', '.*')}$`, 'u');
    return words.some((word) => pattern.test(word));
  });
}

function matches(actual: string | undefined, filter: Filter): boolean {
  const value = String(filter.value ?? '');
  const values = Array.isArray(filter.values) ? filter.values.map(String) : [];
  switch (filter.operator) {
    case 'HAS_PROPERTY':
      return actual !== undefined;
    case 'NOT_HAS_PROPERTY':
      return actual === undefined;
    case 'NEQ':
      return actual === undefined || compare(actual, value) !== 0;
    case 'NOT_IN':
      return actual === undefined || !values.some((one) => compare(actual, one) === 0);
    case 'NOT_CONTAINS_TOKEN':
      return actual === undefined || !matchesToken(actual, value);
  }
  if (actual === undefined) return false;
  switch (filter.operator) {
    case 'EQ':
      return compare(actual, value) === 0;
    case 'GT':
      return compare(actual, value) > 0;
    case 'GTE':
      return compare(actual, value) >= 0;
    case 'LT':
      return compare(actual, value) < 0;
    case 'LTE':
      return compare(actual, value) <= 0;
    case 'BETWEEN':
      return compare(actual, value) >= 0 && compare(actual, String(filter.highValue ?? '')) <= 0;
    case 'IN':
      return values.some((one) => compare(actual, one) === 0);
    case 'CONTAINS_TOKEN':
      return matchesToken(actual, value);
    default:
      throw new Error(`emulator: operator ${filter.operator} was let through`);
  }
}

function passes(portal: PortalState, type: ObjectType, seen: Seen, filter: Filter): boolean {
  const associated = /^associations\.(.+)$/.exec(filter.propertyName)?.[1];
  if (!associated) return matches(seen.properties[filter.propertyName], filter);
  const toType = findObjectType(associated);
  if (!toType) throw invalid(`Unable to infer object type from: ${associated}`);
  const ids = listLinkedIds(portal, type, seen.record.id, toType);
  if (filter.operator === 'NOT_HAS_PROPERTY') return ids.length === 0;
  return filter.operator === 'HAS_PROPERTY' ? ids.length > 0 : ids.some((id) => matches(id, filter));
}

function readGroups(portal: PortalState, type: ObjectType, value: unknown): Filter[][] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw invalid('filterGroups must be a list');
  const groups = value.map((group: { filters?: unknown }) => {
    if (!Array.isArray(group?.filters)) throw invalid('A filter group needs filters');
    return group.filters as Filter[];
  });
  const count = groups.reduce((sum, group) => sum + group.length, 0);
  if (groups.length > 5 || count > 18 || groups.some((group) => group.length > 6))
    throw invalid('Too many filters: at most 5 filter groups, 6 filters in a group and 18 in all');
  for (const filter of groups.flat()) checkFilter(portal, type, filter);
  return groups;
}

const bareOperators = ['HAS_PROPERTY', 'NOT_HAS_PROPERTY'];
const listOperators = ['IN', 'NOT_IN'];
const valueOperators = 'EQ NEQ LT LTE GT GTE BETWEEN CONTAINS_TOKEN NOT_CONTAINS_TOKEN'.split(' ');

/** Refused before anything is looked for, whatever the portal holds. */
function checkFilter(portal: PortalState, type: ObjectType, { propertyName, operator, ...operand }: Filter): void {
  const name = String(propertyName ?? '');
  if (!name.startsWith('associations.') && !findProperty(portal, type, name))
    throw invalid(`There was a problem with the request: property "${name}" does not exist`);
  if (![...bareOperators, ...listOperators, ...valueOperators].includes(operator))
    throw invalid(`Invalid input JSON: unknown operator ${operator}`);
  const isText = (value: unknown) => value !== undefined && value !== null && typeof value !== 'object';
  if (operand.value !== undefined && !isText(operand.value)) throw invalid('A filter value must be a string');
  if (valueOperators.includes(operator) && !isText(operand.value)) throw invalid(`${operator} needs a value`);
  if (operator === 'BETWEEN' && !isText(operand.highValue)) throw invalid('BETWEEN needs value and highValue');
  if (listOperators.includes(operator) && (!Array.isArray(operand.values) || operand.values.length === 0))
    throw invalid(`${operator} needs values`);
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
function meetsQuery(type: ObjectType, { properties }: Seen, query: string): boolean {
  if (query === '') return true;
  const words = query.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const text = searchable[type].map((name) => properties[name] ?? '').join(' ');
  return words.every((word) => matchesToken(text, `${word}*`));
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
function sortSeen(list: Seen[], sort: Sort | undefined): Seen[] {
  if (!sort) return list;
  const sign = sort.direction === 'DESCENDING' ? -1 : 1;
  return list
    .map((seen) => ({ seen, value: comparable(seen.properties[sort.propertyName] ?? '') }))
    .sort((a, b) => compareRead(a.value, b.value) * sign)
    .map(({ seen }) => seen);
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

/** Everything the index knows of right now, in the order of ids. */
function listSeen({ portal, world }: Call, type: ObjectType): Seen[] {
  const now = world.now();
  const known: Seen[] = [];
  for (const record of recordsAfter(portal, type, -1)) {
    const seen = seeThroughIndex(record, now, world.quirks.searchLagMs);
    if (seen) known.push(seen);
  }
  return known;
}

/** `POST /crm/objects/{v}/{type}/search` */
export function searchObjects(call: Call): Answer {
  const type = getType(call);
  const { portal } = call;
  const body = (call.body ?? {}) as Record<string, unknown>;
  if (JSON.stringify(body).length > maxBodyCharacters)
    throw invalid(`The request body is longer than ${maxBodyCharacters} characters`);
  const groups = readGroups(portal, type, body.filterGroups);
  const sort = readSort(portal, type, body.sorts);
  const { limit, after } = readPage(body);
  const query = readQuery(body.query);
  const names = Array.isArray(body.properties) ? body.properties.map(String) : [];
  const found = sortSeen(
    listSeen(call, type).filter(
      (seen) =>
        (groups.length === 0 || groups.some((group) => group.every((filter) => passes(portal, type, seen, filter)))) &&
        meetsQuery(type, seen, query),
    ),
    sort,
  );
  const results = found.slice(after, after + limit).map((seen) => ({
    id: seen.record.id,
    properties: printProperties(portal, type, seen.properties, names),
    createdAt: isoTime(seen.record.createdAt),
    updatedAt: isoTime(seen.updatedAt),
    archived: false,
  }));
  const paging = found.length > after + limit ? { paging: { next: { after: String(after + limit) } } } : {};
  return { status: 200, body: { total: found.length, results, ...paging } };
}
