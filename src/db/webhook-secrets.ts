// The webhook_secrets table: what a portal's outgoing webhooks are signed with, encrypted; after a change the old one signs along for a day.

import { randomBytes } from 'node:crypto';
import type { Access } from './access.ts';
import { type Rotation, rotateEach } from './key-rotation.ts';
import { reach, type Sql } from './pool.ts';
import type { Vault } from './vault.ts';

type SecretRow = { key_id: string; secret: Buffer; previous_key_id: string | null; previous: Buffer | null };

/** The old secret signs along for so long (CONTRACT.md 3): time to put the new one in place at the receiver. */
const overlapHours = 24;

/** As Standard Webhooks writes one: 24 to 64 random bytes in base64. */
function makeSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

export function createWebhookSecrets({ portal, allPortals }: Access, vault: Vault) {
  async function findSecrets(portalId: string): Promise<string[] | undefined> {
    const { rows } = await reach(() =>
      portal.query<SecretRow>(
        `select key_id, secret, previous_key_id, case when previous_until > now() then previous end as previous
         from webhook_secrets where portal_id = $1::bigint`,
        [portalId],
      ),
    );
    const row = rows[0];
    if (!row) return undefined;
    const secret = vault.decrypt(portalId, row.key_id, row.secret);
    if (!row.previous || !row.previous_key_id) return [secret];
    return [secret, vault.decrypt(portalId, row.previous_key_id, row.previous)];
  }

  return {
    /** The secrets to sign with, newest first: one, or two within a day after a change. Makes the first when there is none. */
    async getSigningSecrets(portalId: string): Promise<string[]> {
      const known = await findSecrets(portalId);
      if (known) return known;
      await reach(() =>
        portal.query(
          `insert into webhook_secrets (portal_id, key_id, secret) values ($1::bigint, $2, $3)
           on conflict (portal_id) do nothing`,
          [portalId, vault.keyId, vault.encrypt(portalId, makeSecret())],
        ),
      );
      return (await findSecrets(portalId)) as string[];
    },

    /** A new secret, to be shown this once; the one before signs along for 24 hours, the one before that no more. */
    async replaceSecret(portalId: string): Promise<string> {
      const secret = makeSecret();
      await reach(() =>
        portal.query(
          `insert into webhook_secrets (portal_id, key_id, secret) values ($1::bigint, $2, $3)
           on conflict (portal_id) do update
           -- one whose key is gone could sign nothing, and would keep the new one from signing
           set previous_key_id = case when webhook_secrets.key_id = any($5::text[]) then webhook_secrets.key_id end,
               previous = case when webhook_secrets.key_id = any($5::text[]) then webhook_secrets.secret end,
               previous_until = now() + $4 * interval '1 hour',
               key_id = excluded.key_id, secret = excluded.secret, created_at = now()`,
          [portalId, vault.keyId, vault.encrypt(portalId, secret), overlapHours, vault.keyIds],
        ),
      );
      return secret;
    },

    /** Re-encrypts, with the first key of TOKEN_KEYS, what an older one encrypted; a secret that signs no more is erased. */
    async rotateKeys(): Promise<Rotation> {
      const { rows } = await reach(() =>
        allPortals.query<{ portal_id: string }>(
          'select portal_id from webhook_secrets where key_id <> $1 or previous_key_id <> $1',
          [vault.keyId],
        ),
      );
      return rotateEach(
        rows.map((row) => row.portal_id),
        (portalId) => reach(() => portal.transaction(portalId, (client) => rotateOne(client, vault, portalId))),
      );
    },
  };
}

async function rotateOne(client: Sql, vault: Vault, portalId: string): Promise<void> {
  const { rows } = await client.query<SecretRow>(
    `select key_id, secret, previous_key_id, case when previous_until > now() then previous end as previous
     from webhook_secrets where portal_id = $1::bigint for update`,
    [portalId],
  );
  const row = rows[0];
  if (!row) return;
  const anew = (keyId: string, bytes: Buffer) => vault.encrypt(portalId, vault.decrypt(portalId, keyId, bytes));
  const previous = row.previous && row.previous_key_id ? anew(row.previous_key_id, row.previous) : null;
  await client.query(
    `update webhook_secrets set key_id = $2, secret = $3, previous_key_id = $4, previous = $5
     where portal_id = $1::bigint`,
    [portalId, vault.keyId, anew(row.key_id, row.secret), previous && vault.keyId, previous],
  );
}
