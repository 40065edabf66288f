// The tokens table: encrypted grants, and who may refresh one.
import type { Access } from './access.ts';
import { type Rotation, rotateEach } from './key-rotation.ts';
import { reach, type Sql } from './pool.ts';
import type { Vault } from './vault.ts';

type TokenRow = { key_id: string; access_token: Buffer; refresh_token: Buffer; expires_at: Date; generation: string };
type Tokens = { accessToken: string; refreshToken: string; expiresAt: Date };

export function createTokens({ portal, allPortals }: Access, vault: Vault) {
  return {
    async findToken(portalId: string): Promise<(Tokens & { generation: number }) | undefined> {
      const { rows } = await reach(() =>
        portal.query<TokenRow>(
          {
            name: 'find-token',
            text: `select key_id, access_token, refresh_token, expires_at, generation from tokens where portal_id = $1::bigint`,
          },
          [portalId],
        ),
      );
      const row = rows[0];
      if (!row) return undefined;
      return {
        accessToken: vault.decrypt(portalId, row.key_id, row.access_token),
        refreshToken: vault.decrypt(portalId, row.key_id, row.refresh_token),
        expiresAt: row.expires_at,
        generation: Number(row.generation),
      };
    },

    /** True for exactly one asker per generation until `holdMs` have passed. Holds no connection meanwhile. */
    async claimRefresh(portalId: string, generation: number, holdMs: number): Promise<boolean> {
      const { rowCount } = await reach(() =>
        portal.query(
          `update tokens
           set refresh_claimed_until = now() + $3 * interval '1 millisecond'
           where portal_id = $1::bigint
             and generation = $2
             and (refresh_claimed_until is null or refresh_claimed_until <= now())`,
          [portalId, generation, holdMs],
        ),
      );
      return rowCount === 1;
    },

    async releaseRefresh(portalId: string, generation: number): Promise<void> {
      await reach(() =>
        portal.query(
          'update tokens set refresh_claimed_until = null where portal_id = $1::bigint and generation = $2',
          [portalId, generation],
        ),
      );
    },

    /** False when a newer grant was stored in between. */
    async replaceToken(portalId: string, generation: number, token: Tokens): Promise<boolean> {
      const { rowCount } = await reach(() =>
        portal.query(
          `update tokens
           set key_id = $3, access_token = $4, refresh_token = $5, expires_at = $6,
               generation = default, refresh_claimed_until = null
           where portal_id = $1::bigint and generation = $2`,
          [
            portalId,
            generation,
            vault.keyId,
            vault.encrypt(portalId, token.accessToken),
            vault.encrypt(portalId, token.refreshToken),
            token.expiresAt,
          ],
        ),
      );
      return rowCount === 1;
    },

    /** The grant is gone: tokens erased, portal `revoked`. Does nothing when a newer grant was stored in between. */
    async markRevoked(portalId: string, generation: number): Promise<void> {
      await reach(() =>
        portal.query(
          // The portal's row first, as an install locks them: the other way round the two could wait for each other.
          `with held as (
             select portal_id from portals where portal_id = $1::bigint and status = 'installed' for update
           ), gone as (
             delete from tokens using held
             where tokens.portal_id = held.portal_id and generation = $2 returning tokens.portal_id
           )
           update portals set status = 'revoked', ended_at = now()
           from gone where portals.portal_id = gone.portal_id`,
          [portalId, generation],
        ),
      );
    },

    /** Re-encrypts, with the first key of TOKEN_KEYS, what an older one encrypted. A rotation is no new grant. */
    async rotateKeys(): Promise<Rotation> {
      const { rows } = await reach(() =>
        allPortals.query<{ portal_id: string }>('select portal_id from tokens where key_id <> $1', [vault.keyId]),
      );
      return rotateEach(
        rows.map((row) => row.portal_id),
        (portalId) => reach(() => portal.transaction(portalId, (client) => rotateOne(client, vault, portalId))),
      );
    },
  };
}

async function rotateOne(client: Sql, vault: Vault, portalId: string): Promise<void> {
  const { rows } = await client.query<TokenRow>('select * from tokens where portal_id = $1::bigint for update', [
    portalId,
  ]);
  const row = rows[0];
  if (!row || row.key_id === vault.keyId) return;
  await client.query(
    'update tokens set key_id = $2, access_token = $3, refresh_token = $4 where portal_id = $1::bigint',
    [
      portalId,
      vault.keyId,
      vault.encrypt(portalId, vault.decrypt(portalId, row.key_id, row.access_token)),
      vault.encrypt(portalId, vault.decrypt(portalId, row.key_id, row.refresh_token)),
    ],
  );
}
