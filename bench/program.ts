// One half of Baton, web or worker, in a process of its own, with the Node options that Procfile gives it.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { TokenKey } from '../src/config.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const startTimeoutMs = 20_000;

export type App = { clientId: string; clientSecret: string; appId: string };

/** What web and worker must agree on. */
export type Installation = {
  databaseUrl: string;
  app: App;
  tokenKey: TokenKey;
  /** The emulator; where no call is made, any address. */
  hubspotUrl: string;
  webPort: number;
  /** cron expression; absent = as in production. */
  sweepSchedule?: string;
};

export function createSecrets(): { app: App; tokenKey: TokenKey } {
  const secret = (bytes: number) => randomBytes(bytes).toString('hex');
  return {
    app: { clientId: secret(8), clientSecret: secret(16), appId: '2000001' },
    tokenKey: { id: 'bench', key: randomBytes(32) },
  };
}

export function publicUrlOf(installation: Pick<Installation, 'webPort'>): string {
  return `http://127.0.0.1:${installation.webPort}`;
}

export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

function environmentOf(installation: Installation, metricsPort: number): Record<string, string> {
  const { databaseUrl, app, tokenKey, hubspotUrl, webPort } = installation;
  return {
    PORT: String(webPort),
    PUBLIC_URL: publicUrlOf(installation),
    DATABASE_URL: databaseUrl,
    HUBSPOT_CLIENT_ID: app.clientId,
    HUBSPOT_CLIENT_SECRET: app.clientSecret,
    HUBSPOT_APP_ID: app.appId,
    HUBSPOT_API_URL: hubspotUrl,
    HUBSPOT_APP_URL: hubspotUrl,
    TOKEN_KEYS: `${tokenKey.id}:${tokenKey.key.toString('base64')}`,
    SESSION_SECRET: randomBytes(32).toString('hex'),
    METRICS_PORT: String(metricsPort),
    // As in production: what is logged at that level is part of the cost.
    LOG_LEVEL: 'info',
    ...(installation.sweepSchedule ? { SWEEP_SCHEDULE: installation.sweepSchedule } : {}),
  };
}

/** What stands behind the launcher on its line: options of Node, the program, the command. */
function readProcfile(command: 'web' | 'worker'): string[] {
  const text = readFileSync(join(root, 'Procfile'), 'utf8');
  const line = new RegExp(`^${command}: node scripts/with-node\\.mjs (.+)$`, 'm').exec(text)?.[1];
  if (line === undefined) throw new Error(`Procfile does not start ${command} by scripts/with-node.mjs`);
  return line.trim().split(/ +/);
}

/** A gauge of /metrics, which the process itself reports: the same on every platform. */
async function readGauge(origin: string, name: string): Promise<number> {
  const answer = await fetch(`${origin}/metrics`);
  const text = await answer.text();
  const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1];
  if (value === undefined) throw new Error(`${origin}/metrics does not tell ${name}`);
  return Number(value);
}

/** Resolves when it answers /ready. Throws with what it printed when it ends before. */
export async function startProgram(command: 'web' | 'worker', installation: Installation) {
  const metricsPort = await findFreePort();
  const child = spawn(process.execPath, readProcfile(command), {
    cwd: root,
    env: environmentOf(installation, metricsPort),
    // The channel closes when the bench is killed, and the program then ends by itself.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4_000);
    });
  }
  const exited = once(child, 'exit');
  const origin = command === 'web' ? publicUrlOf(installation) : `http://127.0.0.1:${metricsPort}`;
  const giveUpAt = Date.now() + startTimeoutMs;
  const isReady = () =>
    fetch(`${origin}/ready`).then(
      (answer) => answer.ok,
      () => false,
    );
  while (!(await isReady())) {
    if (child.exitCode !== null || Date.now() > giveUpAt) {
      child.kill('SIGKILL');
      throw new Error(`${command} did not start: ${said}`);
    }
    await wait(50);
  }
  return {
    /** Resident memory, in MB of 1,048,576 bytes. */
    readResidentMb: async () => Math.round((await readGauge(origin, 'process_resident_memory_bytes')) / 1_048_576),
    async stop(): Promise<void> {
      child.kill('SIGTERM');
      const [code] = await exited;
      if (code !== 0) throw new Error(`${command} ended with ${code}: ${said}`);
    },
  };
}

export type Program = Awaited<ReturnType<typeof startProgram>>;
