// A HubSpot to develop and test against, over real HTTP: createEmulator(...) -> { url, reset, close, portal(id), ... }.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import { type ApiParts, type RequestHook, serveApi } from './api.ts';
import { createConsent } from './consent.ts';
import { createDataFile, readDataFile } from './data-file.ts';
import { createFaults, type Faults } from './faults.ts';
import { createLimiter, defaultLimits, type Limits } from './limits.ts';
import { defaultScopes } from './oauth.ts';
import { createPages } from './pages.ts';
import { makePortal, type PortalOptions } from './portal.ts';
import { createPortalControl, type PortalControl, performLater } from './portal-control.ts';
import { createRandom } from './random.ts';
import { createRequestLog, type LoggedRequest } from './request-log.ts';
import { emptyState, type LaterTask } from './state.ts';
import { Webhooks, type WebhookSettings, defaultWebhookSettings } from './webhooks.ts';
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

export type Emulator = {
  /** Origin without a trailing slash: the API, the consent page and the pages for people. */
  url: string;
  /** Forgets everything: portals, tokens, deliveries, faults, hooks, counts, and the quirks that were switched. */
  reset(): Promise<void>;
  /** Stops listening, cuts what is open, writes the data file. */
  close(): Promise<void>;
  setWebhookUrl(url: string | undefined): void;
  addPortal(options: PortalOptions): PortalControl;
  /** The handle on a portal; its methods throw when there is no such portal. */
  portal(portalId: string): PortalControl;
  listPortalIds(): string[];
  webhooks: Webhooks;
  faults: Faults;
  quirks: Quirks;
  limits: Limits;
  /** The last 10,000 API calls, oldest first. */
  readonly requests: LoggedRequest[];
  /** Calls to paths the emulator does not have: each is a mistake of the caller's or a gap here. */
  readonly unknownRequests: Array<{ method: string; path: string }>;
  countRequests(portalId: string): number;
  clearRequests(): void;
  /** Called before a request is handled and again after it was applied, before the answer is sent. Returns its remover. */
  onRequest(hook: RequestHook): () => void;
  /** Resolves when everything done so far is in the data file. */
  saved(): Promise<void>;
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
  return app;
}

async function listen(server: Server, port: number, host: string): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}

/** Starts an emulator on 127.0.0.1. Throws when the port is taken or the data file is none. Never calls anything but `webhookUrl`. */
export async function createEmulator(options: EmulatorOptions): Promise<Emulator> {
  const { world, save, webhooks, later } = createWorld(options);
  const log = createRequestLog();
  const faults = createFaults();
  const hooks = new Set<RequestHook>();
  const limiter = createLimiter({ ...defaultLimits, ...options.limits });
  const changed = () => void save();
  const control = (portalId: string) => createPortalControl(world, portalId, changed);
  const emulator: Emulator = {
    url: '',
    webhooks,
    faults,
    quirks: world.quirks,
    limits: limiter.limits,
    setWebhookUrl: (url) => webhooks.setUrl(url),
    addPortal(portalOptions) {
      makePortal(world.state, portalOptions, world.random);
      changed();
      return control(portalOptions.portalId);
    },
    portal: control,
    listPortalIds: () => Object.keys(world.state.portals),
    get requests() {
      return log.list();
    },
    get unknownRequests() {
      return log.listUnknown();
    },
    countRequests: log.count,
    clearRequests: log.clear,
    onRequest(hook) {
      hooks.add(hook);
      return () => hooks.delete(hook);
    },
    saved: save,
    async reset() {
      later.stop();
      Object.assign(world.state, emptyState());
      Object.assign(world.quirks, { ...defaultQuirks, ...options.quirks });
      Object.assign(webhooks.settings, { ...defaultWebhookSettings, ...options.webhooks });
      webhooks.clear();
      faults.clear();
      hooks.clear();
      log.clear();
      limiter.clear();
      await save();
    },
    async close() {
      later.stop();
      webhooks.stop();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await save();
    },
  };
  const server = createServer(createApp({ world, limiter, faults, log, hooks, save }, emulator));
  emulator.url = await listen(server, options.port ?? 0, options.host ?? '127.0.0.1');
  webhooks.setUrl(options.webhookUrl);
  webhooks.resume();
  later.resume();
  return emulator;
}
