// SECURITY.md against the code: each threat names a file that is there and a test that is there by that very title.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

function readTitles(): Set<string> {
  const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' });
  const titles = new Set<string>();
  for (const name of files.filter((each) => each.endsWith('.test.ts'))) {
    const text = readFileSync(join(root, 'test', name), 'utf8');
    for (const [, , title = ''] of text.matchAll(/^\s*(?:test|it)\(\s*(['"])((?:\\.|(?!\1).)*)\1/gm)) titles.add(title);
  }
  return titles;
}

function readThreats(): string[][] {
  const lines = readFileSync(join(root, 'SECURITY.md'), 'utf8').split('\n');
  const rows = lines.filter((line) => line.startsWith('|')).map((line) => line.slice(1, -1).split('|'));
  return rows.slice(2).map((cells) => cells.map((cell) => cell.trim()));
}

test('every threat of SECURITY.md names what stops it, a file and a test that are there', () => {
  const titles = readTitles();
  const threats = readThreats();
  assert.ok(threats.length >= 40);
  for (const cells of threats) {
    const [threat = '', stops = '', where = '', title = ''] = cells;
    assert.equal(cells.length, 4, threat);
    assert.ok(threat && stops, cells.join(' | '));
    assert.ok(existsSync(join(root, where.replaceAll('`', ''))), `${threat}: no file ${where}`);
    assert.ok(titles.has(title), `${threat}: no test "${title}"`);
  }
});

test('SECURITY.md says where to report, and gives no address that nobody reads', () => {
  const text = readFileSync(join(root, 'SECURITY.md'), 'utf8');
  assert.match(text, /Report a vulnerability/);
  assert.doesNotMatch(text, /[\w.+-]+@[\w-]+\.\w+/);
});
