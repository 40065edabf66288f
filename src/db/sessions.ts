// The sessions table, as express-session's store.
import connectPgSimple from 'connect-pg-simple';
import session from 'express-session';
import type { Pool } from 'pg';
import type { Log } from '../log.ts';
import { reach } from './pool.ts';

export function createSessions(pool: Pool, log: Log) {
  return {
    /** Removes expired rows every 15 minutes (the library's own timer, ended by its `close`). */
    createStore(): session.Store {
      const PgStore = connectPgSimple(session);
      return new PgStore({
        pool,
        tableName: 'sessions',
        pruneSessionInterval: 15 * 60,
        errorLog: () => log.warn({}, 'the session store could not reach the database'),
      });
    },

    /** Ends every session of a portal. */
    async endSessions(portalId: string): Promise<void> {
      await reach(() => pool.query(`delete from sessions where sess ->> 'portalId' = $1`, [portalId]));
    },
  };
}
