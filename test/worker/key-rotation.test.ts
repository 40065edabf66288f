// After TOKEN_KEYS got another first key: what is stored is encrypted anew at the worker's start and at the ticks of retention.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Log, LogFields } from '../../src/log.ts';
import { startSweeps } from '../../src/worker/sweeps.ts';
import { installPortal, openAnother, openTestDb, tokenKeys } from '../db/test-db.ts';

const { url, db, raw } = await openTestDb();
const newKey = { id: 'k2', key: Buffer.alloc(32, 2) };

async function keyOf(portalId: string): Promise<string> {
  return (await raw.query('select key_id from tokens where portal_id = $1', [portalId])).rows[0]?.key_id;
}

test('a tick of retention encrypts what a process with the old first key has stored since, and tells of what no key opens', async () => {
  const lost = openAnother(url, [{ id: 'lost', key: Buffer.alloc(32, 3) }]);
  const ofLostKey = await installPortal(lost);
  const portalId = await installPortal(db);
  const secret = await db.webhookSecrets.replaceSecret(portalId);
  const both = openAnother(url, [newKey, ...tokenKeys]);
  const lines: LogFields[] = [];
  const keep = (fields: LogFields, message: string) => void lines.push({ ...fields, message });
  const log: Log = { debug: () => {}, info: keep, warn: keep, error: keep };
  const stop = startSweeps({ db: both, sweepSchedule: '* * * * * *', log, now: () => new Date() });
  const giveUpAt = Date.now() + 20_000;
  while (!lines.some(({ portalId: told }) => told === ofLostKey) && Date.now() < giveUpAt) await wait(20);
  await stop();
  assert.equal(await keyOf(portalId), 'k2');
  assert.equal(await keyOf(ofLostKey), 'lost');
  assert.deepEqual(
    lines.filter(({ what }) => what === 'tokens').map(({ count, portalId: told }) => count ?? told),
    [1, ofLostKey],
  );
  const onlyNew = openAnother(url, [newKey]);
  assert.deepEqual(await onlyNew.webhookSecrets.getSigningSecrets(portalId), [secret]);
  await Promise.all([lost.close(), both.close(), onlyNew.close()]);
});
