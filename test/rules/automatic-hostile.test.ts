// Hostile mail: what is judged takes linear steps, nothing makes it throw.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { classifyMessage } from '../../src/rules/automatic.ts';

const absenceText =
  'Thank you for your email. I am out of the office until 12 May. In urgent cases contact post@firm.example.';

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
  ['rules between lines', '-----\na\n'],
  ['contacts', 'contact a@b '],
  ['sentences', 'a. b. '],
];
/** Characters that regular expressions pass over while `work` runs: what grows when something is looked at again and again. */
function countSteps(work: () => void): number {
  const exec = RegExp.prototype.exec;
  let steps = 0;
  RegExp.prototype.exec = function (text: string) {
    const from = this.global || this.sticky ? this.lastIndex : 0;
    const match = exec.call(this, text);
    steps += 1 + (match ? match.index + match[0].length : `${text}`.length) - from;
    return match;
  };
  try {
    work();
  } finally {
    RegExp.prototype.exec = exec;
  }
  return steps;
}

for (const [name, unit] of hostile) {
  test(`a megabyte of ${name} takes no more steps than two`, () => {
    const mailsOf = (length: number) => {
      const text = unit.repeat(Math.ceil(length / unit.length));
      return [
        { subject: text, from: text, text, html: null },
        { subject: 'Automatic reply: x', from: 'postmaster@a.example', text: null, html: text },
        { subject: 'Accepted: x', from: 'a@b.example', text, html: null },
      ];
    };
    const stepsOf = (length: number) => {
      const mails = mailsOf(length);
      return countSteps(() => void mails.map(classifyMessage));
    };
    const steps = stepsOf(1_000_000);
    assert.equal(stepsOf(2_000_000), steps);
    // 20,000 characters, passed over some hundred times: 9.5 million were the most.
    assert.ok(steps < 20_000_000, `${steps} steps`);
  });
}

test('no pattern repeats a group or a wildcard without a bound, so none of them takes more than linear steps', () => {
  const rules = join(import.meta.dirname, '../../src/rules');
  const names = readdirSync(rules).filter((name) => name.startsWith('automatic') || name === 'own-text.ts');
  assert.ok(names.length >= 10);
  for (const name of names) {
    for (const [at, line] of readFileSync(join(rules, name), 'utf8').split('\n').entries()) {
      if (/^\s*(?:\/\/|\*|\/\*)/.test(line) || !/\\b|\(\?:|\{0,/.test(line)) continue;
      const withoutClasses = line.replace(/\[(?:\\.|[^\]\\])*\]/g, '[]');
      assert.doesNotMatch(withoutClasses, /(?<!\\)[.)](?:[*+]|\{\d+,\})/, `${name}:${at + 1}`);
    }
  }
});

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
