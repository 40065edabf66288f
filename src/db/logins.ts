// Logins for the parts of the program on a PostgreSQL of our own (npm start, tests), so that they too run with the least rights.
import pg from 'pg';
import { type Part, partRoles } from './rights.ts';

/** URLs of one database: for web, for the worker, and for both in one process. */
export type Logins = Record<Part | 'both', string>;

/**
 * Makes, or finds again, `<name>_web`, `<name>_worker` and `<name>_both`, with the password of `superuserUrl`, and the roles that `migrate`
 * grants to. The URL's user must be allowed to make roles. To be called before `migrate`. Throws what PostgreSQL says.
 */
export async function createLogins(superuserUrl: string, name: string): Promise<Logins> {
  const password = decodeURIComponent(new URL(superuserUrl).password);
  const logins = loginsOf(superuserUrl, name);
  const groups = Object.values(partRoles);
  const members: [login: string, groups: readonly string[]][] = [
    [`${name}_web`, [partRoles.web]],
    [`${name}_worker`, [partRoles.worker]],
    [`${name}_both`, groups],
  ];
  const make = (role: string) =>
    `do $$ begin if not exists (select from pg_roles where rolname = '${role}') then create role ${role}; end if; end $$`;
  const statements = [
    ...groups.map(make),
    ...members.flatMap(([login, of]) => [
      make(login),
      `alter role ${login} login password ${pg.escapeLiteral(password)}`,
      `grant ${of.join(', ')} to ${login}`,
    ]),
  ];
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query(statements.join('; '));
  } finally {
    await client.end();
  }
  return logins;
}

/** The same URLs without asking the server. */
export function loginsOf(superuserUrl: string, name: string): Logins {
  const as = (login: string): string => {
    const url = new URL(superuserUrl);
    url.username = login;
    return url.href;
  };
  return { web: as(`${name}_web`), worker: as(`${name}_worker`), both: as(`${name}_both`) };
}
