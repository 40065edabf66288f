// Settings by the JSON API: by version, checked, and nothing of another portal.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { defaultSettings } from '../../src/rules/settings.ts';
import { type Portals, signIn, startPortals } from './portals.ts';
import type { Browser } from './web-half.ts';

const portalId = '20000001';
const otherPortalId = '20000002';
let portals: Portals;
let admin: Browser;
let other: Browser;

before(async () => {
  portals = await startPortals([portalId, otherPortalId]);
  admin = await signIn(portals, portalId);
  other = await signIn(portals, otherPortalId);
});
after(() => portals.close());

type Shown = { portal: { id: string }; version: number; settings: unknown; pipelines: unknown[]; csrfToken: string };

async function show(browser: Browser): Promise<Shown> {
  const response = await browser.visit(`${portals.web.url}/api/settings`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('cache-control'), 'no-store');
  return (await response.json()) as Shown;
}

async function save(browser: Browser, body: unknown, headers: Record<string, string> = {}) {
  const { csrfToken } = await show(browser);
  const response = await browser.visit(`${portals.web.url}/api/settings`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrfToken, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Answer };
}
type Answer = {
  version?: number;
  error?: { code: string; message: string; issues?: { path: string; message: string }[] };
};

const turnOn = {
  pipelines: { '0': { outgoing: { enabled: true, stageId: '2' }, incoming: { enabled: true, stageId: '3' } } },
};

test('before the first save the settings are version 0 and every default', async () => {
  const shown = await show(other);
  assert.deepEqual(Object.keys(shown), ['portal', 'version', 'settings', 'pipelines', 'csrfToken']);
  assert.deepEqual(Object.keys(shown.portal), ['id', 'domain', 'uiDomain', 'timeZone']);
  assert.equal(shown.portal.id, otherPortalId);
  assert.equal(shown.version, 0);
  assert.deepEqual(shown.settings, defaultSettings);
  assert.deepEqual(shown.pipelines, [
    {
      id: '0',
      label: 'Support Pipeline',
      stages: [
        { id: '1', label: 'New', closed: false },
        { id: '2', label: 'Waiting on contact', closed: false },
        { id: '3', label: 'Waiting on us', closed: false },
        { id: '4', label: 'Closed', closed: true },
      ],
    },
  ]);
});

test('a save makes the next version, read back whole, and only in its own portal', async () => {
  const { version } = await show(admin);
  const saved = await save(admin, { basedOn: version, settings: turnOn });
  assert.deepEqual(saved, { status: 200, body: { version: version + 1 } });
  const shown = await show(admin);
  assert.equal(shown.version, version + 1);
  const { pipelines } = shown.settings as typeof defaultSettings;
  assert.equal(pipelines['0']?.outgoing.stageId, '2');
  assert.equal(pipelines['0']?.incoming.closed.days, 14);
  assert.equal((await show(other)).version, 0);
});

test('the author of a version is the HubSpot user who saved it', async () => {
  const { version } = await show(admin);
  await save(admin, { basedOn: version, settings: turnOn });
  const [latest] = await portals.web.db.settings.listVersions(portalId, 1);
  assert.equal(latest?.author, portals.userIds.get(portalId));
});

test('a save on top of an older version is 409 and names the version in force', async () => {
  const { version } = await show(admin);
  assert.equal((await save(admin, { basedOn: version, settings: { paused: true } })).status, 200);
  const late = await save(admin, { basedOn: version, settings: {} });
  assert.equal(late.status, 409);
  assert.equal(late.body.error?.code, 'settings-conflict');
  assert.equal(late.body.version, version + 1);
  const ahead = await save(admin, { basedOn: version + 100, settings: {} });
  assert.equal(ahead.status, 409);
});

