// Encrypts what must not be readable in the database: AES-256-GCM, the key named in the row, the portal as associated data.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { BatonError } from '../errors.ts';

export type VaultKey = { id: string; key: Buffer };
export type Vault = {
  /** Id of the key that encrypts now. */
  keyId: string;
  /** Ids of all that decrypt. */
  keyIds: string[];
  /** 12 bytes nonce, 16 bytes tag, then the ciphertext. */
  encrypt(portalId: string, text: string): Buffer;
  /** Throws `wrong-configuration` when the key is not among TOKEN_KEYS, or the bytes were not encrypted for this portal. */
  decrypt(portalId: string, keyId: string, bytes: Buffer): string;
};

/** The first key encrypts, all decrypt. */
export function createVault(keys: readonly VaultKey[]): Vault {
  const current = keys[0];
  if (!current) throw new BatonError('wrong-configuration', { detail: 'TOKEN_KEYS names no key.' });
  return {
    keyId: current.id,
    keyIds: keys.map(({ id }) => id),
    encrypt(portalId, text) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', current.key, nonce);
      cipher.setAAD(Buffer.from(portalId));
      const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]);
    },
    decrypt(portalId, keyId, bytes) {
      const found = keys.find((candidate) => candidate.id === keyId);
      if (!found) {
        throw new BatonError('wrong-configuration', {
          detail: `TOKEN_KEYS lacks the key ${keyId}, with which the tokens of portal ${portalId} are encrypted.`,
        });
      }
      try {
        const decipher = createDecipheriv('aes-256-gcm', found.key, bytes.subarray(0, 12), { authTagLength: 16 });
        decipher.setAAD(Buffer.from(portalId));
        decipher.setAuthTag(bytes.subarray(12, 28));
        return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new BatonError('wrong-configuration', {
          detail: `The key ${keyId} of TOKEN_KEYS does not open the tokens of portal ${portalId}.`,
          cause,
        });
      }
    },
  };
}
