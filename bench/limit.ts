// One portal at HubSpot's limit: events settled in ten seconds, against its 110 calls spent without waste, and against a naive app.
import { setTimeout as wait } from 'node:timers/promises';
import { makeTickets, sendFromTickets } from './full-batches.ts';
import type { BenchParts } from './main.ts';
import { startNaiveApp } from './naive.ts';
import { round } from './numbers.ts';
import { type SettleSystem, startSettleSystem } from './settle-system.ts';

const callsPerWindow = 110;
const windowMs = 10_000;
const measuredWindows = 2;
/** Enough for three windows at what each settles: Baton's batches, one ticket after the other. */
const batonTickets = 4_000;
const naiveTickets = 200;
const aimedRatio = 0.9;
const giveUpMs = 240_000;

type Progress = { events: number; calls: number };

/**
 * Events and calls of two whole windows, the first left out: its calls were free. What a portal at its limit does repeats itself every
 * ten seconds, so that two windows hold the same wherever they begin.
 */
async function measureAtLimit(look: () => Promise<Progress>, events: number) {
  await wait(windowMs);
  const first = await look();
  await wait(measuredWindows * windowMs);
  const last = await look();
  if (last.events >= events) throw new Error('too few events to keep a portal at its limit');
  const [settled, calls] = [last.events - first.events, last.calls - first.calls];
  return {
    eventsPerWindow: settled / measuredWindows,
    callsPerEvent: calls / settled,
    callsPerWindow: calls / measuredWindows,
  };
}

function makeManyTickets(system: SettleSystem, portalId: string, count: number) {
  return system.install(portalId).then(({ portal, userId }) => ({
    portal,
    userId,
    tickets: Array.from({ length: count / 100 }, (_, part) => makeTickets(portal, userId, part * 100)).flat(),
  }));
}

async function measureBaton(system: SettleSystem) {
  const { portal, userId, tickets } = await makeManyTickets(system, '67000001', batonTickets);
  await system.settled(giveUpMs);
  // The calls of the settled tickets are in the window still.
  await wait(windowMs);
  system.emulator.clearRequests();
  sendFromTickets(system.emulator, portal, { userId, tickets });
  await system.emulator.webhooks.idle();
  const total = await system.countWaiting();
  const look = async () => ({
    events: total - (await system.countWaiting()),
    calls: system.emulator.countRequests('67000001'),
  });
  return measureAtLimit(look, total);
}

async function measureNaive(system: SettleSystem) {
  const { portal, userId, tickets } = await makeManyTickets(system, '67000002', naiveTickets);
  await system.settled(giveUpMs);
  await wait(windowMs);
  const { accessToken } = portal.install();
  const app = await startNaiveApp({ apiUrl: system.emulator.url, accessToken });
  system.emulator.webhooks.setUrl(app.url);
  try {
    const before = system.emulator.webhooks.deliveries().length;
    sendFromTickets(system.emulator, portal, { userId, tickets });
    await system.emulator.webhooks.idle();
    const deliveries = system.emulator.webhooks.deliveries().slice(before);
    const total = deliveries.reduce((sum, { events }) => sum + events, 0);
    return await measureAtLimit(async () => ({ events: app.counts.handled, calls: app.counts.calls }), total);
  } finally {
    await app.stop();
  }
}

/** Prints a line for Baton at the limit, one for the naive app, and one for their ratios. */
export async function benchLimit({ server, print }: BenchParts): Promise<void> {
  const system = await startSettleSystem(server);
  try {
    const baton = await measureBaton(system);
    const possible = callsPerWindow / baton.callsPerEvent;
    const ratio = round(baton.eventsPerWindow / possible, 2);
    const perWindow = { eventsPer10s: round(baton.eventsPerWindow), callsPer10s: round(baton.callsPerWindow) };
    print({
      what: 'one portal at its limit',
      figure: 'events settled in 10 s in one portal at its limit',
      measured: `${perWindow.eventsPer10s}, ratio ${ratio}`,
      limit: `${round(possible)}: ${callsPerWindow} calls at ${round(baton.callsPerEvent, 3)} an event`,
      ...perWindow,
      aim: `ratio >= ${aimedRatio}`,
      met: ratio >= aimedRatio,
    });
    const naive = await measureNaive(system);
    const [fewer, faster] = [naive.callsPerEvent / baton.callsPerEvent, baton.eventsPerWindow / naive.eventsPerWindow];
    print({
      what: 'naive app at the same limit',
      figure: 'a naive app on the same emulator',
      measured: `${round(naive.callsPerEvent, 2)} calls an event, ${round(naive.eventsPerWindow)} events in 10 s`,
      limit: `Baton: ${round(fewer)} times fewer calls, ${round(faster)} times the events`,
      aim: 'Baton is better',
      met: fewer > 1 && faster > 1,
    });
  } finally {
    await system.stop();
  }
}