test('of ten saves on the same version exactly one wins', async () => {
  const { version, csrfToken } = await show(admin);
  const statuses = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const response = await admin.visit(`${portals.web.url}/api/settings`, {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrfToken },
        body: JSON.stringify({ basedOn: version, settings: turnOn }),
      });
      return response.status;
    }),
  );
  assert.deepEqual(statuses.sort(), [200, ...Array(9).fill(409)]);
  assert.equal((await show(admin)).version, version + 1);
});

test('what is wrong with a document is 422 with the path of each field, and nothing is saved', async () => {
  const { version } = await show(admin);
  const cases: [settings: unknown, path: string][] = [
    [{ paused: 'yes' }, 'paused'],
    [{ unknown: 1 }, 'unknown'],
    [{ guards: { movesPerTicketPerHour: 0 } }, 'guards.movesPerTicketPerHour'],
    [{ pipelines: { '0': { incoming: { closed: { days: 1.5 } } } } }, 'pipelines.0.incoming.closed.days'],
    [null, ''],
    [[], ''],
    ['text', ''],
  ];
  for (const [settings, path] of cases) {
    const { status, body } = await save(admin, { basedOn: version, settings });
    assert.equal(status, 422, JSON.stringify(settings));
    assert.equal(body.error?.code, 'settings-invalid');
    assert.ok(
      body.error?.issues?.some((issue) => issue.path === path && issue.message !== ''),
      JSON.stringify(body),
    );
  }
  assert.equal((await show(admin)).version, version);
});

test('a stage or pipeline HubSpot does not have is 422 by its path', async () => {
  const { version } = await show(admin);
  const stage = await save(admin, {
    basedOn: version,
    settings: { pipelines: { '0': { outgoing: { enabled: true, stageId: '99' } } } },
  });
  assert.equal(stage.status, 422);
  assert.deepEqual(
    stage.body.error?.issues?.map((issue) => issue.path),
    ['pipelines.0.outgoing.stageId'],
  );
  const pipeline = await save(admin, {
    basedOn: version,
    settings: { pipelines: { '77': { outgoing: { enabled: true, stageId: '2' } } } },
  });
  assert.equal(pipeline.status, 422);
  assert.ok(pipeline.body.error?.issues?.every((issue) => issue.path.startsWith('pipelines.77')));
});

test('basedOn is a whole number that can be a version', async () => {
  for (const basedOn of [undefined, null, '1', 1.5, -1, 2 ** 31, 2 ** 53, 1e300]) {
    const { status, body } = await save(admin, { basedOn, settings: {} });
    assert.equal(status, 422, String(basedOn));
    const paths = body.error?.issues?.map((issue) => issue.path);
    assert.deepEqual([...new Set(paths)], ['basedOn']);
  }
});

test('keys that mean something to JavaScript do no harm', async () => {
  for (const key of ['__proto__', 'constructor', 'prototype']) {
    const { version } = await show(admin);
    const bodies = [
      `{"basedOn":${version},"settings":{"${key}":{"paused":true}}}`,
      `{"basedOn":${version},"settings":{"pipelines":{"${key}":{}}}}`,
      `{"basedOn":${version},"settings":{},"${key}":{"polluted":true}}`,
    ];
    for (const body of bodies) {
      const { status } = await save(admin, body);
      assert.ok([200, 409, 422].includes(status), `${body} ${status}`);
    }
  }
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  assert.equal(({} as { paused?: boolean }).paused, undefined);
});

test('a document nested a hundred thousand deep is 422', async () => {
  const { version } = await show(admin);
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  for (const settings of [deep, `{"pipelines":{"0":{"stageActions":{"1":${deep}}}}}`]) {
    assert.equal((await save(admin, `{"basedOn":${version},"settings":${settings}}`)).status, 422);
  }
});

test('texts PostgreSQL cannot keep are 422', async () => {
  const { version } = await show(admin);
  for (const text of ['a\\u0000', '\\ud800', '\\\\\\u0000']) {
    const body = `{"basedOn":${version},"settings":{"pipelines":{"0":{"newConversation":{"channelAccountIds":["${text}"]}}}}}`;
    assert.equal((await save(admin, body)).status, 422, text);
  }
});

