// The plans of the statements that run all the time, with 200,000 events waiting: index scans, and never a sort of the inbox.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import pg from 'pg';
import { createAccess } from '../../src/db/access.ts';
import { createLanes, laneSettings } from '../../src/db/lanes.ts';
import { createPool } from '../../src/db/pool.ts';
import { createTicketMemory } from '../../src/db/ticket-memory.ts';
import { createLog } from '../../src/log.ts';
import { asProgram } from '../support/database.ts';
import { installPortal, leaseOptions, makeEvent, makeRecord, openTestDb, settlement } from './test-db.ts';

const { url, db, raw } = await openTestDb();
const portalCount = 200;
const waitingCount = 200_000;

type Statement = { text: string; values: unknown[] };
type PlanNode = {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  Plans?: PlanNode[];
};

/** Every statement sent through it, as the lanes send them, with the settings of the lanes' pool. */
const seen: Statement[] = [];
const pool = createPool(asProgram(url).both, {
  max: 2,
  statementTimeoutMs: 30_000,
  settings: laneSettings,
  log: createLog('silent'),
});
pool.on('connect', (client) => {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  const recorded = (statement: string | (Statement & { statements?: Statement[] }), ...rest: unknown[]): unknown => {
    if (typeof statement === 'object' && statement.statements) seen.push(...statement.statements);
    else if (typeof statement === 'object') seen.push({ text: statement.text, values: statement.values });
    else if (Array.isArray(rest[0])) seen.push({ text: statement, values: rest[0] });
    return query(statement, ...rest);
  };
  client.query = recorded as unknown as pg.PoolClient['query'];
});
after(() => pool.end());
const lanes = createLanes(pool);
const memory = createTicketMemory(createAccess(pool).portal);

async function fillInbox(): Promise<string[]> {
  const portalIds: string[] = [];
  for (let index = 0; index < portalCount; index += 1) portalIds.push(await installPortal(db));
  // Half of it in one portal, a tenth of it put off, and a sweep in each.
  await raw.query(
    `insert into inbox (portal_id, run_at, event)
     select case when n % 2 = 0 then $1 else $1 + (n / 2) % $2 end,
            now() + (n % 10 / 9) * interval '1 day' - n * interval '1 ms', $3
     from generate_series(1, $4::int) n`,
    [portalIds[0], portalCount, JSON.stringify(makeEvent('1')), waitingCount],
  );
  await raw.query(
    `insert into inbox (portal_id, run_at, event) select portal_id, now(), '{"kind": "sweep"}' from portals`,
  );
  await raw.query('insert into lanes (portal_id, due_at) select portal_id, min(run_at) from inbox group by portal_id');
  await raw.query(
    `insert into records (portal_id, subject, ticket_id, thread_id, message_at, trigger, evidence, decision, outcome)
     select $1 + n % $2, 'm:' || n, (n % 1000)::text, (n % 1000)::text, now(), 'message', '[]', 'move', 'done'
     from generate_series(1, 50000) n`,
    [portalIds[0], portalCount],
  );
  return portalIds;
}

function* walk(node: PlanNode): Generator<PlanNode> {
  yield node;
  for (const child of node.Plans ?? []) yield* walk(child);
}

/** A literal of SQL for each value: `execute` takes no parameters. */
function literal(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `array[${value.map(literal).join(', ')}]`;
  if (value instanceof Date) return literal(value.toISOString());
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : pg.escapeLiteral(String(value));
}

