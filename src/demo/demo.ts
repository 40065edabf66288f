// What `npm start` adds on a bare machine: secrets, a PostgreSQL, an emulated HubSpot, and Baton installed in its portal.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Config, StartConfig } from '../config.ts';
import { startEmbeddedPostgres } from '../db/embedded.ts';
import { createLogins } from '../db/logins.ts';
import type { Db } from '../db/open-db.ts';
import { createEmulator, type Emulator } from '../emulator/emulator.ts';
import { seedPortal } from '../emulator/seed.ts';
import type { HubSpot } from '../hubspot/hubspot.ts';
import type { Log } from '../log.ts';
import { lockFolder } from './folder-lock.ts';
import { ensureInstalled } from './installation.ts';
import { ensureSecrets, type Secrets } from './secrets.ts';

export type Demo = {
  /** Without stand-ins. */
  config: Config;
  /** Of who owns the tables. */
  migrationUrl: string;
  /** To be called when the web half listens: installs Baton in the emulated portal as an admin would. */
  install(parts: { db: Db; hubspot: HubSpot }): Promise<void>;
  /** Prints where to look and what to try. */
  describe(): void;
};

type Starting = StartConfig & {
  /** Where everything of ours is kept, relative to where the program was started. */
  folder: string;
  log: Log;
  stopping: { add(name: string, stop: () => Promise<void>): void };
};

/** Starts what the environment does not name; nothing at all when it names everything. Throws `wrong-configuration`. */
export async function prepareDemo(starting: Starting): Promise<Demo> {
  const { config, missing, log, stopping } = starting;
  if (!Object.values(missing).includes(true))
    return { config, migrationUrl: config.databaseUrl, install: async () => {}, describe: () => {} };
  const folder = resolve(starting.folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  stopping.add('folder lock', await lockFolder(folder));
  const secrets = ensureSecrets(folder);
  let { databaseUrl } = config;
  let migrationUrl = databaseUrl;
  if (missing.database) {
    const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), log });
    stopping.add('PostgreSQL', () => postgres.stop());
    migrationUrl = postgres.url;
    ({ both: databaseUrl } = await createLogins(postgres.url, 'baton_embedded'));
  }
  const emulator = missing.hubspot ? await startEmulator(starting, folder, secrets) : undefined;
  return {
    migrationUrl,
    config: Object.freeze({ ...config, databaseUrl, ...fillSecrets(starting, secrets, emulator) }),
    install: async (parts) => {
      const [portalId] = emulator?.listPortalIds() ?? [];
      if (portalId) await ensureInstalled({ ...parts, config, portalId, log });
    },
    describe: () => describe(config, folder, emulator),
  };
}

function fillSecrets({ config, missing }: Starting, secrets: Secrets, emulator: Emulator | undefined) {
  const { clientId, clientSecret, appId } = secrets;
  return {
    tokenKeys: missing.tokenKeys
      ? [{ id: 'embedded', key: Buffer.from(secrets.tokenKey, 'base64') }]
      : config.tokenKeys,
    sessionSecret: missing.sessionSecret ? secrets.sessionSecret : config.sessionSecret,
    hubspot: emulator
      ? Object.freeze({ clientId, clientSecret, appId, apiUrl: emulator.url, appUrl: emulator.url })
      : config.hubspot,
  };
}

/** On the port after Baton's, so that its address is easily guessed; on any free one when that is taken. */
async function startEmulator({ config, stopping }: Starting, folder: string, secrets: Secrets): Promise<Emulator> {
  const options = {
    appId: secrets.appId,
    clientId: secrets.clientId,
    clientSecret: secrets.clientSecret,
    redirectUris: [`${config.publicUrl}/oauth/callback`],
    webhookUrl: `${config.publicUrl}/webhooks/hubspot`,
    // HubSpot's own ten retries fill a day: too long for somebody who stops Baton to see what comes of it.
    webhooks: { retryBaseMs: 1_000 },
    dataFile: join(folder, 'emulator.json'),
  };
  const emulator = await createEmulator({ ...options, port: config.port + 1 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE' && error.code !== 'ERR_SOCKET_BAD_PORT') throw error;
    return createEmulator(options);
  });
  stopping.add('emulated HubSpot', () => emulator.close());
  if (emulator.listPortalIds().length === 0) {
    const { portalId } = await seedPortal(emulator);
    // Making tickets of new conversations is left to Baton here, so that one sees it do so.
    emulator.portal(portalId).configure({ ticketsForNewConversations: false });
  }
  return emulator;
}

function describe(config: Config, folder: string, emulator: Emulator | undefined): void {
  const lines = ['', `  Baton is running at ${config.publicUrl}`];
  if (emulator) {
    const [portalId] = emulator.listPortalIds();
    lines.push(
      '',
      `  The emulated HubSpot     ${emulator.url}/portals/${portalId}`,
      `  Sign in to Baton         ${config.publicUrl}/oauth/install`,
      `  Settings                 ${config.publicUrl}/settings`,
      `  Activity                 ${config.publicUrl}/activity`,
      '',
      '  Try it: on the HubSpot page write as a customer, and the mail becomes a ticket that is answered by itself.',
      '  Answer it as the agent: "Waiting on contact". Reply on the same thread as the customer: "Waiting on us".',
      '  Activity says why.',
    );
  }
  lines.push('', `  Data is kept in ${folder}. Ctrl-C stops everything.`, '');
  console.log(lines.join('\n'));
}
