// A HubSpot to develop and test against, over real HTTP: createEmulator(...) -> { url, reset, close, portal(id), ... }.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { errorBody } from './answers.ts';
import { type ApiParts, type RequestHook, serveApi } from './api.ts';
import { type Changes, createChanges } from './changes.ts';
import { type Clock, createClock } from './clock.ts';
import { createConsent } from './consent.ts';
import { createControl } from './control.ts';
import { createCoveragePage } from './coverage-page.ts';
import { openDataFile } from './data-file.ts';
import { createFaults, type Faults } from './faults.ts';
import { createFrontDoor } from './front-door.ts';
import { createLater, type Later } from './later.ts';
import { createLimiter, defaultLimits, type Limiter, type Limits } from './limits.ts';
import { createPages } from './pages.ts';
import { makePortal, type PortalOptions } from './portal.ts';
import { createPortalControl, type PortalControl } from './portal-control.ts';
import { createRepeatableRandom } from './random.ts';
import { type RegistrationOptions, registerApp } from './registration.ts';
import { createRequestLog, type LoggedRequest, type RequestLog } from './request-log.ts';
import { signRequest } from './signer.ts';
import { emptyState } from './state.ts';
import { checkSubscriptions } from './subscriptions.ts';
import { defaultWebhookSettings, type WebhookSettings, Webhooks } from './webhooks.ts';
import { type AppRegistration, defaultQuirks, type Quirks, type World } from './world.ts';

export type EmulatorOptions = RegistrationOptions & {
  /** 0 or absent = any free one. */
  port?: number;
  host?: string;
  /** Portals to start with, and to go back to on reset. Absent = none, or 50000001 where no app is named either. */
  portals?: PortalOptions[];
  /** Takes v1, v3 and v4 paths for the dated ones they became, as the official client 14 needs; default false. */
  legacyPaths?: boolean;
  webhookUrl?: string;
  /** Keeps everything over a restart; absent = memory only. */
  dataFile?: string;
  /** What HubSpot's clock is built on, in epoch ms; default real time. `emulator.clock` moves it. */
  now?: () => number;
  /** The same seed and the same calls give the same ids, losses, repeats and order; default 1. */
  seed?: number;
  webhooks?: Partial<WebhookSettings>;
  limits?: Partial<Limits>;
  quirks?: Partial<Quirks>;
};

function createWorld(options: EmulatorOptions) {
  const { state, save: write } = openDataFile(options.dataFile);
  const changes = createChanges();
  // Whatever changes something saves it, so this is where pages hear of it.
  const save = () => {
    changes.tell();
    return write();
  };
  const seed = options.seed ?? 1;
  const clock = createClock(state, options.now ?? Date.now);
  const faults = createFaults({ seed, now: clock.now });
  const ids = createRepeatableRandom(seed);
  const world: World = {
    state,
    app: registerApp(options),
    quirks: { ...defaultQuirks, ...options.quirks },
    now: clock.now,
    delayNow: clock.delayNow,
    random: ids.next,
    seed,
    emit: (portal, change) => webhooks.emit(portal, change),
    doLater: (task) => later.add(task),
  };
  const settings = { ...defaultWebhookSettings, ...options.webhooks };
  checkSubscriptions(settings.subscriptions);
  if (settings.maxInFlightPerPortal <= 5)
    throw new Error(
      'emulator: webhooks.maxInFlightPerPortal must be above 5, as maxConcurrentRequests (PLATFORM.md 2.6)',
    );
  const webhooks = new Webhooks({ world, settings, save, clock, faults });
  const later = createLater(world, clock, webhooks, save);
  return { world, save, webhooks, later, changes, clock, faults, ids };
}

function createApp(parts: ApiParts, emulator: Emulator, changes: Changes): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(createConsent(parts.world, parts.save));
  app.use(createCoveragePage());
  app.use('/emulator', createControl({ ...parts, clock: emulator.clock }));
  app.use(createPages({ ...parts, emulator, changes }));
  app.use(express.raw({ type: () => true, limit: '4mb' }), (request, response) => {
    const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    return serveApi(parts, request, response, raw);
  });
  app.use(answerError);
  return app;
}

/** What went wrong before or inside a handler. A client that went away is no news; a fault of the emulator's own is. */
function answerError(error: unknown, _request: Request, response: Response, _next: NextFunction): void {
  const status = isHttpError(error) ? error.status : 500;
  if (status >= 500) console.error('emulator:', error);
  if (response.headersSent || response.destroyed) return;
  const message = error instanceof Error ? error.message : 'unknown error';
  response.status(status).json(errorBody(status >= 500 ? 'INTERNAL_ERROR' : 'VALIDATION_ERROR', message));
}

function isHttpError(error: unknown): error is { status: number } {
  return typeof error === 'object' && error !== null && 'status' in error && typeof error.status === 'number';
}

