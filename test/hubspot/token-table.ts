// One portal's row of the tokens table, in memory: what db/ promises of it, shared by any number of "processes".
import type { StoredToken, TokenStore } from '../../src/hubspot/gateway.ts';

/** The table `tokens` as gateway.ts describes it, shared by any number of "processes". */
export function createTokenTable(first: Pick<StoredToken, 'accessToken' | 'refreshToken' | 'expiresAt'>) {
  let row: StoredToken | undefined = { ...first, generation: 1 };
  let heldUntil = 0;
  const revoked: string[] = [];
  const store: TokenStore = {
    findToken: async () => (row ? { ...row } : undefined),
    async claimRefresh(_portalId, generation, holdMs) {
      if (row?.generation !== generation || heldUntil > Date.now()) return false;
      heldUntil = Date.now() + holdMs;
      return true;
    },
    async replaceToken(_portalId, generation, token) {
      if (row?.generation !== generation) return false;
      row = { ...token, generation: generation + 1 };
      heldUntil = 0;
      return true;
    },
    async releaseRefresh(_portalId, generation) {
      if (row?.generation === generation) heldUntil = 0;
    },
    async markRevoked(portalId, generation) {
      if (row?.generation !== generation) return;
      row = undefined;
      revoked.push(portalId);
    },
  };
  return {
    store,
    revoked,
    row: () => row,
    /** A new install from the web process. */
    reinstall: (token: Pick<StoredToken, 'accessToken' | 'refreshToken' | 'expiresAt'>) => {
      row = { ...token, generation: (row?.generation ?? 1) + 5 };
    },
    /** As if the token lived so long from now: what we believe may be wrong. */
    extend: (ms: number) => {
      if (row) row = { ...row, expiresAt: new Date(Date.now() + ms) };
    },
    /** Another process holds the claim. */
    hold: (ms: number) => {
      heldUntil = Date.now() + ms;
    },
  };
}
