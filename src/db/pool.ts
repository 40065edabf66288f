// The connections to PostgreSQL, and what of its trouble means "not now".
import pg from 'pg';
import { BatonError } from '../errors.ts';
import type { Log } from '../log.ts';

export type Sql = Pick<pg.Pool, 'query'>;

/** Classes and codes after which the same statement may work a moment later: connection, deadlock, resources, shutdown, cancel. */
const unavailableCodes = /^(08|40|53|57)|^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ENOENT|EHOSTUNREACH)|^25006$/;
/** pg's own words for a connection that ended or never came; it gives these errors no code. */
const unavailableTexts =
  /^(Connection terminated|timeout (exceeded )?when trying to connect|Query read timeout|Client was closed|Client has encountered a connection error|Cannot use a pool after)/i;

/** Whether the database is out of reach or too slow, as against a fault of ours in the statement. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isUnavailable);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return unavailableCodes.test(code) || unavailableTexts.test(error.message);
}

/** A table, column or function that is not there: this program is newer than the schema, or a migration was taken back. */
const missingCodes = new Set(['42P01', '42703', '42883']);

/** Runs a statement or transaction; an unreachable or slow database becomes BatonError `database-unavailable`, an older one `schema-behind`. */
export async function reach<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isUnavailable(error)) throw new BatonError('database-unavailable', { cause: error });
    if (missingCodes.has(String((error as { code?: unknown } | null)?.code))) {
      throw new BatonError('schema-behind', { cause: error });
    }
    throw error;
  }
}

/** Runs `work` in one transaction on one connection; rolls back and rethrows on any error. `begin` may set something along. */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
  begin = 'begin',
): Promise<T> {
  const client = await pool.connect();
  let failure: Error | undefined;
  // A connection that breaks between two statements says so by an event alone; unheard, it would end the process.
  const onError = (error: Error): void => {
    failure = error;
  };
  client.on('error', onError);
  try {
    await client.query(begin);
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    // A connection on which even the rollback fails is thrown away below; the first error is the one to tell.
    await client.query('rollback').catch((broken: Error) => {
      failure = broken;
    });
    throw error;
  } finally {
    client.off('error', onError);
    client.release(failure);
  }
}

/**
 * A pool of at most `max` connections. `statementTimeoutMs` bounds every statement at the server, and 500 ms later here
 * too, for a server that no longer answers at all. `settings` are PostgreSQL parameters of each connection.
 */
export function createPool(
  databaseUrl: string,
  options: { max: number; statementTimeoutMs: number; settings?: Record<string, string>; log: Log },
): pg.Pool {
  const settings = Object.entries(options.settings ?? {}).map(([name, value]) => `-c ${name}=${value}`);
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: options.max,
    connectionTimeoutMillis: 3_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: options.statementTimeoutMs,
    query_timeout: options.statementTimeoutMs + 500,
    keepAlive: true,
    application_name: 'baton by portal', // and not `baton`: so version 0.2.0 calls itself (migrations/0010)
    options: settings.join(' '),
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => {
    // Closed here, but not yet at the server, which may be told to stop right after: no news to anybody.
    if (!pool.ending) options.log.warn({}, 'an idle database connection broke');
  });
  return pool;
}