/** A running emulator, as createEmulator gives it. */
export class Emulator {
  /** Origin without a trailing slash: the API, the consent page and the pages for people. */
  url = '';
  readonly webhooks: Webhooks;
  /** What goes wrong: add, list, remove, clear. */
  readonly faults: Faults;
  /** HubSpot's time; move it and what falls due on the way happens, in order. */
  readonly clock: Clock;
  /** Switches for what the sheets call uncertain; may change at any time. */
  readonly quirks: Quirks;
  readonly limits: Limits;
  /** The app as HubSpot knows it. Scopes may change while running: portals get new ones when they connect again. */
  readonly app: AppRegistration;
  readonly #options: EmulatorOptions;
  readonly #world: World;
  readonly #save: () => Promise<void>;
  readonly #later: Later;
  readonly #ids: ReturnType<typeof createRepeatableRandom>;
  readonly #limiter: Limiter;
  readonly #log: RequestLog;
  readonly #hooks = new Set<RequestHook>();
  readonly #server: Server;

  constructor(options: EmulatorOptions) {
    const { world, save, webhooks, later, changes, clock, faults, ids } = createWorld(options);
    this.#options = options;
    this.#world = world;
    this.#save = save;
    this.#later = later;
    this.#ids = ids;
    this.clock = clock;
    this.faults = faults;
    this.webhooks = webhooks;
    this.#log = createRequestLog(changes.tell);
    webhooks.onTry = (made) => this.#log.addDelivery(made);
    this.quirks = world.quirks;
    this.app = world.app;
    this.#limiter = createLimiter({ ...defaultLimits, ...options.limits }, clock.delayNow);
    this.limits = this.#limiter.limits;
    const parts = {
      world,
      save,
      faults,
      limiter: this.#limiter,
      log: this.#log,
      hooks: this.#hooks,
      legacyPaths: options.legacyPaths,
    };
    this.#server = createServer(
      createFrontDoor((...call) => serveApi(parts, ...call), createApp(parts, this, changes)),
    );
  }

  /** Called once by createEmulator. */
  async listen(): Promise<void> {
    const { port = 0, host = '127.0.0.1', webhookUrl } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, resolve);
    });
    this.url = `http://${host}:${(this.#server.address() as AddressInfo).port}`;
    this.#seedPortals();
    this.webhooks.setUrl(webhookUrl);
    this.webhooks.resume();
    this.#later.resume();
  }

  /** The handles on all portals, by id. */
  get portals(): Map<string, PortalControl> {
    return new Map(this.listPortalIds().map((portalId) => [portalId, this.portal(portalId)]));
  }

  #seedPortals(): void {
    const { portals, appId } = this.#options;
    for (const made of portals ?? (appId === undefined ? [{ portalId: '50000001' }] : []))
      if (!this.#world.state.portals[made.portalId]) makePortal(this.#world.state, made, this.#world.random);
  }

  /** Ids of all portals. */
  listPortalIds(): string[] {
    return Object.keys(this.#world.state.portals);
  }

  /** Throws when the portal exists. */
  addPortal(options: PortalOptions): PortalControl {
    makePortal(this.#world.state, options, this.#world.random);
    void this.#save();
    return this.portal(options.portalId);
  }

  /** The handle on a portal; its methods throw when there is no such portal. */
  portal(portalId: string): PortalControl {
    return createPortalControl(this.#world, portalId, () => void this.#save());
  }

  /** Headers of a request HubSpot makes to the app that is no webhook: a workflow action, `hubspot.fetch`. */
  sign(request: { method: string; url: string; body: string }): Record<string, string> {
    return signRequest(this.#world.app.clientSecret, request, this.#world.now());
  }

  setWebhookUrl(url: string | undefined): void {
    this.webhooks.setUrl(url);
  }

  /** The last 10,000 API calls, oldest first. */
  get requests(): LoggedRequest[] {
    return this.#log.list();
  }

  /** Calls to paths the emulator does not have: each is a mistake of the caller's or a gap here. */
  get unknownRequests(): Array<{ method: string; path: string }> {
    return this.#log.listUnknown();
  }

  /** API calls of a portal since the last clear, token requests included; exact, whatever the list still holds. */
  countRequests(portalId: string): number {
    return this.#log.count(portalId);
  }

  clearRequests(): void {
    this.#log.clear();
  }

  /** Called before a request is handled and again once applied, before the answer is sent. Returns its remover. */
  onRequest(hook: RequestHook): () => void {
    this.#hooks.add(hook);
    return () => void this.#hooks.delete(hook);
  }

  /** Resolves when everything done so far is in the data file. */
  saved(): Promise<void> {
    return this.#save();
  }

  /** Forgets everything but the portals of the options: portals, tokens, deliveries, faults, hooks, counts; switches go back to what the options say. */
  async reset(): Promise<void> {
    this.#later.stop();
    Object.assign(this.#world.state, emptyState());
    this.clock.reset();
    this.#ids.reset();
    this.#seedPortals();
    Object.assign(this.quirks, { ...defaultQuirks, ...this.#options.quirks });
    Object.assign(this.limits, { ...defaultLimits, ...this.#options.limits });
    Object.assign(this.webhooks.settings, { ...defaultWebhookSettings, ...this.#options.webhooks });
    this.webhooks.clear();
    this.faults.reset();
    this.#hooks.clear();
    this.#log.clear();
    this.#limiter.clear();
    await this.#save();
  }

  /** Stops listening, cuts what is open, writes the data file. */
  async close(): Promise<void> {
    this.clock.stop();
    this.webhooks.stop();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
    await this.#save();
  }
}

/** Starts an emulator. Throws when the port is taken or the data file is none. Calls nobody but `webhookUrl`. */
export async function createEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = new Emulator(options);
  await emulator.listen();
  return emulator;
}
