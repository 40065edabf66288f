// The two ways to rows: those of one portal, or of all portals. PostgreSQL itself holds a statement to it (migrations/0010, docs/database.md).
import pg from 'pg';
import { inTransaction, type Sql } from './pool.ts';

type Statement = string | { name: string; text: string };

/**
 * Statements of one portal. For them the rows of other portals do not exist, whatever the statement forgets to ask for, and a row
 * of another portal cannot be written.
 */
export type PortalSql = {
  /** The statement's first value is the portal, which it needs anyway for its `where portal_id = $1`. */
  query<Row extends pg.QueryResultRow>(
    statement: Statement,
    values: [portalId: string, ...others: unknown[]],
  ): Promise<pg.QueryResult<Row>>;
  transaction<T>(portalId: string, work: (client: Sql) => Promise<T>): Promise<T>;
};

/** Statements over portals: each is listed with its reason in test/db/statements.test.ts. */
export type AllPortalsSql = {
  query<Row extends pg.QueryResultRow>(statement: Statement, values?: unknown[]): Promise<pg.QueryResult<Row>>;
};

export type Access = { portal: PortalSql; allPortals: AllPortalsSql };

/** What of pg's own Query this file builds on; its types name the class alone. test/db/access.test.ts notices when it changes. */
type Connection = { parse(message: object): void; bind(message: object): void; execute(message: object): void };
type PgQuery = {
  prepare(connection: Connection): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: Connection): void;
};
const BaseQuery = pg.Query as unknown as new (statement: object) => PgQuery;

const setPortal = { name: 'set-portal', text: `select set_config('baton.portal_id', $1, true)` };
const preparedOn = new WeakSet<Connection>();

/**
 * A statement and before it, in the same write and up to the same Sync, the portal it may see: PostgreSQL runs what stands before one
 * Sync as one transaction, with whose end the setting ends. So it costs no round trip (measured: 0.02 ms of the server a statement),
 * and no connection keeps a portal, whoever uses it next, also behind a pooler.
 */
class QueryOfPortals extends BaseQuery {
  readonly #portals: string;
  #isSet = false;

  constructor(portals: string, statement: Statement, values: unknown[]) {
    const { name, text } = typeof statement === 'string' ? { name: undefined, text: statement } : statement;
    super({ name, text, values, queryMode: 'extended' });
    this.#portals = portals;
  }

  override prepare(connection: Connection): void {
    if (!preparedOn.has(connection)) connection.parse(setPortal);
    preparedOn.add(connection);
    connection.bind({ statement: setPortal.name, values: [this.#portals] });
    connection.execute({});
    super.prepare(connection);
  }

  override handleDataRow(message: unknown): void {
    if (this.#isSet) super.handleDataRow(message);
  }

  override handleCommandComplete(message: unknown, connection: Connection): void {
    if (this.#isSet) super.handleCommandComplete(message, connection);
    this.#isSet = true;
  }
}

function send<Row extends pg.QueryResultRow>(pool: pg.Pool, query: QueryOfPortals): Promise<pg.QueryResult<Row>> {
  // For a query object the types promise that object back; the pool answers as for any other query.
  return pool.query(query as unknown as pg.QueryConfig) as Promise<pg.QueryResult<Row>>;
}

/** Written into a statement's text below, so nothing but digits may pass. */
function checkPortalId(portalId: string): string {
  if (!/^\d{1,19}$/.test(portalId)) throw new TypeError('the first value of a statement of one portal is its id');
  return portalId;
}

/** The pool's connections see no row by themselves. */
export function createAccess(pool: pg.Pool): Access {
  return {
    portal: {
      query: async (statement, values) => send(pool, new QueryOfPortals(checkPortalId(values[0]), statement, values)),
      transaction: async (portalId, work) =>
        inTransaction(pool, work, `begin; set local baton.portal_id = '${checkPortalId(portalId)}'`),
    },
    allPortals: {
      query: async (statement, values = []) => send(pool, new QueryOfPortals('all', statement, values)),
    },
  };
}
