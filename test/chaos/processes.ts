// The running program of a chaos run: web and worker processes as a platform runs them, a balancer before the web, doors before the database.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/db/embedded.ts';
import { createLog } from '../../src/log.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Passes connections on to what `target` answers at that moment; undefined = nobody is there, and the caller is cut off. */
export async function startRelay(target: () => net.NetConnectOpts | undefined) {
  const pairs = new Set<[net.Socket, net.Socket]>();
  const server = net.createServer((client) => {
    const options = target();
    if (!options) return client.destroy();
    const upstream = net.connect(options);
    const pair: [net.Socket, net.Socket] = [client, upstream];
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of pair) socket.on('error', end).on('close', end);
    client.pipe(upstream);
    upstream.pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as net.AddressInfo).port,
    /** Cuts the share of connections that `chosen` picks; answers how many. */
    cut(chosen: () => boolean): number {
      const cut = [...pairs].filter(chosen);
      for (const [client] of cut) client.destroy();
      return cut.length;
    },
    async close(): Promise<void> {
      for (const [client] of pairs) client.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A PostgreSQL that may be stopped or killed, behind an address that stays. */
export async function startDatabase() {
  const dataDir = mkdtempSync(join(tmpdir(), 'baton-chaos-'));
  const open = () => startEmbeddedPostgres({ dataDir, log: createLog('silent') });
  let server: EmbeddedPostgres | undefined = await open();
  const { url } = server;
  const relay = await startRelay(() =>
    server ? { host: '127.0.0.1', port: Number(new URL(server.url).port) } : undefined,
  );
  const address = new URL(url);
  address.port = String(relay.port);
  return {
    url: address.href,
    cut: relay.cut,
    /** Gone for a moment: told to stop, or killed with everything it had not written down. */
    async restart(how: 'stop' | 'kill', goneMs: number): Promise<void> {
      const old = server as EmbeddedPostgres;
      server = undefined;
      if (how === 'kill') process.kill(old.pid, 'SIGKILL');
      await old.stop();
      relay.cut(() => true);
      await wait(goneMs);
      server = await open();
    },
    async close(): Promise<void> {
      await relay.close();
      await server?.stop();
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    },
  };
}

type Running = { command: 'web' | 'worker'; child: ChildProcess; environment: NodeJS.ProcessEnv };

/** Starts them, and starts again whatever ends. */
export function createPlatform() {
  const places: Running[] = [];
  let stopping = false;
  let said = '';

  function start(command: Running['command'], environment: NodeJS.ProcessEnv): ChildProcess {
    const child = spawn(process.execPath, ['src/main.ts', command], {
      cwd: root,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-20_000);
      });
    return child;
  }

  function keep(place: Running): void {
    place.child.once('exit', () => {
      if (stopping) return;
      setTimeout(() => {
        if (stopping) return;
        place.child = start(place.command, place.environment);
        keep(place);
      }, 300);
    });
  }

  return {
    add(command: Running['command'], environment: NodeJS.ProcessEnv): void {
      const place = { command, environment, child: start(command, environment) };
      places.push(place);
      keep(place);
    },
    kill(number: number): Running['command'] {
      const place = places[number % places.length] as Running;
      place.child.kill('SIGKILL');
      return place.command;
    },
    /** What the processes said last, for who looks into a difference. */
    said: () => said,
    async stop(): Promise<void> {
      stopping = true;
      const ended = places.map(({ child }) =>
        child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined,
      );
      for (const { child } of places) child.kill('SIGTERM');
      await Promise.all(ended);
    },
  };
}
