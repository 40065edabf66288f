// The missed-message sweep: what it looks at, how far it comes, and what it does when HubSpot fails.
import assert from 'node:assert/strict';
import { after, before, describe, it, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Portal, Thread } from '../../src/crm.ts';
import type { PortalGateway } from '../../src/hubspot/gateway.ts';
import { messageSweep, sweepMissedMessages } from '../../src/worker/sweep-messages.ts';
import { emptyWork } from '../../src/worker/work.ts';
import { type InstalledPortal, type System, startSystem } from '../support/system.ts';
import { inboxEvent } from './inbox-event.ts';

const minuteMs = 60_000;
const now = new Date('2026-11-22T12:00:00Z');
const installedAt = new Date(now.getTime() - 1_000 * minuteMs);
const portal = { id: '1', installedAt } as Portal;
const at = (minutes: number) => new Date(installedAt.getTime() + minutes * minuteMs);

function thread(id: number, latestMessageAt: Date | null): Thread {
  const rest = { ticketId: null, contactId: null, channelId: '1002', channelAccountId: null };
  return { id: String(id), latestMessageAt, spam: false, archived: false, ...rest };
}

/** Sweeps a listing that was never seen before, and nothing of which is recorded. */
async function sweep(
  pages: Thread[][] | ((page: number) => Thread[]),
  { recorded = new Map<string, Date>(), gapSince = undefined as Date | undefined } = {},
) {
  const list = typeof pages === 'function' ? pages : (page: number) => pages[page] ?? [];
  const isLast = (page: number) => Array.isArray(pages) && page >= pages.length - 1;
  let read = 0;
  const gateway: Pick<PortalGateway, 'listThreads'> = {
    async listThreads({ cursor }) {
      const page = Number(cursor ?? 0);
      read += 1;
      return { threads: list(page), latestMessageAt: null, cursor: isLast(page) ? null : String(page + 1) };
    },
  };
  const sweeps = { findWatermark: async () => undefined, findNewestRecorded: async () => recorded };
  const work = emptyWork();
  const event = inboxEvent({ kind: 'sweep', subscriptionType: messageSweep });
  const parts = { db: { sweeps }, now: () => now } as unknown as Parameters<typeof sweepMissedMessages>[0];
  await sweepMissedMessages(parts, { portal, gateway: gateway as PortalGateway, event, work, gapSince });
  assert.deepEqual(work.done, [event]);
  const looks = work.newEvents.filter(({ kind }) => kind === 'conversation').map(({ threadId }) => threadId);
  const continued = work.newEvents.filter(({ kind }) => kind === 'sweep');
  const reachedAt = work.memory.flatMap((change) => (change.kind === 'swept' ? change.reachedAt : []))[0];
  return { read, looks, continued, reachedAt, newEvents: work.newEvents };
}

test('a long list in order is cut after ten pages, and the rest goes on from where it was cut', async () => {
  const end = await sweep(Array.from({ length: 12 }, (_, page) => [thread(page, at(10 * page))]));
  assert.equal(end.read, 10);
  assert.equal(end.looks.length, 10);
  assert.deepEqual(end.reachedAt, at(90));
  assert.deepEqual(end.continued[0]?.occurredAt, at(90));
});

test('a long list out of order is read to its end: what stands behind may be older', async () => {
  const end = await sweep(Array.from({ length: 12 }, (_, page) => [thread(page, at(200 - 10 * page))]));
  assert.equal(end.looks.length, 12);
  assert.deepEqual(end.continued, []);
  assert.deepEqual(end.reachedAt, at(200));
});

test('a long list of a few minutes is read to its end: the next run would start at the same place', async () => {
  const end = await sweep(Array.from({ length: 12 }, (_, page) => [thread(page, at(page / 4))]));
  assert.equal(end.looks.length, 12);
  assert.deepEqual(end.continued, []);
});

