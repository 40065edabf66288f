// `npm run bench [intake|settle|downtime|fairness|flood|emulator]`: what is fast and how we know, as JSON lines. Fails when something breaks, never for a number.
import { openBenchServer } from './bench-server.ts';
import { benchDowntime } from './downtime.ts';
import { benchEmulator } from './emulator.ts';
import { benchFairness } from './fairness.ts';
import { benchFlood } from './flood.ts';
import { benchIntake } from './intake.ts';
import { benchSettle } from './settle.ts';

const benches = {
  intake: benchIntake,
  settle: benchSettle,
  downtime: benchDowntime,
  fairness: benchFairness,
  flood: benchFlood,
  emulator: benchEmulator,
};
type BenchName = keyof typeof benches;

/** One line, its name first. */
function print(bench: BenchName, line: Record<string, unknown>): void {
  console.log(JSON.stringify({ bench, ...line }));
}

function readNames(words: string[]): BenchName[] {
  const known = Object.keys(benches) as BenchName[];
  if (words.length === 0) return known;
  return words.map((word) => {
    const name = known.find((candidate) => candidate === word);
    if (!name) throw new Error(`there is no bench ${word}: choose ${known.join(' or ')}`);
    return name;
  });
}

const names = readNames(process.argv.slice(2));
const server = await openBenchServer();
try {
  for (const name of names) await benches[name]({ server, print: (line) => print(name, line) });
} finally {
  await server.close();
}
