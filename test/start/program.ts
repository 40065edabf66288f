// Starts Baton as a person or a platform does, in a folder of its own, and watches what it says and how it ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { keepOutput } from '../support/kept-log.ts';

const launcher = fileURLToPath(new URL('../../scripts/with-node.mjs', import.meta.url));
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export type Program = {
  process: ChildProcess;
  said(): string;
  /** Resolves when it has printed what `pattern` matches. Throws with what it said when it ends before, or after 30 s. */
  saying(pattern: RegExp): Promise<RegExpExecArray>;
  /** The exit code, or the signal that ended it. */
  ended: Promise<number | string>;
};

/** `environment` is all it gets, beside the PATH: nothing of the test run's own. */
export function startProgram(parts: {
  cwd: string;
  command?: string;
  environment?: Record<string, string>;
  /** As npm does: a shell between it and the script. What stands for npm here is a shell too. */
  underNpm?: boolean;
}): Program {
  const line = [process.execPath, launcher, main, ...(parts.command ? [parts.command] : [])];
  const asNpm = ['sh', '-c', 'sh -c \'"$@"; exit $?\' sh "$@"; exit $?', 'sh', ...line];
  const [file = '', ...args] = parts.underNpm ? asNpm : line;
  const child = spawn(file, args, {
    cwd: parts.cwd,
    env: {
      PATH: process.env.PATH ?? '',
      ...(parts.underNpm ? { npm_lifecycle_event: 'start' } : {}),
      ...parts.environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      keepOutput(chunk);
    });
  }
  // `close`, not `exit`: the last lines may still be in the pipe.
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  let over = false;
  void ended.then(() => {
    over = true;
  });
  return {
    process: child,
    said: () => text,
    ended,
    async saying(pattern) {
      const deadline = Date.now() + 30_000;
      for (;;) {
        const found = pattern.exec(text);
        if (found) return found;
        if (over || Date.now() > deadline) throw new Error(`never said ${pattern}, but: ${text}`);
        await sleep(20);
      }
    },
  };
}

/** On Linux. The launcher's one child is the program itself. */
export function readChildPids(pid: number | undefined): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Throws when `holds` is not true within 10 s. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within 10 s: ${what}`);
    await sleep(50);
  }
}
