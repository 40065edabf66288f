// Delivers webhook events as HubSpot does: batches, ten at a time per portal, 5 s, ten retries, no order (PLATFORM.md 2.6).
import { shuffle } from './random.ts';
import { signDelivery } from './signer.ts';
import type { PortalState, WaitingDelivery, WaitingEvent } from './state.ts';
import { defaultSubscriptions, makeEvents, printDelivery, type Subscription } from './subscriptions.ts';
import type { Change, World } from './world.ts';

/** All of it may change at any time. Rates are shares between 0 and 1. */
export type WebhookSettings = {
  subscriptions: Subscription[];
  /** How long events are gathered before they are sent together. */
  batchWindowMs: number;
  batchSize: number;
  maxInFlightPerPortal: number;
  deadlineMs: number;
  /** Tries after the first one; real ones spread over a day, `retryBaseMs` sets the scale. */
  retries: number;
  retryBaseMs: number;
  duplicateRate: number;
  lossRate: number;
  shuffles: boolean;
  /** Gives every event the same `eventId`: documented as not unique (PLATFORM.md 2.4). */
  repeatsEventIds: boolean;
};

export const defaultWebhookSettings: WebhookSettings = {
  subscriptions: defaultSubscriptions,
  batchWindowMs: 20,
  batchSize: 100,
  maxInFlightPerPortal: 10,
  deadlineMs: 5_000,
  retries: 10,
  retryBaseMs: 1_000,
  duplicateRate: 0,
  lossRate: 0,
  shuffles: false,
  repeatsEventIds: false,
};

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

/** One POST with HubSpot's headers; null when no answer came in time or no connection was made. */
async function post(world: World, url: string, delivery: WaitingDelivery, signal: AbortSignal): Promise<number | null> {
  const body = printDelivery(delivery.events, delivery.attempt);
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
    await response.arrayBuffer();
    return response.status;
  } catch {
    // Timeout and connection failure are both a failed try, to be repeated (PLATFORM.md 2.6).
    return null;
  }
}

