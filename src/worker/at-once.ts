// Several HubSpot calls at a time, and which of their failures stay with what asked for them.
import { BatonError } from '../errors.ts';

/** As many as HubSpot calls may be in flight (CONTRACT.md 5): more would only wait for one another. */
const callsAtOnce = 4;

export async function forEachAtOnce<T>(items: Iterable<T>, act: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  async function next(): Promise<void> {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await act(item);
  }
  await Promise.all(Array.from({ length: callsAtOnce }, next));
}

/** Answers HubSpot's own failures, so that what else was done in the batch is kept; throws the others (lease, database, ours). */
export async function attempt<T>(call: () => Promise<T>): Promise<T | BatonError> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof BatonError && error.code.startsWith('hubspot-')) return error;
    throw error;
  }
}
