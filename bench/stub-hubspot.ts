// A HubSpot that answers whatever it is asked with made-up records, in a process of its own: so cheap that a bench measures Baton.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** What the bench may ask or tell; the number is how long each call takes from now on, in ms. */
export type StubOrder =
  | { tell: 'delay'; delayMs: number }
  | { tell: 'threads'; portalId: string; threadIds: string[] }
  | { tell: 'clear' }
  | { tell: 'report' };
/** `writes`: by ticket, when its stage was written (epoch ms) and what all calls about it took, as they took it here. */
export type StubReport = { calls: number; cpuMs: number; writes: [ticketId: string, at: number, callsMs: number][] };

const dayMs = 86_400_000;
const startedAt = Date.now();
const longAgo = new Date(startedAt - dayMs).toISOString();
const listedThreads = 500;

let delayMs = 0;
let calls = 0;
/** Where nobody asks for times (no delay), none are kept: a million tickets would be memory for nothing. */
const spentMs = new Map<string, number>();
const writes: StubReport['writes'] = [];
const listings = new Map<string, number>();
const recent = new Map<string, string[]>();

/** A thread's last digit says how many messages its agent wrote after the customer's first one. */
function makeMessages(threadId: string): object[] {
  const base = {
    type: 'MESSAGE',
    channelId: '1002',
    channelAccountId: '7',
    archived: false,
    truncationStatus: 'NOT_TRUNCATED',
  };
  const visitor = {
    actorId: 'V-1',
    deliveryIdentifier: { type: 'HS_EMAIL_ADDRESS', value: 'customer@customer.example' },
  };
  const agent = { actorId: 'A-77' };
  const first = {
    ...base,
    id: `${threadId}-0`,
    createdAt: longAgo,
    direction: 'INCOMING',
    status: { statusType: 'RECEIVED' },
  };
  const opening = {
    ...first,
    client: { clientType: 'INTEGRATION' },
    senders: [visitor],
    recipients: [],
    text: 'It is broken.',
  };
  const answers = Array.from({ length: Number(threadId.at(-1)) }, (_, index) => ({
    ...base,
    id: `${threadId}-${index + 1}`,
    createdAt: new Date(startedAt + index).toISOString(),
    direction: 'OUTGOING',
    status: { statusType: 'SENT' },
    client: { clientType: 'HUBSPOT' },
    senders: [agent],
    recipients: [visitor],
    text: 'Which printer is it? We will look at it as soon as we know.',
  }));
  return [opening, ...answers].reverse();
}

function makeThread(threadId: string): object {
  const channel = { originalChannelId: '1002', originalChannelAccountId: '7' };
  const rest = { spam: false, archived: false, latestMessageTimestamp: new Date(startedAt).toISOString() };
  return { id: threadId, ...channel, ...rest, threadAssociations: { associatedTicketId: `9${threadId}` } };
}

type Made = {
  id: string;
  properties: Record<string, string | null>;
  propertiesWithHistory?: object;
  createdAt: string;
};

/** A ticket is its thread's or email's number behind a 9, a contact behind an 8. */
function makeObject(type: string, id: string): Made {
  if (type === 'tickets') {
    const properties = {
      hs_pipeline: '0',
      hs_pipeline_stage: '1',
      hs_conversations_originating_thread_id: id.slice(1),
    };
    const change = { value: '1', timestamp: longAgo, sourceType: 'CRM_UI', sourceId: 'userId:77' };
    return { id, properties, propertiesWithHistory: { hs_pipeline_stage: [change] }, createdAt: longAgo };
  }
  if (type === 'contacts') return { id, properties: { email: `c${id.slice(1)}@customer.example` }, createdAt: longAgo };
  const properties = {
    hs_email_direction: 'EMAIL',
    hs_email_status: 'SENT',
    hs_email_from_email: 'casey@company.example',
    hs_email_to_email: `c${id}@customer.example`,
    hs_object_source: 'CRM_UI',
    hs_object_source_id: 'userId:77',
    hs_created_by_user_id: '77',
    hubspot_owner_id: '7',
    hs_email_subject: 'Your request',
    hs_email_text: 'Which printer is it? We will look at it as soon as we know.',
  };
  return { id, properties, createdAt: new Date().toISOString() };
}