/** Half of the repeated events come again in the same POST, half in one of their own. */
function splitRepeats(events: WaitingEvent[], random: () => number) {
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

/** The deliveries of one emulator: what waits is in the state, what is under way is here. */
export class Webhooks {
  readonly settings: WebhookSettings;
  readonly counts = { delivered: 0, failed: 0, givenUp: 0, lost: 0, duplicated: 0 };
  readonly #world: World;
  readonly #save: () => Promise<void>;
  readonly #inFlight = new Map<string, number>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #log: LoggedDelivery[] = [];
  #ready: WaitingDelivery[] = [];
  readonly #stopping = new AbortController();
  #held = false;
  #flushTimer: NodeJS.Timeout | undefined;
  #url: string | undefined;
  #idlers: Array<() => void> = [];

  constructor(world: World, settings: WebhookSettings, save: () => Promise<void>) {
    this.#world = world;
    this.settings = settings;
    this.#save = save;
  }

  /** Queues the events of a change; nothing for a portal without the app. */
  emit(portal: PortalState, change: Change): void {
    if (!portal.install) return;
    const { settings } = this;
    const { state, random, app, now } = this.#world;
    const eventId = () => (settings.repeatsEventIds ? 1 : 1 + Math.floor(random() * 4_294_967_295));
    const facts = { appId: app.appId, occurredAt: now(), eventId };
    const events = makeEvents(settings.subscriptions, change, { id: portal.id, scopes: portal.install.scopes }, facts);
    for (const event of events) {
      if (random() < settings.lossRate) {
        this.counts.lost += 1;
        continue;
      }
      state.waitingEvents.push(event);
      if (random() < settings.duplicateRate) {
        state.waitingEvents.push(event);
        this.counts.duplicated += 1;
      }
    }
    this.#scheduleFlush();
  }

  /** Where deliveries go; until it is set, events wait. */
  setUrl(url: string | undefined): void {
    this.#url = url;
    this.#scheduleFlush();
    this.#pump();
  }

  /** Takes up what was waiting when the process ended. */
  resume(): void {
    for (const delivery of this.#world.state.waitingDeliveries) this.#queue(delivery);
    this.#scheduleFlush();
  }

  /** From now on nothing is sent; what happens is kept. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.#scheduleFlush();
    this.#pump();
  }

  /** Resolves once nothing waits, is in flight, will be tried again or is still to happen. Never while events are held. */
  idle(): Promise<void> {
    return this.#isIdle() ? Promise.resolve() : new Promise((resolve) => this.#idlers.push(resolve));
  }

  /** Called when something that was to happen later has happened. */
  wakeIdlers(): void {
    if (!this.#isIdle()) return;
    const waiting = this.#idlers;
    this.#idlers = [];
    for (const wake of waiting) wake();
  }

  /** The last deliveries, oldest first, one entry a try. */
  deliveries(): LoggedDelivery[] {
    return [...this.#log];
  }

  /** Forgets what waits; the state's own lists are emptied by the caller. */
  clear(): void {
    this.#cancelTimers();
    this.#ready = [];
    this.#log = [];
    this.#held = false;
    Object.assign(this.counts, { delivered: 0, failed: 0, givenUp: 0, lost: 0, duplicated: 0 });
    this.wakeIdlers();
  }

  stop(): void {
    this.#stopping.abort();
    this.#cancelTimers();
  }

  #cancelTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#flushTimer = undefined;
  }

  #after(ms: number, act: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
    return timer;
  }

  #isIdle(): boolean {
    const { waitingEvents, waitingDeliveries, later } = this.#world.state;
    if (later.length > 0) return false;
    // Without a target nothing is under way; what waits goes out once there is one.
    return !this.#url || (waitingEvents.length === 0 && waitingDeliveries.length === 0);
  }

  #isBlocked(): boolean {
    return this.#held || this.#stopping.signal.aborted || !this.#url;
  }

  #scheduleFlush(): void {
    if (this.#flushTimer || this.#isBlocked() || this.#world.state.waitingEvents.length === 0) return;
    this.#flushTimer = this.#after(this.settings.batchWindowMs, () => {
      this.#flushTimer = undefined;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#isBlocked()) return;
    const { state, random } = this.#world;
    const { shuffles, batchSize } = this.settings;
    const portals = Map.groupBy(state.waitingEvents, (event) => event.portalId);
    state.waitingEvents = [];
    for (const [portalId, list] of portals) {
      const { once, again } = splitRepeats(shuffles ? shuffle(list, random) : list, random);
      for (const events of [once, again])
        for (let start = 0; start < events.length; start += batchSize) {
          const delivery = { portalId, events: events.slice(start, start + batchSize), attempt: 0, dueAt: Date.now() };
          state.waitingDeliveries.push(delivery);
          this.#ready.push(delivery);
        }
    }
    if (shuffles) this.#ready = shuffle(this.#ready, random);
    this.#pump();
  }

  #pump(): void {
    const url = this.#url;
    if (this.#isBlocked() || !url) return;
    this.#ready = this.#ready.filter((delivery) => {
      const busy = this.#inFlight.get(delivery.portalId) ?? 0;
      if (busy >= this.settings.maxInFlightPerPortal) return true;
      this.#inFlight.set(delivery.portalId, busy + 1);
      void this.#deliver(delivery, url);
      return false;
    });
  }

  async #deliver(delivery: WaitingDelivery, url: string): Promise<void> {
    const at = Date.now();
    const { portalId, events, attempt } = delivery;
    const signal = AbortSignal.any([AbortSignal.timeout(this.settings.deadlineMs), this.#stopping.signal]);
    const status = await post(this.#world, url, delivery, signal);
    this.#inFlight.set(portalId, (this.#inFlight.get(portalId) ?? 1) - 1);
    const types = [...new Set(events.map((event) => String(event.fields.subscriptionType)))];
    this.#log.push({ at, portalId, events: events.length, types, attempt, status, ms: Date.now() - at });
    if (this.#log.length > 2_000) this.#log = this.#log.slice(-1_000);
    if (this.#stopping.signal.aborted) return;
    if (this.#world.state.waitingDeliveries.includes(delivery)) this.#settle(delivery, status);
    await this.#save();
    this.#pump();
    this.wakeIdlers();
  }

  #settle(delivery: WaitingDelivery, status: number | null): void {
    const delivered = status !== null && status >= 200 && status < 300;
    if (!delivered) this.counts.failed += 1;
    if (delivered || delivery.attempt >= this.settings.retries) {
      this.counts[delivered ? 'delivered' : 'givenUp'] += 1;
      const { state } = this.#world;
      state.waitingDeliveries = state.waitingDeliveries.filter((other) => other !== delivery);
      return;
    }
    const delayMs = this.settings.retryBaseMs * 2 ** delivery.attempt * (0.5 + this.#world.random());
    delivery.attempt += 1;
    delivery.dueAt = Date.now() + delayMs;
    this.#queue(delivery);
  }

  #queue(delivery: WaitingDelivery): void {
    this.#after(Math.max(0, delivery.dueAt - Date.now()), () => {
      this.#ready.push(delivery);
      this.#pump();
    });
  }
}
