// A scripted HubSpot for the gateway's tests: a plain node:http server that answers what the test says and notes what came.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { createHubSpot } from '../../src/hubspot/hubspot.ts';
import { createPace } from '../../src/hubspot/pace.ts';
import type { Log } from '../../src/log.ts';

export type Seen = {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: string;
};
export type Reply =
  | { status?: number; headers?: Record<string, string>; body?: unknown; text?: string }
  | ((response: ServerResponse, request: IncomingMessage) => void);

/** Answers each request by `reply(seen, index)`; closes with the test. */
export async function startFakeHubSpot(t: TestContext, reply: (seen: Seen, index: number) => Reply) {
  const seen: Seen[] = [];
  let open = 0;
  const server = createServer((request, response) => {
    open += 1;
    // Also when the client goes away before an answer: then its socket is gone too.
    response.on('close', () => {
      open -= 1;
    });
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://fake.example');
      const each: Seen = {
        method: request.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      seen.push(each);
      const answer = reply(each, seen.length - 1);
      if (typeof answer === 'function') return answer(response, request);
      const text = answer.text ?? (answer.body === undefined ? '' : JSON.stringify(answer.body));
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${port}`, seen, openExchanges: () => open };
}

/** A log that keeps its lines, so that a test can say what never reaches it. */
export function keepLog(): Log & { lines: string[] } {
  const lines: string[] = [];
  const write = (fields: object, message: string) => void lines.push(JSON.stringify({ ...fields, message }));
  return { lines, debug: write, info: write, warn: write, error: write };
}

/** The gateway of portal 33, talking to a fake that answers `reply`. */
export async function connectGateway(
  t: TestContext,
  reply: (seen: Seen, index: number) => Reply,
  options: { timeoutMs?: number } = {},
) {
  const fake = await startFakeHubSpot(t, reply);
  const log = keepLog();
  const accessTokens = { getAccessToken: async () => 'token' };
  const hubspot = createHubSpot({ config: { apiUrl: fake.url }, accessTokens, log, ...options });
  return { ...fake, log, hubspot, gateway: hubspot.portal('33', createPace()) };
}
