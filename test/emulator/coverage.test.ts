// The list of what is emulated against what answers: routes, quirks, README and the page that shows it.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { chosenWithoutSource, notEmulated, otherUncertainties, routeCoverage } from '../../src/emulator/coverage.ts';
import { quirkAnswers } from '../../src/emulator/quirk-answers.ts';
import { routes } from '../../src/emulator/routes.ts';
import { defaultQuirks } from '../../src/emulator/world.ts';
import { startEmulator } from './rig.ts';

const named = (list: Array<{ method: string; path: string }>) =>
  list.map(({ method, path }) => `${method} ${path}`).sort();

test('the list names every route, once, and no other', () => {
  const real = routes.map(({ method, template }) => ({ method, path: template }));
  assert.deepEqual(named(routeCoverage), named(real));
  assert.equal(new Set(named(routeCoverage)).size, routeCoverage.length);
});

test('every entry has a source and says what its status means', () => {
  for (const { method, path, source, status, missing, quirks } of routeCoverage) {
    assert.match(source, /^(P|D) \d|^spec /, `${method} ${path}`);
    const wanted = quirks?.length ? 'uncertain' : missing ? 'partly' : 'emulated';
    assert.equal(status, wanted, `${method} ${path}`);
  }
});

test('the list asks one question for every quirk, knows two answers or more, and routes name no quirk that is none', () => {
  assert.deepEqual(Object.keys(quirkAnswers).sort(), Object.keys(defaultQuirks).sort());
  for (const [name, { answers: known, source }] of Object.entries(quirkAnswers)) {
    const answers: readonly unknown[] = known;
    assert.equal(answers[0], defaultQuirks[name as keyof typeof defaultQuirks], name);
    assert.ok(new Set(answers).size === answers.length && answers.length > 1, name);
    assert.match(source, /^[PD] \d/, name);
  }
  for (const quirk of routeCoverage.flatMap(({ quirks = [] }) => quirks)) assert.ok(quirk in defaultQuirks, quirk);
  for (const [name, { question }] of Object.entries(quirkAnswers)) assert.match(question, /\?/, name);
});

test('what is uncertain and no quirk names its source and a test that exists', () => {
  for (const { fact, source, switch: held, tested } of otherUncertainties) {
    assert.match(source, /^[PD] \d/, fact);
    assert.ok(held !== '' && existsSync(new URL(`../../${tested}`, import.meta.url)), fact);
  }
});

test('the README says what is not emulated and what was chosen, line by line', () => {
  const readme = readFileSync(new URL('../../src/emulator/README.md', import.meta.url), 'utf8');
  const section = readme.slice(readme.indexOf('## What it does not do'));
  const lines = section.split('\n').filter((line) => line.startsWith('- '));
  assert.deepEqual(
    lines,
    [...notEmulated, ...chosenWithoutSource].map((line) => `- ${line}`),
  );
});

test('the page of documentation names only options and methods that exist', async (t) => {
  const docs = readFileSync(new URL('../../docs/emulator.md', import.meta.url), 'utf8');
  const emulator = await startEmulator(t);
  const portal = emulator.addPortal({ portalId: '41000001' });
  const list = /portal-control\.ts`: ([^.]+)\.\.\./.exec(docs)?.[1] ?? '';
  const methods = [...list.matchAll(/`(\w+)`/g)].map((match) => match[1] ?? '');
  assert.ok(methods.length > 15);
  for (const name of methods) assert.ok(name in portal, name);
  for (const [, name = ''] of docs.matchAll(/^\|.*?`emulator\.(\w+)/gm)) assert.ok(name in emulator, name);
  for (const part of ['webhooks', 'clock', 'faults'] as const) {
    const row = docs.split('\n').find((line) => line.startsWith(`| \`emulator.${part}\``)) ?? '';
    const called = [...row.matchAll(/`(\w+)\(/g)].map((match) => match[1] ?? '');
    assert.ok(called.length > 0, part);
    for (const name of called) assert.ok(name in emulator[part], `${part}.${name}`);
  }
});

test('the page /coverage shows every route and every quirk', async (t) => {
  const emulator = await startEmulator(t);
  const response = await fetch(`${emulator.url}/coverage`);
  const html = await response.text();
  assert.equal(response.status, 200);
  for (const { path } of routeCoverage) assert.ok(html.includes(`<td>${path}</td>`), path);
  for (const name of Object.keys(defaultQuirks)) assert.ok(html.includes(`<td>${name}</td>`), name);
});
