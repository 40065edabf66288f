// Keeps two starts out of one folder: the lock ends with the process that holds it, however that ends.
import { createHash } from 'node:crypto';
import { realpathSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { BatonError } from '../errors.ts';

/**
 * A name only one process can listen on. Linux (abstract socket) and Windows (pipe) forget it with the process; elsewhere
 * it is a file, which a kill -9 leaves behind. Relative there: a socket's path may have at most 104 bytes.
 */
function nameLock(folder: string): { address: string; file: string | undefined } {
  const name = `baton-${createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 24)}`;
  if (process.platform === 'linux') return { address: `\0${name}`, file: undefined };
  if (process.platform === 'win32') return { address: `\\\\.\\pipe\\${name}`, file: undefined };
  const file = join(folder, 'lock');
  return { address: file, file };
}

function listen(address: string): Promise<(() => Promise<void>) | undefined> {
  return new Promise((done, fail) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? done(undefined) : fail(error),
    );
    server.listen(address, () => {
      server.unref();
      done(() => new Promise((closed) => server.close(() => closed())));
    });
  });
}

function isHeld(address: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(address);
    socket.once('connect', () => done(true)).once('error', () => done(false));
    socket.once('close', () => socket.destroy());
  });
}

/** Resolves to the release. Throws `wrong-configuration`, naming the folder, when another start holds it. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const { address, file } = nameLock(folder);
  let release = await listen(address);
  if (!release && file && !(await isHeld(address))) {
    rmSync(file, { force: true });
    release = await listen(address);
  }
  if (release) return release;
  const detail = `Baton is already running on ${folder}: stop that one first, or start this one in another folder.`;
  throw new BatonError('wrong-configuration', { detail });
}
