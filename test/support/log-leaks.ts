// What a log line may hold: a sentence that stands in our source, and beside it ids, codes, times and stack frames. All else is a leak.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../../src/', import.meta.url));

/** In any line, JSON or not: an address, a secret of ours, a token, a session, a password in a database's address. */
const forbidden: Record<string, RegExp> = {
  'an e-mail address': /[\w.+-]+@[\w-]+\.[a-z]{2,}/i,
  'a secret of a webhook': /whsec_/,
  'a bearer token': /\bbearer /i,
  'a session': /\bs(:|%3A)[\w-]{20,}/i,
  // The example in what a missing DATABASE_URL is told with is none.
  'a password in an address': /:\/\/[^\s/:@]*:(?!password@)[^\s/@]+@/,
  'a secret of the tests': /-of-the-tests/,
  // Tokens of HubSpot are hundreds of characters; a SHA-256 in hex, 64, is what we log at most.
  'a token': /(?<![\w/.+-])[\w+-]{65,}/,
};
/** Frames name files, and functions with spaces before them. */
const framed = new Set(['stack', 'msg']);
const plainValue = /^[\w:.,/{}*+#-]*$/;

/** Each line that holds what it may not, with the kind of leak and never with the text itself. */
export function findLeaks(lines: string[], sentences = readSource()): string[] {
  return lines.flatMap((line) => {
    const told = readLine(line);
    const found = Object.entries(forbidden).find(([, pattern]) => pattern.test(line));
    const where = told ? `the line "${sentences.includes(String(told.msg)) ? told.msg : '(unknown)'}"` : 'the output';
    if (found) return [`${where} holds ${found[0]}`];
    if (!told) return [];
    if (!sentences.includes(String(told.msg)))
      return [`a line's sentence stands nowhere in src: it was made of values`];
    const fields = Object.entries(told).filter(([name]) => !framed.has(name));
    const texts = fields.filter(([, value]) => typeof value === 'string' && !plainValue.test(value));
    return texts.map(([name]) => `${where} has a text in its field ${name}`);
  });
}

function readLine(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const parsed = JSON.parse(line) as Record<string, unknown>;
    return typeof parsed.msg === 'string' ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function readSource(): string {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return files.map((name) => readFileSync(join(source, name), 'utf8')).join('\n');
}
