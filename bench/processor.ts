// Processor time of a process and all it started, from /proc: on a machine that others use too, the clock tells of them as well.
import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second (USER_HZ, proc(5)). */
const msPerTick = 10;

type Stat = { parent: number; ms: number };

function readStat(pid: number): Stat | undefined {
  try {
    // The name stands in brackets and may hold anything: what follows the last one is numbers.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
      .map(Number);
    // ppid, then utime, stime and those of children that ended (proc(5), fields 4 and 14 to 17).
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + field, 0);
    return { parent: fields[1] ?? 0, ms: ticks * msPerTick };
  } catch {
    return undefined; // it ended between the listing and the reading
  }
}

/** Since they began; undefined where there is no /proc, or no such process. */
export function readProcessorMs(rootPid: number | undefined): number | undefined {
  if (rootPid === undefined || process.platform !== 'linux') return undefined;
  const stats = new Map<number, Stat>();
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : undefined;
    if (stat) stats.set(Number(name), stat);
  }
  if (!stats.has(rootPid)) return undefined;
  const belongs = (pid: number): boolean => pid === rootPid || (stats.has(pid) && belongs(stats.get(pid)?.parent ?? 0));
  return [...stats].filter(([pid]) => belongs(pid)).reduce((sum, [, { ms }]) => sum + ms, 0);
}

/** Of this process. */
export function readOwnProcessorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
