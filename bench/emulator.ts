// How fast the emulator answers and what a large portal costs it: it must never be what another bench measures.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Memory, PortalFacts } from './emulated-portal.ts';
import { printCall, sendCalls } from './emulator-client.ts';
import { round } from './numbers.ts';

const program = fileURLToPath(new URL('./emulated-portal.ts', import.meta.url));
// Those of `npm run emulator`. V8 alone lets garbage grow to as much as what lives.
const memoryFlags = ['--max-semi-space-size=8', '--heap-growing-percent=15'];
const connections = 8;
const measuredMs = 4_000;
const warmUpMs = 1_000;

type Print = (line: Record<string, unknown>) => void;

/** The emulator in a process of its own, so that its processor time and memory are its own. */
async function startPortal(args: { tickets: number; messagesPerTicket: number; dataFile?: string }) {
  const words = [String(args.tickets), String(args.messagesPerTicket), ...(args.dataFile ? [args.dataFile] : [])];
  const child = fork(program, words, { execArgv: ['--expose-gc', ...memoryFlags] });
  const exited = once(child, 'exit');
  const hear = async () => (await Promise.race([once(child, 'message'), exited.then(refuseExit)]))[0];
  const facts = (await hear()) as PortalFacts;
  return {
    facts,
    async measureMemory(): Promise<Memory> {
      child.send('memory');
      return (await hear()) as Memory;
    },
    /** Of the whole process since its start. */
    async measureProcessorMs(): Promise<number> {
      child.send('processor');
      return (await hear()) as number;
    },
    async stop(): Promise<void> {
      child.disconnect();
      await exited;
    },
  };
}

function refuseExit(): never {
  throw new Error('the emulator ended before it answered');
}

type Portal = Awaited<ReturnType<typeof startPortal>>;

/** Calls a second by the clock, and ms of processor a call on either side: on two cores they share, the clock tells of both. */
async function measure({ facts, measureProcessorMs }: Portal, calls: Buffer[]) {
  await sendCalls(facts.port, calls, { connections, durationMs: warmUpMs });
  const before = await measureProcessorMs();
  const own = process.cpuUsage();
  const startedAt = performance.now();
  const count = await sendCalls(facts.port, calls, { connections, durationMs: measuredMs });
  const seconds = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(own);
  const emulatorMs = ((await measureProcessorMs()) - before) / count;
  return {
    perSecond: round(count / seconds),
    emulatorMs: round(emulatorMs, 3),
    clientMs: round((user + system) / 1_000 / count, 3),
    perProcessorSecond: round(1_000 / emulatorMs),
  };
}

const objects = '/crm/objects/2026-09/tickets';
const threads = '/conversations/conversations/2026-09/threads';

async function listSample({ facts }: Portal): Promise<string[]> {
  const headers = { authorization: `Bearer ${facts.accessToken}` };
  const answer = await fetch(`http://127.0.0.1:${facts.port}${objects}?limit=100`, { headers });
  return ((await answer.json()) as { results: { id: string }[] }).results.map(({ id }) => id);
}

function listCalls({ facts }: Portal, sample: string[]): Record<string, Buffer[]> {
  const call = (method: string, path: string, body?: unknown) =>
    printCall(facts.accessToken, method, path, body === undefined ? undefined : JSON.stringify(body));
  const search = (filters: object[], more: object = {}) =>
    call('POST', `${objects}/search`, { filterGroups: [{ filters }], limit: 100, ...more });
  const stage = [
    { propertyName: 'hs_pipeline', operator: 'EQ', value: '0' },
    { propertyName: 'hs_pipeline_stage', operator: 'EQ', value: '4' },
  ];
  const since = [{ propertyName: 'hs_lastmodifieddate', operator: 'GTE', value: '2020-01-01T00:00:00Z' }];
  const sorts = [{ propertyName: 'hs_lastmodifieddate', direction: 'ASCENDING' }];
  const fresh = [{ propertyName: 'hs_lastmodifieddate', operator: 'GTE', value: '2100-01-01T00:00:00Z' }];
  const properties = ['subject', 'hs_pipeline', 'hs_pipeline_stage'];
  return {
    'batch reads of 100': [call('POST', `${objects}/batch/read`, { inputs: sample.map((id) => ({ id })), properties })],
    'reads of one ticket': sample.map((id) => call('GET', `${objects}/${id}`)),
    'pages of 100 tickets': [call('GET', `${objects}?limit=100&after=${sample[50]}`)],
    'pages of 500 threads': [
      call('GET', `${threads}?limit=500&sort=latestMessageTimestamp&latestMessageTimestampAfter=2020-01-01`),
    ],
    'searches by stage, none of 100,000': [search(stage)],
    'searches by date, none of 100,000': [search(fresh, { sorts })],
    'searches by date, all of 100,000, sorted': [search(since, { sorts })],
    'searches by a word': [search([{ propertyName: 'subject', operator: 'CONTAINS_TOKEN', value: '77777' }])],
  };
}

async function benchSeeded(print: Print): Promise<void> {
  const portal = await startPortal({ tickets: 0, messagesPerTicket: 0 });
  const memory = await portal.measureMemory();
  print({
    measure: 'start of the seeded portal',
    startMs: portal.facts.startMs,

    ...memory,
  });
  await portal.stop();
}

async function benchLarge(print: Print, size: { tickets: number; messagesPerTicket: number }, dataFile: string) {
  const portal = await startPortal({ ...size, dataFile });
  const memory = await portal.measureMemory();
  const { fillMs, saveMs } = portal.facts;
  const fileMb = round(statSync(dataFile).size / 1_048_576);
  print({ measure: 'large portal', ...size, fillMs, saveMs, fileMb, ...memory });
  for (const [name, calls] of Object.entries(listCalls(portal, await listSample(portal))))
    print({ measure: name, ...(await measure(portal, calls)) });
  print({ measure: 'large portal after these calls', ...(await portal.measureMemory()) });
  await portal.stop();
}

async function benchReload(print: Print, dataFile: string): Promise<void> {
  const portal = await startPortal({ tickets: 0, messagesPerTicket: 0, dataFile });
  const memory = await portal.measureMemory();
  print({ measure: 'start from the data file of the large portal', startMs: portal.facts.startMs, ...memory });
  await portal.stop();
}

/** Prints a line for each start, with memory, and one for each kind of call. */
export async function benchEmulator({ print }: { print: Print }): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-bench-'));
  const dataFile = join(folder, 'emulator.jsonl');
  try {
    await benchSeeded(print);
    await benchLarge(print, { tickets: 100_000, messagesPerTicket: 5 }, dataFile);
    await benchReload(print, dataFile);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
