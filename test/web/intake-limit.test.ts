// More deliveries than fit into memory: what is too much is 503 at once, nothing of it is stored, and room comes back.
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Db } from '../../src/db/open-db.ts';
import { intakeLimits } from '../../src/web/intake-limit.ts';
import { signDelivery, startWebHalf, type WebHalf } from './web-half.ts';

const stored = { stored: 0, duplicates: 0, notInstalled: 0 };

/** A web half whose database takes as long as the test wants. */
async function startStalled(): Promise<{ web: WebHalf; begun: () => number; release: () => void }> {
  let begun = 0;
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const store: Db['events']['store'] = async () => {
    begun += 1;
    await released;
    return stored;
  };
  const web = await startWebHalf({ withDb: (db) => ({ ...db, events: { ...db.events, store } }) });
  return { web, begun: () => begun, release };
}

async function deliver(web: WebHalf, body: string): Promise<{ status: number; code: string | undefined }> {
  const url = `${web.url}/webhooks/hubspot`;
  const answer = await fetch(url, { method: 'POST', body, headers: signDelivery(url, body) });
  const text = await answer.text();
  return { status: answer.status, code: text === '' ? undefined : JSON.parse(text).error.code };
}

async function until(holds: () => boolean): Promise<void> {
  const giveUpAt = Date.now() + 20_000;
  while (!holds()) {
    assert.ok(Date.now() < giveUpAt, 'not within 20 s');
    await wait(10);
  }
}

test('beyond its number of deliveries in hand the door answers 503 without asking the database, and opens again', async () => {
  const { web, begun, release } = await startStalled();
  try {
    const held = Array.from({ length: intakeLimits.deliveries }, () => deliver(web, '[]'));
    await until(() => begun() === intakeLimits.deliveries);
    const refused = await Promise.all(Array.from({ length: 100 }, () => deliver(web, '[]')));
    assert.deepEqual([...new Set(refused.map(({ status, code }) => `${status} ${code}`))], ['503 overloaded']);
    assert.equal(begun(), intakeLimits.deliveries);
    release();
    for (const { status } of await Promise.all(held)) assert.ok([204, 503].includes(status));
    assert.equal((await deliver(web, '[]')).status, 204);
    const metrics = await (await fetch(`${web.url}/metrics`)).text();
    assert.match(metrics, /baton_deliveries_total\{status="503"\} 1\d\d/);
  } finally {
    release();
    await web.close();
  }
});

test('a store given up after its deadline keeps its place until it ends: memory is bounded by what is held, not by what is answered', async () => {
  const { web, begun, release } = await startStalled();
  try {
    const body = `[${' '.repeat(1_000_000)}]`;
    const fitting = Math.floor(intakeLimits.bytes / body.length);
    const held = Array.from({ length: fitting }, () => deliver(web, body));
    await until(() => begun() === fitting);
    for (const answer of await Promise.all(held))
      assert.deepEqual(answer, { status: 503, code: 'database-unavailable' });
    assert.deepEqual(await deliver(web, body), { status: 503, code: 'overloaded' });
    release();
    assert.equal((await deliver(web, body)).status, 204);
  } finally {
    release();
    await web.close();
  }
});

test('senders that never finish their bodies are refused, the oldest first, and keep nobody else out', async () => {
  const { web, release } = await startStalled();
  release();
  const sockets: Socket[] = [];
  let answers = '';
  try {
    const count = 1 + intakeLimits.readingBytes / 1_000_000;
    const head = 'POST /webhooks/hubspot HTTP/1.1\r\nHost: x\r\nContent-Length: 1048576\r\n\r\n';
    for (let number = 0; number < count; number += 1) {
      const socket = connect(Number(new URL(web.url).port), '127.0.0.1');
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        answers += bytes;
      });
      socket.write(head);
      socket.write(Buffer.alloc(1_000_000, ' '));
      sockets.push(socket);
    }
    await until(() => answers.includes('503'));
    assert.match(answers, /"code":"overloaded"/);
    assert.equal((await deliver(web, '[]')).status, 204);
  } finally {
    for (const socket of sockets) socket.destroy();
    await web.close();
  }
});

test('a body that goes on after its answer, as a compressed one may, is not counted and takes nothing down', async () => {
  const { web, release } = await startStalled();
  release();
  const socket = connect(Number(new URL(web.url).port), '127.0.0.1');
  let answers = '';
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    answers += bytes;
  });
  try {
    const length = 2 * intakeLimits.readingBytes;
    const headers = ['Host: x', 'Content-Encoding: gzip', `Content-Length: ${length}`];
    socket.write(`POST /webhooks/hubspot HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
    await until(() => answers.includes('415'));
    for (let sent = 0; sent < length; sent += 1_048_576) socket.write(Buffer.alloc(1_048_576, ' '));
    await until(() => socket.writableLength === 0);
    assert.equal((await deliver(web, '[]')).status, 204);
    assert.equal(answers.match(/HTTP\/1\.1/g)?.length, 1);
  } finally {
    socket.destroy();
    await web.close();
  }
});
