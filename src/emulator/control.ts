// Clock and fault plan over HTTP, for other programs of this machine: /emulator/clock and /emulator/faults, in JSON.
import express, { type NextFunction, type Request, type Response, Router } from 'express';
import type { Clock } from './clock.ts';
import type { FaultOrder, Faults } from './faults.ts';
import { refuseForeignOrigin } from './pages/own-origin.ts';

type Fields = Record<string, unknown>;

function requireFields(value: unknown, known: string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('emulator: send a JSON object, with content-type application/json');
  const unknown = Object.keys(value).filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`emulator: unknown: ${unknown.join(', ')}; known: ${known.join(', ')}`);
  return value as Fields;
}

/** Epoch milliseconds, or ISO 8601 text. */
function readTime(value: unknown, name: string): number {
  const time = typeof value === 'string' ? Date.parse(value) : value;
  if (typeof time !== 'number' || !Number.isSafeInteger(time))
    throw new Error(`emulator: ${name} must be epoch milliseconds or an ISO 8601 time`);
  return time;
}

/** `{ at }` sets it, `{ advanceMs }` moves it on, `{ frozen: true }` stops it there, `{ frozen: false }` lets it run. */
function moveClock(clock: Clock, body: unknown): void {
  const { at, advanceMs, frozen } = requireFields(body, ['at', 'advanceMs', 'frozen']);
  if (at === undefined && advanceMs === undefined && frozen === undefined)
    throw new Error('emulator: say at, advanceMs or frozen');
  if (advanceMs !== undefined && !Number.isSafeInteger(advanceMs))
    throw new Error('emulator: advanceMs must be whole milliseconds');
  if (frozen !== undefined && typeof frozen !== 'boolean') throw new Error('emulator: frozen must be true or false');
  const time = at === undefined ? undefined : readTime(at, 'at');
  // Stopped before it is moved: a running clock would go on for a millisecond between the two.
  if (frozen === true) clock.freeze();
  if (time !== undefined) clock.set(time);
  if (advanceMs !== undefined) clock.advance(Number(advanceMs));
  if (frozen === false) clock.run();
}

const texts = ['portalId', 'method', 'path', 'event'] as const;
const numbers = ['times', 'probability', 'status', 'ms', 'inputs'] as const;

/** The shape only; what the values mean, `faults.add` checks. */
function readFaultOrder(body: unknown): FaultOrder {
  const fields = requireFields(body, ['kind', ...texts, ...numbers, 'from', 'until', 'headers', 'body']);
  for (const name of texts)
    if (fields[name] !== undefined && typeof fields[name] !== 'string')
      throw new Error(`emulator: ${name} must be a string`);
  for (const name of numbers)
    if (fields[name] !== undefined && typeof fields[name] !== 'number')
      throw new Error(`emulator: ${name} must be a number`);
  const headers = fields.headers === undefined ? {} : fields.headers;
  if (typeof headers !== 'object' || headers === null || Object.values(headers).some((one) => typeof one !== 'string'))
    throw new Error('emulator: headers must be an object of strings');
  const order = { ...fields, headers } as FaultOrder;
  if (fields.from !== undefined) order.from = readTime(fields.from, 'from');
  if (fields.until !== undefined) order.until = readTime(fields.until, 'until');
  return order;
}

function printClock(clock: Clock) {
  const { now, isFrozen } = clock.look();
  return { now, at: new Date(now).toISOString(), frozen: isFrozen };
}

function printFaults(faults: Faults) {
  return faults.list().map((fault) => ({ ...fault, path: fault.path?.source, event: fault.event?.source }));
}

/** Programs of other machines have no say here, whatever address the emulator listens on. */
function requireLoopback(request: Request, response: Response, next: NextFunction): void {
  const address = request.socket.remoteAddress ?? '';
  if (/^(::ffff:)?127\.|^::1$/.test(address)) next();
  else response.status(403).json({ error: 'emulator: only programs of this machine may do that' });
}

function answerMistake(error: unknown, _request: Request, response: Response, next: NextFunction): void {
  if (!(error instanceof Error)) next(error);
  else response.status(400).json({ error: error.message });
}

/** `save`: called after the clock was moved, since its place is part of the state. */
export function createControl(parts: { clock: Clock; faults: Faults; save: () => Promise<void> }): Router {
  const { clock, faults, save } = parts;
  const router = Router();
  router.use(['/clock', '/faults'], requireLoopback, refuseForeignOrigin, express.json());
  router.get('/clock', (_request, response) => void response.json(printClock(clock)));
  router.post('/clock', async (request, response) => {
    moveClock(clock, request.body);
    await save();
    response.json(printClock(clock));
  });
  router.get('/faults', (_request, response) => void response.json({ faults: printFaults(faults) }));
  router.post('/faults', (request, response) => {
    faults.add(readFaultOrder(request.body));
    response.status(201).json(printFaults(faults).at(-1));
  });
  router.delete('/faults', (_request, response) => {
    faults.clear();
    response.status(204).end();
  });
  router.delete('/faults/:id', (request, response) => {
    if (faults.remove(request.params.id)) response.status(204).end();
    else response.status(404).json({ error: `emulator: there is no fault ${request.params.id}` });
  });
  router.use(['/clock', '/faults'], answerMistake);
  return router;
}
