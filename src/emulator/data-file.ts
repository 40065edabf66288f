// Keeps the state in a file: whole, by write and rename, so that a kill -9 leaves either the old state or the new one.
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { emptyState, type State, stateFormat } from './state.ts';

function parseState(path: string): State {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as State;
  } catch (cause) {
    throw new Error(`emulator: ${path} cannot be read; delete it to start with an empty HubSpot`, { cause });
  }
}

/** Reads a state written before. Throws, with the file's name and what to do, when it is none or of another version. */
export function readDataFile(path: string): State {
  if (!existsSync(path)) return emptyState();
  const state = parseState(path);
  if (state.format === stateFormat) return state;
  throw new Error(`emulator: ${path} was written by another version; delete it to start with an empty HubSpot`);
}

/** `save` resolves when everything changed before the call is on disk; calls that come together share one write. */
export function createDataFile(path: string | undefined, state: State) {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  async function write(file: string): Promise<void> {
    await mkdir(dirname(file), { recursive: true });
    // Tokens are in it: nobody else's to read.
    await writeFile(`${file}.tmp`, JSON.stringify(state), { mode: 0o600 });
    await rename(`${file}.tmp`, file);
  }

  function save(): Promise<void> {
    if (!path) return Promise.resolve();
    if (!running) {
      running = write(path).finally(() => {
        running = undefined;
      });
      return running;
    }
    next ??= running.then(
      () => startNext(),
      () => startNext(),
    );
    return next;
  }

  function startNext(): Promise<void> {
    next = undefined;
    return save();
  }

  return { save };
}
