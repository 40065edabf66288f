// How PostgreSQL runs every statement of src/db on full tables: by index, by portal, and without touching more pages than its due.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDb } from '../../src/db/open-db.ts';
import { rights } from '../../src/db/rights.ts';
import { createLog } from '../../src/log.ts';
import { asProgram } from '../support/database.ts';
import { type Ask, listBatch, listIntake, listMemory, type Situation } from './asks-of-batches.ts';
import { listGrants, listMailbox, listPages, listSweeps } from './asks-of-pages.ts';
import { fillTables } from './full-tables.ts';
import { overPortals } from './over-portals.ts';
import { type HeardPlan, type PlanNode, setForProgram, watchPlans } from './plan-watch.ts';
import { findStatements } from './statement-texts.ts';
import { installPortal, openTestDb, tokenKeys } from './test-db.ts';

const { url, db: old, raw } = await openTestDb();
const program = asProgram(url).both;
const portalId = await installPortal(old);
await fillTables(raw, portalId);
await raw.query('analyze');
const { heard, listPrepared } = await watchPlans(raw, program);

type Run = { what: string; ask: Ask; plans: HeardPlan[] };

/** Everything once, by new connections that plan as `mode` says. */
async function runAll(mode: string, round: number): Promise<Run[]> {
  await setForProgram(raw, program, 'plan_cache_mode', mode);
  const keys = [{ id: 'k2', key: Buffer.alloc(32, 2) }, ...tokenKeys];
  const db = openDb({ databaseUrl: program, tokenKeys: keys, log: createLog('silent') });
  const situation: Situation = { db, old, raw, portalId, round };
  const lists = [listIntake, listGrants, listBatch, listMemory, listMailbox, listPages, listSweeps];
  const runs: Run[] = [];
  try {
    for (const ask of lists.flatMap((list) => list(situation))) {
      heard.length = 0;
      await ask.ask();
      runs.push({ what: `${ask.what}, ${mode}`, ask, plans: [...heard] });
    }
  } finally {
    await db.close();
  }
  return runs;
}

// Planned for these values; and once for any, as what is prepared by name may be from its sixth time on.
const planned = await runAll('force_custom_plan', 0);
const plannedForAny = await runAll('force_generic_plan', 1);
const prepared = listPrepared();
const runs = [
  ...planned,
  ...plannedForAny.map((run) => ({ ...run, plans: run.plans.filter(({ text }) => prepared.has(text)) })),
];

type Placed = { node: PlanNode; above: PlanNode[] };
function* walk(node: PlanNode, above: PlanNode[] = []): Generator<Placed> {
  yield { node, above };
  for (const child of node.Plans ?? []) yield* walk(child, [...above, node]);
}

/** `words` of every place in every plan that is wrong. */
function findWrong(judge: (run: Run, plan: HeardPlan, placed: Placed) => string | undefined): string[] {
  const words = runs.flatMap((run) =>
    run.plans.flatMap((plan) =>
      [...walk(plan.root)].flatMap((placed) => {
        const wrong = judge(run, plan, placed);
        return wrong === undefined ? [] : [`${run.what}: ${wrong} in ${plan.text.slice(0, 200)}`];
      }),
    ),
  );
  return [...new Set(words)];
}

test('everything asked of the database told its plans', () => {
  assert.ok(prepared.size >= 15, `${prepared.size} are prepared by name`);
  assert.deepEqual(
    planned.filter(({ plans }) => plans.length === 0).map(({ what }) => what),
    [],
  );
});

test('every statement written in src/db is among those whose plans are judged here, or is listed', () => {
  const texts = runs.flatMap(({ plans }) => plans.map(({ text }) => text));
  const isRun = (text: string) => {
    const pattern = text
      .split(/\$\{(?:[^{}]|\{[^}]*\})*\}/)
      .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
      .join('.*');
    return texts.some((candidate) => new RegExp(pattern).test(candidate));
  };
  const unrun = findStatements().filter(({ text }) => !isRun(text));
  assert.deepEqual(unrun.map(({ file, text }) => `${file} ${text.slice(0, 14)}`).sort(), [
    // `select set_config(...)`: before each statement, of no table.
    'access.ts select set_con',
    // A utility statement, which has no plan.
    'events.ts truncate seen_',
    // Ten rows of `migrations`, at a start and for /ready.
    'migrate.ts select name fr',
  ]);
});

test('no table is read through but where that is said, with its reason', () => {
  const tables = new Set(Object.keys(rights));
  const wrong = findWrong(({ ask }, _plan, { node }) => {
    const table = node['Relation Name'] ?? '';
    const isWhole = node['Node Type'] === 'Seq Scan' && tables.has(table) && ask.whole?.[table] === undefined;
    return isWhole ? `${table} is read through` : undefined;
  });
  assert.deepEqual(wrong, []);
});

test('no statement touches more pages than its due', () => {
  const wrong = findWrong(({ ask }, { root }, { above }) => {
    const touched = root['Shared Hit Blocks'] + root['Shared Read Blocks'];
    return above.length === 0 && touched > ask.pages ? `${touched} pages, of ${ask.pages},` : undefined;
  });
  assert.deepEqual(wrong, []);
});

test('the rows of a portal are reached by its portal_id, but in statements over all portals', () => {
  const ofPortals = new Set(
    Object.keys(rights).filter((table) => !['migrations', 'sessions', 'sweep_ticks'].includes(table)),
  );
  const overAll = Object.keys(overPortals).map((name) =>
    name.replace('.ts ', '.').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
  );
  const wrong = findWrong(({ ask }, { text }, { node, above }) => {
    const table = node['Relation Name'] ?? '';
    if (node['Node Type'] === 'ModifyTable' || !ofPortals.has(table)) return undefined;
    // Of retention.ts listPortals; the others have the names of those that send them.
    if (/^select (portals\.)?portal_id from portals\b/.test(text)) return undefined;
    if (overAll.some((name) => ask.what.startsWith(name))) return undefined;
    const own = `${node['Index Cond']} ${node['Recheck Cond']} ${node.Filter}`;
    const joined = above.map((one) => `${one['Hash Cond']} ${one['Merge Cond']} ${one['Join Filter']}`).join(' ');
    // The policy of row-level security asks for portal_id too, but as text in a case: that finds nothing.
    const isByPortal = /\bportal_id = /.test(own) || /\bportal_id = \S*portal_id\b/.test(joined);
    return isByPortal ? undefined : `${node['Node Type']} on ${table}`;
  });
  assert.deepEqual(wrong, []);
});
