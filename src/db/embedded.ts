// A PostgreSQL of our own for development and tests, started and stopped with the program that asked for it.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { BatonError } from '../errors.ts';
import type { Log } from '../log.ts';
import { type EmbeddedBinaries, prepareBinaries } from './embedded-binaries.ts';

export type EmbeddedPostgres = {
  /** For the superuser `baton` and the database `postgres`. Holds the password: never log it. */
  url: string;
  /** The server's process. */
  pid: number;
  /** Ends every connection and waits until the server has written everything down. May be called twice. */
  stop(): Promise<void>;
};

const startTimeoutMs = 30_000;
const stopTimeoutMs = 15_000;

function command(binaries: EmbeddedBinaries, program: string, args: string[]): [string, string[]] {
  const [first = '', ...rest] = [...binaries.wrapper, join(binaries.bin, program), ...args];
  return [first, rest];
}

function identity(binaries: EmbeddedBinaries): { uid?: number; gid?: number } {
  return binaries.uid === undefined ? {} : { uid: binaries.uid, gid: binaries.uid };
}

/** The cluster's password; makes the cluster when there is none. Renamed into place at the end: a kill leaves no half of one. */
function ensureCluster(binaries: EmbeddedBinaries, cluster: string): string {
  const passwordFile = join(cluster, 'baton-password');
  if (existsSync(passwordFile)) return readFileSync(passwordFile, 'utf8');
  if (existsSync(cluster)) {
    throw new BatonError('wrong-configuration', {
      detail: `${cluster} is not a database of Baton's: move it away, or set DATABASE_URL.`,
    });
  }
  const unfinished = `${cluster}-unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  const password = randomBytes(24).toString('hex');
  const given = `${unfinished}-password`;
  rmSync(given, { force: true });
  writeFileSync(given, password, { mode: 0o600 });
  if (binaries.uid !== undefined) chownSync(given, binaries.uid, binaries.uid);
  const args = ['--pgdata', unfinished, '--username=baton', '--auth=scram-sha-256', `--pwfile=${given}`];
  const [file, rest] = command(binaries, 'initdb', [...args, '--encoding=UTF8', '--locale=C', '--no-sync']);
  try {
    execFileSync(file, rest, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 120_000, ...identity(binaries) });
  } catch (cause) {
    const said = String((cause as { stderr?: Buffer }).stderr ?? '').trim();
    throw new BatonError('wrong-configuration', {
      detail: `The embedded PostgreSQL could not be set up (${said || 'no reason given'}): set DATABASE_URL instead.`,
    });
  }
  renameSync(given, join(unfinished, 'baton-password'));
  renameSync(unfinished, cluster);
  return password;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  // In a container whose first process reaps nobody, an ended orphan stays as a zombie for good.
  if (process.platform !== 'linux') return true;
  return !/\) [ZX] /.test(readIfThere(`/proc/${pid}/stat`));
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Pids are used again, so a pid in a file proves nothing until its command line does. */
function isServerOf(pid: number, cluster: string): boolean {
  try {
    if (process.platform === 'linux') return readIfThere(`/proc/${pid}/cmdline`).includes(cluster);
    const [file, args] =
      process.platform === 'win32'
        ? ['tasklist', ['/FI', `PID eq ${pid}`]]
        : ['ps', ['-ww', '-o', 'command=', '-p', `${pid}`]];
    const said = execFileSync(file as string, args as string[], { encoding: 'utf8' });
    return process.platform === 'win32' ? said.includes('postgres') : said.includes(cluster);
  } catch {
    return false; // it ended in between
  }
}

async function endServer(pid: number, binaries: EmbeddedBinaries, cluster: string): Promise<void> {
  for (const [signal, mode] of [
    ['SIGINT', 'fast'],
    ['SIGQUIT', 'immediate'],
  ] as const) {
    if (process.platform === 'win32') {
      const [file, args] = command(binaries, 'pg_ctl', ['stop', '-D', cluster, '-m', mode, '-W']);
      execFileSync(file, args, { stdio: 'ignore' });
    } else if (isAlive(pid)) process.kill(pid, signal);
    const deadline = Date.now() + stopTimeoutMs;
    while (isAlive(pid) && Date.now() < deadline) await sleep(20);
    if (!isAlive(pid)) return;
  }
  throw new BatonError('wrong-configuration', {
    detail: `The embedded PostgreSQL (process ${pid}) does not stop: end it by hand.`,
  });
}

/** After a kill -9 of Baton the server may live on, or its pid file may point at a process that is none of ours. */
async function clearOrphan(binaries: EmbeddedBinaries, cluster: string, log: Log): Promise<void> {
  const pidFile = join(cluster, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  if (pid > 0 && isAlive(pid) && isServerOf(pid, cluster)) {
    log.info({ pid }, 'stopping the PostgreSQL that an earlier start left behind');
    await endServer(pid, binaries, cluster);
  } else rmSync(pidFile, { force: true });
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

/** Every client of the loopback address may knock, but only the password opens: there is no socket file and no trust. */
function spawnServer(binaries: EmbeddedBinaries, cluster: string, port: number, fast: boolean): ChildProcess {
  const options = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'timezone=UTC'];
  // The server's own log must hold no row and no parameter: those may be an address or a token.
  options.push('log_error_verbosity=terse', 'log_min_error_statement=panic', 'log_parameter_max_length_on_error=0');
  // Three test files at a time, each with up to three systems: 61 connections were seen, 104 while their pools were as large as in production.
  if (fast) options.push('fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=300');
  const args = ['-D', cluster, ...options.flatMap((option) => ['-c', option])];
  const [file, rest] = command(binaries, 'postgres', args);
  const output = openSync(`${cluster}.log`, 'w', 0o600);
  // Its own process group: Ctrl-C in a terminal must reach Baton, which still needs the database to stop cleanly.
  const server = spawn(file, rest, {
    stdio: ['ignore', output, output],
    detached: process.platform !== 'win32',
    windowsHide: true,
    ...identity(binaries),
  });
  closeSync(output);
  return server;
}

/** When this program is killed the pipe closes, `read` returns and the server is told to stop: no orphan eats memory. */
function guardAgainstOrphans(serverPid: number | undefined): ChildProcess | undefined {
  if (process.platform === 'win32' || serverPid === undefined) return undefined;
  const guard = spawn('/bin/sh', ['-c', 'read -r line; kill -INT "$0" 2>/dev/null', String(serverPid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.on('error', () => undefined); // no /bin/sh: the next start clears the orphan instead
  guard.unref();
  (guard.stdin as (NodeJS.WritableStream & { unref?(): void }) | null)?.unref?.();
  return guard;
}

async function waitUntilReady(server: ChildProcess, url: string): Promise<boolean> {
  const deadline = Date.now() + startTimeoutMs;
  let failed: Error | undefined;
  server.once('error', (error) => {
    failed = error;
  });
  while (Date.now() < deadline && server.exitCode === null && server.signalCode === null && !failed) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
    client.on('error', () => undefined); // a connection cut while the server starts is the loop's business
    try {
      await client.connect();
      await client.end();
      return true;
    } catch {
      await sleep(25); // a start takes 30 ms (LIBRARIES.md 2), a recovery after a kill up to seconds
    }
  }
  return false;
}

/**
 * Starts a PostgreSQL whose cluster lives in `dataDir` (made when missing) on a free loopback port behind a random
 * password, and stops one that an earlier start left there. The caller sees to it that no other program uses the same
 * folder. `fast` gives up durability and takes more connections: for tests only. Throws `wrong-configuration`, naming
 * DATABASE_URL, when it cannot.
 */
export async function startEmbeddedPostgres(options: {
  dataDir: string;
  log: Log;
  fast?: boolean;
}): Promise<EmbeddedPostgres> {
  const folder = resolve(options.dataDir);
  mkdirSync(folder, { recursive: true });
  const binaries = prepareBinaries(folder);
  const cluster = join(binaries.home, 'cluster');
  const password = ensureCluster(binaries, cluster);
  adopt(cluster, binaries);
  await clearOrphan(binaries, cluster, options.log);
  // Another program can take the free port before the server does, and a killed server's children need a moment to go.
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const port = await findFreePort();
    const url = `postgres://baton:${password}@127.0.0.1:${port}/postgres`;
    const server = spawnServer(binaries, cluster, port, options.fast ?? false);
    const guard = guardAgainstOrphans(server.pid);
    if (await waitUntilReady(server, url)) return runningServer({ server, guard, url, binaries, cluster });
    guard?.kill('SIGKILL');
    if (server.pid !== undefined && server.exitCode === null) await endServer(server.pid, binaries, cluster);
    await sleep(200 * attempt);
  }
  const said = readFileSync(`${cluster}.log`, 'utf8').trim().split('\n').slice(-3).join(' | ');
  throw new BatonError('wrong-configuration', {
    detail: `The embedded PostgreSQL does not start (${said}): set DATABASE_URL instead, or move ${folder} away.`,
  });
}

/** A folder last used by another identity (as `nobody`, now in a namespace) changes hands; PostgreSQL insists on owning it. */
function adopt(cluster: string, binaries: EmbeddedBinaries): void {
  const owner = binaries.uid ?? process.getuid?.();
  if (owner === undefined || lstatSync(cluster).uid === owner || process.getuid?.() !== 0) return;
  execFileSync('chown', ['-R', `${owner}:${owner}`, cluster]);
  chmodSync(cluster, 0o700);
}

function runningServer(parts: {
  server: ChildProcess;
  guard: ChildProcess | undefined;
  url: string;
  binaries: EmbeddedBinaries;
  cluster: string;
}): EmbeddedPostgres {
  const { server, guard, url, binaries, cluster } = parts;
  const pid = server.pid ?? 0;
  server.unref();
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    if (server.exitCode === null && server.signalCode === null) {
      server.ref(); // or a program with nothing else left to do would end before its server has
      const exited = new Promise((done) => server.once('exit', done));
      await endServer(pid, binaries, cluster);
      await exited;
    }
    guard?.kill('SIGKILL');
  };
  return {
    url,
    pid,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}
