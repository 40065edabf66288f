// Prints CRM records as JSON text: a page of them costs a quarter of what objects cost that are stringified afterwards.
import { printTime } from './answers.ts';
import { objectTypes } from './object-types.ts';
import { findProperty } from './properties.ts';
import { historyOf } from './property-history.ts';
import type { CrmRecord, HistoryEntry, ObjectType, PortalState } from './state.ts';

/** Names of the properties asked for, with and without their histories. */
export type Reading = { properties: string[]; history: string[] };

/** A printed record, read again. */
export type PrintedRecord = { id: string; properties: Record<string, string | null>; [field: string]: unknown };

// Most values hold nothing to escape, and to see that costs half of a stringify.
const plainText = /^[\w .:;,@+/-]*$/;

function quote(text: string): string {
  return plainText.test(text) ? `"${text}"` : JSON.stringify(text);
}

function printHistory({ value, timestamp, sourceType, sourceId }: HistoryEntry) {
  return {
    value,
    timestamp: printTime(timestamp),
    sourceType,
    ...(sourceId ? { sourceId } : {}),
    ...(sourceId?.startsWith('userId:') ? { updatedByUserId: Number(sourceId.slice(7)) } : {}),
  };
}

/** Asked-for properties that exist; unknown names are ignored silently (DATA.md 4). */
function listPrinted(portal: PortalState, type: ObjectType, { properties, history }: Reading): string[] {
  const facts = objectTypes[type];
  const asked = [...properties, ...history];
  const wanted = asked.length > 0 ? asked : facts.defaults;
  const all = new Set([...wanted, facts.createdProperty, facts.modifiedProperty, 'hs_object_id']);
  return [...all].filter((name) => findProperty(portal, type, name));
}

/** What prints records of one type for one request: names are looked up once. A property without a value is null. */
export function createRecordPrinter(
  portal: PortalState,
  type: ObjectType,
  reading: Reading,
): (record: CrmRecord) => string {
  const names = listPrinted(portal, type, reading);
  const heads = names.map((name, index) => `${index === 0 ? '' : ','}${JSON.stringify(name)}:`);
  const historyNames = reading.history.filter((name) => findProperty(portal, type, name));
  const printHistories = (record: CrmRecord) => {
    const histories = historyNames.map((name) => [name, historyOf(record, name).map(printHistory)]);
    return `,"propertiesWithHistory":${JSON.stringify(Object.fromEntries(histories))}`;
  };
  return (record) => {
    const { id, createdAt, updatedAt, archivedAt, properties } = record;
    let text = `{"id":${quote(id)},"properties":{`;
    for (let index = 0; index < names.length; index += 1) {
      const value = properties[names[index] as string];
      text += heads[index] + (value === undefined ? 'null' : quote(value));
    }
    text += '}';
    if (reading.history.length > 0) text += printHistories(record);
    text += `,"createdAt":"${printTime(createdAt)}","updatedAt":"${printTime(updatedAt)}"`;
    return `${text},"archived":${archivedAt === null ? 'false}' : `true,"archivedAt":"${printTime(archivedAt)}"}`}`;
  };
}

/** One record as an object, for answers that add to it. */
export function printRecord(portal: PortalState, type: ObjectType, record: CrmRecord, reading: Reading): PrintedRecord {
  return JSON.parse(createRecordPrinter(portal, type, reading)(record)) as PrintedRecord;
}

/** After a write HubSpot answers what was written and where the record came from (samples email.*.recorded-2025). */
export function printWritten(portal: PortalState, type: ObjectType, record: CrmRecord, written: string[]) {
  const source = ['hs_object_source', 'hs_object_source_id', 'hs_object_source_label'];
  return printRecord(portal, type, record, { properties: [...written, ...source], history: [] });
}
