// Automatic mail and thanks: the corpus measured by kind, the hard cases by name, and hostile input.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AutomaticKind, classifyMessage } from '../../src/rules/automatic.ts';

type Row = {
  id: string;
  lang: string;
  kind: AutomaticKind | null;
  thanks: boolean;
  subject: string | null;
  from: string | null;
  text: string | null;
  html: string | null;
};
const folder = join(import.meta.dirname, 'corpus');
const corpus: Row[] = readdirSync(folder)
  .filter((name) => name.endsWith('.jsonl'))
  .flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))
  .map((line) => JSON.parse(line));
const judged = corpus.map((row) => ({ row, found: classifyMessage(row) }));
const kinds: AutomaticKind[] = ['out-of-office', 'auto-reply', 'bounce', 'calendar-answer'];

test('the corpus holds at least 120 messages in seven languages, at least 39 in a hundred of them by people and by machines each', () => {
  assert.ok(corpus.length >= 120);
  assert.equal(new Set(corpus.map((row) => row.id)).size, corpus.length);
  assert.deepEqual(new Set(corpus.map((row) => row.lang)), new Set(['en', 'fr', 'de', 'es', 'it', 'pt', 'nl']));
  const people = corpus.filter((row) => row.kind === null).length;
  assert.ok(people >= corpus.length * 0.39 && people <= corpus.length * 0.61);
});

test('no message by a person is called automatic', () => {
  const swallowed = judged.filter(({ row, found }) => row.kind === null && found.automatic);
  assert.deepEqual(
    swallowed.map(({ row, found }) => `${row.id} ${found.reason}`),
    [],
  );
});

for (const kind of kinds) {
  test(`at least nine in ten of kind ${kind} are found, and nothing else is called so`, (context) => {
    const real = judged.filter(({ row }) => row.kind === kind);
    const named = judged.filter(({ found }) => found.kind === kind);
    const right = real.filter(({ found }) => found.kind === kind).length;
    const recall = right / real.length;
    const precision = right / named.length;
    context.diagnostic(
      `${kind}: ${real.length} messages, precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}`,
    );
    assert.ok(recall >= 0.9, `recall ${recall}`);
    assert.equal(precision, 1);
  });
}

test('thanks are found where the own words are only thanks, and nowhere else', (context) => {
  const thanked = judged.filter(({ row }) => row.thanks).length;
  const missed = judged.filter(({ row, found }) => row.thanks && !found.thanks).map(({ row }) => row.id);
  const wrong = judged.filter(({ row, found }) => !row.thanks && found.thanks).map(({ row }) => row.id);
  context.diagnostic(`thanks: ${thanked} messages, ${missed.length} missed, ${wrong.length} wrong`);
  assert.deepEqual(wrong, []);
  assert.ok(missed.length <= thanked * 0.1, missed.join(' '));
});

test('the reason names signs only, never words or addresses of the mail', () => {
  for (const { found } of judged) assert.match(found.reason, /^[a-z]+(?:-[a-z]+)*(?:\+[a-z]+(?:-[a-z]+)*)*$/);
});

const absenceText =
  'Thank you for your email. I am out of the office until 12 May. In urgent cases contact post@firm.example.';

test('the same words are automatic under a mail program’s subject and a person’s when forwarded', () => {
  const mail = { from: 'dana@firm.example', text: absenceText, html: null };
  assert.equal(classifyMessage({ ...mail, subject: 'Automatic reply: Quote' }).kind, 'out-of-office');
  assert.equal(classifyMessage({ ...mail, subject: 'Fwd: Automatic reply: Quote' }).automatic, false);
});

test('an out-of-office notice that is only quoted is not its quoter’s', () => {
  const text = `What now?\n\nOn Mon, 5 May 2025 at 09:12, Dana <dana@firm.example> wrote:\n> ${absenceText}`;
  const found = classifyMessage({
    subject: 'Re: Automatic reply: Quote',
    from: 'sam@client.example',
    text,
    html: null,
  });
  assert.equal(found.automatic, false);
});

test('a no-reply sender alone makes nothing automatic', () => {
  const found = classifyMessage({
    subject: 'Your statement',
    from: 'no-reply@bank.example',
    text: 'Your statement for May is ready. Please do not reply to this e-mail.',
    html: null,
  });
  assert.equal(found.automatic, false);
});

