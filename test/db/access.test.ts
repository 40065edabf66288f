// How a statement gets its portal: in the same write, for that statement alone, on whichever connection it runs.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import pg from 'pg';
import { createAccess } from '../../src/db/access.ts';
import { createPool } from '../../src/db/pool.ts';
import { createLog } from '../../src/log.ts';
import { asProgram } from '../support/database.ts';
import { installPortal, openTestDb } from './test-db.ts';

const { url, db } = await openTestDb();
const portalA = await installPortal(db);
const portalB = await installPortal(db);

function openAccess(max: number) {
  const log = createLog('silent');
  const pool = createPool(asProgram(url).both, { max, statementTimeoutMs: 5_000, log });
  after(() => pool.end());
  return { pool, ...createAccess(pool) };
}
const one = openAccess(1);
const ids = 'select portal_id as id from portals where $1::text is not null order by 1';
const read = async (portalId: string, statement: string | { name: string; text: string } = ids) =>
  (await one.portal.query<{ id: string }>(statement, [portalId])).rows.map(({ id }) => id);
const seenBare = async () => (await one.pool.query('select from portals')).rowCount;

test('a connection keeps no portal for the next statement', async () => {
  assert.equal(await seenBare(), 0, 'before any');
  assert.deepEqual(await read(portalA), [portalA]);
  assert.equal(await seenBare(), 0, 'after one of one portal');
  assert.equal((await one.allPortals.query('select from portals')).rowCount, 2);
  assert.equal(await seenBare(), 0, 'after one of all portals');
  await one.portal.transaction(portalB, async (client) => {
    assert.deepEqual((await client.query('select portal_id as id from portals')).rows, [{ id: portalB }]);
  });
  assert.equal(await seenBare(), 0, 'after a transaction');
  await assert.rejects(
    one.portal.transaction(portalA, async (client) => {
      await client.query('select 1/0');
    }),
    { code: '22012' },
  );
  assert.equal(await seenBare(), 0, 'after one that failed');
  assert.equal(one.pool.totalCount, 1);
});

test('a statement prepared once is planned for whichever portal asks', async () => {
  const prepared = { name: 'ids', text: ids };
  // PostgreSQL goes over to one plan for all values after five times.
  for (let time = 0; time < 8; time += 1) {
    assert.deepEqual(await read(portalA, prepared), [portalA]);
    assert.deepEqual(await read(portalB, prepared), [portalB]);
  }
  const all = await one.allPortals.query<{ id: string }>(prepared, ['any']);
  assert.equal(all.rowCount, 2);
});

test('the portal costs no round trip: one answer of the server a statement, the first on a connection too', async () => {
  const { pool, portal, allPortals } = openAccess(1);
  let answers = 0;
  pool.on('connect', (client) => {
    const { connection } = client as unknown as { connection: { on(event: string, listener: () => void): void } };
    connection.on('readyForQuery', () => {
      answers += 1;
    });
  });
  await (await pool.connect()).release();
  answers = 0;
  for (const statement of [ids, { name: 'ids', text: ids }]) {
    for (let time = 0; time < 3; time += 1) {
      await portal.query(statement, [portalA]);
      await allPortals.query(statement, [portalA]);
    }
  }
  assert.equal(answers, 12);
  await portal.transaction(portalA, (client) => client.query('select 1'));
  assert.equal(answers, 12 + 3, 'begin with the portal, the statement, commit');
});

test('rows, counts, nulls and nothing come back as from any statement', async () => {
  const { rows, rowCount, command } = await one.portal.query<{ n: number; nothing: null; list: string[]; at: Date }>(
    `select n, null as nothing, array['a', 'b'] as list, '2026-01-01T00:00:00Z'::timestamptz as at
     from generate_series(1, 3) n where $1::text is not null`,
    [portalA],
  );
  assert.deepEqual([rowCount, command], [3, 'SELECT']);
  const at = new Date('2026-01-01T00:00:00Z');
  assert.deepEqual(
    rows.map((row) => ({ ...row })),
    [1, 2, 3].map((n) => ({ n, nothing: null, list: ['a', 'b'], at })),
  );
  const none = await one.portal.query('select from portals where portal_id = 0 and $1::text is not null', [portalA]);
  assert.deepEqual([none.rows, none.rowCount], [[], 0]);
  const changed = await one.portal.query('update portals set domain = $2 where portal_id = $1::bigint', [
    portalA,
    'shop.example',
  ]);
  assert.deepEqual([changed.rows, changed.rowCount], [[], 1]);
});

