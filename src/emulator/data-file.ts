// Keeps the state in a file: a line for each part of it that changed, so that a kill -9 loses nothing that was answered.
import { constants, statSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readLines } from './data-lines.ts';
import { forgetChanged, takeChanged } from './portal-index.ts';
import { shareRecord, shareThread } from './shared-parts.ts';
import {
  type CrmRecord,
  emptyState,
  type ObjectType,
  type PortalState,
  readableFormats,
  type State,
  stateFormat,
  type Thread,
} from './state.ts';

/** Where in the state, and what is there now; no value = nothing any more. */
type Line = { at: string[]; value?: unknown };

const objectTypes: ObjectType[] = ['tickets', 'emails', 'contacts', 'notes', 'tasks'];
/** Written record by record; everything else of a portal is small and written whole. */
const maps = ['objects', 'links', 'threads'] as const;

// The file is written anew when what was appended outweighs it, and is no matter below this size.
const smallBytes = 4_194_304;
// A write takes about so much at once, whatever the size of the state.
const chunkCharacters = 1_048_576;

function mistake(path: string, what: string, cause?: unknown): Error {
  return new Error(`emulator: ${path} ${what}; delete it to start with an empty HubSpot`, { cause });
}

function put(state: State, { at, value }: Line): void {
  const keys = [...at];
  const last = keys.pop() ?? '';
  let place = state as unknown as Record<string, unknown>;
  for (const key of keys) {
    place[key] ??= {};
    place = place[key] as Record<string, unknown>;
  }
  if (value === undefined) delete place[last];
  // A portal's own fields come without its maps, which have lines of their own.
  else if (at.length === 2 && at[0] === 'portals') place[last] = { ...(place[last] as object), ...(value as object) };
  else place[last] = value;
  if (at[2] === 'threads' && value !== undefined) shareThread(value as Thread);
  if (at[2] === 'objects' && value !== undefined) shareRecord(value as CrmRecord);
}

/** Not whole: it must be written anew before anything is appended. */
type ReadState = { state: State; isWhole: boolean };

/** A state written before; not whole when a kill cut its last line, which nobody was told of. */
function readState(path: string): ReadState {
  const state = emptyState();
  let isFirst = true;
  let isCurrent = false;
  for (const { text, isWhole } of readLines(path)) {
    if (!isFirst && !isWhole) return { state, isWhole };
    const line = readLine(path, text);
    if (isFirst && !readableFormats.includes(line.format ?? 0)) throw mistake(path, 'was written by another version');
    if (isFirst) isCurrent = line.format === stateFormat;
    if (!isFirst) put(state, line);
    isFirst = false;
  }
  return { state, isWhole: !isFirst && isCurrent };
}

function readLine(path: string, text: string): Line & { format?: number } {
  try {
    return JSON.parse(text) as Line & { format?: number };
  } catch (cause) {
    throw mistake(path, 'cannot be read', cause);
  }
}

function fieldsOf(portal: PortalState): Line {
  const fields = Object.entries(portal).filter(([name]) => !(maps as readonly string[]).includes(name));
  return { at: ['portals', portal.id], value: Object.fromEntries(fields) };
}

const emptyObjects = () => Object.fromEntries(objectTypes.map((type) => [type, {}]));

/** Everything of a portal that is new or was changed since the last look; all of it the first time. */
function* listChanges(portal: PortalState): Generator<Line> {
  const at = ['portals', portal.id];
  const changed = takeChanged(portal);
  const { objects, links, threads } = portal;
  // Empty ones are kept as such; what is in them follows.
  if (!changed) yield { at, value: { objects: emptyObjects(), links: {}, threads: {} } };
  for (const type of objectTypes)
    for (const id of changed ? (changed.records.get(type) ?? []) : Object.keys(objects[type]))
      yield { at: [...at, 'objects', type, id], value: objects[type][id] };
  for (const key of changed?.links ?? Object.keys(links)) yield { at: [...at, 'links', key], value: links[key] };
  for (const id of changed?.threads ?? Object.keys(threads)) yield { at: [...at, 'threads', id], value: threads[id] };
}

/** The small parts, each with the line it was last written as: only what differs is written again. */
function* listSmall(state: State): Generator<Line> {
  for (const [name, value] of Object.entries(state)) if (name !== 'portals') yield { at: [name], value };
  for (const portal of Object.values(state.portals)) yield fieldsOf(portal);
}

