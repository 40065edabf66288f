// Connections that break, and what Baton makes of it.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createPool, inTransaction, isUnavailable, reach } from '../../src/db/pool.ts';
import { createLog } from '../../src/log.ts';
import { openTestDb } from './test-db.ts';

const { url, raw } = await openTestDb();
const pool = createPool(url, { max: 2, statementTimeoutMs: 300, log: createLog('silent') });
after(() => pool.end());

const unavailable = { code: 'database-unavailable' };

test('a connection cut in the middle of a transaction fails that transaction and nothing else', async () => {
  await raw.query('create table kept (id int)');
  const cut = reach(() =>
    inTransaction(pool, async (client) => {
      await client.query('insert into kept values (1)');
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      const gone = new Promise((resolve) => client.once('end', resolve));
      await raw.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
      await gone; // no statement is under way: the connection tells by an event, which nobody else listens to
      await client.query('insert into kept values (2)');
    }),
  );
  await assert.rejects(cut, unavailable);
  await inTransaction(pool, (client) => client.query('insert into kept values (3)'));
  assert.deepEqual((await raw.query('select id from kept')).rows, [{ id: 3 }]);
  assert.equal(pool.totalCount, 1, 'the broken one is gone');
});

test('a connection cut in the middle of a statement is the database being unavailable', async () => {
  const running = reach(() => pool.query('select pg_terminate_backend(pg_backend_pid()), pg_sleep(1)'));
  await assert.rejects(running, unavailable);
  await pool.query('select 1');
});

test('a statement over its time is ended by the server, and the connection goes on', async () => {
  await assert.rejects(
    reach(() => pool.query('select pg_sleep(5)')),
    unavailable,
  );
  await pool.query('select 1');
});

test('no free connection in time is the database being unavailable', async () => {
  const held = [await pool.connect(), await pool.connect()];
  await assert.rejects(
    reach(() => pool.query('select 1')),
    unavailable,
  );
  for (const client of held) client.release();
});

test('a failed transaction is rolled back and its own error told', async () => {
  await assert.rejects(
    inTransaction(pool, async (client) => {
      await client.query('insert into kept values (9)');
      throw new Error('ours');
    }),
    /ours/,
  );
  assert.equal((await raw.query('select from kept where id = 9')).rowCount, 0);
});

test('a fault of ours is not called unavailable', async () => {
  for (const statement of ['select nonsense', "select '\\x'::int", 'select 1/0']) {
    const error = await pool.query(statement).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof Error);
    assert.equal(isUnavailable(error), false, error.message);
  }
  assert.equal(isUnavailable('text'), false);
});