/** What PostgreSQL does for the statement, run and rolled back: planned for these values, or once for any. */
async function explain(
  { text, values }: Statement,
  mode: 'force_custom_plan' | 'force_generic_plan',
): Promise<PlanNode> {
  // The lease is gone by now, for which locking its lane divides by zero.
  const planned = text.replace('select 1 / count(*)', 'select count(*)');
  const client = await pool.connect();
  try {
    await client.query(
      `begin; set local baton.portal_id = 'all'; set local plan_cache_mode = ${mode}; prepare explained as ${planned}`,
    );
    // An array needs its type where it is empty; the prepared statement knows it.
    const types = await client.query<{ types: string[] }>(
      `select parameter_types::text[] as types from pg_prepared_statements where name = 'explained'`,
    );
    const literals = values.map((value, index) => `${literal(value)}::${types.rows[0]?.types[index]}`);
    const { rows } = await client.query(`explain (analyze, format json) execute explained (${literals.join(', ')})`);
    return rows[0]['QUERY PLAN'][0].Plan;
  } finally {
    client.release(true); // and with it the prepared statement
  }
}

const big = new Set(['inbox', 'lanes', 'records', 'seen', 'tickets', 'own_threads']);

async function assertIndexed(statement: Statement): Promise<void> {
  for (const mode of ['force_custom_plan', 'force_generic_plan'] as const) {
    const nodes = [...walk(await explain(statement, mode))];
    for (const node of nodes) {
      const type = node['Node Type'];
      const words = `${mode}: ${type} on ${node['Relation Name']} in ${statement.text}`;
      if (big.has(node['Relation Name'] ?? '')) assert.ok(!/^(Seq|Bitmap)/.test(type), words);
      // A batch of each of 32 lanes is the most any step may handle; each row of the inbox is reached through its key.
      assert.ok(
        node['Actual Rows'] * node['Actual Loops'] <= 3_300,
        `${node['Actual Rows']} rows x ${node['Actual Loops']} of ${words}`,
      );
    }
  }
}

const portalIds = await fillInbox();

for (const statistics of ['without statistics', 'with statistics']) {
  test(`a claim and a settlement use indexes alone, ${statistics}`, async () => {
    if (statistics === 'with statistics') await raw.query('analyze');
    seen.length = 0;
    const batches = await lanes.claimLanes(32, leaseOptions);
    assert.equal(batches.length, 32);
    const [batch, ...others] = batches.sort((a, b) => b.events.length - a.events.length);
    const [event, ...events] = batch?.events ?? [];
    assert.ok(batch && event && events.length === 99);
    const intents = [{ subject: 's', ticketId: '1', fromStageId: '1', toStageId: '2', at: '2026-01-01T00:00:00Z' }];
    await lanes.planMoves(
      batch.lease,
      events.map((one) => ({ event: one, intents })),
      60_000,
    );
    await memory.findDecided(
      batch.lease.portalId,
      events.map((_, index) => `m:${index}`),
    );
    await memory.findMemory(batch.lease.portalId, ['1', '2', '3'], new Date());
    await lanes.settle(
      batch.lease,
      settlement({
        records: events.map(() => makeRecord()),
        done: events.slice(0, 50),
        dead: events.slice(50, 60).map((one) => ({ event: one, errorCode: 'internal' })),
        later: events.slice(60).map((one) => ({ event: one, delayMs: 60_000, failed: true })),
        memory: [{ kind: 'merged', into: '5', ticketIds: ['1', '2'] }],
        newEvents: [makeEvent(batch.lease.portalId)],
      }),
    );
    for (const other of others) await lanes.settle(other.lease, settlement());
    const [claim, ...settling] = seen.slice(0, 14);
    assert.ok(claim);
    // What the statements touch has changed meanwhile: events that a settlement named are gone, yet the way to them is the same.
    await raw.query("update lanes set lease_until = null, due_at = now() - interval '1 s'");
    for (const statement of [claim, ...settling]) await assertIndexed(statement);
  });
}

test('a claim finds the one lane that is not paused by index alone', async () => {
  await raw.query(`update lanes set paused_until = now() + interval '1 h' where portal_id <> $1`, [portalIds[7]]);
  const [batch] = await lanes.claimLanes(32, leaseOptions);
  assert.equal(batch?.lease.portalId, portalIds[7]);
  const claim = seen.at(-1);
  assert.ok(claim);
  await raw.query('update lanes set lease_until = null where portal_id = $1', [portalIds[7]]);
  await assertIndexed(claim);
});
