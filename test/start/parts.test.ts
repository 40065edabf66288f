// The parts as a platform starts them: migrate, web, worker; and what a wrong environment gets to read.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { asProgram, createTestDatabase, type TestDatabase } from '../support/database.ts';
import { findFreePort } from '../support/ports.ts';
import { startProgram } from './program.ts';

const cwd = mkdtempSync(join(tmpdir(), 'baton-parts-test-'));
let database: TestDatabase;
let environment: Record<string, string>;
before(async () => {
  database = await createTestDatabase();
  environment = {
    PORT: String(await findFreePort()),
    DATABASE_URL: asProgram(database.url).web,
    HUBSPOT_CLIENT_ID: 'client',
    HUBSPOT_CLIENT_SECRET: 'secret-of-the-app',
    HUBSPOT_APP_ID: '1160452',
    TOKEN_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    SESSION_SECRET: 'a session secret of more than 32 characters',
  };
});
const started: ReturnType<typeof startProgram>[] = [];
/** One that a failed test left running would keep this file from ending. */
function startKept(...given: Parameters<typeof startProgram>): ReturnType<typeof startProgram> {
  const program = startProgram(...given);
  started.push(program);
  return program;
}
after(async () => {
  for (const program of started) program.process.kill('SIGKILL');
  await database.drop();
  rmSync(cwd, { recursive: true, force: true });
});

test('migrate needs the database alone, may be repeated, and ends with 0', async () => {
  for (let time = 1; time <= 2; time += 1) {
    const program = startKept({ cwd, command: 'migrate', environment: { DATABASE_URL: database.url } });
    assert.equal(await program.ended, 0, program.said());
    assert.match(program.said(), /up to date/);
  }
});

test('web serves, and SIGTERM ends it with 0', async () => {
  const program = startKept({ cwd, command: 'web', environment });
  await program.saying(/web is listening/);
  const answer = await fetch(`http://localhost:${environment.PORT}/ready`);
  assert.equal(answer.status, 200, await answer.text());
  program.process.kill('SIGTERM');
  assert.equal(await program.ended, 0, program.said());
});

test('a worker listens on its METRICS_PORT alone, and SIGTERM ends it with 0', async () => {
  const metricsPort = await findFreePort();
  const program = startKept({
    cwd,
    command: 'worker',
    environment: { ...environment, DATABASE_URL: asProgram(database.url).worker, METRICS_PORT: `${metricsPort}` },
  });
  await program.saying(/worker is working/);
  for (const [path, status] of [
    ['/ready', 200],
    ['/metrics', 200],
    ['/settings', 404],
  ] as const) {
    const answer = await fetch(`http://localhost:${metricsPort}${path}`);
    assert.equal(answer.status, status, path);
    await answer.body?.cancel();
  }
  await assert.rejects(fetch(`http://localhost:${environment.PORT}/health`));
  program.process.kill('SIGTERM');
  assert.equal(await program.ended, 0, program.said());
});

test('a complete environment needs no folder of ours', async () => {
  const program = startKept({ cwd, environment: { ...environment, DATABASE_URL: database.url } }); // it migrates
  await program.saying(/worker is working/);
  program.process.kill('SIGINT');
  assert.equal(await program.ended, 0, program.said());
  assert.ok(!existsSync(join(cwd, '.data')));
});

const refusals: { title: string; command?: string; change: Record<string, string>; line: RegExp }[] = [
  {
    title: 'a missing variable',
    command: 'web',
    change: { TOKEN_KEYS: '' },
    line: /^baton: TOKEN_KEYS is missing: .+\n$/,
  },
  {
    title: 'a wrong variable',
    command: 'worker',
    change: { HUBSPOT_APP_ID: 'x' },
    line: /^baton: HUBSPOT_APP_ID should .+\n$/,
  },
  {
    title: 'http in production',
    change: { NODE_ENV: 'production', PUBLIC_URL: 'http://b.example' },
    line: /^baton: PUBLIC_URL should .+\n$/,
  },
  { title: 'an unknown command', command: 'wroker', change: {}, line: /^baton: The command is one of .+\n$/ },
];
for (const { title, command, change, line } of refusals) {
  test(`${title} stops the start with one line and exit code 78`, async () => {
    const program = startKept({ cwd, ...(command ? { command } : {}), environment: { ...environment, ...change } });
    assert.equal(await program.ended, 78);
    assert.match(program.said(), line);
    for (const secret of ['TOKEN_KEYS', 'HUBSPOT_CLIENT_SECRET', 'SESSION_SECRET', 'DATABASE_URL']) {
      assert.ok(!program.said().includes(environment[secret] ?? secret));
    }
  });
}

test('a bare machine in production gets no embedded default', async () => {
  const program = startKept({ cwd, environment: { NODE_ENV: 'production' } });
  assert.equal(await program.ended, 78);
  assert.match(program.said(), /^baton: PUBLIC_URL is missing.+DATABASE_URL is missing.+\n$/);
  assert.ok(!existsSync(join(cwd, '.data')));
});

test('a taken port is named', async () => {
  const taken = createServer().listen(0);
  await once(taken, 'listening');
  const address = taken.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const program = startKept({ cwd, command: 'web', environment: { ...environment, PORT: `${port}` } });
  assert.equal(await program.ended, 78);
  assert.match(program.said(), new RegExp(`^baton: PORT ${port} .+\\n$`));
  taken.close();
});

test('a database that does not answer ends a worker with 1 and no word of its password', async () => {
  const port = await findFreePort();
  const url = `postgres://baton:hunter2@127.0.0.1:${port}/baton`;
  const program = startKept({ cwd, command: 'worker', environment: { ...environment, DATABASE_URL: url } });
  assert.equal(await program.ended, 1);
  assert.match(program.said(), /^baton: .+database.+\n$/);
  assert.ok(!program.said().includes('hunter2'));
});
