// The filters of a CRM search: read and refused before anything is looked for, then made into one test of a record (DATA.md 4).
import { invalid } from './answers.ts';
import { listLinkedIds } from './links.ts';
import { findObjectType, objectTypes } from './object-types.ts';
import { findProperty } from './properties.ts';
import { comparable, compareRead, createTokenTest } from './search-values.ts';
import type { CrmRecord, ObjectType, PortalState } from './state.ts';

export type Filter = {
  propertyName: string;
  operator: string;
  value?: unknown;
  highValue?: unknown;
  values?: unknown;
};

/** What a record has to say to this; the record is as the lagging index of search knows it. */
export type Test = (seen: CrmRecord) => boolean;

/** The value filters and sorts compare. Times and ids are read from where they are numbers: parsing a date costs more than the rest. */
export function createReader(type: ObjectType, name: string): (seen: CrmRecord) => number | string | undefined {
  const { createdProperty, modifiedProperty } = objectTypes[type];
  if (name === modifiedProperty) return ({ updatedAt }) => updatedAt;
  if (name === createdProperty) return ({ createdAt }) => createdAt;
  return ({ properties }) => {
    const value = properties[name];
    return value === undefined ? undefined : comparable(value);
  };
}

type Operands = { wanted: number | string; high: number | string; values: (number | string)[] };

const comparisons: Record<string, (actual: number | string, operands: Operands) => boolean> = {
  EQ: (actual, { wanted }) => compareRead(actual, wanted) === 0,
  NEQ: (actual, { wanted }) => compareRead(actual, wanted) !== 0,
  GT: (actual, { wanted }) => compareRead(actual, wanted) > 0,
  GTE: (actual, { wanted }) => compareRead(actual, wanted) >= 0,
  LT: (actual, { wanted }) => compareRead(actual, wanted) < 0,
  LTE: (actual, { wanted }) => compareRead(actual, wanted) <= 0,
  BETWEEN: (actual, { wanted, high }) => compareRead(actual, wanted) >= 0 && compareRead(actual, high) <= 0,
  IN: (actual, { values }) => values.some((one) => compareRead(actual, one) === 0),
  NOT_IN: (actual, { values }) => !values.some((one) => compareRead(actual, one) === 0),
};

/** What a record without the property is to these: it passes. */
const negations = ['NEQ', 'NOT_IN', 'NOT_CONTAINS_TOKEN', 'NOT_HAS_PROPERTY'];

function readOperands({ value, highValue, values }: Filter): Operands {
  const read = (one: unknown) => comparable(String(one ?? ''));
  return { wanted: read(value), high: read(highValue), values: Array.isArray(values) ? values.map(read) : [] };
}

function createTextTest(filter: Filter): ((actual: string) => boolean) | undefined {
  if (filter.operator === 'HAS_PROPERTY') return () => true;
  if (filter.operator === 'NOT_HAS_PROPERTY') return () => false;
  if (!filter.operator.endsWith('CONTAINS_TOKEN')) return undefined;
  const holds = createTokenTest(String(filter.value ?? ''));
  return filter.operator === 'CONTAINS_TOKEN' ? holds : (actual) => !holds(actual);
}

function createPropertyTest(type: ObjectType, filter: Filter): Test {
  const { propertyName: name, operator } = filter;
  const whenAbsent = negations.includes(operator);
  const testText = createTextTest(filter);
  if (testText)
    return ({ properties }) => {
      const actual = properties[name];
      return actual === undefined ? whenAbsent : testText(actual);
    };
  const read = createReader(type, name);
  const operands = readOperands(filter);
  const fits = comparisons[operator];
  if (!fits) throw new Error(`emulator: operator ${operator} was let through`);
  return (seen) => {
    const actual = read(seen);
    return actual === undefined ? whenAbsent : fits(actual, operands);
  };
}

function createLinkTest(portal: PortalState, type: ObjectType, filter: Filter, toType: ObjectType): Test {
  const linked = ({ id }: CrmRecord) => listLinkedIds(portal, type, id, toType);
  if (filter.operator === 'HAS_PROPERTY') return (seen) => linked(seen).length > 0;
  if (filter.operator === 'NOT_HAS_PROPERTY') return (seen) => linked(seen).length === 0;
  const testText = createTextTest(filter);
  const operands = readOperands(filter);
  const fits = testText ?? ((id: string) => comparisons[filter.operator]?.(comparable(id), operands) ?? false);
  return (seen) => linked(seen).some(fits);
}

function createTest(portal: PortalState, type: ObjectType, filter: Filter): Test {
  const associated = /^associations\.(.+)$/.exec(filter.propertyName)?.[1];
  if (!associated) return createPropertyTest(type, filter);
  const toType = findObjectType(associated);
  if (!toType) throw invalid(`Unable to infer object type from: ${associated}`);
  return createLinkTest(portal, type, filter, toType);
}

/** Any of the groups, of which all filters hold; no group = everything. */
export function createGroupsTest(portal: PortalState, type: ObjectType, groups: Filter[][]): Test {
  const tests = groups.map((group) => group.map((filter) => createTest(portal, type, filter)));
  return (seen) => tests.length === 0 || tests.some((group) => group.every((test) => test(seen)));
}

export function readGroups(portal: PortalState, type: ObjectType, value: unknown): Filter[][] {
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
