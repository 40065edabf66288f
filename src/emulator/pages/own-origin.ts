// Keeps other sites out: no page of theirs may press these buttons, read these mails or pose as this address.
import type { NextFunction, Request, Response } from 'express';
import { page } from '../page.ts';

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

function refuse(response: Response, reason: string): void {
  const body = `<h1>Refused</h1><p>${reason}</p>`;
  response.status(403).send(page('Refused', body));
}

/**
 * Browsers name the origin of every form they send, and whose page asked. A name of somebody else's that leads to this machine
 * (DNS rebinding) shows in Host: what comes in by the loopback address must be addressed to it.
 */
export function refuseForeignOrigin(request: Request, response: Response, next: NextFunction): void {
  const { origin, host = '' } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const isLocal = /^(::ffff:)?127\.|^::1$/.test(request.socket.localAddress ?? '');
  if (isLocal && !loopback.test(host)) refuse(response, 'Open the emulator by 127.0.0.1 or localhost.');
  else if (request.method !== 'GET' && origin && origin !== `http://${host}`)
    refuse(response, 'This form belongs to another site.');
  else if (request.method !== 'GET' && site && site !== 'same-origin' && site !== 'none')
    refuse(response, 'This form belongs to another site.');
  else next();
}
