// Encrypts stored tokens and secrets anew after TOKEN_KEYS got another first key (docs/runbook/key-rotation.md).
import type { Db } from '../db/open-db.ts';
import type { Log } from '../log.ts';

/** Where nothing is to be done, two short reads. What cannot be read is told each time, portal by portal. */
export async function encryptAnew({ db, log }: { db: Pick<Db, 'tokens' | 'webhookSecrets'>; log: Log }): Promise<void> {
  for (const [what, table] of [
    ['tokens', db.tokens],
    ['webhook secrets', db.webhookSecrets],
  ] as const) {
    const { count, unreadable } = await table.rotateKeys();
    if (count > 0) log.info({ what, count }, 'encrypted anew with the first key of TOKEN_KEYS');
    for (const portalId of unreadable) {
      log.error(
        { what, portalId },
        'no key of TOKEN_KEYS opens what is stored: put the key it was encrypted with back',
      );
    }
  }
}
