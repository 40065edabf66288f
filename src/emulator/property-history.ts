// The history of a record's properties. What a creation wrote is not kept twice: until a property changes, its one entry is told from the record.
import type { CrmRecord, HistoryEntry, Source } from './state.ts';

// HubSpot keeps a bounded history per property; more than any test needs, and it bounds our memory.
const historyLength = 100;

/** The entry a creation made; the record's own properties say who created it. */
function madeEntry({ createdAt, properties }: CrmRecord, value: string): HistoryEntry {
  const { hs_object_source: sourceType = '', hs_object_source_id: sourceId = null } = properties;
  return { value, timestamp: createdAt, sourceType, sourceId };
}

/** Newest first; empty for a property that never had a value. */
export function historyOf(record: CrmRecord, name: string): HistoryEntry[] {
  const kept = record.history[name];
  if (kept) return kept;
  const value = record.properties[name];
  return value === undefined ? [] : [madeEntry(record, value)];
}

/** Writes a value with its entry; an empty one takes the value away. */
export function writeValue(record: CrmRecord, name: string, value: string, at: number, source: Source): void {
  const entry = { value, timestamp: at, sourceType: source.type, sourceId: source.id };
  record.history[name] = [entry, ...historyOf(record, name)].slice(0, historyLength);
  if (value === '') delete record.properties[name];
  else record.properties[name] = value;
}
