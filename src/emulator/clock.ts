// The emulator's clock, which can be moved and stopped, and what falls due by it: dates, token life, lag, tasks, retries.
import type { ClockState, Line, State } from './state.ts';

/** Node's timers hold no longer wait than this; a longer one is waited for in parts. */
const longestWaitMs = 2_147_483_647;

type Entry = { dueAt: number; act: () => void };

const freshLine = (): Line => ({ movedMs: 0, heldAt: null });

export const freshClock = (): ClockState => ({ dates: freshLine(), delays: freshLine() });

function read(line: Line, base: () => number): number {
  return line.heldAt ?? base() + line.movedMs;
}

function shift(line: Line, ms: number): void {
  if (line.heldAt === null) line.movedMs += ms;
  else line.heldAt += ms;
}

function requireMs(ms: number, name: string): void {
  if (!Number.isSafeInteger(ms)) throw new Error(`emulator: ${name} must be whole milliseconds, not ${ms}`);
}

/** What is due, in order; one timer for the next of it, none while the clock stands still. */
function createAgenda(now: () => number, isFrozen: () => boolean) {
  const entries: Entry[] = [];
  let timer: NodeJS.Timeout | undefined;

  function arm(): void {
    clearTimeout(timer);
    const [next] = entries;
    if (!next || isFrozen()) return;
    timer = setTimeout(runDue, Math.min(longestWaitMs, Math.max(0, next.dueAt - now())));
  }

  function takeNext(until: number): Entry | undefined {
    return (entries[0]?.dueAt ?? Number.POSITIVE_INFINITY) <= until ? entries.shift() : undefined;
  }

  function runDue(): void {
    for (let entry = takeNext(now()); entry; entry = takeNext(now())) entry.act();
    arm();
  }

  function add(entry: Entry): () => void {
    // What is due at the same millisecond keeps the order it was added in.
    const place = entries.findLastIndex((other) => other.dueAt <= entry.dueAt) + 1;
    entries.splice(place, 0, entry);
    if (place === 0) arm();
    return () => {
      const index = entries.indexOf(entry);
      if (index < 0) return;
      entries.splice(index, 1);
      if (index === 0) arm();
    };
  }

  return { add, arm, runDue, takeNext, stop: () => clearTimeout(timer) };
}

/** `dates` is HubSpot's own time; delays are counted in real time, and moved and held together with it. */
export function createClock(state: State, dates: () => number) {
  state.clock ??= freshClock();
  const clock = (): ClockState => {
    state.clock ??= freshClock();
    return state.clock;
  };
  const now = () => read(clock().dates, dates);
  const delayNow = () => read(clock().delays, Date.now);
  const isFrozen = () => clock().delays.heldAt !== null;
  const agenda = createAgenda(delayNow, isFrozen);

  function shiftBoth(ms: number): void {
    shift(clock().dates, ms);
    shift(clock().delays, ms);
  }

  /** Forward: what falls due on the way happens at its own moment, in order. Backward: what waits, waits longer. */
  function advance(ms: number): void {
    requireMs(ms, 'advance');
    const target = delayNow() + ms;
    for (let entry = agenda.takeNext(target); entry; entry = agenda.takeNext(target)) {
      shiftBoth(Math.max(0, entry.dueAt - delayNow()));
      entry.act();
    }
    shiftBoth(target - delayNow());
    agenda.runDue();
  }

  function set(at: number | Date): void {
    const time = Number(at);
    requireMs(time, 'set');
    advance(time - now());
  }

  return {
    /** Epoch milliseconds of HubSpot's time. */
    now,
    advance,
    set,
    /** Stops it, at a moment (epoch ms) or where it stands: only `advance` and `set` move it then. */
    freeze(at?: number | Date): void {
      // Held first: between moving and holding a running clock a millisecond may pass.
      clock().dates.heldAt = now();
      clock().delays.heldAt = delayNow();
      if (at !== undefined) set(at);
      agenda.arm();
    },
    /** Lets it run on from where it stands. */
    run(): void {
      const { dates: dated, delays } = clock();
      if (dated.heldAt !== null) dated.movedMs = dated.heldAt - dates();
      if (delays.heldAt !== null) delays.movedMs = delays.heldAt - Date.now();
      dated.heldAt = null;
      delays.heldAt = null;
      agenda.arm();
    },
    look: () => ({ now: now(), isFrozen: isFrozen() }),
    /** Epoch milliseconds by which delays are counted. */
    delayNow,
    /** Acts once `delayNow` has reached `dueAt`. Returns what calls it off. */
    at: (dueAt: number, act: () => void): (() => void) => agenda.add({ dueAt, act }),
    /** Nothing falls due any more. */
    stop: () => agenda.stop(),
    /** Real time again. */
    reset(): void {
      state.clock = freshClock();
      agenda.arm();
    },
  };
}

export type Clock = ReturnType<typeof createClock>;
