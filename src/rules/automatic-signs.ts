// What a mail looks like to the guards, and how signs add up: no sign convicts alone, except a sender that can be no person.
import type { SenderKind, SubjectSigns } from './automatic-origin.ts';
import type { OwnText } from './own-text.ts';

export type AutomaticKind = 'out-of-office' | 'auto-reply' | 'bounce' | 'calendar-answer';

export type Mail = {
  sender: SenderKind;
  senderCertain: boolean;
  subject: SubjectSigns;
  body: OwnText;
  /** The own words, folded, on one line, without what stands in quotation marks. */
  words: string;
  /** The same, sentence by sentence, without greeting, sign-off and bare addresses. */
  sentences: string[];
};

/** `patterns` meet folded text; a signal counts once, however often it is met. */
export type Signal = { name: string; weight: number; patterns: RegExp[] };
export type Score = { points: number; names: string[] };
export type Found = { kind: AutomaticKind; names: string[] } | undefined;

/** What the signs must add up to: a mail program's subject (5), or as much from several signs of its own words. */
export const threshold = 5;

/** Either order, at most `gap` characters apart, within one question or exclamation. */
export function near(first: string, second: string, gap = 60): RegExp {
  return new RegExp(`\\b(?:${first})[^!?]{0,${gap}}\\b(?:${second})|\\b(?:${second})[^!?]{0,${gap}}\\b(?:${first})`);
}

export function add(score: Score, name: string, points: number, holds: boolean): boolean {
  if (holds) {
    score.points += points;
    score.names.push(name);
  }
  return holds;
}

export function says(words: string, signal: Signal): boolean {
  return signal.patterns.some((pattern) => pattern.test(words));
}

export function addSignals(score: Score, words: string, signals: Signal[]): void {
  for (const signal of signals) add(score, signal.name, signal.weight, says(words, signal));
}

/** Something is asked of the reader. Addresses of pages hold question marks too, so they do not count. */
export function asks(words: string): boolean {
  return /[?؟？](?:\s|$|["')\]])/.test(words.replace(/https?:\/\/\S{1,500}/g, ' '));
}

/**
 * Whether every sentence is one of `signals`: who writes for a purpose of his own has at least one that is none. A text of more than
 * 30 sentences is never looked through.
 */
export function saysNothingElse(sentences: string[], signals: Signal[]): boolean {
  if (sentences.length === 0 || sentences.length > 30) return false;
  return sentences.every((sentence) => signals.some((signal) => says(sentence, signal)));
}

// "Message: ..." in a website's own mail stands for somebody who filled in its form.
const formLine =
  /(?:^|\n) {0,4}(?:message|comment|question|nachricht|mitteilung|ihre nachricht|votre message|mensaje|messaggio|mensagem|bericht|vraag|transcript)\*{0,2} ?:/i;

/** A website or a telephone system passes on what a person said. */
export function relaysForm(own: string): boolean {
  return formLine.test(own);
}
