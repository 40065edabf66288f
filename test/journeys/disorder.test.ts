// Whatever HubSpot does to its deliveries, each ticket ends as if every message had come once and in order.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type InstalledPortal, type System, startSystem } from '../support/system.ts';
import type { WorkerProcessOptions } from '../support/worker-process.ts';

const program = fileURLToPath(new URL('../support/worker-process.ts', import.meta.url));

async function startWorkerProcess(options: WorkerProcessOptions) {
  const child = spawn(process.execPath, [program, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  return { child, exited };
}

describe('duplicates, disorder and two worker processes', () => {
  let system: System;
  let acme: InstalledPortal;
  let processes: { child: ChildProcess; exited: Promise<unknown[]> }[] = [];

  before(async () => {
    system = await startSystem({
      workers: 0,
      emulator: { seed: 7, webhooks: { duplicateRate: 0.5, shuffles: true, repeatsEventIds: true } },
    });
    acme = await system.install({ portalId: '51000003', ticketsForNewConversations: true });
    processes = [await startWorkerProcess(system.workerOptions), await startWorkerProcess(system.workerOptions)];
  });
  after(async () => {
    for (const { child, exited } of processes) {
      child.kill('SIGTERM');
      assert.deepEqual(await exited, [0, null], 'a worker told to stop finishes and ends');
    }
    await system.stop();
  });

  it('leave every ticket right, written once, with one record a message', async () => {
    const start = Date.now() - 3_600_000;
    const messageIds: string[] = [];
    const tickets = Array.from({ length: 12 }, (_, index) => {
      const from = `customer${index}@many.example`;
      const opened = acme.portal.receiveMessage({ from, text: 'Hello, this does not work.', at: start });
      messageIds.push(opened.messageId);
      const { threadId } = opened;
      // Odd ones end with the customer's word, even ones with the agent's.
      for (let turn = 0; turn < 4 + (index % 2); turn += 1) {
        const at = start + (turn + 1) * 60_000;
        const sent =
          turn % 2 === 0
            ? acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Have you tried again?', at })
            : acme.portal.receiveMessage({ from, threadId, text: 'Yes, twice, without luck.', at });
        messageIds.push(sent.messageId);
      }
      return { ticketId: opened.ticketId as string, stage: index % 2 === 0 ? '3' : '2' };
    });
    await system.settled();
    for (const { ticketId, stage } of tickets) assert.equal(acme.portal.stage(ticketId), stage);
    const { rows } = await system.sql.query(
      'select message_id, count(*)::int as count from records group by message_id',
    );
    assert.equal(rows.length, messageIds.length);
    assert.deepEqual(
      rows.filter((row) => row.count !== 1),
      [],
    );
    // No stage is written twice in a row, and none after the newest message's.
    for (const { ticketId, stage } of tickets) {
      const moves = acme.ownMoves(ticketId);
      assert.equal(moves.at(-1), stage);
      assert.ok(
        moves.every((stageId, index) => stageId !== moves[index - 1]),
        moves.join(' '),
      );
    }
  });

  it('an older message that arrives after a newer one was applied is stale', async () => {
    const from = 'late@many.example';
    const at = Date.now() - 600_000;
    const { threadId, ticketId } = acme.portal.receiveMessage({ from, text: 'Hello?', at });
    await system.settled();
    const reply = acme.portal.receiveMessage({ from, threadId, text: 'Any news?', at: at + 120_000 });
    await system.settled();
    const sent = acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'On it.', at: at + 60_000 });
    await system.settled();
    assert.equal(acme.portal.stage(ticketId as string), '3');
    assert.equal((await acme.recordOf(reply.messageId)).decision, 'move');
    assert.equal((await acme.recordOf(sent.messageId)).reason, 'stale');
  });

  it('a person who moves the ticket after a message is not overruled by it', async () => {
    const from = 'person@many.example';
    const at = Date.now() - 600_000;
    const { threadId, ticketId } = acme.portal.receiveMessage({ from, text: 'Hello?', at });
    await system.settled();
    system.emulator.webhooks.hold();
    const reply = acme.portal.receiveMessage({ from, threadId, text: 'It is urgent.', at: at + 60_000 });
    acme.portal.moveTicket({ ticketId: ticketId as string, stageId: '4', userId: acme.userId });
    system.emulator.webhooks.release();
    await system.settled();
    assert.equal(acme.portal.stage(ticketId as string), '4');
    assert.equal((await acme.recordOf(reply.messageId)).reason, 'person-moved-it');
  });
});

describe('a lost webhook', () => {
  let system: System;
  let acme: InstalledPortal;

  before(async () => {
    system = await startSystem({ workers: 2, sweepSchedule: '* * * * * *' });
    acme = await system.install({ portalId: '51000004', ticketsForNewConversations: true });
  });
  after(() => system.stop());

  it('is made up for by the next sweep, once, with its trigger named', async () => {
    const from = 'lost@many.example';
    const { threadId, ticketId } = acme.portal.receiveMessage({ from, text: 'Hello?' });
    await system.settled();
    system.emulator.webhooks.settings.lossRate = 1;
    await wait(1_100); // a message of its own second, later than what is recorded
    const sent = acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Here is the answer.' });
    const giveUpAt = Date.now() + 30_000;
    while (acme.portal.stage(ticketId as string) !== '2' && Date.now() < giveUpAt) await wait(50);
    assert.equal(acme.portal.stage(ticketId as string), '2');
    await system.settled();
    const record = await acme.recordOf(sent.messageId);
    assert.equal(record.trigger, 'sweep');
    assert.equal(record.verdict, 'sent-from-ticket');
    await wait(2_100); // two more sweeps
    await system.settled();
    assert.deepEqual(acme.ownMoves(ticketId as string), ['2']);
    const { rows } = await system.sql.query('select tick from sweep_ticks');
    const ticks = new Set(rows.map((row) => row.tick.getTime()));
    assert.equal(ticks.size, rows.length);
  });

  it('costs one listing a sweep where nothing is new', async () => {
    const countTicks = async () =>
      (await system.sql.query('select count(*)::int as ticks from sweep_ticks')).rows[0].ticks;
    await system.settled();
    system.emulator.clearRequests();
    const before = await countTicks();
    for (const giveUpAt = Date.now() + 30_000; (await countTicks()) < before + 3; await wait(50)) {
      assert.ok(Date.now() < giveUpAt, 'three ticks within 30 s');
    }
    await system.settled();
    const ticks = (await countTicks()) - before;
    const paths = new Set(system.emulator.requests.map((request) => request.path));
    assert.deepEqual([...paths], ['/conversations/conversations/2026-09/threads']);
    // One more may have begun before its tick was counted.
    const calls = system.emulator.countRequests(acme.id);
    assert.ok(calls <= ticks + 1, `${calls} calls in ${ticks} ticks, with two workers`);
  });
});
