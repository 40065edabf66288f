// Delivers webhook events as HubSpot does: batches, ten at a time per portal, 5 s, ten retries, no order (PLATFORM.md 2.6).
import type { Clock } from './clock.ts';
import { type DeliveryTry, type LoggedDelivery, postDelivery, splitRepeats } from './delivery-tries.ts';
import type { EventFaultKind, Faults } from './faults.ts';
import { createStreams, type Streams, shuffle } from './random.ts';
import type { PortalState, WaitingDelivery, WaitingEvent } from './state.ts';
import { comesLate, defaultSubscriptions, makeEvents, printDelivery, type Subscription } from './subscriptions.ts';
import { type Change, quirksFor, type World, worldOf } from './world.ts';

/** All of it may change at any time. Rates are shares between 0 and 1. */
export type WebhookSettings = {
  subscriptions: Subscription[];
  /** How long events are gathered before they are sent together. */
  batchWindowMs: number;
  batchSize: number;
  maxInFlightPerPortal: number;
  deadlineMs: number;
  /** Tries after the first one. */
  retries: number;
  /** The n-th waits this long times 2^(n-1), and half less to half more of it by the seed. */
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
  // Ten of them fill a day, as HubSpot's do (PLATFORM.md 2.6): together they wait 1,023 times this.
  retryBaseMs: 84_000,
  duplicateRate: 0,
  lossRate: 0,
  shuffles: false,
  repeatsEventIds: false,
};

export type WebhookParts = {
  world: World;
  settings: WebhookSettings;
  save: () => Promise<void>;
  clock: Clock;
  faults: Faults;
};

/** The deliveries of one emulator: what waits is in the state, what is under way is here. */
export class Webhooks {
  readonly settings: WebhookSettings;
  /** Told of every try; what it throws is a mistake of the emulator's own. */
  onTry: (made: DeliveryTry) => void = () => {};
  readonly counts = { events: 0, delivered: 0, failed: 0, givenUp: 0, lost: 0, duplicated: 0 };
  readonly #world: World;
  readonly #save: () => Promise<void>;
  readonly #inFlight = new Map<string, number>();
  readonly #clock: Clock;
  readonly #faults: Faults;
  #random: Streams;
  readonly #retries = new Set<() => void>();
  #log: LoggedDelivery[] = [];
  #ready: WaitingDelivery[] = [];
  readonly #stopping = new AbortController();
  #held = false;
  #flushTimer: NodeJS.Timeout | undefined;
  #url: string | undefined;
  #idlers: Array<() => void> = [];

  constructor(parts: WebhookParts) {
    this.#world = parts.world;
    this.settings = parts.settings;
    this.#save = parts.save;
    this.#clock = parts.clock;
    this.#faults = parts.faults;
    this.#random = createStreams(parts.world.seed);
  }

