// A portal of the emulator with Baton installed, and the gateway that talks to it.
import type { TestContext } from 'node:test';
import { createEmulator, type EmulatorOptions } from '../../src/emulator/emulator.ts';
import { createAccessTokens } from '../../src/hubspot/access-tokens.ts';
import { createHubSpot } from '../../src/hubspot/hubspot.ts';
import { createOAuth } from '../../src/hubspot/oauth.ts';
import { createPace } from '../../src/hubspot/pace.ts';
import { requiredScopes } from '../../src/hubspot/scopes.ts';
import { keepLog } from './fake-hubspot.ts';
import { createTokenTable } from './token-table.ts';

export const app = { appId: '2000001', clientId: 'client-1', clientSecret: 'secret-1' };
export const customer = 'casey@customer.example';

export async function install(
  t: TestContext,
  options: Partial<EmulatorOptions> = {},
  scopes: readonly string[] = requiredScopes,
) {
  const emulator = await createEmulator({ ...app, ...options });
  t.after(() => emulator.close());
  const portal = emulator.addPortal({ portalId: '41000001', ticketsForNewConversations: true });
  const config = { ...app, apiUrl: emulator.url, appUrl: emulator.url };
  const oauth = createOAuth({ config, publicUrl: 'http://127.0.0.1:1' });
  const code = portal.authorize({ redirectUri: oauth.redirectUrl, scopes: [...scopes] });
  const grant = await oauth.exchangeCode(code);
  const table = createTokenTable(grant);
  const log = keepLog();
  const accessTokens = createAccessTokens({ store: table.store, oauth, log, pollMs: 5 });
  const hubspot = createHubSpot({ config, accessTokens, log, timeoutMs: 1_000 });
  const agentId = portal.look().users[0]?.userId ?? '';
  const gateway = hubspot.portal('41000001', createPace());
  return { emulator, portal, oauth, grant, table, hubspot, gateway, agentId, log };
}
