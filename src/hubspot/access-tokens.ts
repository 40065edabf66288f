// A portal's access token, refreshed by tracked expiry and by one process at a time (PLATFORM.md 4.2).
import { setTimeout as wait } from 'node:timers/promises';
import { BatonError } from '../errors.ts';
import { describeError, type Log } from '../log.ts';
import type { StoredToken, TokenStore } from './gateway.ts';
import type { OAuth } from './oauth.ts';

export type AccessTokens = {
  /**
   * A token that is not expired. `rejected`: HubSpot answered 401 to this one, so another is needed. Throws
   * `hubspot-revoked` when the portal has no grant (any more), else what the refresh throws, or the store.
   */
  getAccessToken(portalId: string, options?: { rejected?: string }): Promise<string>;
};

/** Refresh this long before the end: "do not wait for 401" (usage guidelines, PLATFORM.md 4.2). Tokens live 30 min. */
const aheadMs = 300_000;

export function createAccessTokens(parts: {
  store: TokenStore;
  oauth: Pick<OAuth, 'refresh'>;
  log: Log;
  now?: () => Date;
  /** How long one process may take to refresh before another may: three times the 5 s of a request. */
  holdMs?: number;
  pollMs?: number;
}): AccessTokens {
  const { store, oauth, log, now = () => new Date(), holdMs = 15_000, pollMs = 100 } = parts;
  const refreshing = new Map<string, Promise<string>>();

  async function findToken(portalId: string): Promise<StoredToken> {
    const token = await store.findToken(portalId);
    if (!token) throw new BatonError('hubspot-revoked', { detail: 'This portal has no HubSpot grant.' });
    return token;
  }

  const livesFor = (token: StoredToken, ms: number) => token.expiresAt.getTime() - now().getTime() > ms;
  const works = (token: StoredToken, rejected: string | undefined) =>
    token.accessToken !== rejected && livesFor(token, 0);

  /** Only for who holds the claim. */
  async function refresh(portalId: string, token: StoredToken, rejected: string | undefined): Promise<string> {
    try {
      const grant = await oauth.refresh(token.refreshToken);
      // The refresh token too, as it comes back: it was never seen to change, but nothing promises that (PLATFORM.md 4.2).
      const stored = await store.replaceToken(portalId, token.generation, grant);
      return stored ? grant.accessToken : (await findToken(portalId)).accessToken; // a new install came in between
    } catch (error) {
      if (error instanceof BatonError && error.code === 'hubspot-revoked') {
        await store.markRevoked(portalId, token.generation);
        const newer = await store.findToken(portalId); // a new install in between has its own grant
        if (newer) return newer.accessToken;
        throw error;
      }
      log.warn({ portalId, ...describeError(error) }, 'token not refreshed');
      // The claim is kept until it ends, so that the old token is used meanwhile and HubSpot is not asked at every call.
      if (works(token, rejected)) return token.accessToken;
      await store.releaseRefresh(portalId, token.generation);
      throw error;
    }
  }

  /** Refreshes, or waits for the process that does. */
  async function renew(portalId: string, rejected: string | undefined): Promise<string> {
    const giveUpAt = Date.now() + 2 * holdMs;
    while (Date.now() < giveUpAt) {
      const token = await findToken(portalId);
      if (token.accessToken !== rejected && livesFor(token, aheadMs)) return token.accessToken;
      if (await store.claimRefresh(portalId, token.generation, holdMs)) return refresh(portalId, token, rejected);
      if (works(token, rejected)) return token.accessToken; // somebody is at it: no need to wait for them
      await wait(pollMs);
    }
    throw new BatonError('hubspot-transient', { detail: 'The access token could not be refreshed in time.' });
  }

  return {
    async getAccessToken(portalId, { rejected } = {}) {
      const token = await findToken(portalId);
      if (token.accessToken !== rejected && livesFor(token, aheadMs)) return token.accessToken;
      const running = refreshing.get(portalId);
      if (running) {
        const shared = await running;
        if (shared !== rejected) return shared;
      }
      const renewing = renew(portalId, rejected).finally(() => refreshing.delete(portalId));
      refreshing.set(portalId, renewing);
      return renewing;
    },
  };
}
