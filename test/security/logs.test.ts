// That the look through the logs of the whole run finds what may never be there, and that a person's requests have a bound.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import express from 'express';
import { createErrorAnswers } from '../../src/web/error-answers.ts';
import { createPersonLimit } from '../../src/web/person-limit.ts';
import { startServer } from '../../src/web/server.ts';
import { createKeptLog } from '../support/kept-log.ts';
import { findLeaks } from '../support/log-leaks.ts';

const line = (fields: object, msg = 'answered a request') => JSON.stringify({ level: 'info', msg, ...fields });

test('an address, a text, a token, a secret or a password in any logged line fails the whole run', () => {
  const leaks = {
    'an address': line({ portalId: '1', userId: 'ada@shop.example' }),
    'a text of a message': line({ subject: 'Where is my order' }),
    'a sentence made of values': line({}, 'answered Ada Byron'),
    'a token': line({ token: `C${'a1B_'.repeat(30)}` }),
    'a client secret': line({ clientSecret: 'a-client-secret-of-the-tests' }),
    'a webhook secret': 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'a session': line({ cookie: 's%3Aabcdefghijklmnopqrstuvwxyz.x' }),
    'a database password': 'connecting to postgres://baton:hunter2@127.0.0.1:5432/postgres',
    'a bearer': 'Authorization: Bearer CIrTx',
  };
  for (const [what, leak] of Object.entries(leaks)) assert.equal(findLeaks([leak]).length, 1, what);
  for (const [what, leak] of Object.entries(leaks)) {
    for (const secret of ['ada@', 'order', 'hunter2', 'MfKQ9'])
      assert.ok(!findLeaks([leak])[0]?.includes(secret), what);
  }
});

test('a line of ids, codes, times and frames is no leak', () => {
  const fields = {
    ...{ correlationId: '5f0c9d5e-3a55-4d5b-8a43-0d4e6c2b1a90', portalId: '9007199254740993', latencyMs: 12, ok: true },
    ...{ route: '/tickets/:ticketId', errorCode: 'not-found', at: '2026-11-23T01:00:00.000Z', code: undefined },
    stack: 'at handle (file:///srv/baton/src/web/app.ts:12:3) at process.processTicksAndRejections',
  };
  assert.deepEqual(findLeaks([line(fields), 'ready', '  Settings   http://localhost:3000/settings']), []);
});

test('a person’s requests of a minute are bounded, each person’s for themselves, and nobody’s without a session', async () => {
  const app = express();
  app.use((req, res, next) => {
    const person = req.get('X-Person');
    if (person) Object.assign(res.locals, { portal: { id: '1' }, userId: person });
    next();
  });
  app.use(createPersonLimit(3));
  app.get('/', (_req, res) => void res.sendStatus(204));
  const log = createKeptLog();
  app.use(createErrorAnswers({ log, isForProgram: () => true }));
  const server = await startServer({ app, port: 0, host: '127.0.0.1', log });
  try {
    const ask = async (person?: string) =>
      (await fetch(server.url, { headers: person ? { 'X-Person': person } : {} })).status;
    const statuses: number[] = [];
    for (const person of ['a', 'a', 'a', 'a', 'b', undefined, undefined, undefined, undefined])
      statuses.push(await ask(person));
    assert.deepEqual(statuses, [204, 204, 204, 429, 204, 204, 204, 204, 204]);
  } finally {
    await server.close();
  }
});
