// Starts the HubSpot of made-up records (stub-hubspot.ts), and portals that are installed in it.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import type { Db } from '../src/db/open-db.ts';
import { defaultPipelines } from '../src/emulator/portal.ts';
import { settingsSchema } from '../src/rules/settings.ts';
import { fullSettings } from './full-batches.ts';
import type { StubOrder, StubReport } from './stub-hubspot.ts';

const program = fileURLToPath(new URL('./stub-hubspot.ts', import.meta.url));

export async function startStub() {
  const child = fork(program, { execArgv: ['--max-semi-space-size=16'] });
  const exited = once(child, 'exit');
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const tell = (order: StubOrder) => void child.send(order);
  return {
    url: `http://127.0.0.1:${port}`,
    tell,
    async report(): Promise<StubReport> {
      const heard = once(child, 'message');
      tell({ tell: 'report' });
      return (await heard)[0] as StubReport;
    },
    async stop(): Promise<void> {
      child.disconnect();
      await exited;
    },
  };
}

export type Stub = Awaited<ReturnType<typeof startStub>>;

export const stubPortals = (count: number) => Array.from({ length: count }, (_, index) => String(66_000_001 + index));

/** Installed with automations B and C and pipelines just read. By one statement a table: ten thousand portals in a second. */
export async function installStubPortals(db: Db, sql: pg.Pool, portalIds: string[]): Promise<void> {
  const [first = ''] = portalIds;
  for (const portalId of portalIds) {
    const tokens = {
      accessToken: `token-${portalId}`,
      refreshToken: 'unused',
      expiresAt: new Date(Date.now() + 36e5 * 24),
    };
    const rest = { uiDomain: 'app.hubspot.com', timeZone: 'Europe/Paris', scopes: stubScopes, userId: '77' };
    await db.portals.install({ portalId, domain: 'company.example', ...rest, ...tokens });
  }
  const pipelines = defaultPipelines().map(({ id, label, stages }) => ({
    id,
    label,
    stages: stages.map((stage) => ({ id: stage.id, label: stage.label, closed: stage.ticketState === 'CLOSED' })),
  }));
  await db.pipelines.savePipelines(first, pipelines);
  await db.settings.saveSettings(first, { basedOn: 0, settings: settingsSchema.parse(fullSettings), author: 'bench' });
  await sql.query(
    `insert into pipelines (portal_id, pipelines, read_at)
     select other::bigint, pipelines, read_at + interval '1 hour' from unnest($2::text[]) as other, pipelines where portal_id = $1
     on conflict (portal_id) do update set read_at = excluded.read_at`,
    [first, portalIds],
  );
  await sql.query(
    `insert into settings_versions (portal_id, version, settings, author)
     select other::bigint, 1, settings, author from unnest($2::text[]) as other, settings_versions where portal_id = $1
     on conflict do nothing`,
    [first, portalIds],
  );
}

const stubScopes = ['oauth', 'tickets', 'crm.objects.contacts.read', 'conversations.read', 'sales-email-read'];
