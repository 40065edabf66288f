// How fast the emulator answers and what a large portal costs it: it must never be what another bench measures.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';

type Facts = {
  url: string;
  accessToken: string;
  sample: string[];
  startMs: number;
  fillMs: number;
  saveMs: number;
  residentMb: number;
};

const agent = new Agent({ keepAlive: true, maxSockets: 8 });
const measuredMs = 4_000;

/** One call on a kept connection; throws for any status but 200. */
async function ask({ url, accessToken }: Facts, method: string, path: string, body?: string): Promise<void> {
  const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' };
  const sent = request(url + path, { method, agent, headers });
  sent.end(body);
  const [response] = await once(sent, 'response');
  response.resume();
  await once(response, 'end');
  if (response.statusCode !== 200) throw new Error(`${method} ${path}: ${response.statusCode}`);
}

async function startPortal(tickets: number, messagesPerTicket: number) {
  const program = fileURLToPath(new URL('./emulated-portal.ts', import.meta.url));
  const options = { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] as ['ignore', 'pipe', 'inherit', 'ipc'] };
  const child = spawn(process.execPath, [program, String(tickets), String(messagesPerTicket)], options);
  const exited = once(child, 'exit');
  let said = '';
  for await (const chunk of child.stdout ?? []) {
    said += String(chunk);
    if (said.endsWith('\n')) break;
  }
  const facts = JSON.parse(said) as Facts;
  return {
    facts,
    async stop(): Promise<void> {
      child.disconnect();
      await exited;
    },
  };
}

/** Calls as many at once as connections; answers how many a second, and the mean of one in ms. */
async function measure(call: (index: number) => Promise<void>) {
  const until = performance.now() + measuredMs;
  let count = 0;
  const worker = async () => {
    while (performance.now() < until) {
      count += 1;
      await call(count);
    }
  };
  await Promise.all(Array.from({ length: agent.maxSockets }, worker));
  const perSecond = Math.round((count * 1_000) / measuredMs);
  return { perSecond, meanMs: Number(((measuredMs * agent.maxSockets) / count).toFixed(2)) };
}

/** Prints a line for start and memory, and one for each kind of call. */
export async function benchEmulator({ print }: { print: (line: Record<string, unknown>) => void }): Promise<void> {
  const tickets = 100_000;
  const messagesPerTicket = 5;
  const { facts, stop } = await startPortal(tickets, messagesPerTicket);
  const { sample, startMs, fillMs, residentMb } = facts;
  print({ measure: 'large portal', tickets, messages: tickets * messagesPerTicket, startMs, fillMs, residentMb });
  const inputs = sample.slice(0, 100).map((id) => ({ id }));
  const reading = JSON.stringify({ inputs, properties: ['subject', 'hs_pipeline', 'hs_pipeline_stage'] });
  const since = [{ propertyName: 'hs_lastmodifieddate', operator: 'GTE', value: '2020-01-01T00:00:00Z' }];
  const sorts = [{ propertyName: 'hs_lastmodifieddate', direction: 'ASCENDING' }];
  const searching = JSON.stringify({ filterGroups: [{ filters: since }], sorts, limit: 200 });
  const objects = '/crm/objects/2026-09/tickets';
  const threads = '/conversations/conversations/2026-09/threads';
  const calls = {
    'batch reads of 100': () => ask(facts, 'POST', `${objects}/batch/read`, reading),
    'reads of one ticket': (index: number) => ask(facts, 'GET', `${objects}/${sample[index % sample.length]}`),
    'pages of 100 tickets': () => ask(facts, 'GET', `${objects}?limit=100&after=${sample[500]}`),
    'pages of 500 threads': () =>
      ask(facts, 'GET', `${threads}?limit=500&sort=latestMessageTimestamp&latestMessageTimestampAfter=2020-01-01`),
    'searches of all': () => ask(facts, 'POST', `${objects}/search`, searching),
  };
  for (const [name, call] of Object.entries(calls)) print({ measure: name, ...(await measure(call)) });
  await stop();
  agent.destroy();
}
