// `npm run emulator`: an emulated HubSpot alone, with a portal to try things in, for an app of any kind.
import { randomInt, randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createEmulator } from './emulator.ts';
import { seedPortal } from './seed.ts';

const usage = `npm run emulator -- [--port 3001] [--webhook-url http://localhost:3000/webhooks/hubspot]
    [--app-id 2000001 --client-id ID --client-secret SECRET] [--data-file emulator.json] [--seed 1] [--legacy-paths]`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '3001' },
      'webhook-url': { type: 'string' },
      'app-id': { type: 'string', default: String(randomInt(1_000_000, 9_999_999)) },
      'client-id': { type: 'string', default: randomUUID() },
      'client-secret': { type: 'string', default: randomUUID() },
      'data-file': { type: 'string' },
      seed: { type: 'string', default: '1' },
      'legacy-paths': { type: 'boolean', default: false },
    },
  });
  const [port, seed] = [Number(values.port), Number(values.seed)];
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('--port is a number from 0 to 65535');
  if (!Number.isInteger(seed)) throw new Error('--seed is a whole number');
  if (values['webhook-url'] && !URL.canParse(values['webhook-url'])) throw new Error('--webhook-url is no address');
  return {
    port,
    seed,
    appId: values['app-id'],
    clientId: values['client-id'],
    clientSecret: values['client-secret'],
    webhookUrl: values['webhook-url'],
    dataFile: values['data-file'],
    legacyPaths: values['legacy-paths'],
  };
}

/** The secret is printed: it is this emulator's own, opens nothing else, and the app needs it. */
function describe(url: string, portalId: string | undefined, options: ReturnType<typeof readOptions>): string {
  return `
  The emulated HubSpot     ${url}/portals/${portalId}
  Its API                  ${url}
  Consent page             ${url}/oauth/authorize?client_id=${options.clientId}&redirect_uri=...&scope=...
  App id                   ${options.appId}
  Client id                ${options.clientId}
  Client secret            ${options.clientSecret}
  Webhooks go to           ${options.webhookUrl ?? 'nowhere; name --webhook-url'}

  Ctrl-C stops it.${options.dataFile ? '' : ' Nothing is kept; name --data-file to keep it.'}
`;
}

async function run(): Promise<void> {
  const options = readOptions();
  const emulator = await createEmulator(options);
  if (emulator.listPortalIds().length === 0) seedPortal(emulator);
  console.log(describe(emulator.url, emulator.listPortalIds()[0], options));
  const stop = () => void emulator.close().then(() => process.exit(0));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);
  process.once('disconnect', stop); // scripts/with-node.mjs is gone
  process.channel?.unref();
}

run().catch((error: unknown) => {
  console.error(`emulator: ${error instanceof Error ? error.message : 'unknown error'}\n${usage}`);
  process.exit(1);
});
