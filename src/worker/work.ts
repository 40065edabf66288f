// What a batch has come to so far, to be settled in one transaction.
import type { Settlement } from '../db/lanes.ts';

export type Work = Omit<Settlement, 'pace' | 'pausedForMs'>;

export function emptyWork(): Work {
  return { records: [], done: [], later: [], dead: [], memory: [], newEvents: [] };
}
