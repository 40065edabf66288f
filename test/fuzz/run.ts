// Sends generated deliveries, properly signed, to a web process, and counts what it answers.
import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
import { createDeliveryMaker } from './deliveries.ts';

export type FuzzRun = {
  url: string;
  clientSecret: string;
  portalIds: readonly string[];
  seed: number;
  deliveries: number;
  connections: number;
  /** After every so many deliveries. */
  pauseEvery?: number;
  onPause?: (sent: number) => Promise<void>;
};

function post(url: string, agent: Agent, body: Buffer, clientSecret: string): Promise<number> {
  const at = String(Date.now());
  const signature = createHmac('sha256', clientSecret).update(`POST${url}`).update(body).update(at).digest('base64');
  const headers = {
    'content-type': 'application/json',
    'content-length': body.length,
    'x-hubspot-signature-v3': signature,
    'x-hubspot-request-timestamp': at,
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode ?? 0));
      answer.once('error', reject);
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

/** How often each status was answered. Throws when a connection breaks: a process that crashed would do that. */
export async function fuzz(run: FuzzRun): Promise<Map<number, number>> {
  const make = createDeliveryMaker(run.seed, run.portalIds);
  const agent = new Agent({ keepAlive: true, maxSockets: run.connections });
  const statuses = new Map<number, number>();
  const pauseEvery = run.pauseEvery ?? run.deliveries;
  try {
    for (let sent = 0; sent < run.deliveries; ) {
      const until = Math.min(run.deliveries, sent + pauseEvery);
      const work = async (): Promise<void> => {
        while (sent < until) {
          sent += 1;
          const status = await post(run.url, agent, make(Date.now()), run.clientSecret);
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        }
      };
      await Promise.all(Array.from({ length: run.connections }, work));
      await run.onPause?.(sent);
    }
  } finally {
    agent.destroy();
  }
  return statuses;
}

/** HubSpot knows three answers to what it signed: stored, not readable, too large. */
export const expectedStatuses = [204, 400, 413];