  /** Queues the events of a change; nothing for a portal without the app. */
  emit(portal: PortalState, change: Change): void {
    const { settings } = this;
    const { quirks } = worldOf(this.#world, portal);
    const { app, now } = this.#world;
    const { ids } = this.#random;
    const eventId = () => (settings.repeatsEventIds ? 1 : 1 + Math.floor(ids() * 4_294_967_295));
    const facts = { appId: app.appId, occurredAt: now(), eventId, quirks };
    const events = makeEvents(settings.subscriptions, change, portal, facts);
    const leastMs = comesLate(change, quirks) ? settings.batchWindowMs : 0;
    for (const event of events) this.#admit(event, leastMs);
    this.#scheduleFlush();
  }

  /** Loses, repeats, holds back or queues one event, as settings and faults say. */
  #admit(event: WaitingEvent, leastMs: number): void {
    const { portalId, fields } = event;
    const random = this.#random.mishaps;
    const hits = this.#faults.takeForEvent({ portalId, type: String(fields.subscriptionType) });
    const isHit = (kind: EventFaultKind) => hits.some((hit) => hit.kind === kind);
    const isLost = random() < this.settings.lossRate;
    const isRepeated = random() < this.settings.duplicateRate;
    if (isLost || isHit('webhook-loss')) {
      this.counts.lost += 1;
      return;
    }
    const copies = isRepeated || isHit('webhook-duplicate') ? 2 : 1;
    this.counts.duplicated += copies - 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const heldMs = hits.reduce((sum, { kind, ms }) => {
        if (kind === 'webhook-delay') return sum + ms;
        return kind === 'webhook-disorder' ? sum + Math.floor(random() * ms) : sum;
      }, leastMs);
      const dueAt = this.#clock.delayNow() + heldMs;
      if (heldMs > 0) this.#world.doLater({ kind: 'queue-event', portalId, event, dueAt });
      else this.#enqueue(event, isHit('webhook-disorder'));
    }
  }

  #enqueue(event: WaitingEvent, anywhere: boolean): void {
    const { waitingEvents } = this.#world.state;
    const place = anywhere ? Math.floor(this.#random.mishaps() * (waitingEvents.length + 1)) : waitingEvents.length;
    waitingEvents.splice(place, 0, event);
  }

  /** An event whose time has come; nothing when the app was disconnected meanwhile. */
  queueEvent(event: WaitingEvent): void {
    if (!this.#world.state.portals[event.portalId]?.install) return;
    this.#enqueue(event, false);
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
    this.#random = createStreams(this.#world.seed);
    Object.assign(this.counts, { events: 0, delivered: 0, failed: 0, givenUp: 0, lost: 0, duplicated: 0 });
    this.wakeIdlers();
  }

  stop(): void {
    this.#stopping.abort();
    this.#cancelTimers();
  }

  #cancelTimers(): void {
    for (const cancel of this.#retries) cancel();
    this.#retries.clear();
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
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
    // Real time, also while the clock stands still: what happened is told of.
    this.#flushTimer = setTimeout(() => {
      this.#flushTimer = undefined;
      this.#flush();
    }, this.settings.batchWindowMs);
  }

  #flush(): void {
    if (this.#isBlocked()) return;
    const { state } = this.#world;
    const random = this.#random.order;
    const { shuffles, batchSize } = this.settings;
    const groups = Map.groupBy(state.waitingEvents, (event) =>
      quirksFor(this.#world, event).mixesPortals ? 'mixed' : event.portalId,
    );
    state.waitingEvents = [];
    for (const list of groups.values()) {
      const portalId = list[0]?.portalId ?? '';
      const { once, again } = splitRepeats(shuffles ? shuffle(list, random) : list, random);
      for (const events of [once, again])
        for (let start = 0; start < events.length; start += batchSize) {
          const part = events.slice(start, start + batchSize);
          const delivery = { portalId, events: part, attempt: 0, dueAt: this.#clock.delayNow() };
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
    const sent = printDelivery(events, attempt, (event) => quirksFor(this.#world, event).webhookTypeField);
    const { status, answered } = await postDelivery(this.#world, url, sent, signal);
    this.#inFlight.set(portalId, (this.#inFlight.get(portalId) ?? 1) - 1);
    const types = [...new Set(events.map((event) => String(event.fields.subscriptionType)))];
    const ms = Date.now() - at;
    this.#log.push({ at, portalId, events: events.length, types, attempt, status, ms });
    this.onTry({ at, portalId, title: types.join(', '), attempt, status, ms, sent, answered });
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
      if (delivered) this.counts.events += delivery.events.length;
      const { state } = this.#world;
      state.waitingDeliveries = state.waitingDeliveries.filter((other) => other !== delivery);
      return;
    }
    const delayMs = this.settings.retryBaseMs * 2 ** delivery.attempt * (0.5 + this.#random.retries());
    delivery.attempt += 1;
    delivery.dueAt = this.#clock.delayNow() + delayMs;
    this.#queue(delivery);
  }

  #queue(delivery: WaitingDelivery): void {
    const cancel = this.#clock.at(delivery.dueAt, () => {
      this.#retries.delete(cancel);
      this.#ready.push(delivery);
      this.#pump();
    });
    this.#retries.add(cancel);
  }
}
