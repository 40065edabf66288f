// Takes API calls past the pages' middleware, which costs more than most answers; everything else goes to it.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { errorBody } from './answers.ts';

const maxBodyBytes = 4_194_304;

function isPlainCall({ url = '', headers }: IncomingMessage): boolean {
  return /^\/(crm|conversations)\//.test(url) && headers['content-encoding'] === undefined;
}

/** Undefined when there is more of it than the API takes. */
function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBodyBytes) chunks.push(chunk);
    });
    request.on('end', () => {
      const [only = Buffer.alloc(0)] = chunks;
      if (bytes > maxBodyBytes) resolve(undefined);
      else resolve(chunks.length > 1 ? Buffer.concat(chunks) : only);
    });
    // A client that goes away before the end: `close` comes without `end`, and `error` where it cut the connection.
    request.on('error', reject);
    request.on('close', () => {
      if (!request.complete) reject(new Error('the client went away'));
    });
  });
}

type Serve = (request: IncomingMessage, response: ServerResponse, raw: Buffer) => Promise<void>;

/** `others` serves what is no plain API call. A client that goes away is no news; a fault of the emulator's own is. */
export function createFrontDoor(serve: Serve, others: RequestListener): RequestListener {
  async function serveCall(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const raw = await readBody(request);
    if (raw) return serve(request, response, raw);
    response.writeHead(413, { 'Content-Type': 'application/json;charset=utf-8' });
    response.end(JSON.stringify(errorBody('VALIDATION_ERROR', 'request entity too large')));
  }
  return (request, response) => {
    if (!isPlainCall(request)) return void others(request, response);
    serveCall(request, response).catch((error: unknown) => {
      if (request.destroyed && !request.complete) return;
      console.error('emulator:', error);
      if (response.headersSent || response.destroyed) return;
      response.writeHead(500, { 'Content-Type': 'application/json;charset=utf-8' });
      response.end(JSON.stringify(errorBody('INTERNAL_ERROR', 'internal error')));
    });
  };
}