test('a statement that fails says so as any other, and the next one works', async () => {
  for (const [text, code] of [
    ['select nonsense', '42703'],
    ['select 1/0 where $1::text is not null', '22012'],
    ['not a statement', '42601'],
  ] as const) {
    await assert.rejects(one.portal.query(text, [portalA]), { code });
    await assert.rejects(one.portal.query({ name: code, text }, [portalA]), { code });
    assert.deepEqual(await read(portalA), [portalA]);
  }
});

test('statements of many portals at once on few connections each see their own', async () => {
  const many = openAccess(3);
  const asked = Array.from({ length: 300 }, (_, index) => (index % 3 === 0 ? portalA : portalB));
  const answers: Promise<pg.QueryResult<{ id: string }>>[] = asked.map((portalId, index) =>
    index % 7 === 0
      ? many.portal.transaction(portalId, (client) => client.query(ids, [portalId]))
      : many.portal.query(index % 2 === 0 ? ids : { name: 'ids', text: ids }, [portalId]),
  );
  for (const [index, answer] of (await Promise.all(answers)).entries()) {
    assert.deepEqual(answer.rows, [{ id: asked[index] }]);
  }
});

test('statements sent together come back in order, see only their portal, and cost one answer of the server', async () => {
  const { pool, portal } = openAccess(1);
  let answers = 0;
  pool.on('connect', (client) => {
    const { connection } = client as unknown as { connection: { on(event: string, listener: () => void): void } };
    connection.on('readyForQuery', () => {
      answers += 1;
    });
  });
  await (await pool.connect()).release();
  answers = 0;
  const statements = [
    { text: ids, values: [portalA] },
    { name: 'renamed', text: 'update portals set domain = $1 where portal_id <> 0', values: ['one.example'] },
    { name: 'none', text: 'select from portals where portal_id = $1::bigint', values: [portalB] },
    { text: 'select domain, null as nothing from portals', values: [] },
  ];
  for (let time = 0; time < 3; time += 1) {
    const results = await portal.queryTogether(portalA, statements);
    assert.deepEqual(
      results.map(({ rows, rowCount }) => [rows.map((row) => ({ ...row })), rowCount]),
      [
        [[{ id: portalA }], 1],
        [[], 1],
        [[], 0],
        [[{ domain: 'one.example', nothing: null }], 1],
      ],
    );
  }
  assert.equal(answers, 3);
  assert.equal((await pool.query('select from portals')).rowCount, 0, 'the connection keeps no portal');
});

test('of statements sent together all take effect or none, and the next ones work', async () => {
  const rename = (domain: unknown) => ({ text: 'update portals set domain = $1', values: [domain] });
  const domainOf = async (portalId: string) =>
    (await one.portal.query('select domain from portals where $1::text is not null', [portalId])).rows[0]?.domain;
  await one.portal.queryTogether(portalA, [rename('before.example')]);
  const unwritable = { toPostgres: () => assert.fail('no value of PostgreSQL') };
  for (const wrong of [
    { name: 'wrong', text: 'select 1/0', values: [] },
    { text: 'not a statement', values: [] },
    { text: 'select $1::text', values: [unwritable] },
  ]) {
    const after = { name: `after ${wrong.text}`, text: 'select domain from portals', values: [] };
    await assert.rejects(one.portal.queryTogether(portalA, [rename('within.example'), wrong, after]), wrong.text);
    assert.equal(await domainOf(portalA), 'before.example');
    const [, found] = await one.portal.queryTogether(portalA, [rename('before.example'), after]);
    assert.deepEqual(found?.rows, [{ domain: 'before.example' }]);
  }
});

test('a row that cannot be read fails the statements it came with', async (t) => {
  const { pool, portal } = openAccess(1);
  const oid = 1042; // bpchar: a type no table of ours has
  const { getTypeParser } = pg.types;
  pg.types.setTypeParser(oid, () => assert.fail('unreadable'));
  t.after(() => pg.types.setTypeParser(oid, getTypeParser(25)));
  const statements = [{ text: "select 'a'::char(1) as letter", values: [] }];
  await assert.rejects(portal.queryTogether(portalA, statements), /unreadable/);
  assert.equal((await pool.query('select 1')).rowCount, 1);
});
