// The classify command as people run it: JSON lines through a process, and through streams.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { classifyLines } from '../src/classify.ts';

const program = join(import.meta.dirname, '../src/classify.ts');

async function run(input: string): Promise<{ code: number | null; output: string; errors: string }> {
  const child = spawn(process.execPath, [program], { stdio: 'pipe' });
  const code = new Promise<number | null>((resolve) => child.on('close', resolve));
  child.stdin.end(input);
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, output, errors };
}

async function classify(chunks: (string | Buffer)[]): Promise<{ code: number; output: string; errors: string }> {
  const output = new PassThrough();
  const errors = new PassThrough();
  const read = Promise.all([text(output), text(errors)]);
  const code = await classifyLines({ input: Readable.from(chunks, { objectMode: false }), output, errors });
  output.end();
  errors.end();
  const [outputText, errorText] = await read;
  return { code, output: outputText, errors: errorText };
}

const parse = (lines: string) =>
  lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

test('the command answers each line in order and exits with 0', async () => {
  const mails = [
    { id: 'b', subject: 'Undeliverable: x', from: 'mailer-daemon@a.example', text: '550 5.1.1 User unknown' },
    { id: 7, text: 'Thanks!' },
    { id: 'a' },
  ];
  const { code, output, errors } = await run(mails.map((mail) => JSON.stringify(mail)).join('\n'));
  assert.equal(code, 0);
  assert.equal(errors, '');
  assert.deepEqual(parse(output), [
    {
      id: 'b',
      automatic: true,
      kind: 'bounce',
      thanks: false,
      reason: 'sender-daemon+subject-delivery+delivery-code+delivery-words',
    },
    { id: 7, automatic: false, kind: null, thanks: true, reason: 'only-thanks' },
    { id: 'a', automatic: false, kind: null, thanks: false, reason: 'none' },
  ]);
});

test('a line that cannot be read is named by its number, the others are answered, and the command exits with 1', async () => {
  const { code, output, errors } = await run('{"id":1,"text":"ok"}\nsecret words\n\n{"id":2,"text":5}\n[]\n{"id":3}\n');
  assert.equal(code, 1);
  assert.deepEqual(
    parse(output).map((line) => line.id),
    [1, 3],
  );
  const failures = parse(errors);
  assert.deepEqual(
    failures.map(({ id, line }) => ({ id, line })),
    [
      { id: null, line: 2 },
      { id: 2, line: 4 },
      { id: null, line: 5 },
    ],
  );
  assert.match(failures[0].error, /not JSON/);
  assert.match(failures[1].error, /text/);
  assert.ok(!errors.includes('secret'));
});

test('lines cut anywhere between chunks are put together, also inside a letter and at U+2028', async () => {
  const line = `${JSON.stringify({ id: 'é\u2028', subject: null, text: 'Merci 😊' })}\r\n`;
  const bytes = [...Buffer.from(line + line)].map((byte) => Buffer.from([byte]));
  const { code, output } = await classify(bytes);
  assert.equal(code, 0);
  assert.deepEqual(
    parse(output).map(({ id, thanks }) => ({ id, thanks })),
    [
      { id: 'é\u2028', thanks: true },
      { id: 'é\u2028', thanks: true },
    ],
  );
});

test('input is read no faster than answers are taken', async () => {
  let given = 0;
  const input = Readable.from(
    (function* () {
      for (; given < 20_000; given++) yield `{"id":${given},"text":"ok"}\n`;
    })(),
  );
  const output = new PassThrough();
  const errors = new PassThrough();
  const done = classifyLines({ input, output, errors });
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.ok(given < 2_000, `${given} lines were taken although nobody reads the answers`);
  const read = text(output);
  assert.equal(await done, 0);
  output.end();
  assert.equal((await read).trim().split('\n').length, 20_000);
});

test('no input gives no output', async () => {
  assert.deepEqual(await run(''), { code: 0, output: '', errors: '' });
});
