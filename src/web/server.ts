// Listens for HTTP, and stops without cutting a request off.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Express } from 'express';
import { BatonError } from '../errors.ts';
import { describeError, type Log } from '../log.ts';

export type WebServer = { url: string; port: number; close(): Promise<void> };

/** A request still running this long after `close` is cut off. Heroku kills the process 30 s after SIGTERM. */
const graceMs = 20_000;

/**
 * Starts listening; `port` 0 takes any free one, `host` absent means every interface. `close` refuses new connections,
 * lets running requests finish (20 s at most) and never throws. Throws `wrong-configuration` when the port cannot be had.
 */
export async function startServer(parts: { app: Express; port: number; host?: string; log: Log }): Promise<WebServer> {
  const { app, port, host, log } = parts;
  const server = createServer({
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    // Longer than the 60 s of the usual load balancers, so that it is never us who close a connection just being used.
    keepAliveTimeout: 65_000,
    connectionsCheckingInterval: 5_000,
  });
  const sockets = new Set<Socket>();
  const running = new Set<ServerResponse>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  let closing: Promise<void> | undefined;
  server.on('request', (req, res) => {
    running.add(res);
    res.once('close', () => running.delete(res));
    if (closing) res.setHeader('Connection', 'close');
    app(req, res);
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const detail = `PORT ${port} cannot be listened on (${error.code}): stop what uses it, or set another PORT.`;
      reject(new BatonError('wrong-configuration', { detail, cause: error }));
    });
    server.listen(port, host, resolve);
  });
  const { port: actualPort } = server.address() as AddressInfo;
  // Out of file descriptors, for one: the connections there are go on.
  server.on('error', (error) => log.error(describeError(error), 'a connection could not be accepted'));

  async function stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    for (const res of running) if (!res.headersSent) res.setHeader('Connection', 'close');
    // Node closes idle connections once, at close(), and counts one that never sent a byte as busy. Either kind, and each
    // that falls idle from now on, would hold the process up.
    const endIdle = () => {
      const busy = new Set([...running].map((res) => res.socket));
      for (const socket of sockets) if (!busy.has(socket)) socket.destroySoon();
    };
    endIdle();
    const idle = setInterval(endIdle, 100);
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    await closed;
    clearInterval(idle);
    clearTimeout(cut);
  }

  return {
    url: `http://${host ?? 'localhost'}:${actualPort}`,
    port: actualPort,
    close() {
      closing ??= stop();
      return closing;
    },
  };
}
