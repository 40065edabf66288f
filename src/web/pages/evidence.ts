// Puts what a check has seen into the reader's language; ids and what is not known here stay as they are.
import type { Evidence } from '../../rules/decide.ts';
import type { Words } from '../words/en.ts';
import { emailChannelId } from './channel-claims.ts';
import type { Moment } from './moments.ts';

export type Seen = {
  text: string;
  /** Not of this language: an id, or a name HubSpot or Baton gave. */
  code: boolean;
};
type Parts = { words: Words; nameIfStage: (seen: string) => string; write: (at: Date) => Moment };

/** Actors as rules/applicable-rule.ts writes them: `A-123, visitor`. */
function tellActors(seen: string, words: Words): string | undefined {
  const told = seen.split(', ').map((one) => {
    const kind = /^[ABILS]-/.test(one) ? one.slice(0, 1) : one;
    const name = Object.hasOwn(words.actors, kind) ? words.actors[kind as keyof Words['actors']] : undefined;
    // Ids of people and apps are worth showing; `S-hubspot` is the one of its kind.
    return name && /^[AI]-/.test(one) ? `${name} (${one.slice(2)})` : name;
  });
  return told.every((name) => name !== undefined) ? told.join(', ') : undefined;
}

function tellKnown(seen: string, { seen: known }: Words): string | undefined {
  if (Object.hasOwn(known, seen)) return known[seen];
  const pattern = seen.replace(/\d+/, '#');
  const number = /\d+/.exec(seen)?.[0];
  return number && Object.hasOwn(known, pattern) ? known[pattern]?.replace('#', number) : undefined;
}

function tellChange(seen: string, { words, write }: Parts): string | undefined {
  const [, source, time] = /^(?:(\w+) at|entered) (\S+)$/.exec(seen) ?? [];
  const at = new Date(time ?? '');
  if (Number.isNaN(at.getTime())) return undefined;
  const moment = write(at).text;
  return source ? words.changedAt(words.sources[source] ?? source, moment) : words.enteredAt(moment);
}

function tellWriter(seen: string, words: Words): string | undefined {
  const [, actors = '', program = ''] = /^(.+) by (\w+)$/.exec(seen) ?? [];
  const who = tellActors(actors, words);
  return who && words.writtenIn(who, words.seen[program] ?? program);
}

/** `seen` of an evidence for a person. Never throws, whatever stands there. */
export function tellSeen({ check, seen }: Pick<Evidence, 'check' | 'seen'>, parts: Parts): Seen {
  const { words, nameIfStage } = parts;
  if (check === 'channel' && seen === emailChannelId) return { text: words.emailChannel(seen), code: false };
  if (check === 'automatic' && /^[\w-]+(\+[\w-]+)*$/.test(seen) && !Object.hasOwn(words.seen, seen)) {
    return { text: words.signs(seen.replaceAll('+', ', ')), code: false };
  }
  const told = tellKnown(seen, words) ?? tellActors(seen, words) ?? tellWriter(seen, words) ?? tellChange(seen, parts);
  if (told !== undefined) return { text: told, code: false };
  const stage = check === 'stage-exists' || check === 'from-stage' ? nameIfStage(seen) : seen;
  return { text: stage, code: stage === seen };
}
