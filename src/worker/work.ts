// What a batch has come to so far, to be settled in one transaction.
import type { Settlement } from '../db/lanes.ts';

export type Work = Omit<Settlement, 'pace' | 'pausedForMs'>;

/** `held` = the batch came to its end, whatever became of its single subjects. */
export type BatchEnd = { work: Work; pausedForMs: number; held: boolean };

export function emptyWork(): Work {
  return { records: [], done: [], later: [], dead: [], memory: [], forgottenPlans: [], newEvents: [] };
}

/**
 * Each event once, though several messages may share it (a look at a thread): it waits while one of them waits, and is done when all
 * of them are.
 */
export function settleEachOnce(work: Work): Work {
  const later = new Map<string, Work['later'][number]>();
  for (const wait of work.later) {
    const known = later.get(wait.event.id);
    if (!known || (wait.failed && !known.failed)) later.set(wait.event.id, wait);
  }
  const dead = new Map(work.dead.filter(({ event }) => !later.has(event.id)).map((end) => [end.event.id, end]));
  const done = new Map(work.done.map((event) => [event.id, event]));
  for (const id of [...later.keys(), ...dead.keys()]) done.delete(id);
  return { ...work, later: [...later.values()], dead: [...dead.values()], done: [...done.values()] };
}