function* inChunks(lines: Iterable<string>): Generator<string> {
  let chunk = '';
  for (const line of lines) {
    chunk += line;
    if (chunk.length < chunkCharacters) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

/** What is in the file already, and the lines of what is not. */
function createWritten(state: State) {
  let small = new Map<string, string>();
  let portals = new Set<PortalState>();
  return {
    /** All lines of what changed since the last call; all of the state after `forget`. */
    *takeLines(): Generator<string> {
      for (const line of listSmall(state)) {
        const text = JSON.stringify(line);
        const key = line.at.join(' ');
        if (small.get(key) === text) continue;
        small.set(key, text);
        yield `${text}\n`;
      }
      for (const portal of Object.values(state.portals)) {
        portals.add(portal);
        for (const line of listChanges(portal)) yield `${JSON.stringify(line)}\n`;
      }
    },
    /** The records, threads and links of the portals are in the file. */
    know(): void {
      portals = new Set(Object.values(state.portals));
      for (const portal of portals) takeChanged(portal);
    },
    forget(): void {
      for (const portal of portals) forgetChanged(portal);
      small = new Map();
      portals = new Set();
    },
    /** Whether a reset took a portal away that the file still has. */
    hasLost: () => [...portals].some((portal) => state.portals[portal.id] !== portal),
  };
}

type Written = ReturnType<typeof createWritten>;

/** Whole, beside the old one, and then in its place: a kill leaves the one or the other. Answers its size in bytes. */
async function writeAnew(path: string, written: Written): Promise<number> {
  await mkdir(dirname(path), { recursive: true });
  written.forget();
  // Tokens are in it: nobody else's to read.
  const file = await open(`${path}.tmp`, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify({ format: stateFormat })}\n`);
    for (const chunk of inChunks(written.takeLines())) await file.writeFile(chunk);
    // What changed while that was written, at once: the file tells of one moment.
    await file.writeFile([...written.takeLines()].join(''));
    await rename(`${path}.tmp`, path);
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

/** False when the file is not there any more: somebody has deleted it. */
async function append(path: string, lines: string): Promise<boolean> {
  const file = await open(path, constants.O_WRONLY | constants.O_APPEND).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return false;
  try {
    await file.writeFile(lines);
    return true;
  } finally {
    await file.close();
  }
}

/** Lets calls that come while one runs share the next one. */
function shareRuns(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  function startNext(): Promise<void> {
    next = undefined;
    return start();
  }
  function start(): Promise<void> {
    if (!running) {
      running = run().finally(() => {
        running = undefined;
      });
      return running;
    }
    next ??= running.then(startNext, startNext);
    return next;
  }
  return start;
}

/**
 * The state of a file, or an empty one without a path; `save` resolves when everything changed before the call is on disk.
 * Throws, with the file's name and what to do, when it is none or of another version.
 */
export function openDataFile(path: string | undefined): { state: State; save: () => Promise<void> } {
  if (path === undefined) return { state: emptyState(), save: () => Promise.resolve() };
  const { state, isWhole } = readState(path);
  const written = createWritten(state);
  if (isWhole) written.know();
  let baseBytes = isWhole ? statSync(path).size : 0;
  let appendedBytes = isWhole ? 0 : Number.POSITIVE_INFINITY;

  async function renew(file: string): Promise<void> {
    baseBytes = await writeAnew(file, written);
    appendedBytes = 0;
  }

  async function write(file: string): Promise<void> {
    if (appendedBytes > Math.max(baseBytes, smallBytes) || written.hasLost()) {
      await renew(file);
      return;
    }
    // Gathered before anything is awaited: what changes meanwhile belongs to the next write.
    const lines = [...written.takeLines()].join('');
    if (lines === '') return;
    if (await append(file, lines)) appendedBytes += Buffer.byteLength(lines);
    else await renew(file);
  }

  const save = shareRuns(async () => {
    try {
      await write(path);
    } catch (error) {
      // What was gathered is not in the file, or only a part of it: all of it is written the next time.
      appendedBytes = Number.POSITIVE_INFINITY;
      throw error;
    }
  });
  return { state, save };
}
