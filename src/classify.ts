// The command `classify`: JSON lines {id, subject, from, text, html} in, JSON lines {id, automatic, kind, thanks, reason} out, one mail in memory at a time.
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import { classifyMessage } from './rules/automatic.ts';

const text = z.string().nullish().default(null);
const line = z.object({
  id: z.union([z.string(), z.number()]),
  subject: text,
  from: text,
  text,
  html: text,
});

type Streams = { input: Readable; output: Writable; errors: Writable };

/**
 * Classifies every line in order and gives the exit code: 1 when a line could not be read, else 0. Such a line goes to `errors` as
 * `{id, line, error}` and never stops the others; neither stream ever shows a word of a mail.
 */
export async function classifyLines({ input, output, errors }: Streams): Promise<number> {
  let exitCode = 0;
  let number = 0;
  for await (const raw of readLines(input)) {
    number++;
    if (raw.trim() === '') continue;
    const read = readLine(raw);
    if ('error' in read) {
      exitCode = 1;
      await write(errors, { id: read.id, line: number, error: read.error });
      continue;
    }
    const { id, ...mail } = read.mail;
    await write(output, { id, ...classifyMessage(mail) });
  }
  return exitCode;
}

/** Lines end at line feeds only: node:readline also ends them at U+2028, which JSON allows inside a string. */
async function* readLines(input: Readable): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of input.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = chunk.split('\n');
    lines[0] = rest + lines[0];
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest) yield rest;
}

type Read = { mail: z.infer<typeof line> } | { id: string | number | null; error: string };

function readLine(raw: string): Read {
  let value: unknown;
  try {
    value = JSON.parse(raw);
  } catch {
    // The parser's own message quotes the line, and that may be a mail.
    return { id: null, error: 'not JSON: each line must be one JSON object' };
  }
  const parsed = line.safeParse(value);
  if (parsed.success) return { mail: parsed.data };
  const fields = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.') || 'the line itself'))].join(', ');
  const id = z.object({ id: z.union([z.string(), z.number()]) }).safeParse(value);
  return {
    id: id.success ? id.data.id : null,
    error: `wrong or missing: ${fields}. Each line must be an object with id (string or number) and subject, from, text, html (string or null)`,
  };
}

async function write(stream: Writable, value: object): Promise<void> {
  if (!stream.write(`${JSON.stringify(value)}\n`)) await once(stream, 'drain');
}

// import.meta.main came with Node 24.2; engines allow 22.19.
if (process.argv[1] && realpathSync(process.argv[1]) === import.meta.filename) {
  // `classify | head` closes our output early: that is no failure of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  process.exitCode = await classifyLines({ input: process.stdin, output: process.stdout, errors: process.stderr });
}
