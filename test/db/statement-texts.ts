// The statements written in src/db, read from its source.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../src/db/', import.meta.url));
export const sources = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, code: readFileSync(folder + file, 'utf8') }));

export type Literal = { file: string; text: string };

/** Strings and templates that begin as a statement does, in one line; places in them stay as they are written. */
export function findStatements(): Literal[] {
  return sources
    .filter(({ file }) => file !== 'rights.ts' && file !== 'logins.ts')
    .flatMap(({ file, code }) => {
      const literals = [...code.replace(/^\s*\/\/.*$/gm, '').matchAll(/`((?:[^`\\]|\\.)*)`|'((?:[^'\\\n]|\\.)*)'/g)];
      return literals.map(([, template, string]) => ({
        file,
        text: (template ?? string ?? '').replaceAll('\\\\', '\\').replace(/\s+/g, ' ').trim(),
      }));
    })
    .filter(({ text }) => /^\(?(select|insert into|update|delete from|with|truncate)\b/.test(text));
}
