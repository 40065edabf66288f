// Stops what was started, in reverse order, once, within the time a platform grants.
import { describeError, type Log } from './log.ts';

export type Stopping = {
  /** What to stop, later things first. */
  add(name: string, stop: () => Promise<void>): void;
  /** Stops everything and ends the process with `exitCode`. Asked again a while later it ends the process at once. */
  exit(exitCode: number): Promise<never>;
};

/** Heroku kills 30 s after SIGTERM; what has not ended by then is taken up by lease and retry anyway. */
const deadlineMs = 25_000;
/** A terminal's Ctrl-C arrives twice, from the terminal and from the launcher; a person's second one comes later. */
const impatientAfterMs = 500;

export function createStopping(log: Log): Stopping {
  const parts: { name: string; stop: () => Promise<void> }[] = [];
  let running: { since: number; code: Promise<number> } | undefined;

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
      if (running && Date.now() - running.since > impatientAfterMs) process.exit(exitCode || 1);
      const late = setTimeout(() => {
        log.error({ parts: parts.length }, 'stopping took too long');
        process.exit(1);
      }, deadlineMs);
      running ??= { since: Date.now(), code: stopAll(exitCode) };
      const code = await running.code;
      clearTimeout(late);
      process.exit(code);
    },
  };
}
