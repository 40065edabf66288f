// The drill of docs/runbook/backup-and-restore.md: dumps a database at work, restores it into another, and lets Baton go on there.
// Needs pg_dump and pg_restore of the server's version on PATH. Run: `node scripts/with-node.mjs scripts/backup-drill.ts`.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { type InstalledPortal, startSystem } from '../test/support/system.ts';
import { buildWorker } from '../test/support/worker-process.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'baton-drill-'));
const system = await startSystem({ emulator: { limits: { requestsPerTenSeconds: 100_000, searchesPerSecond: 100 } } });
const portals: InstalledPortal[] = [];
for (let number = 0; number < 10; number += 1) {
  portals.push(await system.install({ portalId: String(59_500_001 + number), ticketsForNewConversations: true }));
}

/** Conversations in turn over the portals; every ticket must end in stage 2. */
function talk(count: number): { acme: InstalledPortal; ticketId: string }[] {
  return Array.from({ length: count }, (_, number) => {
    const acme = portals[number % portals.length] as InstalledPortal;
    const at = Date.now() - 60_000;
    const from = `customer-${number}-${Date.now()}@customer.example`;
    const { threadId, ticketId } = acme.portal.receiveMessage({ from, text: 'It is broken.', at });
    acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Which one?', at: at + 1_000 });
    return { acme, ticketId: ticketId as string };
  });
}

async function count(databaseUrl: string): Promise<Record<string, number>> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query(
    `select (select count(*) from inbox)::int as inbox, (select count(*) from seen)::int as seen,
            (select count(*) from records)::int as records, (select count(*) from portals)::int as portals,
            (select count(*) from lanes where lease_until is not null)::int as leased`,
  );
  await client.end();
  return rows[0];
}

async function untilSettled(databaseUrl: string): Promise<void> {
  const giveUpAt = Date.now() + 120_000;
  for (;;) {
    const { inbox, leased } = await count(databaseUrl);
    if (inbox === 0 && leased === 0) return;
    assert.ok(Date.now() < giveUpAt, `${inbox} events are still waiting`);
    await wait(200);
  }
}

const target = `baton_drill_${Date.now()}`;
const targetUrl = new URL(system.databaseUrl);
targetUrl.pathname = `/${target}`;
try {
  talk(300);
  await system.settled(120_000);
  const tickets = talk(300); // at work while the dump is made
  await wait(500);
  const dump = join(folder, 'baton.dump');
  const dumpedAt = performance.now();
  await run('pg_dump', ['--format=custom', '--no-owner', `--file=${dump}`, system.databaseUrl]);
  const dumpMs = Math.round(performance.now() - dumpedAt);
  // What happens after the dump is lost with the database: HubSpot still has it, and the sweep finds it.
  const later = talk(50);
  await system.settled(120_000);

  await system.sql.query(`create database ${target}`);
  const restoredAt = performance.now();
  await run('pg_restore', ['--no-owner', '--exit-on-error', `--dbname=${targetUrl.href}`, dump]);
  const restoreMs = Math.round(performance.now() - restoredAt);
  const restored = await count(targetUrl.href);
  const moves = [...tickets, ...later].map(({ acme, ticketId }) => acme.ownMoves(ticketId).length);
  const next = buildWorker({
    ...system.workerOptions,
    databaseUrl: targetUrl.href,
    limits: { leaseMs: 6_000, pollMs: 100 },
  });
  await next.db.checkReady();
  await next.worker.start();
  await next.db.sweeps.startSweep('messages', new Date());
  await untilSettled(targetUrl.href);
  for (const [index, { acme, ticketId }] of [...tickets, ...later].entries()) {
    assert.equal(acme.portal.stage(ticketId), '2');
    assert.equal(
      acme.ownMoves(ticketId).length,
      moves[index],
      'nothing that was done before the restore is done again',
    );
  }
  await next.worker.stop();
  await next.db.close();
  const dumpMb = Math.round(statSync(dump).size / 10_485.76) / 100;
  console.log(
    JSON.stringify({ drill: 'backup', dumpMs, dumpMb, restoreMs, restored, settled: await count(targetUrl.href) }),
  );
} finally {
  await system.sql.query(`drop database if exists ${target} with (force)`);
  await system.stop();
  rmSync(folder, { recursive: true, force: true });
}
