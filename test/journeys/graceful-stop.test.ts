// SIGTERM under load: what was acknowledged is settled, what was begun is finished or given back, and nobody waits for a lease to end.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { type Program, startProgram } from '../start/program.ts';
import { asProgram } from '../support/database.ts';
import { findFreePort } from '../support/ports.ts';
import { signedHeaders } from '../support/signature.ts';
import { type InstalledPortal, type System, startSystem } from '../support/system.ts';

const cwd = mkdtempSync(join(tmpdir(), 'baton-stop-test-'));
const portalIds = ['58000001', '58000002', '58000003', '58000004'];
const programs: Program[] = [];
let system: System;
let webPort: number;

before(async () => {
  system = await startSystem({ workers: 0 });
  webPort = await findFreePort();
});
after(async () => {
  for (const { process: child } of programs) if (child.exitCode === null) child.kill('SIGKILL');
  await system.stop();
  rmSync(cwd, { recursive: true, force: true });
});

/** As Procfile does; it signs for the address of the system's own web half. */
function start(command: 'web' | 'worker'): Program {
  const { tokenKey, hubspot, publicUrl } = system.workerOptions;
  const environment = {
    PORT: String(webPort),
    PUBLIC_URL: publicUrl,
    DATABASE_URL: asProgram(system.databaseUrl)[command],
    HUBSPOT_CLIENT_ID: hubspot.clientId,
    HUBSPOT_CLIENT_SECRET: hubspot.clientSecret,
    HUBSPOT_APP_ID: hubspot.appId,
    HUBSPOT_API_URL: hubspot.apiUrl,
    HUBSPOT_APP_URL: hubspot.appUrl,
    TOKEN_KEYS: `${tokenKey.id}:${tokenKey.base64}`,
    SESSION_SECRET: 'a session secret of more than 32 characters',
    SWEEP_SCHEDULE: '0 0 1 1 *',
    LOG_LEVEL: 'info',
  };
  const program = startProgram({ cwd, command, environment });
  programs.push(program);
  return program;
}

type Answered = { portal: InstalledPortal; ticketId: string; body: string };

/** Tickets an agent has just answered, each with the event that tells of it; HubSpot itself tells nothing. */
async function answerTickets(count: number): Promise<Answered[]> {
  system.emulator.webhooks.hold();
  const portals: InstalledPortal[] = [];
  for (const portalId of portalIds) portals.push(await system.install({ portalId, ticketsForNewConversations: true }));
  const at = Date.now() - 60_000;
  return Array.from({ length: count }, (_, number) => {
    const acme = portals[number % portals.length] as InstalledPortal;
    const from = `customer-${number}@customer.example`;
    const { threadId, ticketId } = acme.portal.receiveMessage({ from, text: 'It is broken.', at });
    const { messageId } = acme.portal.sendMessage({
      threadId,
      userId: acme.userId,
      text: 'Which one?',
      at: at + 1_000,
    });
    const ids = { eventId: number, portalId: Number(acme.id), objectId: Number(threadId), messageId };
    const event = {
      ...ids,
      subscriptionType: 'conversation.newMessage',
      messageType: 'MESSAGE',
      occurredAt: at + 1_000,
    };
    return { portal: acme, ticketId: ticketId as string, body: JSON.stringify([event]) };
  });
}

/** Whether it was acknowledged; a connection the stopping process no longer takes is none. */
async function deliver({ body }: Answered): Promise<boolean> {
  const path = '/webhooks/hubspot';
  const headers = {
    ...signedHeaders(system.workerOptions.hubspot.clientSecret, system.publicUrl + path, body),
    connection: 'close',
  };
  const answer = await fetch(`http://127.0.0.1:${webPort}${path}`, { method: 'POST', body, headers }).catch(
    () => undefined,
  );
  await answer?.body?.cancel();
  if (answer) assert.ok([204, 503].includes(answer.status), String(answer.status));
  return answer?.status === 204;
}

test('SIGTERM with deliveries in flight and batches running abandons nothing that was acknowledged', async () => {
  const tickets = await answerTickets(120);
  // So that batches are long enough to be met in the middle.
  const endSlowness = system.emulator.faults.add({ kind: 'slow', ms: 60 });
  const web = start('web');
  const worker = start('worker');
  await web.saying(/web is listening/);
  await worker.saying(/worker is working/);

  const acknowledged: Answered[] = [];
  const waiting = [...tickets];
  const send = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) if (await deliver(next)) acknowledged.push(next);
  };
  const sending = Promise.all(Array.from({ length: 6 }, send));
  while (acknowledged.length < 40 && waiting.length > 0) await wait(5);
  assert.ok(acknowledged.length >= 40, web.said());
  web.process.kill('SIGTERM');
  worker.process.kill('SIGTERM');
  await sending;
  assert.equal(await web.ended, 0, web.said());
  assert.equal(await worker.ended, 0, worker.said());
  assert.ok(acknowledged.length < tickets.length, 'the stop came in the middle');

  const left = await system.sql.query(
    `select (select count(*) from lanes where lease_until is not null)::int as leased, (select count(*) from inbox)::int as waiting`,
  );
  assert.equal(left.rows[0].leased, 0, 'a lease that was not released would keep its portal waiting for 30 s');
  const { rows: known } = await system.sql.query('select count(*)::int as count from seen');
  assert.ok(known[0].count >= acknowledged.length);

  endSlowness();
  const next = start('worker');
  await next.saying(/worker is working/);
  const giveUpAt = Date.now() + 60_000;
  for (;;) {
    const { rows } = await system.sql.query('select count(*)::int as count from inbox');
    if (rows[0].count === 0) break;
    assert.ok(Date.now() < giveUpAt, `${rows[0].count} events are still waiting`);
    await wait(50);
  }
  for (const { portal, ticketId } of acknowledged) assert.deepEqual(portal.ownMoves(ticketId), ['2']);
  next.process.kill('SIGTERM');
  assert.equal(await next.ended, 0, next.said());
});
