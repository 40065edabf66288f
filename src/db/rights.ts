// What web and worker may do with each table, no more, and the statements that grant it; docs/database.md tells operators.
import type { Sql } from './pool.ts';

/** Roles that `migrate` grants to where they exist: as logins, or with the logins in them. Who migrates owns the tables. */
export const partRoles = { web: 'baton_web', worker: 'baton_worker' } as const;
export type Part = keyof typeof partRoles;
export type Right = 'select' | 'insert' | 'update' | 'delete' | 'truncate';

const read: Right[] = ['select'];
const add: Right[] = ['select', 'insert'];
const save: Right[] = ['select', 'insert', 'update'];
const erase: Right[] = ['select', 'delete'];
const all: Right[] = ['select', 'insert', 'update', 'delete'];
const none: Right[] = [];

/** By table. A table that is missing here belongs to nobody but its owner; test/db/rights.test.ts holds both to the whole database. */
export const rights: Record<string, Record<Part, Right[]>> = {
  migrations: { web: read, worker: read },
  portals: { web: save, worker: ['select', 'update', 'delete'] },
  tokens: { web: all, worker: ['select', 'update', 'delete'] },
  // Found by a cookie before a portal is known, so no policy of rows can hold them (docs/database.md): web alone may read one.
  sessions: { web: all, worker: none },
  settings_versions: { web: add, worker: erase },
  pipelines: { web: save, worker: all },
  seen: { web: add, worker: ['select', 'insert', 'delete'] },
  // Day slots are emptied whole, which only their own right allows.
  ...Object.fromEntries(
    [0, 1, 2, 3, 4, 5, 6, 7].map((slot) => [`seen_${slot}`, { web: none, worker: ['select', 'truncate'] }]),
  ),
  inbox: { web: add, worker: all },
  lanes: { web: save, worker: all },
  ignored_events: { web: add, worker: erase },
  dead_events: { web: erase, worker: ['select', 'insert', 'delete'] },
  records: { web: read, worker: ['select', 'insert', 'delete'] },
  tickets: { web: none, worker: all },
  own_threads: { web: none, worker: all },
  planned_actions: { web: none, worker: all },
  webhook_secrets: { web: save, worker: all },
  mailbox_mails: { web: read, worker: all },
  mailbox_learning: { web: none, worker: all },
  mailbox_checks: { web: save, worker: erase },
  sweep_ticks: { web: none, worker: ['select', 'insert', 'delete'] },
  watermarks: { web: read, worker: all },
};

/** In one transaction, so that no running process finds itself without; grants nothing to a role that does not exist. */
export async function grantRights(client: Sql): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    'select rolname as name from pg_roles where rolname = any($1)',
    [Object.values(partRoles)],
  );
  const present = new Set(rows.map((row) => row.name));
  const parts = (Object.keys(partRoles) as Part[]).filter((part) => present.has(partRoles[part]));
  const statements = parts.flatMap((part) => [
    `grant usage on schema public to ${partRoles[part]}`,
    ...Object.entries(rights).flatMap(([table, of]) => [
      `revoke all on ${table} from ${partRoles[part]}`,
      ...(of[part].length > 0 ? [`grant ${of[part].join(', ')} on ${table} to ${partRoles[part]}`] : []),
    ]),
  ]);
  if (statements.length > 0) await client.query(['begin', ...statements, 'commit'].join('; '));
}
