// The two ways to rows: those of one portal, or of all portals. PostgreSQL itself holds a statement to it (migrations/0010, docs/database.md).
import pg from 'pg';
import { inTransaction, type Sql } from './pool.ts';

type Statement = string | { name: string; text: string };
type StatementWithValues = { name?: string; text: string; values: unknown[] };

/** Takes statements whose answers nobody waits for; those of a connection and those gathered to be sent together. */
export type Writer = {
  query(statement: string | StatementWithValues, values?: unknown[]): Promise<unknown>;
};

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
  /**
   * Statements in one write and one transaction, each after the one before it; all take effect, or none and the error of the first that
   * failed is thrown. A statement sees what others committed before it began, as in any transaction of this database.
   */
  queryTogether(portalId: string, statements: StatementWithValues[]): Promise<pg.QueryResult[]>;
  transaction<T>(portalId: string, work: (client: Sql) => Promise<T>): Promise<T>;
};

/** Statements over portals: each is listed with its reason in test/db/statements.test.ts. */
export type AllPortalsSql = {
  query<Row extends pg.QueryResultRow>(statement: Statement, values?: unknown[]): Promise<pg.QueryResult<Row>>;
};

export type Access = { portal: PortalSql; allPortals: AllPortalsSql };

/** What of pg's own Query this file builds on; its types name the class alone. test/db/access.test.ts notices when it changes. */
type Connection = {
  stream: { cork(): void; uncork(): void; destroy(): void };
  parse(message: object): void;
  bind(message: object): void;
  execute(message: object): void;
  sync(): void;
};
type PgQuery = {
  name: string | undefined;
  text: string;
  _results: pg.QueryResult;
  /** A row that could not be read; false = none. */
  _canceledDueToError: Error | false;
  submit(connection: Connection): Error | null;
  prepare(connection: Connection): void;
  handleRowDescription(message: unknown): void;
  _getRows(connection: Connection): void;
  handleError(error: Error): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: Connection): void;
};
const BaseQuery = pg.Query as unknown as new (statement: object) => PgQuery;

const setPortal = { name: 'set-portal', text: `select set_config('baton.portal_id', $1, true)` };
const preparedOn = new WeakSet<Connection>();

function sendPortal(connection: Connection, portals: string): void {
  if (!preparedOn.has(connection)) connection.parse(setPortal);
  preparedOn.add(connection);
  connection.bind({ statement: setPortal.name, values: [portals] });
  connection.execute({});
}

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
    sendPortal(connection, this.#portals);
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

/** One of several statements: the Sync comes behind the last of them. */
class QueryOfSeveral extends BaseQuery {
  override _getRows(connection: Connection): void {
    connection.execute({});
  }

  /** While it is being sent: a value that cannot be. */
  override handleError(error: Error): void {
    throw error;
  }
}

/** The portal and several statements up to one Sync, for the client a single query. */
class QueriesOfPortal {
  callback: ((error: Error | null, results?: pg.QueryResult[]) => void) | undefined;
  readonly statements: StatementWithValues[];
  readonly #portalId: string;
  readonly #queries: QueryOfSeveral[];
  /** Whose answer comes next: -1 = that of the portal. */
  #place = -1;

  constructor(portalId: string, statements: StatementWithValues[]) {
    this.statements = statements;
    this.#portalId = portalId;
    this.#queries = statements.map((statement) => new QueryOfSeveral({ ...statement, queryMode: 'extended' }));
  }

  /** By name and text the client notes what the server has prepared. */
  get name(): string | undefined {
    return this.#queries[this.#place]?.name;
  }

  get text(): string | undefined {
    return this.#queries[this.#place]?.text;
  }

  submit(connection: Connection): Error | null {
    connection.stream.cork();
    try {
      sendPortal(connection, this.#portalId);
      for (const query of this.#queries) {
        const wrong = query.submit(connection);
        if (wrong) throw wrong;
      }
      connection.sync();
      return null;
    } catch (error) {
      connection.stream.destroy(); // before anything of it is sent: half of a transaction must not be
      return error as Error;
    } finally {
      connection.stream.uncork();
    }
  }

  handleRowDescription(message: unknown): void {
    this.#queries[this.#place]?.handleRowDescription(message);
  }

  handleDataRow(message: unknown): void {
    this.#queries[this.#place]?.handleDataRow(message);
  }

  handleCommandComplete(message: unknown, connection: Connection): void {
    this.#queries[this.#place]?.handleCommandComplete(message, connection);
    this.#place += 1;
  }

  /** The pool then closes the connection, and with it goes what of these was not prepared any more. */
  handleError(error: Error): void {
    this.callback?.(error);
  }

  handleReadyForQuery(): void {
    const unread = this.#queries.find((query) => query._canceledDueToError)?._canceledDueToError;
    if (unread) this.callback?.(unread);
    else
      this.callback?.(
        null,
        this.#queries.map((query) => query._results),
      );
  }
}

/** For a query object the types promise that object back; the pool answers as for any other query. */
function send<Answer>(pool: pg.Pool, query: QueryOfPortals | QueriesOfPortal): Promise<Answer> {
  return pool.query(query as unknown as pg.QueryConfig) as unknown as Promise<Answer>;
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
      queryTogether: async (portalId, statements) =>
        send(pool, new QueriesOfPortal(checkPortalId(portalId), statements)),
      transaction: async (portalId, work) =>
        inTransaction(pool, work, `begin; set local baton.portal_id = '${checkPortalId(portalId)}'`),
    },
    allPortals: {
      query: async (statement, values = []) => send(pool, new QueryOfPortals('all', statement, values)),
    },
  };
}

/** Gathers statements instead of sending them: what would write one after the other on a connection can go in one write. */
export function gatherStatements(): Writer & { statements: StatementWithValues[] } {
  const statements: StatementWithValues[] = [];
  return {
    statements,
    async query(statement, values = []) {
      statements.push(typeof statement === 'string' ? { text: statement, values } : statement);
    },
  };
}
