// How the server starts and stops.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import express from 'express';
import { createLog } from '../../src/log.ts';
import { startServer } from '../../src/web/server.ts';

const log = createLog('silent');
const host = '127.0.0.1';

test('stopping lets a running request finish, tells its connection to close and refuses new ones', async () => {
  const app = express();
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  app.get('/slow', async (_req, res) => {
    await held;
    res.send('finished');
  });
  const server = await startServer({ app, port: 0, host, log });
  const running = fetch(`${server.url}/slow`);
  await wait(50);
  const closing = server.close();
  await assert.rejects(fetch(`${server.url}/slow`));
  release();
  const response = await running;
  assert.equal(await response.text(), 'finished');
  assert.equal(response.headers.get('connection'), 'close');
  await closing;
});

test('stopping does not wait for a connection kept alive without a request, and may be asked twice', async () => {
  const app = express();
  app.get('/', (_req, res) => void res.send('hello'));
  const server = await startServer({ app, port: 0, host, log });
  await (await fetch(server.url)).text();
  const silent = connect(server.port, host);
  await new Promise((resolve) => silent.once('connect', resolve));
  const startedAt = performance.now();
  await Promise.all([server.close(), server.close()]);
  assert.ok(performance.now() - startedAt < 2_000);
  silent.destroy();
});

test('a port that is taken is a clear error', async () => {
  const first = await startServer({ app: express(), port: 0, host, log });
  await assert.rejects(startServer({ app: express(), port: first.port, host, log }), {
    code: 'wrong-configuration',
    message: new RegExp(`PORT ${first.port} cannot be listened on \\(EADDRINUSE\\)`),
  });
  await first.close();
});
