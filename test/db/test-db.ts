// A migrated database with Baton's own way into it, a raw one beside it, and the events and records that tests put there.
import { after } from 'node:test';
import pg from 'pg';
import type { Event } from '../../src/crm.ts';
import type { Settlement } from '../../src/db/lanes.ts';
import type { NewRecord } from '../../src/db/new-records.ts';
import { type Db, openDb } from '../../src/db/open-db.ts';
import { createLog } from '../../src/log.ts';
import { asProgram, createTestDatabase } from '../support/database.ts';

export const tokenKeys = [{ id: 'k1', key: Buffer.alloc(32, 1) }];
export const leaseOptions = { leaseMs: 60_000, batchSize: 100 };
export const tokens = { accessToken: 'access-secret', refreshToken: 'refresh-secret', expiresAt: new Date(4e12) };

export type TestDb = { url: string; db: Db; raw: pg.Pool };

/** Closed and dropped at the end of the test file. */
export async function openTestDb(): Promise<TestDb> {
  const { url, drop } = await createTestDatabase();
  const db = openAnother(url);
  const raw = new pg.Pool({ connectionString: url, max: 4 });
  raw.on('error', () => undefined); // tests cut connections
  after(async () => {
    await db.close();
    await raw.end();
    await drop();
  });
  return { url, db, raw };
}

/** As another process of Baton would: its own pools on the same database. The caller closes it. */
export function openAnother(url: string, keys = tokenKeys): Db {
  return openDb({ databaseUrl: asProgram(url).both, tokenKeys: keys, log: createLog('silent') });
}

let lastPortalId = 7_000_000;

/** A portal nobody else in this file uses, installed. */
export async function installPortal(db: Db, asked?: string): Promise<string> {
  lastPortalId += 1;
  const portalId = asked ?? String(lastPortalId);
  await db.portals.install({
    portalId,
    userId: '77',
    domain: 'example.com',
    uiDomain: 'app.hubspot.com',
    timeZone: 'Europe/Paris',
    scopes: ['tickets'],
    ...tokens,
  });
  return portalId;
}

let lastEvent = 0;

export function makeEvent(portalId: string, fields: Partial<Event> = {}): Event {
  lastEvent += 1;
  return {
    portalId,
    key: lastEvent.toString(16).padStart(32, '0'),
    kind: 'message',
    subscriptionType: 'conversation.newMessage',
    occurredAt: new Date(1_790_000_000_000 + lastEvent),
    threadId: '1',
    messageId: `message-${lastEvent}`,
    messageType: 'MESSAGE',
    emailId: null,
    ticketId: null,
    contactId: null,
    removed: false,
    mergedTicketIds: [],
    stageId: null,
    changeSource: null,
    sourceId: null,
    ...fields,
  };
}

export function makeEvents(portalId: string, count: number): Event[] {
  return Array.from({ length: count }, () => makeEvent(portalId));
}

export function makeRecord(fields: Partial<NewRecord> = {}): NewRecord {
  lastEvent += 1;
  return {
    subject: `m:1:message-${lastEvent}`,
    revision: 1,
    replaces: null,
    ticketId: '10',
    threadId: '1',
    messageId: `message-${lastEvent}`,
    emailId: null,
    messageAt: new Date(1_790_000_000_000),
    trigger: 'message',
    verdict: 'reply-on-originating-thread',
    evidence: [{ check: 'message-type', passed: true, seen: 'MESSAGE' }],
    decision: 'move',
    reason: null,
    fromStageId: '1',
    toStageId: '2',
    settingsVersion: 1,
    outcome: 'done',
    action: null,
    error: null,
    latencyMs: 1234.5,
    ...fields,
  };
}

export function settlement(fields: Partial<Settlement> = {}): Settlement {
  return {
    records: [],
    done: [],
    later: [],
    dead: [],
    memory: [],
    forgottenPlans: [],
    newEvents: [],
    pace: [],
    pausedForMs: 0,
    ...fields,
  };
}

/** Claims what is due until nothing is, settles everything as done, and answers the keys in the order they came. */
export async function drain(db: Db): Promise<string[]> {
  const keys: string[] = [];
  for (;;) {
    const batches = await db.lanes.claimLanes(100, leaseOptions);
    if (batches.length === 0) return keys;
    for (const { lease, events } of batches) {
      keys.push(...events.map((event) => event.key));
      await db.lanes.settle(lease, settlement({ done: events }));
    }
  }
}

/** As if the worker that holds the lease had been silent until its end. */
export async function expireLease(raw: pg.Pool, portalId: string): Promise<void> {
  await raw.query(
    `update lanes set lease_until = now() - interval '1 ms' where portal_id = $1 and lease_until is not null`,
    [portalId],
  );
}

/** As if the time of everything waiting had come. */
export async function makeDue(raw: pg.Pool, portalId: string): Promise<void> {
  await raw.query(`update inbox set run_at = now() - interval '1 ms' where portal_id = $1 and run_at > now()`, [
    portalId,
  ]);
  await raw.query(
    'update lanes set due_at = (select min(run_at) from inbox where portal_id = $1) where portal_id = $1',
    [portalId],
  );
}
