// Emulator, web and worker for the settle benches: the emulator in this process, Baton's halves in their own.
import { setTimeout as wait } from 'node:timers/promises';
import { type Db, openDb } from '../src/db/open-db.ts';
import { createEmulator, type Emulator } from '../src/emulator/emulator.ts';
import { defaultPipelines } from '../src/emulator/portal.ts';
import { createLog } from '../src/log.ts';
import { settingsSchema } from '../src/rules/settings.ts';
import { type BenchServer, openBenchPool } from './bench-server.ts';
import { fullSettings } from './full-batches.ts';
import { createSecrets, findFreePort, type Installation, publicUrlOf, startProgram } from './program.ts';

const settleTimeoutMs = 30_000;

export type SettleSystem = Awaited<ReturnType<typeof startSettleSystem>>;

/** Installed with its pipelines read, as after a first visit to the settings page. */
async function installPortal(
  db: Db,
  emulator: Emulator,
  portalId: string,
  { settings = fullSettings as object, ticketsForNewConversations = true } = {},
) {
  const portal = emulator.addPortal({ portalId, ticketsForNewConversations });
  const { accessToken, refreshToken, expiresInSeconds } = portal.install();
  const userId = portal.look().users[0]?.userId ?? '';
  await db.portals.install({
    portalId,
    userId,
    domain: 'company.example',
    uiDomain: 'app.hubspot.com',
    timeZone: 'Europe/Paris',
    scopes: ['oauth', 'tickets', 'crm.objects.contacts.read', 'conversations.read', 'sales-email-read'],
    accessToken,
    refreshToken,
    expiresAt: new Date(Date.now() + expiresInSeconds * 1_000),
  });
  const pipelines = defaultPipelines().map(({ id, label, stages }) => ({
    id,
    label,
    stages: stages.map((stage) => ({ id: stage.id, label: stage.label, closed: stage.ticketState === 'CLOSED' })),
  }));
  await db.pipelines.savePipelines(portalId, pipelines);
  await db.settings.saveSettings(portalId, {
    basedOn: 0,
    settings: settingsSchema.parse(settings),
    author: 'bench',
  });
  return { portal, userId };
}

export async function startSettleSystem(server: BenchServer) {
  const database = await server.createDatabase();
  const webPort = await findFreePort();
  const { app, tokenKey } = createSecrets();
  const webhooks = { retryBaseMs: 1_000 };
  const emulator = await createEmulator({
    ...app,
    webhooks,
    webhookUrl: `${publicUrlOf({ webPort })}/webhooks/hubspot`,
  });
  const installation: Installation = {
    databaseUrl: database.logins.both,
    app,
    tokenKey,
    hubspotUrl: emulator.url,
    webPort,
  };
  const db = openDb({ databaseUrl: database.logins.both, tokenKeys: [tokenKey], log: createLog('silent') });
  const sql = openBenchPool(database, 1);
  const web = await startProgram('web', installation);
  const worker = await startProgram('worker', installation);
  return {
    emulator,
    database,
    origin: publicUrlOf(installation),
    web,
    worker,
    db,
    sql,
    install: (portalId: string, options?: Parameters<typeof installPortal>[3]) =>
      installPortal(db, emulator, portalId, options),
    /** Resolves when HubSpot has told everything and nothing waits. Looks often enough to time a batch to 10 ms. */
    async settled(timeoutMs = settleTimeoutMs): Promise<void> {
      await emulator.webhooks.idle();
      const giveUpAt = Date.now() + timeoutMs;
      for (;;) {
        const { rows } = await sql.query(
          `select (select count(*) from inbox)::int as waiting,
                  (select count(*) from lanes where lease_until is not null)::int as leased`,
        );
        if (rows[0].waiting === 0 && rows[0].leased === 0) return;
        if (Date.now() > giveUpAt) throw new Error(`${rows[0].waiting} events are still not settled`);
        await wait(10);
      }
    },
    /** Events in the inbox, due or put off. */
    async countWaiting(): Promise<number> {
      const { rows } = await sql.query('select count(*)::int as waiting from inbox');
      return rows[0].waiting;
    },
    async stop(): Promise<void> {
      await worker.stop();
      await web.stop();
      await emulator.close();
      await Promise.all([db.close(), sql.end()]);
      await database.drop();
    },
  };
}
