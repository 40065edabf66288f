// Switches as form fields: what each may be, and how the words of a form become its value.
import { quirkAnswers } from '../quirk-answers.ts';
import type { Quirks } from '../world.ts';
import type { Choice } from './fields.ts';

export type Switches = Record<string, unknown>;

/** Undefined for numbers and free words. */
function valuesOf(name: string, value: unknown): unknown[] | undefined {
  if (typeof value === 'boolean') return [false, true];
  if (!Object.hasOwn(quirkAnswers, name)) return undefined;
  const answers: readonly unknown[] = quirkAnswers[name as keyof Quirks].answers;
  return answers.every((one) => typeof one === 'number') ? undefined : [...answers];
}

/** What a drop-down offers; undefined for numbers and free words. */
export function choicesOf(name: string, value: unknown): Choice[] | undefined {
  return valuesOf(name, value)?.map((one) => ({ value: String(one), label: String(one) }));
}

function readValue(name: string, before: unknown, text: string): unknown {
  const values = valuesOf(name, before);
  if (values) {
    const found = values.find((one) => String(one) === text);
    if (found === undefined) throw new Error(`${name} is one of ${values.join(', ')}`);
    return found;
  }
  if (typeof before !== 'number') return text;
  const number = Number(text);
  if (text === '' || !(number >= 0)) throw new Error(`${name} is a number from 0 on`);
  return number;
}

/** Sets the switches a form names, all or none. Throws, in words for people, for a value that is none. */
export function setSwitches(switches: object, fields: Record<string, string | undefined>): void {
  const known = switches as Switches;
  const changes = Object.entries(fields).flatMap(([name, text]) => {
    if (text === undefined || !Object.hasOwn(known, name)) return [];
    return [[name, readValue(name, known[name], text)] as const];
  });
  Object.assign(known, Object.fromEntries(changes));
}
