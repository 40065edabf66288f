// `npm run chaos -- --seed N --minutes M`: the long form of a chaos run, its table, and exit code 1 when anything differs.
import { parseArgs } from 'node:util';
import { type ChaosReport, runChaos } from './run.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '5' },
    portals: { type: 'string', default: '50' },
    rate: { type: 'string', default: '40' },
  },
});

function readNumber(name: 'seed' | 'minutes' | 'portals' | 'rate'): number {
  const number = Number(values[name]);
  if (!(number > 0)) throw new Error(`--${name} must be a number above 0`);
  return number;
}

function print(report: ChaosReport): void {
  const { deeds, events, faults, outcome, differences, settleSeconds, dead } = report;
  const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0);
  console.log(`\nPeople did ${sum(deeds)} things; HubSpot delivered ${events} events; ${sum(faults)} faults hit.`);
  console.table(faults);
  console.table(deeds);
  const count = (kind: string) => differences.filter((one) => one.kind === kind).length;
  console.table({
    ...outcome,
    settleSeconds,
    dead,
    lost: count('lost'),
    doubled: count('doubled'),
    wrong: count('wrong'),
  });
  for (const { kind, portalId, what, story = [] } of differences.slice(0, 50))
    console.log([`${kind}, portal ${portalId}: ${what}`, ...story].join('\n    '));
  if (differences.length > 0)
    console.log(`Again: npm run chaos -- --seed ${report.seed} --minutes ${report.seconds / 60}`);
  const summary = { lost: count('lost'), doubled: count('doubled'), wrong: count('wrong') };
  console.log(JSON.stringify({ ...report, differences: summary, faultsInAll: sum(faults), deedsInAll: sum(deeds) }));
}

const report = await runChaos({
  seed: readNumber('seed'),
  seconds: readNumber('minutes') * 60,
  portals: readNumber('portals'),
  deedsPerSecond: readNumber('rate'),
  webs: 2,
  workers: 3,
  ordersPerSecond: 4,
  strikeEveryMs: 2_500,
  say: (line) => console.error(line),
});
print(report);
process.exitCode = report.differences.length > 0 ? 1 : 0;
