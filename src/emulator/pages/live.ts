// Parts of a page that follow what happens, and the stream of server-sent events that says when to look again.
import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Changes } from '../changes.ts';
import { type Html, html } from './markup.ts';

/** A part the script swaps when its content differs; forms people write in stand outside of it. */
export function live(id: string, content: Html): Html {
  const mark = createHash('sha256').update(content.html).digest('base64url').slice(0, 12);
  return html`<div id="${id}" data-live="${mark}">${content}</div>`;
}

/** A page looks at most this often, however fast things change. */
const quietMs = 250;
/** Proxies and sleeping laptops drop silent connections. */
const heartbeatMs = 20_000;

/** `GET .../events`: `changed` soon after every change, until the reader goes away. Never holds the process up. */
export function streamChanges(changes: Changes, request: Request, response: Response): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  response.write('retry: 1000\n\n');
  let waiting: NodeJS.Timeout | undefined;
  const remove = changes.watch(() => {
    waiting ??= setTimeout(() => {
      waiting = undefined;
      response.write('event: changed\ndata: {}\n\n');
    }, quietMs).unref();
  });
  const heartbeat = setInterval(() => response.write(': here\n\n'), heartbeatMs).unref();
  request.on('close', () => {
    remove();
    clearTimeout(waiting);
    clearInterval(heartbeat);
  });
}
