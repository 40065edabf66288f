// The plans behind the activity page, with 300,000 records of which one portal has most: for every filter an index, no sort, few rows.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createAccess } from '../../src/db/access.ts';
import { outcomes } from '../../src/db/db.ts';
import { createDeadEvents } from '../../src/db/dead-events.ts';
import { createPool } from '../../src/db/pool.ts';
import { createRecords, type RecordQuery } from '../../src/db/records.ts';
import { createLog } from '../../src/log.ts';
import { reasons } from '../../src/rules/decide.ts';
import { asProgram } from '../support/database.ts';
import { installPortal, openTestDb } from './test-db.ts';

const { url, db, raw } = await openTestDb();
const limit = 50;

type Statement = { text: string; values: unknown[] };
type PlanNode = {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
};

/** What the pages send. */
const sent: Statement[] = [];
const pool = createPool(asProgram(url).both, { max: 1, statementTimeoutMs: 30_000, log: createLog('silent') });
const query = pool.query.bind(pool) as (statement: Statement) => Promise<unknown>;
pool.query = ((statement: Statement) => {
  sent.push(statement);
  return query(statement);
}) as unknown as typeof pool.query;
after(() => pool.end());
const access = createAccess(pool);
const records = createRecords(access.portal);
const deadEvents = createDeadEvents(access.portal);

const portalId = await installPortal(db);
await raw.query(
  `insert into records (portal_id, subject, ticket_id, thread_id, message_id, trigger, evidence, decision, reason, outcome)
   select case when n % 10 < 9 then $1::bigint else $1::bigint + n % 100 end, 'm:' || n || ':' || n, (n % 20000)::text, n, n,
          'message', '[]', 'stay',
          case when n % 3 > 0 then ($2::text[])[1 + n % 25] end,
          case when n % 30000 = 0 then 'dead' when n % 3 = 0 then 'done' when n % 3001 = 0 then 'failed' else 'skipped' end
   from generate_series(1, 300000) n`,
  [portalId, reasons],
);
await raw.query(
  `insert into dead_events (portal_id, id, attempts, error_code, event, intents)
   select $1, n, 15, 'internal', jsonb_build_object('kind', 'message', 'threadId', n::text, 'messageId', n::text), '[]'
   from generate_series(1, 30000) n`,
  [portalId],
);

function* walk(node: PlanNode): Generator<PlanNode> {
  yield node;
  for (const child of node.Plans ?? []) yield* walk(child);
}

/** As the program's user, for whom PostgreSQL adds whose rows they may be. */
async function explain({ text, values }: Statement): Promise<PlanNode> {
  return access.portal.transaction(portalId, async (client) => {
    const { rows } = await client.query(`explain (analyze, format json) ${text}`, values);
    return rows[0]['QUERY PLAN'][0].Plan;
  });
}

async function assertIndexed(
  statement: Statement,
  { mostRows, unwanted }: { mostRows: number; unwanted: RegExp },
  what: string,
): Promise<void> {
  for (const node of walk(await explain(statement))) {
    const read = (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
    const words = `${what}: ${node['Node Type']} of ${read} rows on ${node['Relation Name']}`;
    assert.doesNotMatch(node['Node Type'], unwanted, words);
    assert.ok(read <= mostRows, words);
  }
}

const middle = '150000';
const places: Partial<RecordQuery>[] = [{}, { after: middle }, { newerThan: middle }, { newerThan: '9000000' }];

for (const statistics of ['without statistics', 'with statistics']) {
  test(`every filter at every place of the list reads no more than it shows, ${statistics}`, async () => {
    if (statistics === 'with statistics') await raw.query('analyze');
    for (const outcome of [undefined, ...outcomes]) {
      // One with many records, two with none (one beyond those filled in).
      for (const reason of [undefined, 'paused', 'uninstalled', 'held'] as const) {
        for (const place of places) {
          sent.length = 0;
          await records.listRecords(portalId, { outcome, reason, limit, ...place });
          const [statement] = sent;
          assert.ok(statement);
          const bounds = { mostRows: limit + 1, unwanted: /^(Seq|Bitmap)|Sort/ };
          await assertIndexed(statement, bounds, `${outcome} ${reason} ${JSON.stringify(place)}`);
        }
      }
    }
  });

  test(`a ticket's records are found by its index, whatever else is asked, ${statistics}`, async () => {
    for (const filter of [
      {},
      { outcome: 'done' },
      { reason: 'paused' },
      { outcome: 'failed', reason: 'held' },
    ] as const) {
      for (const place of places) {
        sent.length = 0;
        await records.listRecords(portalId, { ticketId: '1000', limit, ...filter, ...place });
        const [statement] = sent;
        assert.ok(statement);
        // Where its other filters promise fewer records than it has, theirs may be the index, and those few are sorted.
        const bounds = { mostRows: 200, unwanted: /^(Seq|Bitmap)/ };
        await assertIndexed(statement, bounds, JSON.stringify({ ...filter, ...place }));
      }
    }
  });
}

test('which dead records can be tried again is found by index, for a whole page of them', async () => {
  const { records: died } = await records.listRecords(portalId, { outcome: 'dead', limit });
  assert.ok(died.length >= 8);
  sent.length = 0;
  const ids = died.map(({ id }) => id);
  assert.ok((await deadEvents.findRetryable(portalId, ids)).size > 0);
  const [statement] = sent;
  assert.ok(statement);
  for (const node of walk(await explain(statement))) {
    assert.ok(!/^Seq/.test(node['Node Type']), node['Node Type']);
    assert.ok(node['Actual Rows'] * node['Actual Loops'] <= ids.length, JSON.stringify(node));
  }
});
