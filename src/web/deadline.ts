// A bound on how long a request waits for the database.
import { BatonError } from '../errors.ts';

/**
 * What `work` gives, or `database-unavailable` after `deadlineMs`. The work itself is not stopped: give it only work
 * whose late success or failure is harmless.
 */
export async function withDeadline<T>(work: Promise<T>, deadlineMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new BatonError('database-unavailable')), deadlineMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