const far: Record<string, string> = { 'emails/tickets': '9', 'tickets/contacts': '8' };

function associate(pair: string, id: string): object {
  const end = pair === 'tickets/contacts' ? id.slice(1) : id;
  const to = far[pair] === undefined ? [] : [{ toObjectId: `${far[pair]}${end}`, associationTypes: [] }];
  return { from: { id }, to };
}

type Asked = { portalId: string; path: string; ids: string[] };

function answer({ portalId, path, ids }: Asked): { body: object; tickets: string[]; isWrite?: boolean } {
  const thread = /\/threads(?:\/(\d+))?(\/messages)?(?:\?|$)/.exec(path);
  if (thread) {
    const [, threadId, messages] = thread;
    if (threadId === undefined) return { body: { results: (recent.get(portalId) ?? []).map(makeThread) }, tickets: [] };
    return { body: messages ? { results: makeMessages(threadId) } : makeThread(threadId), tickets: [`9${threadId}`] };
  }
  const [, from, to] = /\/associations\/[^/]+\/([^/]+)\/([^/]+)\//.exec(path) ?? [];
  if (from)
    return {
      body: { results: ids.map((id) => associate(`${from}/${to}`, id)) },
      tickets: from === 'emails' ? mark(ids) : ids,
    };
  const [, type = '', verb = ''] = /\/objects\/[^/]+\/([^/]+)\/batch\/(\w+)/.exec(path) ?? [];
  if (!type) return { body: { results: [] }, tickets: [] };
  const results = ids.map((id) => makeObject(type, id));
  const tickets = type === 'tickets' ? ids : type === 'emails' ? mark(ids) : ids.map((id) => `9${id.slice(1)}`);
  return { body: { status: 'COMPLETE', results }, tickets, isWrite: verb === 'update' };
}

const mark = (ids: string[]) => ids.map((id) => `9${id}`);

function keepTimes(asked: Asked, tickets: string[], ms: number, isWrite: boolean): void {
  if (/\/threads\?/.test(asked.path)) listings.set(asked.portalId, ms);
  const listingMs = /\/messages\?/.test(asked.path) ? (listings.get(asked.portalId) ?? 0) : 0;
  for (const ticketId of tickets) {
    const sum = (spentMs.get(ticketId) ?? 0) + ms + listingMs;
    spentMs.set(ticketId, sum);
    if (isWrite) writes.push([ticketId, Date.now(), sum]);
  }
  if (isWrite) listings.delete(asked.portalId);
}

async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const at = performance.now();
  calls += 1;
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const sent = text.startsWith('{') ? (JSON.parse(text) as { inputs?: { id: string }[] }) : {};
  const portalId = /token-(\d+)/.exec(req.headers.authorization ?? '')?.[1] ?? '';
  const asked = { portalId, path: req.url ?? '', ids: (sent.inputs ?? []).map(({ id }) => id) };
  const { body, tickets, isWrite = false } = answer(asked);
  if (delayMs > 0) {
    await wait(delayMs);
    keepTimes(asked, tickets, performance.now() - at, isWrite);
  }
  res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function report(): StubReport {
  const { user, system } = process.cpuUsage();
  return { calls, cpuMs: (user + system) / 1_000, writes: writes.splice(0) };
}

process.on('message', (order: StubOrder) => {
  if (order.tell === 'delay') delayMs = order.delayMs;
  else if (order.tell === 'threads') {
    recent.set(order.portalId, [...order.threadIds, ...(recent.get(order.portalId) ?? [])].slice(0, listedThreads));
  } else if (order.tell === 'clear') {
    spentMs.clear();
    recent.clear();
    writes.length = 0;
    calls = 0;
  } else process.send?.(report());
});
process.once('disconnect', () => process.exit(0));
const server = createServer((req, res) => void serve(req, res));
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