test('a time in the future is looked at, and does not hide what comes before it', async () => {
  const end = await sweep([[thread(1, at(10)), thread(2, new Date(now.getTime() + 1_000 * minuteMs))]]);
  assert.deepEqual(end.looks, ['1', '2']);
  assert.deepEqual(end.reachedAt, at(10));
});

test('a thread without a time is looked at once a day, however often it is swept', async () => {
  const [one, two] = [await sweep([[thread(1, null)]]), await sweep([[thread(1, null)]])];
  assert.deepEqual(one.looks, ['1']);
  assert.equal(one.newEvents[0]?.key, two.newEvents[0]?.key);
  assert.deepEqual(one.newEvents[0]?.occurredAt, now);
  assert.equal(one.reachedAt, undefined);
});

test('a message in the second of one that is recorded is found: a later one always, and after a gap any', async () => {
  const recorded = new Map([
    ['1', new Date(at(10).getTime() + 200)],
    ['2', new Date(at(10).getTime() + 200)],
    ['3', at(10)],
  ]);
  const later = new Date(at(10).getTime() + 900);
  const threads = [thread(1, later), thread(2, new Date(at(10).getTime() + 200)), thread(3, at(9))];
  const [plain, first, second] = [
    await sweep([threads], { recorded }),
    await sweep([threads], { recorded, gapSince: at(5) }),
    await sweep([threads], { recorded, gapSince: at(6) }),
  ];
  assert.deepEqual(plain.looks, ['1']);
  assert.deepEqual(first.looks, ['1', '2']);
  const keys = (end: typeof first) => end.newEvents.map(({ key }) => key);
  assert.equal(keys(first)[0], keys(plain)[0], 'one look for each newest message');
  assert.notEqual(keys(first)[1], keys(second)[1], 'and one for each gap');
});

test('a list without an end is given up', async () => {
  await assert.rejects(
    sweep(() => [thread(1, at(3))]),
    { code: 'hubspot-unreadable' },
  );
});

describe('a sweep', () => {
  let system: System;
  let acme: InstalledPortal;

  before(async () => {
    system = await startSystem({ sweepSchedule: '* * * * * *' });
    acme = await system.install({ portalId: '66000001', ticketsForNewConversations: true });
  });
  after(() => system.stop());

  async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
    const giveUpAt = Date.now() + 12_000;
    while (!(await holds())) {
      assert.ok(Date.now() < giveUpAt, 'did not come about within 12 s');
      await wait(20);
    }
  }

  it('that fails holds up no message, and the next one makes up for it', async () => {
    const from = 'one@customer.example';
    const { threadId, ticketId } = acme.portal.receiveMessage({ from, text: 'Hello?' });
    await system.settled();
    const remove = system.emulator.faults.add({ path: /\/threads$/, kind: 'status', status: 500 });
    system.emulator.clearRequests();
    await until(() => system.emulator.requests.some(({ path }) => path.endsWith('/threads')));
    acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Yes?' });
    await until(() => acme.portal.stage(ticketId as string) === '2');
    system.emulator.webhooks.settings.lossRate = 1;
    await wait(1_100);
    acme.portal.receiveMessage({ from, threadId, text: 'The red one.' });
    system.emulator.webhooks.settings.lossRate = 0;
    await wait(1_500);
    assert.equal(acme.portal.stage(ticketId as string), '2');
    remove();
    await until(() => acme.portal.stage(ticketId as string) === '3');
  });

  it('finds a message that its thread does not show yet', async () => {
    const from = 'two@customer.example';
    const { threadId, ticketId } = acme.portal.receiveMessage({ from, text: 'Hello?' });
    await system.settled();
    await wait(1_100);
    system.emulator.webhooks.settings.lossRate = 1;
    system.emulator.quirks.messageLagMs = 3_000;
    acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Yes?' });
    system.emulator.webhooks.settings.lossRate = 0;
    await until(() => acme.portal.stage(ticketId as string) === '2');
  });
});
