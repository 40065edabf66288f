// `npm start` on a bare machine: everything comes up, a status changes, and no way of ending it blocks the next start.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import pg from 'pg';
import { findFreePort } from '../support/ports.ts';
import { isAlive, type Program, readChildPids, startProgram, until } from './program.ts';

const cwd = mkdtempSync(join(tmpdir(), 'baton-start-test-'));
after(() => rmSync(cwd, { recursive: true, force: true }));
const environment = { PORT: String(await findFreePort()) };

type Look = {
  users: { userId: string }[];
  tickets: { id: string; stageId: string }[];
  threads: { id: string; ticketId: string | null }[];
};
type Running = { program: Program; baton: string; portalUrl: string };

async function start(options: { underNpm?: boolean } = {}): Promise<Running> {
  const program = startProgram({ cwd, environment, ...options });
  const [, baton = ''] = await program.saying(/Baton is running at (\S+)/);
  const [, origin, path] = await program.saying(/emulated HubSpot +(http:\S+?)(\/portals\/\d+)/);
  await program.saying(/Ctrl-C stops everything/);
  return { program, baton, portalUrl: `${origin}/emulator${path}` };
}

async function act(portalUrl: string, action: string, ...args: unknown[]): Promise<unknown> {
  const answer = await fetch(`${portalUrl}/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ args }),
  });
  const body = (await answer.json()) as { result?: unknown; error?: string };
  assert.equal(answer.status, 200, body.error);
  return body.result;
}

/** The seeded thread with its ticket, and an agent who answers on it. */
async function findConversation(portalUrl: string) {
  const look = (await act(portalUrl, 'look')) as Look;
  const thread = look.threads.find(({ ticketId }) => ticketId);
  const ticket = look.tickets.find(({ id }) => id === thread?.ticketId);
  const [user] = look.users;
  assert.ok(thread && ticket && user);
  return { threadId: thread.id, ticketId: ticket.id, userId: user.userId, stageId: ticket.stageId };
}

async function expectStage(portalUrl: string, stageId: string): Promise<void> {
  await until(`stage ${stageId}`, async () => (await findConversation(portalUrl)).stageId === stageId);
}

async function answerAsAgent(portalUrl: string): Promise<void> {
  const { threadId, userId } = await findConversation(portalUrl);
  await act(portalUrl, 'sendMessage', { threadId, userId, text: 'It has left today.' });
}

async function replyAsCustomer(portalUrl: string): Promise<void> {
  const { threadId } = await findConversation(portalUrl);
  await act(portalUrl, 'receiveMessage', { threadId, from: 'mara@harbour-bikes.example', text: 'It has not come.' });
}

const cluster = join(cwd, '.data', 'postgres', 'cluster');
const readPostmaster = () => readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const [, , , port] = readPostmaster();
  const password = readFileSync(join(cluster, 'baton-password'), 'utf8');
  const client = new pg.Client({ connectionString: `postgres://baton:${password}@127.0.0.1:${port}/postgres` });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function stop({ program }: Running, signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
  const server = Number(readPostmaster()[0]);
  program.process.kill(signal);
  assert.equal(await program.ended, 0, program.said());
  assert.ok(!isAlive(server), 'PostgreSQL ended with Baton');
}

test('a bare machine sees a status change, and everything stops with 0', async () => {
  const running = await start();
  await answerAsAgent(running.portalUrl);
  await expectStage(running.portalUrl, '2');
  await replyAsCustomer(running.portalUrl);
  await expectStage(running.portalUrl, '3');
  assert.equal((await fetch(`${running.baton}/ready`)).status, 200);
  assert.equal(statSync(join(cwd, '.data')).mode & 0o077, 0, '.data is its owner’s alone');
  assert.equal(statSync(join(cwd, '.data', 'secrets.json')).mode & 0o077, 0);
  await stop(running);
  await assert.rejects(fetch(`${running.baton}/health`));
  assert.ok(!/"level":[456]0/.test(running.program.said()), running.program.said());
});

test('a second start finds tickets, install, settings and records again', async () => {
  const running = await start();
  assert.equal((await findConversation(running.portalUrl)).stageId, '3');
  const facts =
    'select (select count(*)::int from portals) portals, (select max(version) from settings_versions) version';
  assert.deepEqual(await query(facts), [{ portals: 1, version: 1 }]);
  const [{ moves } = { moves: 0 }] = await query("select count(*)::int moves from records where decision = 'move'");
  assert.equal(moves, 2);
  await answerAsAgent(running.portalUrl);
  await expectStage(running.portalUrl, '2');
  await stop(running, 'SIGTERM');
});

test('a second start in the same folder is refused in one line, and the first goes on', async () => {
  const running = await start();
  const second = startProgram({ cwd, environment: { PORT: String(await findFreePort()) } });
  assert.equal(await second.ended, 78);
  assert.match(second.said(), /^baton: Baton is already running on .+\n$/);
  assert.equal((await fetch(`${running.baton}/ready`)).status, 200);
  await stop(running);
});

if (process.platform === 'linux') {
  test('a kill -9 of everything leaves nothing that blocks the next start', async () => {
    const running = await start();
    const pids = [
      running.program.process.pid ?? 0,
      ...readChildPids(running.program.process.pid),
      Number(readPostmaster()[0]),
    ];
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await running.program.ended;
    const next = await start();
    await replyAsCustomer(next.portalUrl);
    await expectStage(next.portalUrl, '3');
    await stop(next);
  });

  test('a kill -9 of the launcher alone ends what it launched', async () => {
    const running = await start();
    const pids = [...readChildPids(running.program.process.pid), Number(readPostmaster()[0])];
    running.program.process.kill('SIGKILL');
    await until('everything ended', () => !pids.some(isAlive));
    await stop(await start());
  });

  test('a kill -9 of npm, two parents up, ends everything too', async () => {
    // npm runs a script by a shell, which outlives it.
    const running = await start({ underNpm: true });
    const [shell] = readChildPids(running.program.process.pid);
    const [launcher] = readChildPids(shell);
    const pids = [...readChildPids(launcher), Number(readPostmaster()[0])];
    running.program.process.kill('SIGKILL');
    await until('everything ended', () => !pids.some(isAlive));
    await stop(await start());
  });

  test('Ctrl-C while it starts ends it too', async () => {
    const program = startProgram({ cwd, environment });
    await until('the server runs', () => {
      try {
        return isAlive(Number(readPostmaster()[0]));
      } catch {
        return false;
      }
    });
    const server = Number(readPostmaster()[0]);
    program.process.kill('SIGINT');
    assert.equal(await program.ended, 0, program.said());
    await until('PostgreSQL ended', () => !isAlive(server));
  });
}
