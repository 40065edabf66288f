// Opens the database: two pools, and every part that stands on them.
import type { Log } from '../log.ts';
import { createAccess } from './access.ts';
import { createBacklog } from './backlog.ts';
import { createBatchStart } from './batch-start.ts';
import { createDeadEvents } from './dead-events.ts';
import { createEvents } from './events.ts';
import { createLanes, laneSettings } from './lanes.ts';
import { createMailbox } from './mailbox.ts';
import { createMailboxChecks } from './mailbox-checks.ts';
import { checkSchema } from './migrate.ts';
import { createPipelines } from './pipelines.ts';
import { createPlannedActions } from './planned-actions.ts';
import { createPool, reach } from './pool.ts';
import { createPortals } from './portals.ts';
import { createRecords } from './records.ts';
import { createRetention } from './retention.ts';
import { createRivals } from './rivals.ts';
import { createSessions } from './sessions.ts';
import { createSettings } from './settings.ts';
import { createSweeps } from './sweeps.ts';
import { createTicketMemory } from './ticket-memory.ts';
import { createTokens } from './tokens.ts';
import { createVault, type VaultKey } from './vault.ts';
import { createWebhookSecrets } from './webhook-secrets.ts';

/** Connections of a process at most; docs/database.md prints their sum. One of `lanes` listens, for as long as a worker works. */
export type PoolSizes = { statements: number; lanes: number };
export const poolSizes: PoolSizes = { statements: 10, lanes: 8 };

type DbOptions = { databaseUrl: string; tokenKeys: readonly VaultKey[]; log: Log; sizes?: PoolSizes };

/** Opens no connection by itself: the first statement does. `close` waits for running statements. `sizes` are `poolSizes` but in tests. */
export function openDb({ databaseUrl, tokenKeys, log, sizes = poolSizes }: DbOptions) {
  const vault = createVault(tokenKeys);
  // 4 s: an intake must be answered within HubSpot's 5 s (PLATFORM.md 2.6).
  const pool = createPool(databaseUrl, { max: sizes.statements, statementTimeoutMs: 4_000, log });
  const lanePool = createPool(databaseUrl, {
    max: sizes.lanes,
    statementTimeoutMs: 30_000,
    settings: laneSettings,
    log,
  });
  const access = createAccess(pool);
  const laneAccess = createAccess(lanePool);
  return {
    portals: createPortals(access, vault),
    tokens: createTokens(access, vault),
    events: createEvents(access.allPortals),
    lanes: createLanes(lanePool),
    readBatchStart: createBatchStart(laneAccess.portal),
    plannedActions: createPlannedActions(laneAccess.portal),
    webhookSecrets: createWebhookSecrets(access, vault),
    mailbox: createMailbox(laneAccess.portal),
    mailboxChecks: createMailboxChecks(access.portal),
    ticketMemory: createTicketMemory(laneAccess.portal),
    settings: createSettings(access.portal),
    records: createRecords(access.portal),
    rivals: createRivals(access.portal),
    deadEvents: createDeadEvents(access.portal),
    pipelines: createPipelines(access.portal),
    sessions: createSessions(pool, log),
    sweeps: createSweeps(access),
    retention: createRetention(access),
    backlog: createBacklog(access.allPortals),
    /** Resolves when the database answers with the schema of this program. Throws `database-unavailable`, `schema-behind` or `schema-ahead`. */
    async checkReady(): Promise<void> {
      await reach(() => checkSchema(pool));
    },
    /** Whether this user sees every portal's rows whatever is set: a superuser, or one with BYPASSRLS. */
    async passesRowSecurity(): Promise<boolean> {
      const { rows } = await reach(() =>
        pool.query<{ passes: boolean }>(
          'select rolsuper or rolbypassrls as passes from pg_roles where rolname = current_user',
        ),
      );
      return rows[0]?.passes === true;
    },
    async close(): Promise<void> {
      await Promise.all([pool.end(), lanePool.end()]);
    },
  };
}

export type Db = ReturnType<typeof openDb>;