test('a body that is no JSON object is 400 or 422, of another kind 415, too large 413', async () => {
  for (const body of ['{', 'null', '"x"', '\u0000', '[1,2']) assert.equal((await save(admin, body)).status, 400, body);
  assert.equal((await save(admin, '')).status, 422);
  assert.equal((await save(admin, '[]')).status, 422);
  assert.equal((await save(admin, '{}')).status, 422);
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'nonsense']) {
    const refused = await save(admin, '{}', { 'Content-Type': type });
    assert.equal(refused.status, 415, type);
    assert.equal(refused.body.error?.code, 'unsupported-content');
  }
  assert.equal((await save(admin, '{}', { 'Content-Type': 'application/json; charset=latin1' })).status, 415);
  assert.equal((await save(admin, '{}', { 'Content-Encoding': 'gzip' })).status, 415);
  const large = await save(admin, { basedOn: 0, settings: { x: 'x'.repeat(600_000) } });
  assert.equal(large.status, 413);
});

test('a save without the session’s own token is 403', async () => {
  const { version } = await show(admin);
  const foreign = (await show(other)).csrfToken;
  for (const token of ['', 'wrong', foreign]) {
    const { status, body } = await save(admin, { basedOn: version, settings: {} }, { 'X-CSRF-Token': token });
    assert.equal(status, 403);
    assert.equal(body.error?.code, 'bad-csrf-token');
  }
  assert.equal((await show(admin)).version, version);
});

test('when HubSpot does not answer, settings are shown and saved with the last pipelines it told', async () => {
  await show(admin);
  const client = new pg.Client({ connectionString: portals.web.config.databaseUrl });
  await client.connect();
  await client.query("update pipelines set read_at = now() - interval '1 hour'");
  await client.end();
  const remove = portals.emulator.faults.add({ path: /pipelines/, kind: 'status', status: 503 });
  try {
    const shown = await show(admin);
    assert.equal(shown.pipelines.length, 1);
    assert.equal((await save(admin, { basedOn: shown.version, settings: turnOn })).status, 200);
  } finally {
    remove();
  }
});

test('when HubSpot never told its pipelines, the API says that HubSpot does not answer', async () => {
  const portalId = '20000003';
  portals.emulator.addPortal({ portalId });
  const browser = await signIn(portals, portalId);
  const remove = portals.emulator.faults.add({ path: /pipelines/, kind: 'status', status: 503 });
  const response = await browser.visit(`${portals.web.url}/api/settings`);
  remove();
  assert.equal(response.status, 502);
  const { error } = (await response.json()) as { error: { code: string } };
  assert.equal(error.code, 'hubspot-transient');
});

test('an address for new conversations is one HubSpot has, and is not checked while HubSpot does not answer', async () => {
  const portalId = '20000004';
  portals.emulator.addPortal({ portalId });
  const browser = await signIn(portals, portalId);
  const [account] = portals.emulator.portal(portalId).look().channelAccounts;
  const creation = (channelAccountIds: string[]) => ({
    pipelines: { '0': { newConversation: { enabled: true, stageId: '1', channelAccountIds } } },
  });
  await show(browser);
  const remove = portals.emulator.faults.add({ path: /channel-accounts/, kind: 'status', status: 503 });
  try {
    assert.equal((await save(browser, { basedOn: 0, settings: creation(['77']) })).status, 200);
  } finally {
    remove();
  }
  assert.equal((await save(browser, { basedOn: 1, settings: creation([account?.id ?? '']) })).status, 200);
  const { status, body } = await save(browser, { basedOn: 2, settings: creation([account?.id ?? '', '77']) });
  assert.equal(status, 422);
  assert.deepEqual(body.error?.issues, [
    {
      path: 'pipelines.0.newConversation.channelAccountIds.1',
      message: 'Channel account "77" does not exist in HubSpot. Take it out.',
    },
  ]);
});
