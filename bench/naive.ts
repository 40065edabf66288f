// The app a hurried developer would write: each event by itself, its reads, its write. What Baton's figures are held against.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

type Element = { subscriptionType: string; objectId: number; messageId?: string };
type Answer = Record<string, never> & {
  threadAssociations?: { associatedTicketId?: string };
  properties?: Record<string, string>;
  results?: { toObjectId: string }[];
  direction?: string;
};

/** When HubSpot says 429 it waits and tries again, as the first answer on any forum says. */
const retryAfterMs = 1_000;

/** Starts it; `apiUrl` and `accessToken` are one portal's. Outgoing mail moves the ticket to stage 2, incoming to stage 3. */
export async function startNaiveApp({ apiUrl, accessToken }: { apiUrl: string; accessToken: string }) {
  const counts = { handled: 0, calls: 0 };
  const waiting: Element[] = [];
  let working: Promise<void> | undefined;
  let stopping = false;

  async function call(method: string, path: string, body?: object): Promise<Answer> {
    for (;;) {
      counts.calls += 1;
      const answer = await fetch(apiUrl + path, {
        method,
        headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const text = await answer.text();
      if (answer.status === 429 && !stopping) await wait(retryAfterMs);
      else if (answer.ok || stopping) return text ? JSON.parse(text) : {};
      else throw new Error(`${method} ${path} was answered with ${answer.status}`);
    }
  }

  async function moveTicket(ticketId: string | undefined, outgoing: boolean): Promise<void> {
    if (!ticketId) return;
    const path = `/crm/objects/2026-09/tickets/${ticketId}`;
    const ticket = await call('GET', `${path}?properties=hs_pipeline,hs_pipeline_stage`);
    const stageId = outgoing ? '2' : '3';
    if (ticket.properties?.hs_pipeline_stage !== stageId) {
      await call('PATCH', path, { properties: { hs_pipeline_stage: stageId } });
    }
  }

  async function handleMessage({ objectId, messageId }: Element): Promise<void> {
    const path = `/conversations/conversations/2026-09/threads/${objectId}`;
    const thread = await call('GET', `${path}?association=TICKET`);
    const message = await call('GET', `${path}/messages/${messageId}`);
    await moveTicket(thread.threadAssociations?.associatedTicketId, message.direction === 'OUTGOING');
  }

  async function handleEmail({ objectId }: Element): Promise<void> {
    const email = await call('GET', `/crm/objects/2026-09/emails/${objectId}?properties=hs_email_direction`);
    const inputs = { inputs: [{ id: String(objectId) }] };
    const { results } = await call('POST', '/crm/associations/2026-09/emails/tickets/batch/read', inputs);
    const [first] = (results as unknown as { to: { toObjectId: string }[] }[] | undefined) ?? [];
    const ticketId = first?.to[0]?.toObjectId;
    await moveTicket(ticketId && String(ticketId), email.properties?.hs_email_direction === 'EMAIL');
  }

  async function work(): Promise<void> {
    for (let event = waiting.shift(); event && !stopping; event = waiting.shift()) {
      if (event.subscriptionType === 'conversation.newMessage') await handleMessage(event);
      if (event.subscriptionType === 'object.creation') await handleEmail(event);
      counts.handled += 1;
    }
    working = undefined;
  }

  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    waiting.push(...(JSON.parse(Buffer.concat(chunks).toString()) as Element[]));
    res.writeHead(204).end();
    working ??= work();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`,
    counts,
    async stop(): Promise<void> {
      stopping = true;
      await working;
      server.closeAllConnections();
      server.close();
    },
  };
}
