// The environment: what is read, what is refused and with what words, and that three lists of variables stay one.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readConfig, readMigrateConfig, readStartConfig, type Variable, variables } from '../src/config.ts';
import { BatonError } from '../src/errors.ts';

const key = randomBytes(32);
const complete = {
  NODE_ENV: 'production',
  PORT: '8080',
  PUBLIC_URL: 'https://baton.example.com/',
  DATABASE_URL: 'postgres://baton:s3cret-word@db.example.com/baton',
  HUBSPOT_CLIENT_ID: 'aaaaaaaa-bbbb',
  HUBSPOT_CLIENT_SECRET: 'secret-of-the-app',
  HUBSPOT_APP_ID: '1160452',
  TOKEN_KEYS: `new:${key.toString('base64')}, old:${randomBytes(32).toString('base64')}`,
  SESSION_SECRET: 'a session secret of more than 32 characters',
};

function detailOf(work: () => unknown): string {
  let detail = '';
  assert.throws(work, (error) => {
    assert.ok(error instanceof BatonError);
    assert.equal(error.code, 'wrong-configuration');
    detail = error.detail ?? '';
    return true;
  });
  assert.ok(!detail.includes('\n'), 'one line');
  return detail;
}

test('a complete environment becomes a frozen config with the documented defaults', () => {
  const config = readConfig(complete, 'web');
  assert.ok(Object.isFrozen(config) && Object.isFrozen(config.hubspot));
  assert.equal(config.production, true);
  assert.equal(config.port, 8080);
  assert.equal(config.publicUrl, 'https://baton.example.com');
  assert.equal(config.hubspot.apiUrl, 'https://api.hubapi.com');
  assert.equal(config.hubspot.appUrl, 'https://app.hubspot.com');
  assert.deepEqual(
    config.tokenKeys.map(({ id }) => id),
    ['new', 'old'],
  );
  assert.deepEqual(config.tokenKeys[0]?.key, key);
  assert.equal(config.sweepSchedule, '*/5 * * * *');
  assert.equal(config.metricsToken, undefined);
  assert.equal(config.metricsPort, undefined);
  assert.equal(config.logLevel, 'info');
});

test('outside production the public address is this machine', () => {
  const { PUBLIC_URL, PORT, NODE_ENV, ...rest } = complete;
  assert.equal(readConfig(rest, 'start').publicUrl, 'http://localhost:3000');
  assert.equal(readConfig({ ...rest, PORT: '4000' }, 'start').publicUrl, 'http://localhost:4000');
});

const needed: Variable[] = [
  'DATABASE_URL',
  'HUBSPOT_CLIENT_ID',
  'HUBSPOT_CLIENT_SECRET',
  'HUBSPOT_APP_ID',
  'TOKEN_KEYS',
  'SESSION_SECRET',
];
for (const name of [...needed, 'PUBLIC_URL' as const]) {
  test(`in production a missing or empty ${name} is named, with what it should be`, () => {
    for (const value of [undefined, '', '  ']) {
      const detail = detailOf(() => readConfig({ ...complete, [name]: value }, 'start'));
      assert.match(detail, new RegExp(`^${name} is missing: it should be .{10,}\\.$`));
    }
  });
}

const wrong: [Variable, string][] = [
  ['PORT', '0'],
  ['PORT', '70000'],
  ['PORT', '3000x'],
  ['PUBLIC_URL', 'baton.example.com'],
  ['PUBLIC_URL', 'https://baton.example.com/path'],
  ['PUBLIC_URL', 'https://user:hunter2@baton.example.com'],
  ['PUBLIC_URL', 'ftp://baton.example.com'],
  ['PUBLIC_URL', 'http://baton.example.com'],
  ['DATABASE_URL', 'mysql://root:hunter2@db/baton'],
  ['DATABASE_URL', 'hunter2'],
  ['HUBSPOT_CLIENT_SECRET', 'hunter2 with spaces'],
  ['HUBSPOT_APP_ID', '12a'],
  ['HUBSPOT_API_URL', 'http://api.hubapi.com'],
  ['HUBSPOT_APP_URL', 'app.hubspot.com'],
  ['TOKEN_KEYS', 'hunter2'],
  ['TOKEN_KEYS', `k1:${randomBytes(31).toString('base64')}`],
  ['TOKEN_KEYS', `k1:${key.toString('base64')},k1:${key.toString('base64')}`],
  ['TOKEN_KEYS', `:${key.toString('base64')}`],
  ['TOKEN_KEYS', `k1:${key.toString('base64')},`],
  ['SESSION_SECRET', 'hunter2'],
  ['METRICS_TOKEN', 'two hunter2'],
  ['SWEEP_SCHEDULE', 'every hunter2'],
  ['METRICS_PORT', 'hunter2'],
  ['LOG_LEVEL', 'hunter2'],
];
for (const [index, [name, value]] of wrong.entries()) {
  test(`a wrong ${name} (${index}) is named and its value is not repeated`, () => {
    const detail = detailOf(() => readConfig({ ...complete, [name]: value }, 'worker'));
    assert.match(detail, new RegExp(`^${name} should `));
    for (const secret of [value, 'hunter2', key.toString('base64')]) assert.ok(!detail.includes(` ${secret}`));
  });
}

