// Keeps equal parts of messages and records once: people, states and dates repeat, and made half of a large portal's memory.
import type { CrmRecord, Item, Thread } from './state.ts';

/** What repeats comes close together, in a thread or in a portal that is filled, so that a small memory finds nearly all. */
const keptParts = 20_000;
const strings = new Map<string, string>();
const objects = new Map<string, unknown>();

/** Never shared: an item's own. The short ones are often pieces of other strings put together, which take three times as much. */
const ownFields = ['text', 'richText'];
const ownShortFields = ['id', 'createdAt', 'updatedAt'];
const sharedCharacters = 100;

function remember<T>(kept: Map<string, T>, key: string, value: T): T {
  const known = kept.get(key);
  if (known !== undefined) return known;
  if (kept.size >= keptParts) kept.clear();
  kept.set(key, value);
  return value;
}

function shareString(text: string): string {
  return text.length > sharedCharacters ? text : remember(strings, text, text);
}

function writeAnew(text: string): string {
  return Buffer.from(text).toString();
}

/** Whoever would change a shared part is stopped. */
function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  for (const part of Object.values(value)) freeze(part);
}

function shareObject(value: object): unknown {
  const key = JSON.stringify(value);
  const known = objects.get(key);
  if (known === undefined) freeze(value);
  return known ?? remember(objects, key, value);
}

/** Puts shared parts in the place of the item's own; they are frozen, and are replaced where one changes. Answers the item. */
export function shareItem(item: Item): Item {
  for (const [name, value] of Object.entries(item)) {
    if (ownFields.includes(name)) continue;
    if (typeof value === 'string') item[name] = ownShortFields.includes(name) ? writeAnew(value) : shareString(value);
    else if (typeof value === 'object' && value !== null) item[name] = shareObject(value);
  }
  return item;
}

/** For what was read from a file, where nothing is shared. */
export function shareThread(thread: Thread): void {
  thread.items.forEach(shareItem);
}

/** For what was read from a file, where nothing is shared. */
export function shareRecord({ properties, history }: CrmRecord): void {
  for (const [name, value] of Object.entries(properties)) properties[name] = shareString(value);
  for (const entry of Object.values(history).flat()) {
    entry.value = shareString(entry.value);
    entry.sourceType = shareString(entry.sourceType);
    if (entry.sourceId !== null) entry.sourceId = shareString(entry.sourceId);
  }
}
