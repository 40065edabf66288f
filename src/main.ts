// Reads the command (web, worker, migrate; none = everything), builds the parts, and stops them cleanly.
import { collectDefaultMetrics, Registry } from 'prom-client';
import {
  type Command,
  type Config,
  commands,
  readConfig,
  readEnvironment,
  readMigrateConfig,
  readStartConfig,
  type StartConfig,
} from './config.ts';
import { migrate } from './db/migrate.ts';
import { openDb } from './db/open-db.ts';
import { prepareDemo } from './demo/demo.ts';
import { BatonError } from './errors.ts';
import { createAccessTokens } from './hubspot/access-tokens.ts';
import { createCallMetrics } from './hubspot/call-metrics.ts';
import { createHubSpot } from './hubspot/hubspot.ts';
import { createOAuth } from './hubspot/oauth.ts';
import { createPipelineCache } from './hubspot/pipeline-cache.ts';
import { createReferenceCache } from './hubspot/reference-cache.ts';
import { createLog, describeError, type Log } from './log.ts';
import { createWebhookSender } from './outgoing/webhook-sender.ts';
import { createStopping, type Stopping } from './stopping.ts';
import { createApp } from './web/app.ts';
import { createBacklogMetrics } from './web/backlog-metrics.ts';
import { createHealthApp } from './web/health-app.ts';
import { createPageRoutes } from './web/pages/routes.ts';
import { startServer } from './web/server.ts';
import { createWorker } from './worker/worker.ts';

/** EX_CONFIG of sysexits.h: CONTRACT 2 promises it. */
const wrongConfigurationExitCode = 78;

function openParts(config: Config, log: Log, stopping: Stopping) {
  const db = openDb({ databaseUrl: config.databaseUrl, tokenKeys: config.tokenKeys, log });
  stopping.add('database', () => db.close());
  const oauth = createOAuth({ config: config.hubspot, publicUrl: config.publicUrl });
  const accessTokens = createAccessTokens({ store: db.tokens, oauth, log });
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  createBacklogMetrics(metrics, db);
  const hubspot = createHubSpot({ config: config.hubspot, accessTokens, log, onCall: createCallMetrics(metrics) });
  const pipelines = createPipelineCache({ hubspot, store: db.pipelines, log });
  const references = createReferenceCache({ hubspot });
  return { config, db, oauth, hubspot, pipelines, references, log, metrics };
}
type Parts = ReturnType<typeof openParts>;

/** Not waited for: web starts without a database too. */
async function warnOfSuperuser({ db, log }: Parts): Promise<void> {
  try {
    if (!(await db.passesRowSecurity())) return;
    log.warn(
      {},
      "the user of DATABASE_URL is above PostgreSQL's row-level security; docs/database.md says what to use",
    );
  } catch (error) {
    log.warn(describeError(error), 'the rights of the user of DATABASE_URL could not be read');
  }
}

async function startWeb(parts: Parts, stopping: Stopping): Promise<void> {
  const app = createApp({ ...parts, pageRoutes: createPageRoutes(parts) });
  const server = await startServer({ app, port: parts.config.port, log: parts.log });
  stopping.add('web', () => server.close());
  parts.log.info({ port: server.port }, 'web is listening');
  void warnOfSuperuser(parts);
}

async function startWorker(parts: Parts, stopping: Stopping): Promise<void> {
  const { config, db, hubspot, pipelines, log, metrics } = parts;
  const { sweepSchedule, metricsToken, metricsPort } = config;
  const webhookSender = createWebhookSender({ allowLoopback: !config.production });
  const { appId } = config.hubspot;
  const worker = createWorker({ db, hubspot, pipelines, appId, webhookSender, sweepSchedule, log, metrics });
  stopping.add('worker', () => worker.stop());
  await worker.start();
  if (metricsPort !== undefined) {
    const app = createHealthApp({ db, registry: metrics, metricsToken, log });
    const server = await startServer({ app, port: metricsPort, log });
    stopping.add('worker metrics', () => server.close());
  }
  void warnOfSuperuser(parts);
  log.info({}, 'worker is working'); // last, for whoever waits for it asks /ready next
}

/** Everything in one process; on a bare machine with a database and a HubSpot of our own. */
async function startEverything(given: StartConfig, log: Log, stopping: Stopping): Promise<void> {
  const demo = await prepareDemo({ ...given, folder: '.data', log, stopping });
  await migrate(demo.migrationUrl);
  const parts = openParts(demo.config, log, stopping);
  await startWeb(parts, stopping);
  await demo.install(parts);
  await startWorker(parts, stopping);
  demo.describe();
}

async function start(command: Exclude<Command, 'migrate'>, stopping: Stopping): Promise<void> {
  const environment = readEnvironment();
  if (command === 'start') {
    const given = readStartConfig(environment);
    // With an emulator somebody sits before the terminal: what went well is on the pages, only trouble is logged.
    const quiet = given.missing.hubspot && !environment.LOG_LEVEL;
    await startEverything(given, createLog(quiet ? 'warn' : given.config.logLevel), stopping);
    return;
  }
  const config = readConfig(environment, command);
  const log = createLog(config.logLevel);
  const parts = openParts(config, log, stopping);
  if (command === 'web') await startWeb(parts, stopping);
  else {
    await parts.db.checkReady(); // a worker on an old schema would fail event by event
    await startWorker(parts, stopping);
  }
}

/** Ctrl-C, a platform's SIGTERM, a closed terminal and a killed launcher all mean the same: finish, then end. */
function watchProcess(stopping: Stopping, log: Log): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stopping.exit(0));
  process.on('disconnect', () => void stopping.exit(0)); // scripts/with-node.mjs is gone
  process.channel?.unref();
  const fail = (error: unknown) => {
    log.error(describeError(error), 'an error nobody caught');
    void stopping.exit(1);
  };
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
}

async function run(words: string[], stopping: Stopping): Promise<void> {
  const [command = 'start', ...rest] = words;
  const known = commands.find((name) => name === command);
  if (!known || rest.length > 0) {
    throw new BatonError('wrong-configuration', {
      detail: `The command is one of web, worker, migrate, or none for everything.`,
    });
  }
  if (known !== 'migrate') return start(known, stopping);
  const { databaseUrl, logLevel } = readMigrateConfig(readEnvironment());
  await migrate(databaseUrl);
  createLog(logLevel).info({}, 'the database is up to date');
}

/** One line a person can act on. Of an unknown error only name and code: its message may hold the database's password. */
function describeStartFailure(error: unknown): string {
  if (error instanceof BatonError) return error.detail ?? error.message;
  const { error: name, code } = describeError(error);
  return `Baton could not start (${[name, code].filter(Boolean).join(' ')}).`;
}

const log = createLog('error');
const stopping = createStopping(log);
watchProcess(stopping, log);
run(process.argv.slice(2), stopping).catch(async (error: unknown) => {
  console.error(`baton: ${describeStartFailure(error)}`);
  const wrong = error instanceof BatonError && error.code === 'wrong-configuration';
  await stopping.exit(wrong ? wrongConfigurationExitCode : 1);
});