test('several problems are told at once', () => {
  const detail = detailOf(() =>
    readConfig({ ...complete, PORT: 'x', TOKEN_KEYS: 'x', DATABASE_URL: undefined }, 'web'),
  );
  assert.match(detail, /PORT should .*DATABASE_URL is missing.*TOKEN_KEYS should /);
});

test('a mistyped NODE_ENV is refused rather than taken for development', () => {
  assert.match(
    detailOf(() => readConfig({ ...complete, NODE_ENV: 'prod' }, 'web')),
    /^NODE_ENV should /,
  );
  assert.match(
    detailOf(() => readStartConfig({ NODE_ENV: 'Production' })),
    /^NODE_ENV should /,
  );
});

test('one process does not listen twice on a port', () => {
  assert.match(
    detailOf(() => readConfig({ ...complete, METRICS_PORT: '8080' }, 'start')),
    /^METRICS_PORT should /,
  );
  assert.equal(readConfig({ ...complete, METRICS_PORT: '8080' }, 'worker').metricsPort, 8080);
});

test('migrate needs the database alone', () => {
  assert.equal(readMigrateConfig({ DATABASE_URL: complete.DATABASE_URL }).databaseUrl, complete.DATABASE_URL);
  assert.match(
    detailOf(() => readMigrateConfig({})),
    /^DATABASE_URL is missing/,
  );
});

test('a bare machine lacks everything, production nothing', () => {
  const bare = readStartConfig({ PORT: '4000' });
  assert.deepEqual(bare.missing, { database: true, hubspot: true, tokenKeys: true, sessionSecret: true });
  assert.equal(bare.config.publicUrl, 'http://localhost:4000');
  const none = { database: false, hubspot: false, tokenKeys: false, sessionSecret: false };
  assert.deepEqual(readStartConfig(complete).missing, none);
  assert.deepEqual(readStartConfig({ ...complete, NODE_ENV: '' }).missing, none);
  for (const name of needed) {
    const detail = detailOf(() => readStartConfig({ ...complete, [name]: '' }));
    assert.match(detail, new RegExp(`^${name} is missing`));
  }
});

test('a wrong value is told before anything is started', () => {
  assert.match(
    detailOf(() => readStartConfig({ PORT: 'x' })),
    /^PORT should /,
  );
});

test('half a HubSpot app is a mistake, not a wish for the emulator', () => {
  assert.match(
    detailOf(() => readStartConfig({ HUBSPOT_CLIENT_SECRET: 'x' })),
    /^HUBSPOT_CLIENT_ID is missing while HUBSPOT_CLIENT_SECRET/,
  );
});

// Set by the platform or read by PostgreSQL's client, not by Baton: app.json alone names them.
const platformVariables = ['NODE_ENV', 'PGSSLMODE'];

test('README.md, app.json and config.ts name the same variables, meanings and defaults', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| +`([A-Z_]+)` +\| +(.+?) +\| +(.+?) +\|$/gm)].map(
    ([, name, means, otherwise]) => [name, means, otherwise],
  );
  const expected = Object.entries(variables).map(([name, entry]) => [
    name,
    entry.means,
    'fallback' in entry ? `\`${entry.fallback}\`` : 'optional' in entry ? 'none' : 'required',
  ]);
  assert.deepEqual(rows, expected);

  const app = JSON.parse(readFileSync(new URL('../app.json', import.meta.url), 'utf8'));
  const own = Object.entries<{ description: string; value?: string }>(app.env).filter(
    ([name]) => !platformVariables.includes(name),
  );
  assert.deepEqual(
    own.map(([name, { description }]) => [name, description]),
    Object.entries(variables).map(([name, { means }]) => [name, means]),
  );
  for (const [name, { value }] of own) {
    const entry = variables[name as Variable];
    if (value !== undefined) assert.equal(value, 'fallback' in entry ? entry.fallback : undefined, name);
  }
});
