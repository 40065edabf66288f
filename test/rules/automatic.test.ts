// Automatic mail and thanks: the corpus measured by kind and language, and the hard cases by name.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { classifyMessage } from '../../src/rules/automatic.ts';
import type { AutomaticKind } from '../../src/rules/automatic-signs.ts';

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
const corpus = readdirSync(folder)
  .filter((name) => name.endsWith('.jsonl'))
  .flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))
  .map((line): Row => JSON.parse(line));
const judged = corpus.map((row) => ({ row, found: classifyMessage(row) }));
const kinds: AutomaticKind[] = ['out-of-office', 'auto-reply', 'bounce', 'calendar-answer'];
const languages = ['en', 'fr', 'de', 'es', 'it', 'pt', 'nl'];

test('the corpus holds at least 330 messages in seven languages, by people and by machines, none twice', () => {
  assert.ok(corpus.length >= 330, `${corpus.length}`);
  assert.equal(new Set(corpus.map((row) => row.id)).size, corpus.length);
  assert.equal(
    new Set(corpus.map(({ subject, from, text, html }) => JSON.stringify([subject, from, text, html]))).size,
    corpus.length,
  );
  assert.deepEqual(new Set(corpus.map((row) => row.lang)), new Set(languages));
  for (const lang of languages) {
    const people = corpus.filter((row) => row.lang === lang && row.kind === null).length;
    assert.ok(people >= 12 && corpus.filter((row) => row.lang === lang).length - people >= 12, `${lang}: ${people}`);
  }
});

test('the corpus names nobody who can exist: every address ends in .example', () => {
  for (const { id, subject, from, text, html } of corpus) {
    const addresses = [subject, from, text, html].join(' ').match(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g) ?? [];
    assert.deepEqual(
      addresses.filter((address) => !/\.example[.]?$/.test(address)),
      [],
      id,
    );
  }
});

test('no message by a person is called automatic', () => {
  const swallowed = judged.filter(({ row, found }) => row.kind === null && found.automatic);
  assert.deepEqual(
    swallowed.map(({ row, found }) => `${row.id} ${found.reason}`),
    [],
  );
});

const leastRecall: Record<AutomaticKind, number> = {
  'out-of-office': 0.9,
  'auto-reply': 0.95,
  bounce: 0.98,
  'calendar-answer': 0.98,
};
for (const kind of kinds) {
  test(`at least ${leastRecall[kind]} of kind ${kind} are found, and nothing else is called so`, (context) => {
    const real = judged.filter(({ row }) => row.kind === kind);
    const named = judged.filter(({ found }) => found.kind === kind);
    const right = real.filter(({ found }) => found.kind === kind);
    const recall = right.length / real.length;
    const precision = right.length / named.length;
    const byLanguage = languages.map((lang) => {
      const there = real.filter(({ row }) => row.lang === lang);
      return `${lang} ${there.filter(({ found }) => found.kind === kind).length}/${there.length}`;
    });
    const missed = real.filter(({ found }) => found.kind !== kind).map(({ row }) => row.id);
    context.diagnostic(
      `${kind}: ${real.length} messages, precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)} (${byLanguage.join(', ')})${missed.length > 0 ? `, missed ${missed.join(' ')}` : ''}`,
    );
    assert.ok(recall >= leastRecall[kind], `recall ${recall}`);
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

test('a mail program’s subject is enough with any sign of an absence, in any language, and not against what the text says', () => {
  const kindOf = (subject: string, text: string) =>
    classifyMessage({ subject, from: 'dana@firm.example', text, html: null }).kind;
  assert.equal(kindOf('Automatic reply: Quote', 'Back on Monday.'), 'out-of-office');
  assert.equal(kindOf('Autosvar: offert', 'Jag är på semester till 5 maj.'), 'out-of-office');
  assert.equal(kindOf('自動応答: 見積', '5月5日まで不在です。'), 'out-of-office');
  assert.equal(kindOf('Automatic reply: Quote', ''), 'out-of-office');
  assert.equal(kindOf('Automatic reply: Quote', 'We take option two.'), null);
  assert.equal(kindOf('Automatic reply: Quote', 'Your automatic reply says May, is that still so?'), null);
  assert.equal(kindOf('Re: Automatic reply: Quote', 'Back on Monday.'), null);
});

test('other languages are a person’s unless the structure says otherwise', () => {
  for (const text of [
    'مرحبا، أنا خارج المكتب حتى يوم الاثنين.',
    'אני מחוץ למשרד עד יום שני.',
    '来週は不在です。',
    'Jestem na urlopie do 5 maja.',
  ])
    assert.equal(classifyMessage({ subject: 'Re: x', from: 'a@b.example', text, html: null }).automatic, false);
});

test('encoded and mis-decoded subjects are read as they were meant', () => {
  const mail = { from: 'a@b.example', text: 'Je suis absent jusqu’au 5 mai.', html: null };
  for (const subject of [
    '=?UTF-8?Q?R=C3=A9ponse_automatique?= =?utf-8?B?IDogRGV2aXM=?=',
    'RÃ©ponse automatique : Devis',
    '=?iso-8859-1?Q?R=E9ponse_automatique_:_Devis?=',
  ])
    assert.equal(classifyMessage({ ...mail, subject }).kind, 'out-of-office', subject);
  assert.equal(classifyMessage({ ...mail, subject: '=?nobody-knows?Q?=E9?= Ã' }).automatic, false);
});

test('words below a quote are a person’s own, not a signature', () => {
  const text = 'Thanks Colm,\n\n-----------\n> You would get frowns.\n-----------\n\nYes, but she loves cats.';
  assert.equal(classifyMessage({ subject: 'Re: x', from: 'a@b.example', text, html: null }).thanks, false);
});

test('a mail of which nothing is known is a person’s', () => {
  assert.deepEqual(classifyMessage({ subject: null, from: null, text: null, html: null }), {
    automatic: false,
    kind: null,
    thanks: false,
    reason: 'none',
  });
});
