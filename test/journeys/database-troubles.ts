// What can be wrong with the database, how a test brings it about and ends it, and what each kind of route answers meanwhile.
import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import type { DatabaseProxy } from '../support/database-proxy.ts';
import type { Needs } from './trouble-routes.ts';

export type Outcome = 'as usual' | 'refused' | 'refused or as usual';
export type Trouble = {
  name: string;
  begin(): Promise<unknown>;
  end(): Promise<unknown>;
  /** By what the route needs of the database. */
  outcomes: Record<Needs, Outcome>;
  /** The code /ready gives; absent = it is ready. */
  ready?: string;
};

const down = { nothing: 'as usual', reading: 'refused', writing: 'refused' } as const;
// What a route has to write before it can answer, a reader's session for one, may not be there either.
const unwritable = { nothing: 'as usual', reading: 'as usual', writing: 'refused or as usual' } as const;
const fine = { nothing: 'as usual', reading: 'as usual', writing: 'as usual' } as const;
/** `sql` goes past the proxy. */
type Given = { proxy: DatabaseProxy; sql: pg.Pool; databaseName: string };

function openHands(given: () => Given) {
  const sql = (text: string) => given().sql.query(text);
  /** Baton's own connections alone; it opens new ones, which see what was altered. */
  async function reconnect(): Promise<void> {
    await sql(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = '${given().databaseName}' and application_name like 'baton%'`,
    );
    // Their pools hear of it by events of their own.
    await wait(200);
  }
  /** Table by table, as a migration beside programs at work has to go: several in one transaction can meet them in a deadlock. */
  async function alterTables(statement: (table: string) => string): Promise<void> {
    const { rows } = await given().sql.query<{ relname: string }>(
      `select relname from pg_class
       where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition`,
    );
    for (const { relname } of rows) await sql(statement(relname));
  }
  return { sql, reconnect, alterTables };
}

/** `given` is asked when a trouble begins or ends. */
export function listTroubles(given: () => Given): Trouble[] {
  return [...listOutages(given), ...listOtherSchemas(given)];
}

function listOutages(given: () => Given): Trouble[] {
  const { sql, reconnect, alterTables } = openHands(given);
  return [
    {
      name: 'slow',
      begin: async () => given().proxy.behave('slow'),
      end: async () => given().proxy.behave('pass'),
      outcomes: fine,
    },
    {
      name: 'hanging',
      begin: async () => given().proxy.behave('hang'),
      end: async () => given().proxy.behave('pass'),
      outcomes: down,
      ready: 'database-unavailable',
    },
    {
      name: 'gone',
      begin: async () => given().proxy.behave('gone'),
      end: async () => given().proxy.behave('pass'),
      outcomes: down,
      ready: 'database-unavailable',
    },
    {
      // The code of a full disk (53100), raised where PostgreSQL raises it: by the statement that needs room.
      name: 'full',
      async begin() {
        await sql(`create function refuse_row() returns trigger language plpgsql as
                   $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$`);
        await alterTables(
          (table) =>
            `create trigger full_disk before insert or update on ${table} for each statement execute function refuse_row()`,
        );
      },
      async end() {
        await alterTables((table) => `drop trigger full_disk on ${table}`);
        await sql('drop function refuse_row');
      },
      outcomes: unwritable,
    },
    {
      name: 'read-only',
      begin: () => sql(`alter database ${given().databaseName} set default_transaction_read_only = on`).then(reconnect),
      end: () =>
        sql(
          `begin read write; alter database ${given().databaseName} reset default_transaction_read_only; commit`,
        ).then(reconnect),
      outcomes: unwritable,
    },
  ];
}

function listOtherSchemas(given: () => Given): Trouble[] {
  const { sql, alterTables } = openHands(given);
  return [
    {
      // As a program meets it that was started before its migrations, or after they were taken back.
      name: 'older than the program',
      begin: () => sql('alter schema public rename to later; create schema public'),
      end: () => sql('drop schema public; alter schema later rename to public'),
      outcomes: down,
      ready: 'schema-behind',
    },
    {
      // Expand: the next release's migration has run and this release serves on beside it.
      name: 'newer than the program',
      async begin() {
        await sql(`insert into migrations (name, run_on) values ('9999_later', now())`);
        await alterTables((table) => `alter table ${table} add column later_column text`);
      },
      async end() {
        await alterTables((table) => `alter table ${table} drop column later_column`);
        await sql(`delete from migrations where name = '9999_later'`);
      },
      outcomes: fine,
      ready: 'schema-ahead',
    },
  ];
}
