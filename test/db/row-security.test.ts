// Row-level security: a statement sees and changes the rows of the portal it was sent for, whatever it forgets to ask for.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { createAccess } from '../../src/db/access.ts';
import { migrate } from '../../src/db/migrate.ts';
import { openDb } from '../../src/db/open-db.ts';
import { createPool } from '../../src/db/pool.ts';
import { createLog } from '../../src/log.ts';
import { asProgram } from '../support/database.ts';
import { drain, installPortal, makeEvents, openTestDb, tokenKeys } from './test-db.ts';

const { url, raw } = await openTestDb();
const log = createLog('silent');

/** Tables whose rows are no portal's: found by a cookie before one is known, of the schema, of the sweeps' election. */
const ofNoPortal = ['migrations', 'sessions', 'sweep_ticks'];
const [portalA, portalB] = ['8000001', '8000002'];

type Column = { name: string; type: string };

async function listTables(): Promise<string[]> {
  const { rows } = await raw.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1`,
  );
  return rows.map((row) => row.name);
}

/** Those that must be given: not null and without a default. */
async function listNeeded(table: string): Promise<Column[]> {
  const { rows } = await raw.query<Column>(
    `select attname as name, format_type(atttypid, null) as type from pg_attribute
     where attrelid = $1::regclass and attnum > 0 and not attisdropped
       and attnotnull and not atthasdef and attidentity = ''`,
    [table],
  );
  return rows;
}

/** What a column with a check takes; any other takes the value of its type. */
const checked: Record<string, string> = {
  'portals.status': `'installed'`,
  'tickets.applied_direction': `'INCOMING'`,
  'own_threads.source': `'created'`,
  'mailbox_mails.kind': `'loose'`,
};
const ofType: Record<string, string> = {
  bigint: '1',
  integer: '1',
  smallint: '1',
  text: `'x'`,
  'text[]': `'{}'`,
  jsonb: `'[]'`,
  bytea: `'x'`,
  uuid: 'gen_random_uuid()',
  'timestamp with time zone': 'now()',
};

/** An insert of one row for `portalId`; throws for a type this file does not know. */
async function writeInsert(table: string, portalId: string): Promise<string> {
  const columns = await listNeeded(table);
  const values = columns.map(({ name, type }) => {
    if (name === 'portal_id') return portalId;
    // A partition takes its own slot alone.
    if (name === 'slot') return table.match(/\d$/)?.[0] ?? '1';
    const value = checked[`${table}.${name}`] ?? ofType[type];
    assert.ok(value, `no value for ${table}.${name} (${type})`);
    return value;
  });
  return `insert into ${table} (${columns.map(({ name }) => name).join(', ')}) values (${values.join(', ')})`;
}

const tables = (await listTables()).filter((table) => !ofNoPortal.includes(table));
const pool = createPool(asProgram(url).both, { max: 3, statementTimeoutMs: 5_000, log });
const { portal, allPortals } = createAccess(pool);

before(async () => {
  // The portals first: others refer to them.
  for (const table of ['portals', ...tables.filter((name) => name !== 'portals')]) {
    // Both sides of the partitioned table hold what its partitions do.
    for (const portalId of [portalA, portalB]) await raw.query(await writeInsert(table, portalId));
  }
});
after(() => pool.end());

async function readPortals(read: () => Promise<{ rows: { portal_id: string }[] }>): Promise<string[]> {
  return [...new Set((await read()).rows.map((row) => row.portal_id))].sort();
}

test('every table that has no portal_id is one of the three that belong to no portal', async () => {
  const { rows } = await raw.query<{ name: string }>(
    `select attrelid::regclass::text as name from pg_attribute
     join pg_class on pg_class.oid = attrelid
     where attname = 'portal_id' and relkind in ('r', 'p') and relnamespace = 'public'::regnamespace order by 1`,
  );
  assert.deepEqual(
    rows.map((row) => row.name),
    tables,
  );
  assert.ok(tables.length >= 20);
});

for (const table of tables) {
  test(`${table} is protected, for its owner too, and its key names the portal`, async () => {
    const { rows } = await raw.query(
      `select relrowsecurity as enabled, relforcerowsecurity as forced,
         (select count(*)::int from pg_policy where polrelid = pg_class.oid) as policies,
         (select polcmd = '*' and polroles = '{0}' and polpermissive and polwithcheck is null from pg_policy
          where polrelid = pg_class.oid and polname = 'portal_rows') as for_all,
         exists (
           select from pg_index join pg_attribute on attrelid = indrelid and attnum = any(indkey)
           where indrelid = pg_class.oid and indisprimary and attname = 'portal_id'
         ) as keyed
       from pg_class where oid = $1::regclass`,
      [table],
    );
    assert.deepEqual(rows, [{ enabled: true, forced: true, policies: 1, for_all: true, keyed: true }]);
  });

  // Partitions are reached through their table; day slots alone are looked at by themselves, for all portals.
  if (/^seen_\d$/.test(table)) continue;

  test(`a statement of one portal without any where reads and changes its own rows alone in ${table}`, async (t) => {
    const everything = `select *, $1::text as asked from ${table}`;
    assert.deepEqual(await readPortals(() => portal.query(everything, [portalA])), [portalA]);
    assert.deepEqual(await readPortals(() => portal.query(everything, ['8000003'])), []);
    assert.deepEqual(await readPortals(() => allPortals.query(`select * from ${table}`)), [portalA, portalB]);
    assert.deepEqual(await readPortals(() => pool.query(`select * from ${table}`)), [], 'nothing set, nothing seen');
    // Only a superuser or an owner may do all of this; what holds them back is tried as one who is allowed.
    await t.test('also one that would change or add them', async () => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      try {
        await client.query(`begin; grant all on all tables in schema public to baton_web; set local role baton_web;
          set local baton.portal_id = '${portalA}'`);
        const others = `select from ${table} where portal_id = ${portalB}`;
        assert.equal((await client.query(`update ${table} set portal_id = portal_id`)).rowCount, await countOf(table));
        await client.query('savepoint before');
        await assert.rejects(client.query(await writeInsert(table, portalB)), { code: '42501' });
        await client.query('rollback to before');
        await assert.rejects(client.query(`update ${table} set portal_id = ${portalB}`), { code: '42501' });
        await client.query('rollback to before');
        const referring = await client.query<{ name: string }>(
          `select conrelid::regclass::text as name from pg_constraint where contype = 'f' and confrelid = $1::regclass`,
          [table],
        );
        for (const { name } of referring.rows) await client.query(`delete from ${name}`);
        await client.query(`delete from ${table}`);
        await client.query('reset role');
        assert.ok(((await client.query(others)).rowCount ?? 0) > 0, 'the other portal keeps its rows');
      } finally {
        await client.end();
      }
    });
  });
}

async function countOf(table: string): Promise<number> {
  return (await raw.query(`select from ${table} where portal_id = ${portalA}`)).rowCount ?? 0;
}

test('what is not an id of digits alone is refused before it is sent, and one with leading zeros is no portal', async () => {
  for (const wrong of ['all', '', '8000001,8000002', `8000001' or '1'='1`, '-1', '8000001 ']) {
    await assert.rejects(portal.query('select $1::text', [wrong]), TypeError);
    await assert.rejects(
      portal.transaction(wrong, () => Promise.resolve()),
      TypeError,
    );
  }
  assert.equal((await portal.query('select from portals where $1::text is not null', ['08000001'])).rowCount, 0);
});

test('version 0.2.0, which sets nothing, works on while this version starts; any other connection sees nothing', async () => {
  const connect = async (name: string) => {
    const client = new pg.Client({ connectionString: asProgram(url).both, application_name: name });
    await client.connect();
    return client;
  };
  const [old, other] = [await connect('baton'), await connect('psql')];
  try {
    assert.equal((await old.query('select from portals')).rowCount, 2);
    assert.equal((await old.query(`update lanes set due_at = now()`)).rowCount, 2);
    await old.query(`insert into inbox (portal_id, run_at, event) values ($1, now(), '{}')`, [portalB]);
    assert.equal((await other.query('select from portals')).rowCount, 0);
    assert.equal((await other.query(`update lanes set due_at = now()`)).rowCount, 0);
  } finally {
    await Promise.all([old.end(), other.end()]);
  }
});

test('all of it works, and holds, where the only user there is owns the tables', async () => {
  const name = `baton_owned_${randomBytes(4).toString('hex')}`;
  const password = randomBytes(8).toString('hex');
  await raw.query(`create role ${name} login password '${password}'`);
  await raw.query(`create database ${name} owner ${name}`);
  const owned = new URL(url);
  [owned.username, owned.password, owned.pathname] = [name, password, `/${name}`];
  const db = openDb({ databaseUrl: owned.href, tokenKeys, log });
  const owner = new pg.Client({ connectionString: owned.href });
  try {
    await migrate(owned.href);
    await migrate(owned.href);
    await db.checkReady();
    const [one, two] = [await installPortal(db), await installPortal(db)];
    assert.deepEqual(await db.events.store([...makeEvents(one, 2), ...makeEvents(two, 1)]), {
      stored: 3,
      duplicates: 0,
      notInstalled: 0,
    });
    assert.equal((await drain(db)).length, 3);
    assert.equal((await db.portals.findPortal(one))?.id, one);
    await owner.connect();
    assert.equal((await owner.query('select from portals')).rowCount, 0);
    await owner.query(`set baton.portal_id = '${two}'`);
    assert.deepEqual((await owner.query('select portal_id from portals')).rows, [{ portal_id: two }]);
  } finally {
    await owner.end();
    await db.close();
    await raw.query(`drop database ${name} with (force)`);
    await raw.query(`drop role ${name}`);
  }
});
