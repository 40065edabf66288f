// From a delivery to the calls made for it, by the ids in the log lines; and what is counted on the way.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Registry } from 'prom-client';
import { createAccessTokens } from '../../src/hubspot/access-tokens.ts';
import { createCallMetrics, type ObserveCall } from '../../src/hubspot/call-metrics.ts';
import { createHubSpot } from '../../src/hubspot/hubspot.ts';
import { createOAuth } from '../../src/hubspot/oauth.ts';
import { createPipelineCache } from '../../src/hubspot/pipeline-cache.ts';
import type { Log, LogFields } from '../../src/log.ts';
import { createBacklogMetrics } from '../../src/web/backlog-metrics.ts';
import { createWorker, type Worker } from '../../src/worker/worker.ts';
import { signedHeaders } from '../support/signature.ts';
import { type InstalledPortal, type System, startSystem } from '../support/system.ts';

type Line = LogFields & { level: string; message: string };

let system: System;
let acme: InstalledPortal;
let worker: Worker;
const lines: Line[] = [];
const registry = new Registry();

before(async () => {
  system = await startSystem({ workers: 0 });
  acme = await system.install({ portalId: '59000001', ticketsForNewConversations: true });
  const write = (level: string) => (fields: LogFields, message: string) =>
    void lines.push({ level, message, ...fields });
  const log: Log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  const { db, workerOptions } = system;
  const { hubspot: config, publicUrl, sweepSchedule } = workerOptions;
  const accessTokens = createAccessTokens({ store: db.tokens, oauth: createOAuth({ config, publicUrl }), log });
  const onCall: ObserveCall = createCallMetrics(registry);
  const hubspot = createHubSpot({ config, accessTokens, log, onCall });
  const pipelines = createPipelineCache({ hubspot, store: db.pipelines, log });
  createBacklogMetrics(registry, db);
  const limits = { pollMs: 50 };
  worker = createWorker({ db, hubspot, pipelines, appId: config.appId, sweepSchedule, log, limits, metrics: registry });
});
after(async () => {
  await worker.stop();
  await system.stop();
});

/** One event as HubSpot would tell it; answers the correlation id of the delivery. */
async function tell(threadId: string, messageId: string): Promise<string> {
  const url = `${system.publicUrl}/webhooks/hubspot`;
  const ids = { eventId: Date.now(), portalId: Number(acme.id), objectId: Number(threadId), messageId };
  const event = { ...ids, subscriptionType: 'conversation.newMessage', messageType: 'MESSAGE', occurredAt: Date.now() };
  const body = JSON.stringify([event]);
  const headers = signedHeaders(system.workerOptions.hubspot.clientSecret, url, body);
  const answer = await fetch(url, { method: 'POST', body, headers });
  assert.equal(answer.status, 204);
  return answer.headers.get('x-correlation-id') as string;
}

test('a delivery leads to its batch, and the batch to every call, with the id HubSpot gave a failed one', async () => {
  system.emulator.webhooks.hold();
  const { threadId, ticketId } = acme.portal.receiveMessage({ from: 'casey@customer.example', text: 'Hello?' });
  const { messageId } = acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Yes?' });
  const body = { status: 'error', message: 'no', correlationId: 'a1b2c3d4-0000-4000-8000-000000000001' };
  system.emulator.faults.add({ path: /batch\/read/, kind: 'status', status: 503, times: 1, body });
  const deliveryId = await tell(threadId, messageId);
  const { rows } = await system.sql.query(`select event ->> 'deliveryId' as id from inbox`);
  assert.deepEqual(rows, [{ id: deliveryId }]);
  const waiting = await registry.metrics();
  assert.match(waiting, /baton_inbox_events\{kind="message"\} 1/);
  assert.match(waiting, /baton_due_portals 1/);
  assert.match(waiting, /baton_database_up 1/);

  await worker.start();
  const giveUpAt = Date.now() + 20_000;
  while (acme.portal.stage(ticketId as string) !== '2' || !lines.some(({ message }) => message === 'batch settled')) {
    assert.ok(Date.now() < giveUpAt, 'not settled within 20 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const batch = lines.find(({ message }) => message === 'working a batch');
  assert.equal(batch?.deliveryIds, deliveryId);
  assert.match(String(batch?.batchId), /^59000001-\d+$/);
  const calls = lines.filter(({ message, batchId }) => message === 'hubspot answered' && batchId === batch?.batchId);
  assert.ok(calls.length >= 3, String(calls.length));
  const failed = calls.find(({ status }) => status === 503);
  assert.equal(failed?.level, 'info');
  assert.equal(failed?.hubspotCorrelationId, body.correlationId);
  assert.doesNotMatch(JSON.stringify(lines), /casey|Hello|Yes\?/);

  const metrics = await registry.metrics();
  assert.match(metrics, /baton_settled_events_total\{kind="message",end="done"\} 1/);
  assert.match(metrics, /baton_records_total\{decision="move",outcome="done"\} 1/);
  assert.match(metrics, /baton_hubspot_calls_total\{kind="read",status="503"\} 1/);
  assert.match(metrics, /baton_hubspot_calls_total\{kind="write",status="200"\} 1/);
  assert.match(metrics, /baton_settle_lag_seconds_count\{kind="message"\} 1/);
  assert.match(metrics, /baton_backlog_age_seconds 0/);
  assert.doesNotMatch(metrics, /baton_inbox_events\{/);
});

test('while HubSpot is down, the calls of a portal do not grow with the events that arrive', async () => {
  const open = Array.from({ length: 12 }, (_, number) => {
    const { threadId } = acme.portal.receiveMessage({ from: `c${number}@customer.example`, text: 'Hello?' });
    return { threadId, ...acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Yes?' }) };
  });
  const endOutage = system.emulator.faults.add({ kind: 'status', status: 503 });
  system.emulator.clearRequests();
  for (const { threadId, messageId } of open) {
    await tell(threadId, messageId);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  // Twelve events over three seconds: batches at the first, after a try and after rests of 2 and 4 s; six calls each at most, and
  // those that were under way at the sixth failure.
  const calls = system.emulator.countRequests(acme.id);
  assert.ok(calls > 0 && calls <= 60, String(calls));
  endOutage();
  await settledSoon();
  for (const { threadId } of open) {
    assert.equal(acme.portal.stage(acme.portal.thread(threadId).ticketId as string), '2');
  }
});

async function settledSoon(): Promise<void> {
  const giveUpAt = Date.now() + 60_000;
  for (;;) {
    const { rows } = await system.sql.query('select count(*)::int as count from inbox');
    if (rows[0].count === 0) return;
    assert.ok(Date.now() < giveUpAt, `${rows[0].count} events are still waiting`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
