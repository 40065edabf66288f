// One try to deliver webhook events over HTTP, what is remembered of it, and which events of a batch are repeated.
import { signDelivery } from './signer.ts';
import type { WaitingEvent } from './state.ts';
import type { World } from './world.ts';

export type LoggedDelivery = {
  at: number;
  portalId: string;
  events: number;
  types: string[];
  attempt: number;
  /** Null when no answer came. */
  status: number | null;
  ms: number;
};

export type Answered = { status: number | null; answered: string };
/** One try to deliver, with what was sent and answered, for those who watch. */
export type DeliveryTry = Answered & {
  at: number;
  portalId: string;
  title: string;
  attempt: number;
  ms: number;
  sent: string;
};

/** One POST with HubSpot's headers; null when no answer came in time or no connection was made. */
export async function postDelivery(world: World, url: string, body: string, signal: AbortSignal): Promise<Answered> {
  const headers = signDelivery(world.app.clientSecret, url, body, world.now());
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json', 'User-Agent': 'HubSpot Connect 2.0' },
      body,
      redirect: 'manual',
      signal,
    });
    // Read to the end, so that the connection can be used again.
    return { status: response.status, answered: await response.text() };
  } catch {
    // Timeout and connection failure are both a failed try, to be repeated (PLATFORM.md 2.6).
    return { status: null, answered: '' };
  }
}

/** Half of the repeated events come again in the same POST, half in one of their own. */
export function splitRepeats(events: WaitingEvent[], random: () => number) {
  const seen = new Set<WaitingEvent>();
  const once: WaitingEvent[] = [];
  const again: WaitingEvent[] = [];
  for (const event of events) {
    if (seen.has(event) && random() < 0.5) again.push(event);
    else once.push(event);
    seen.add(event);
  }
  return { once, again };
}
