// A door in front of PostgreSQL that sees every statement pass, so that a test can cut a process off between any two of them.
import net from 'node:net';

export type Step = { number: number; phase: 'before' | 'after' };
export type DatabaseProxy = {
  url: string;
  /** Statements seen since the last `count()`. */
  count(): number;
  /** Starts counting from zero; `onStep` may end the process whose statement it is: what it answers 'cut' never arrives. */
  watch(onStep: (step: Step) => 'pass' | 'cut'): void;
  /**
   * From now on: `pass`; `gone` cuts every connection and refuses new ones; `hang` takes what is sent and answers nothing; `slow` answers
   * `slowMs` late. What is left of a hang is cut when it ends.
   */
  behave(behaviour: Behaviour): void;
  close(): Promise<void>;
};
export type Behaviour = 'pass' | 'gone' | 'hang' | 'slow';

/** Of each part of an answer: several of them are still within every deadline. */
const slowMs = 150;

/** Frontend messages that end a round trip: a simple query, or the Sync of an extended one. */
const roundTrips = new Set(['Q'.charCodeAt(0), 'S'.charCodeAt(0)]);
const readyForQuery = 'Z'.charCodeAt(0);

function findTarget(databaseUrl: string): net.NetConnectOpts {
  const url = new URL(databaseUrl);
  const host = url.searchParams.get('host') ?? decodeURIComponent(url.hostname);
  const port = Number(url.port || 5432);
  return host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host: host || '127.0.0.1', port };
}

/** Splits a stream of PostgreSQL messages: the first of a client has no type byte. */
function createSplitter(hasStartup: boolean, onMessage: (type: number, bytes: Buffer) => void) {
  let rest = Buffer.alloc(0);
  let startup = hasStartup;
  return (chunk: Buffer): void => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const offset = startup ? 0 : 1;
      if (rest.length < offset + 4) return;
      const size = offset + rest.readUInt32BE(offset);
      if (rest.length < size) return;
      onMessage(startup ? 0 : (rest[0] as number), rest.subarray(0, size));
      startup = false;
      rest = rest.subarray(size);
    }
  };
}

export async function startDatabaseProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const target = findTarget(databaseUrl);
  const sockets = new Set<net.Socket>();
  let number = 0;
  let onStep: (step: Step) => 'pass' | 'cut' = () => 'pass';
  let behaviour: Behaviour = 'pass';

  const server = net.createServer((client) => {
    if (behaviour === 'gone') {
      client.destroy();
      return;
    }
    const upstream = net.connect(target);
    const open: number[] = [];
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    const cut = (step: Step): boolean => {
      if (onStep(step) === 'pass') return false;
      client.destroy();
      upstream.destroy();
      return true;
    };
    client.on(
      'data',
      createSplitter(true, (type, bytes) => {
        if (behaviour === 'hang') return;
        if (roundTrips.has(type)) {
          number += 1;
          open.push(number);
          if (cut({ number, phase: 'before' })) return;
        }
        upstream.write(bytes);
      }),
    );
    upstream.on(
      'data',
      createSplitter(false, (type, bytes) => {
        const ended = type === readyForQuery ? open.shift() : undefined;
        if (ended !== undefined && cut({ number: ended, phase: 'after' })) return;
        if (behaviour === 'hang') return;
        if (behaviour === 'slow') setTimeout(() => client.write(bytes), slowMs);
        else client.write(bytes);
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.searchParams.delete('host');
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as net.AddressInfo).port);
  return {
    url: url.href,
    count: () => number,
    watch(watcher) {
      number = 0;
      onStep = watcher;
    },
    behave(next) {
      if (next === 'gone' || behaviour === 'hang') for (const socket of sockets) socket.destroy();
      behaviour = next;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
