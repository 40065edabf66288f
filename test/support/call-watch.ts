// A way to HubSpot for one worker process, so that each call can be told by who sent it, and under which lease.
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Calls of one worker, in the order they came; `fence` = the portal's lease at that moment. */
export type WatchedCall = { worker: number; fence: string; call: string };

/** Passes everything on to `apiUrl` as it is, once `readFence` has said which lease stands. */
export async function startCallWatch(options: {
  apiUrl: string;
  worker: number;
  readFence: () => Promise<string>;
  calls: WatchedCall[];
}) {
  const { hostname, port } = new URL(options.apiUrl);
  const server = createServer(async (req, res) => {
    const call = `${req.method} ${req.url?.split('?')[0]}`;
    // Tokens are refreshed under a claim of their own, not under a lease.
    if (!call.includes('/oauth/')) {
      options.calls.push({ worker: options.worker, fence: await options.readFence(), call });
    }
    const { headers, method, url: path } = req;
    const onward = request({ hostname, port, method, path, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    onward.on('error', () => res.destroy());
    req.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close(): void {
      server.close();
      server.closeAllConnections();
    },
  };
}
