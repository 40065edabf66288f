// Stops what was started, in reverse order, once, within the time a platform grants.
import { describeError, type Log } from './log.ts';

export type Stopping = {
  /** What to stop, later things first. */
  add(name: string, stop: () => Promise<void>): void;
  /** Stops everything and ends the process with `exitCode`; what is asked second waits for the first. */
  exit(exitCode: number): Promise<never>;
};

/** Heroku kills 30 s after SIGTERM; what has not ended by then is taken up by lease and retry anyway. */
const deadlineMs = 25_000;

export function createStopping(log: Log): Stopping {
  const parts: { name: string; stop: () => Promise<void> }[] = [];
  let running: Promise<number> | undefined;

  async function stopAll(exitCode: number): Promise<number> {
    let code = exitCode;
    for (let part = parts.pop(); part; part = parts.pop()) {
      try {
        await part.stop();
      } catch (error) {
        log.error({ part: part.name, ...describeError(error) }, 'a part did not stop cleanly');
        code ||= 1;
      }
    }
    return code;
  }

  return {
    add: (name, stop) => void parts.push({ name, stop }),
    async exit(exitCode) {
      const late = setTimeout(() => {
        log.error({ parts: parts.length }, 'stopping took too long');
        process.exit(1);
      }, deadlineMs);
      running ??= stopAll(exitCode);
      const code = await running;
      clearTimeout(late);
      process.exit(code);
    },
  };
}
