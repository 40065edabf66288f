// Free ports for programs that must know theirs before they listen.
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the range the system gives out by itself (32768 and up on Linux, 49152 elsewhere): a port that another test file is given in the
 * meantime is never this one.
 */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
