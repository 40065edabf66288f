// The history of a record's properties. What a creation wrote is not kept twice: until a property changes, its one entry is told from the record.
import type { CrmRecord, HistoryEntry, Source } from './state.ts';

// HubSpot keeps a bounded history per property; more than any test needs, and it bounds our memory.
const historyLength = 100;

// What it was before is no more than the times of all other entries, and took a tenth of a large portal's memory.
const modifiedNames = ['hs_lastmodifieddate', 'lastmodifieddate'];

/** The only entry of a property: made by the creation, and the record's own properties say whose that was. */
function onlyEntry({ createdAt, updatedAt, properties }: CrmRecord, name: string): HistoryEntry[] {
  const { [name]: value, hs_object_source: sourceType = '', hs_object_source_id: sourceId = null } = properties;
  const timestamp = modifiedNames.includes(name) ? updatedAt : createdAt;
  return value === undefined ? [] : [{ value, timestamp, sourceType, sourceId }];
}

/** Newest first; empty for a property that never had a value. Of the date of the last change there is only the last entry. */
export function historyOf(record: CrmRecord, name: string): HistoryEntry[] {
  const kept = modifiedNames.includes(name) ? undefined : record.history[name];
  return kept ?? onlyEntry(record, name);
}

/** Writes a value with its entry; an empty one takes the value away. */
export function writeValue(record: CrmRecord, name: string, value: string, at: number, source: Source): void {
  const entry = { value, timestamp: at, sourceType: source.type, sourceId: source.id };
  record.history[name] = [entry, ...historyOf(record, name)].slice(0, historyLength);
  if (value === '') delete record.properties[name];
  else record.properties[name] = value;
}
