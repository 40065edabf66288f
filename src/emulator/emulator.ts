// A HubSpot to develop and test against, over real HTTP: createEmulator(...) -> { url, reset, close, portal(id), ... }.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { errorBody } from './answers.ts';
import { type ApiParts, type RequestHook, serveApi } from './api.ts';
import { createConsent } from './consent.ts';
import { createDataFile, readDataFile } from './data-file.ts';
import { createFaults, type Faults } from './faults.ts';
import { createLimiter, defaultLimits, type Limiter, type Limits } from './limits.ts';
import { defaultScopes } from './oauth.ts';
import { createPages } from './pages.ts';
import { makePortal, type PortalOptions } from './portal.ts';
import { createPortalControl, type PortalControl, performLater } from './portal-control.ts';
import { createRandom } from './random.ts';
import { createRequestLog, type LoggedRequest, type RequestLog } from './request-log.ts';
import { emptyState, type LaterTask } from './state.ts';
import { defaultWebhookSettings, type WebhookSettings, Webhooks } from './webhooks.ts';
import { defaultQuirks, type Quirks, type World } from './world.ts';

export type EmulatorOptions = {
  /** 0 or absent = any free one. */
  port?: number;
  host?: string;
  appId: string;
  clientId: string;
  clientSecret: string;
  /** Absent = any https or loopback address. */
  redirectUris?: string[];
  requiredScopes?: string[];
  optionalScopes?: string[];
  webhookUrl?: string;
  /** Keeps everything over a restart; absent = memory only. */
  dataFile?: string;
  /** HubSpot's clock in epoch ms: dates, token expiry, signatures. Limits, retries and delays run in real time. */
  now?: () => number;
  /** Seed of duplicates, disorder, losses and ids. */
  seed?: number;
  webhooks?: Partial<WebhookSettings>;
  limits?: Partial<Limits>;
  quirks?: Partial<Quirks>;
};

function createLater(world: World, save: () => Promise<void>, done: () => void) {
  const timers = new Set<NodeJS.Timeout>();
  function schedule(task: LaterTask): void {
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        if (!world.state.later.includes(task)) return;
        performLater(world, task);
        world.state.later = world.state.later.filter((other) => other !== task);
        void save();
        done();
      },
      Math.max(0, task.dueAt - Date.now()),
    );
    timers.add(timer);
  }
  return {
    add(task: LaterTask): void {
      world.state.later.push(task);
      schedule(task);
    },
    resume: () => world.state.later.forEach(schedule),
    stop(): void {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}

function createWorld(options: EmulatorOptions) {
  const state = options.dataFile ? readDataFile(options.dataFile) : emptyState();
  const { save } = createDataFile(options.dataFile, state);
  const world: World = {
    state,
    app: {
      appId: options.appId,
      clientId: options.clientId,
      clientSecret: options.clientSecret,
      redirectUris: options.redirectUris ?? null,
      requiredScopes: options.requiredScopes ?? defaultScopes.required,
      optionalScopes: options.optionalScopes ?? defaultScopes.optional,
    },
    quirks: { ...defaultQuirks, ...options.quirks },
    now: options.now ?? Date.now,
    random: createRandom(options.seed ?? 1),
    emit: (portal, change) => webhooks.emit(portal, change),
    doLater: (task) => later.add(task),
  };
  const webhooks = new Webhooks(world, { ...defaultWebhookSettings, ...options.webhooks }, save);
  const later = createLater(world, save, () => webhooks.wakeIdlers());
  return { world, save, webhooks, later };
}

function createApp(parts: ApiParts, emulator: Emulator): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(createConsent(parts.world, parts.save));
  app.use(createPages(parts.world, emulator));
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
  readonly faults: Faults = createFaults();
  /** Switches for what the sheets call uncertain; may change at any time. */
  readonly quirks: Quirks;
  readonly limits: Limits;
  readonly #options: EmulatorOptions;
  readonly #world: World;
  readonly #save: () => Promise<void>;
  readonly #later: ReturnType<typeof createLater>;
  readonly #limiter: Limiter;
  readonly #log: RequestLog = createRequestLog();
  readonly #hooks = new Set<RequestHook>();
  readonly #server: Server;

  constructor(options: EmulatorOptions) {
    const { world, save, webhooks, later } = createWorld(options);
    this.#options = options;
    this.#world = world;
    this.#save = save;
    this.#later = later;
    this.webhooks = webhooks;
    this.quirks = world.quirks;
    this.#limiter = createLimiter({ ...defaultLimits, ...options.limits });
    this.limits = this.#limiter.limits;
    const { faults } = this;
    const parts = { world, save, faults, limiter: this.#limiter, log: this.#log, hooks: this.#hooks };
    this.#server = createServer(createApp(parts, this));
  }

  /** Called once by createEmulator. */
  async listen(): Promise<void> {
    const { port = 0, host = '127.0.0.1', webhookUrl } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, resolve);
    });
    this.url = `http://${host}:${(this.#server.address() as AddressInfo).port}`;
    this.webhooks.setUrl(webhookUrl);
    this.webhooks.resume();
    this.#later.resume();
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

  /** Forgets everything: portals, tokens, deliveries, faults, hooks, counts; switches go back to what the options say. */
  async reset(): Promise<void> {
    this.#later.stop();
    Object.assign(this.#world.state, emptyState());
    Object.assign(this.quirks, { ...defaultQuirks, ...this.#options.quirks });
    Object.assign(this.limits, { ...defaultLimits, ...this.#options.limits });
    Object.assign(this.webhooks.settings, { ...defaultWebhookSettings, ...this.#options.webhooks });
    this.webhooks.clear();
    this.faults.clear();
    this.#hooks.clear();
    this.#log.clear();
    this.#limiter.clear();
    await this.#save();
  }

  /** Stops listening, cuts what is open, writes the data file. */
  async close(): Promise<void> {
    this.#later.stop();
    this.webhooks.stop();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
    await this.#save();
  }
}

/** Starts an emulator. Throws when the port is taken or the data file is none. Calls nobody but `webhookUrl`. */
export async function createEmulator(options: EmulatorOptions): Promise<Emulator> {
  const emulator = new Emulator(options);
  await emulator.listen();
  return emulator;
}
