// The way of a request's body: what is too large is refused, and a client that leaves in the middle harms nobody.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { createRig } from './rig.ts';

const path = '/crm/objects/2026-09/tickets/batch/read';
const maxBytes = 4_194_304;

/** A batch read of nothing, blown up to so many bytes. */
function bodyOf(bytes: number): string {
  const [head, tail] = ['{"inputs":[],"properties":[],"note":"', '"}'];
  return head + 'x'.repeat(bytes - head.length - tail.length) + tail;
}

test('a body of more than 4 MB is refused with 413 as HubSpot prints errors; one of just as much is read', async (t) => {
  const { call, emulator, portalId } = await createRig(t);
  assert.equal((await call('POST', path, JSON.parse(bodyOf(maxBytes)))).status, 200);
  const refused = await call('POST', path, JSON.parse(bodyOf(maxBytes + 1)));
  assert.deepEqual([refused.status, refused.body.status, refused.body.category], [413, 'error', 'VALIDATION_ERROR']);
  assert.match(refused.headers.get('content-type') ?? '', /^application\/json/);
  assert.equal(emulator.countRequests(portalId), 1, 'what was refused at the door is no call');
});

test('a body that comes in many parts, with letters cut in two, is read as one', async (t) => {
  const { emulator, portal } = await createRig(t);
  const { accessToken } = portal.install();
  const body = Buffer.from(JSON.stringify({ properties: { subject: 'Größe — 漢字 🙂', hs_pipeline_stage: '1' } }));
  const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' };
  const sent = request(`${emulator.url}/crm/objects/2026-09/tickets`, { method: 'POST', headers });
  for (const byte of body) sent.write(Buffer.from([byte]));
  sent.end();
  const [response] = await once(sent, 'response');
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  const answer = Buffer.concat(parts);
  assert.equal(response.headers['content-length'], String(answer.length));
  assert.equal(JSON.parse(answer.toString('utf8')).properties.subject, 'Größe — 漢字 🙂');
});

test('a client that goes away in the middle of its body is no call and no error', async (t) => {
  const { emulator, call, portalId } = await createRig(t);
  const errors = t.mock.method(console, 'error', () => {});
  const socket = connect(Number(new URL(emulator.url).port), '127.0.0.1');
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"inp`,
  );
  await once(socket, 'connect');
  // Answered on another connection: by then the first bytes of this one have been read.
  assert.equal((await call('GET', '/crm/owners/2026-09')).status, 200);
  socket.destroy();
  await once(socket, 'close');
  assert.equal((await call('GET', '/crm/owners/2026-09')).status, 200);
  assert.equal(emulator.countRequests(portalId), 2);
  assert.equal(errors.mock.callCount(), 0);
});
