// Least rights: web and worker may do with each table what they need and nothing else; whole journeys run with them (test/support/system.ts).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import pg from 'pg';
import { poolSizes } from '../../src/db/open-db.ts';
import { type Part, partRoles, rights } from '../../src/db/rights.ts';
import { asProgram } from '../support/database.ts';
import { openTestDb } from './test-db.ts';

const opened: pg.Client[] = [];
// Before the database is dropped, and so registered before it is made.
after(() => Promise.all(opened.map((client) => client.end())));
const { url, raw } = await openTestDb();
const logins = asProgram(url);
const parts = Object.keys(partRoles) as Part[];
const possible = ['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger'];

async function connect(part: Part): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: logins[part] });
  await client.connect();
  opened.push(client);
  return client;
}
const clients = { web: await connect('web'), worker: await connect('worker') };

test('every table has its line of rights', async () => {
  const { rows } = await raw.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`,
  );
  assert.deepEqual(Object.keys(rights).sort(), rows.map((row) => row.name).sort());
});

for (const part of parts) {
  test(`${part} has the rights of its line on each table, and no other`, async () => {
    for (const [table, of] of Object.entries(rights)) {
      const { rows } = await clients[part].query<{ right: string }>(
        `select possible as right from unnest($2::text[]) possible where has_table_privilege($1, possible)`,
        [table, possible],
      );
      assert.deepEqual(rows.map((row) => row.right).sort(), [...of[part]].sort(), table);
    }
  });

  test(`${part} is no superuser, owns nothing, and cannot make itself more than it is`, async () => {
    const { rows } = await clients[part].query(
      `select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,
         exists (select from pg_class where relowner = pg_roles.oid) as owns
       from pg_roles where rolname = current_user`,
    );
    assert.deepEqual([...new Set(Object.values(rows[0]))], [false]);
    const superuser = (await raw.query<{ name: string }>('select current_user as name')).rows[0]?.name;
    for (const statement of [
      'create table mine (id int)',
      'create schema mine',
      'drop table records',
      'alter table records disable row level security',
      'alter table records no force row level security',
      'drop policy portal_rows on records',
      'create policy mine on records using (true)',
      'create index on records (at)',
      'alter table records add column mine int',
      'truncate records',
      'truncate seen',
      `set role ${superuser}`,
      `create role mine login`,
      `alter role current_user bypassrls`,
      `insert into migrations (name, run_on) values ('9999_mine', now())`,
      'delete from migrations',
      `create or replace function protect_portal_rows(regclass) returns void language sql as ''`,
      `copy portals to program 'true'`,
      `set session authorization ${superuser}`,
    ]) {
      const error = await clients[part].query(statement).catch((thrown: { code: string }) => thrown);
      assert.ok('code' in error && error.code === '42501', `${statement}: ${'code' in error ? error.code : 'done'}`);
    }
    await clients[part].query('set row_security = off');
    await assert.rejects(clients[part].query('select from portals'), { code: '42501' });
    await clients[part].query('reset row_security');
  });
}

test('web cannot change what only the worker writes, and neither writes over a record or a saved version', async () => {
  for (const [part, statement] of [
    ['web', 'delete from portals'],
    ['web', 'delete from inbox'],
    [
      'web',
      `insert into records (portal_id, subject, trigger, evidence, decision, outcome) values (1, 'x', 'x', '[]', 'x', 'x')`,
    ],
    ['web', 'select from tickets'],
    ['web', 'truncate seen_1'],
    ['web', `update records set outcome = 'done'`],
    ['worker', `update records set outcome = 'done'`],
    // No policy holds them, so no other part may (docs/database.md).
    ['worker', 'select from sessions'],
    ['worker', 'delete from sessions'],
    ['web', `update settings_versions set author = 'x'`],
    ['worker', `update settings_versions set author = 'x'`],
    ['worker', `insert into portals (portal_id) values (1)`],
  ] as const) {
    await assert.rejects(clients[part].query(statement), { code: '42501' }, statement);
  }
});

test('docs/database.md prints the same rights', () => {
  const text = readFileSync(new URL('../../docs/database.md', import.meta.url), 'utf8');
  const printed = new Map(
    [...text.matchAll(/^\| `(\w+)`(?: to `\w+`)? +\| ([a-z, -]+?) +\| ([a-z, -]+?) +\|$/gm)].map(
      ([, table, web, worker]) => [table, [web, worker]],
    ),
  );
  for (const [table, of] of Object.entries(rights)) {
    // The eight day slots share a line.
    if (/^seen_[1-7]$/.test(table)) continue;
    assert.deepEqual(
      printed.get(table),
      parts.map((part) => of[part].join(', ') || '-'),
      table,
    );
  }
  assert.equal(printed.size, Object.keys(rights).length - 7);
});

test('the documents say how many connections a process opens', () => {
  const sum = poolSizes.statements + poolSizes.lanes;
  const read = (path: string) => readFileSync(new URL(`../../docs/${path}`, import.meta.url), 'utf8');
  assert.match(
    read('database.md'),
    new RegExp(`opens up to \\*\\*${sum}\\*\\*: ${poolSizes.statements} .* ${poolSizes.lanes} for`),
  );
  assert.match(read('runbook/database-down.md'), new RegExp(`at most ${sum} a process`));
});
