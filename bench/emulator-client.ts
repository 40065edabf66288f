// A client as lean as a client can be, so that a bench measures the server: raw sockets, kept open, one call at a time on each.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const headEnd = Buffer.from('\r\n\r\n');

/** Bytes of the whole answer once its head is there; undefined before. Throws for any status but 200. */
function readSize(begun: Buffer): number | undefined {
  const end = begun.indexOf(headEnd);
  if (end < 0) return undefined;
  const head = begun.toString('latin1', 0, end);
  if (!head.startsWith('HTTP/1.1 200')) throw new Error(head.split('\r\n')[0]);
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error('the answer names no Content-Length');
  return end + headEnd.length + Number(length);
}

/** One kept connection. */
class Line {
  readonly #socket: Socket;
  #begun: Buffer[] = [];
  #got = 0;
  #size: number | undefined;
  #answered: ((error?: Error) => void) | undefined;

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#socket.on('error', (error) => this.#answered?.(error));
    this.#socket.on('close', () => this.#answered?.(new Error('the connection was closed')));
  }

  #take(chunk: Buffer): void {
    this.#got += chunk.length;
    try {
      if (this.#size === undefined) {
        this.#begun.push(chunk);
        this.#size = readSize(this.#begun.length === 1 ? chunk : Buffer.concat(this.#begun));
      }
    } catch (error) {
      this.#answered?.(error as Error);
    }
    if (this.#got !== this.#size) return;
    this.#begun = [];
    this.#got = 0;
    this.#size = undefined;
    this.#answered?.();
  }

  /** Resolves when the whole answer has come. */
  ask(request: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#answered = (error) => (error ? reject(error) : resolve());
      this.#socket.write(request);
    });
  }

  async close(): Promise<void> {
    this.#answered = undefined;
    this.#socket.destroy();
    await once(this.#socket, 'close');
  }
}

/** The bytes of one call; `body` absent = no body. */
export function printCall(token: string, method: string, path: string, body?: string): Buffer {
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1', `Authorization: Bearer ${token}`];
  if (body !== undefined) lines.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`);
}

/** Sends the calls in turn on so many connections for so long; answers how many came back. Throws for a status but 200. */
export async function sendCalls(
  port: number,
  calls: Buffer[],
  { connections, durationMs }: { connections: number; durationMs: number },
): Promise<number> {
  const lines = Array.from({ length: connections }, () => new Line(port));
  const until = performance.now() + durationMs;
  let count = 0;
  const drive = async (line: Line) => {
    while (performance.now() < until) {
      await line.ask(calls[count % calls.length] as Buffer);
      count += 1;
    }
  };
  await Promise.all(lines.map(drive));
  await Promise.all(lines.map((line) => line.close()));
  return count;
}
