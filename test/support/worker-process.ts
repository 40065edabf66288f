// A worker in a process of its own, for tests that run several or kill one. Its argument: WorkerProcessOptions as JSON.
import { openDb, type PoolSizes } from '../../src/db/open-db.ts';
import { createAccessTokens } from '../../src/hubspot/access-tokens.ts';
import { createHubSpot } from '../../src/hubspot/hubspot.ts';
import { createOAuth } from '../../src/hubspot/oauth.ts';
import { createPace } from '../../src/hubspot/pace.ts';
import { createPipelineCache } from '../../src/hubspot/pipeline-cache.ts';
import { createReferenceCache } from '../../src/hubspot/reference-cache.ts';
import { createWebhookSender } from '../../src/outgoing/webhook-sender.ts';
import { createWorker, type WorkerLimits } from '../../src/worker/worker.ts';
import { createKeptLog } from './kept-log.ts';

export type WorkerProcessOptions = {
  databaseUrl: string;
  tokenKey: { id: string; base64: string };
  hubspot: { clientId: string; clientSecret: string; appId: string; apiUrl: string; appUrl: string };
  publicUrl: string;
  sweepSchedule: string;
  limits: Partial<WorkerLimits>;
  /** HubSpot's window, shortened so that a lease taken over does not wait ten seconds. */
  windowMs: number;
  /** A worker's own, unless given. */
  poolSizes?: PoolSizes;
};

// A hundred connections are what PostgreSQL has by default, and a few systems at a time must fit into them. A worker of many portals
// needs its eight for batches: with four, some waited longer than a pool lets them.
const workerPools: PoolSizes = { statements: 3, lanes: 8 };

/** Builds a worker as src/main.ts does, with a test's limits. */
export function buildWorker(options: WorkerProcessOptions) {
  const log = createKeptLog();
  const tokenKeys = [{ id: options.tokenKey.id, key: Buffer.from(options.tokenKey.base64, 'base64') }];
  const db = openDb({ databaseUrl: options.databaseUrl, tokenKeys, log, sizes: options.poolSizes ?? workerPools });
  const oauth = createOAuth({ config: options.hubspot, publicUrl: options.publicUrl });
  const accessTokens = createAccessTokens({ store: db.tokens, oauth, log });
  const hubspot = createHubSpot({ config: options.hubspot, accessTokens, log });
  const pipelines = createPipelineCache({ hubspot, store: db.pipelines, log });
  const worker = createWorker({
    db,
    hubspot,
    pipelines,
    appId: options.hubspot.appId,
    sweepSchedule: options.sweepSchedule,
    webhookSender: createWebhookSender({ allowLoopback: true, timeoutMs: 1_000 }),
    log,
    limits: options.limits,
    paceOf: (lease) => createPace({ used: lease.pace, spent: lease.takenOver, limits: { windowMs: options.windowMs } }),
  });
  return { db, oauth, accessTokens, hubspot, pipelines, references: createReferenceCache({ hubspot }), worker };
}

if (process.argv[1] === import.meta.filename) {
  const { db, worker } = buildWorker(JSON.parse(process.argv[2] as string) as WorkerProcessOptions);
  await worker.start();
  process.on('SIGTERM', async () => {
    await worker.stop();
    await db.close();
    process.exit(0);
  });
  process.stdout.write('ready\n');
}