test('a postmaster who writes himself is a person, a mailer-daemon never is', () => {
  const text = 'Hello, we have lifted the block. Could you try again?';
  const mail = { subject: 'Re: block', text, html: null };
  assert.equal(classifyMessage({ ...mail, from: 'postmaster@isp.example' }).automatic, false);
  assert.equal(classifyMessage({ ...mail, from: 'MAILER-DAEMON@isp.example' }).kind, 'bounce');
});

test('a comment on a calendar answer is a person’s, and so is an empty mail with a signature', () => {
  const mail = { subject: 'Accepted: Onboarding call', from: 'peter@firm.example', html: null };
  assert.equal(classifyMessage({ ...mail, text: '' }).kind, 'calendar-answer');
  assert.equal(classifyMessage({ ...mail, text: 'Fine, but I will be ten minutes late.' }).automatic, false);
  assert.equal(classifyMessage({ ...mail, text: '--\nPeter Osei\nHalcyon Ltd' }).automatic, false);
});

test('the own text is read from HTML when there is no text, without quote and signature', () => {
  const html =
    '<p>Thanks a lot, Sam!</p><p>Best regards<br>Kim</p><div>On Mon, 5 May 2025 at 09:12, Sam wrote:<blockquote>Does it work?</blockquote></div>';
  const mail = { subject: 'Re: x', from: 'kim@firm.example', html };
  assert.equal(classifyMessage({ ...mail, text: null }).thanks, true);
  assert.equal(classifyMessage({ ...mail, text: ' \n' }).thanks, true);
  assert.equal(classifyMessage({ ...mail, text: 'Thanks, but it still fails.' }).thanks, false);
});

test('a mail of which nothing is known is a person’s', () => {
  assert.deepEqual(classifyMessage({ subject: null, from: null, text: null, html: null }), {
    automatic: false,
    kind: null,
    thanks: false,
    reason: 'none',
  });
});

const hostile: [string, string][] = [
  ['one line without a space', 'a'],
  ['digits and brackets', '0000from<>'],
  ['half of a quote introduction', 'On 1 wrote '],
  ['a quote introduction a line', 'Op schreef\n'],
  ['header lines', 'From: a\nSent: b\n'],
  ['quote marks', '> '],
  ['opening quotation marks', '"a '],
  ['urgent things', 'urgent '],
  ['absences', 'i am '],
  ['received things', 'your a b c '],
  ['deep HTML', '<div>'],
  ['closing HTML', '</p>'],
  ['links', '<a href="x">'],
  ['tables', '<table><tr><td>'],
  ['comments', '<!-- '],
  ['entities', '&amp;'],
  ['addresses', 'http://a?b '],
  ['thanks', 'thanks a '],
  ['requests', 'bitte a b c d e f '],
  ['accepted things', 'accepted: @ 2025 ('],
  ['signatures', '--\nregards\n'],
];
for (const [name, unit] of hostile) {
  test(`a megabyte of ${name} is judged in under a second`, () => {
    const text = unit.repeat(Math.ceil(1_000_000 / unit.length));
    for (const mail of [
      { subject: text, from: text, text, html: null },
      { subject: 'Automatic reply: x', from: 'postmaster@a.example', text: null, html: text },
    ]) {
      const startedAt = performance.now();
      classifyMessage(mail);
      const elapsedMs = performance.now() - startedAt;
      assert.ok(elapsedMs < 1_000, `${Math.round(elapsedMs)} ms`);
    }
  });
}

test('nothing makes it throw, and automatic, kind and thanks always agree', () => {
  const words = fc.array(
    fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        '\n',
        '> ',
        'Automatic reply: ',
        'On 1 May wrote:',
        '<p>',
        '</p>',
        'thanks',
        absenceText,
        '\ud800',
        '-- \n',
      ),
    ),
    { maxLength: 12 },
  );
  const field = fc.option(words.map((parts) => parts.join('')));
  fc.assert(
    fc.property(field, field, field, field, (subject, from, text, html) => {
      const found = classifyMessage({ subject, from, text, html });
      assert.equal(found.automatic, found.kind !== null);
      assert.ok(!(found.automatic && found.thanks));
    }),
    { numRuns: 500 },
  );
});
