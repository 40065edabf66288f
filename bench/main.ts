// `npm run bench [names] [--full]`: what is fast and how we know, as JSON lines and a closing table. Fails when something breaks, never for a number.
import { benchActivity } from './activity.ts';
import { type BenchServer, openBenchServer } from './bench-server.ts';
import { benchDowntime } from './downtime.ts';
import { benchDrain } from './drain.ts';
import { benchEmulator } from './emulator.ts';
import { benchFairness } from './fairness.ts';
import { benchFlood } from './flood.ts';
import { benchHalfLoad } from './half-load.ts';
import { benchIdle } from './idle.ts';
import { benchIntake } from './intake.ts';
import { benchLatency } from './latency.ts';
import { benchLimit } from './limit.ts';
import { benchMemory } from './memory.ts';
import { type Line, printTable } from './report.ts';
import { benchSettle } from './settle.ts';
import { benchWorkers } from './workers.ts';

export type BenchParts = {
  server: BenchServer;
  print: (line: Line) => void;
  /** The sizes that take more than minutes: a million events, ten million records. */
  full: boolean;
};

const benches = {
  intake: benchIntake,
  'half-load': benchHalfLoad,
  drain: benchDrain,
  workers: benchWorkers,
  latency: benchLatency,
  settle: benchSettle,
  limit: benchLimit,
  idle: benchIdle,
  memory: benchMemory,
  activity: benchActivity,
  downtime: benchDowntime,
  fairness: benchFairness,
  flood: benchFlood,
  emulator: benchEmulator,
};
type BenchName = keyof typeof benches;

function readNames(words: string[]): BenchName[] {
  const known = Object.keys(benches) as BenchName[];
  if (words.length === 0) return known;
  return words.map((word) => {
    const name = known.find((candidate) => candidate === word);
    if (!name) throw new Error(`there is no bench ${word}: choose ${known.join(' or ')}`);
    return name;
  });
}

const words = process.argv.slice(2);
const full = words.includes('--full');
const names = readNames(words.filter((word) => word !== '--full'));
const server = await openBenchServer();
const lines: Line[] = [];
/** One line, its name first. */
const printAs = (bench: BenchName) => (line: Line) => {
  lines.push({ bench, ...line });
  console.log(JSON.stringify({ bench, ...line }));
};
try {
  for (const name of names) await benches[name]({ server, print: printAs(name), full });
} finally {
  await server.close();
}
console.log(`\n${printTable(lines)}`);
