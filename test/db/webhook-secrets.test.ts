// Secrets of outgoing webhooks: made once, replaced with an overlap, encrypted, and gone with the portal's keys.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { installPortal, openAnother, openTestDb, tokenKeys } from './test-db.ts';

const { url, db, raw } = await openTestDb();

test('the first use makes a secret, the same for everybody who asks at once', async () => {
  const portalId = await installPortal(db);
  const asked = await Promise.all(Array.from({ length: 8 }, () => db.webhookSecrets.getSigningSecrets(portalId)));
  const [first] = asked[0] ?? [];
  assert.match(first ?? '', /^whsec_[A-Za-z0-9+/]{43}=$/);
  for (const secrets of asked) assert.deepEqual(secrets, [first]);
  assert.ok(new Webhook(first as string).sign('id', new Date(), 'body'));
});

test('a replaced secret signs along for 24 hours, and only the last one', async () => {
  const portalId = await installPortal(db);
  const [first] = await db.webhookSecrets.getSigningSecrets(portalId);
  const second = await db.webhookSecrets.replaceSecret(portalId);
  assert.deepEqual(await db.webhookSecrets.getSigningSecrets(portalId), [second, first]);
  const { rows } = await raw.query(
    'select extract(epoch from previous_until - now())::int as seconds from webhook_secrets where portal_id = $1',
    [portalId],
  );
  assert.ok(rows[0].seconds > 86_300 && rows[0].seconds <= 86_400);
  const third = await db.webhookSecrets.replaceSecret(portalId);
  assert.deepEqual(await db.webhookSecrets.getSigningSecrets(portalId), [third, second]);
  await raw.query(`update webhook_secrets set previous_until = now() - interval '1 second' where portal_id = $1`, [
    portalId,
  ]);
  assert.deepEqual(await db.webhookSecrets.getSigningSecrets(portalId), [third]);
});

test('a secret asked for before any use is the one that signs', async () => {
  const portalId = await installPortal(db);
  const secret = await db.webhookSecrets.replaceSecret(portalId);
  assert.deepEqual(await db.webhookSecrets.getSigningSecrets(portalId), [secret]);
});

test('no secret stands readable in its table', async () => {
  const portalId = await installPortal(db);
  const secrets = [await db.webhookSecrets.replaceSecret(portalId), await db.webhookSecrets.replaceSecret(portalId)];
  const { rows } = await raw.query('select secret, previous from webhook_secrets where portal_id = $1', [portalId]);
  for (const bytes of [rows[0].secret, rows[0].previous]) {
    for (const secret of secrets) assert.ok(!bytes.toString('latin1').includes(secret.slice(6, 20)));
  }
});

test('keys are rotated for both secrets, and the old key is then needed no more', async () => {
  const portalId = await installPortal(db);
  await db.webhookSecrets.replaceSecret(portalId);
  await db.webhookSecrets.replaceSecret(portalId);
  const secrets = await db.webhookSecrets.getSigningSecrets(portalId);
  const newKey = { id: 'k2', key: Buffer.alloc(32, 2) };
  const both = openAnother(url, [newKey, ...tokenKeys]);
  assert.ok((await both.webhookSecrets.rotateKeys()).count >= 1);
  assert.deepEqual(await both.webhookSecrets.rotateKeys(), { count: 0, unreadable: [] });
  await both.close();
  const onlyNew = openAnother(url, [newKey]);
  assert.deepEqual(await onlyNew.webhookSecrets.getSigningSecrets(portalId), secrets);
  await onlyNew.close();
});

test('a secret that signs no more needs no key, and is erased by a rotation', async () => {
  const portalId = await installPortal(db);
  const secret = await db.webhookSecrets.replaceSecret(portalId);
  await raw.query(
    `update webhook_secrets set previous = secret, previous_key_id = 'lost', previous_until = now() - interval '1 s' where portal_id = $1`,
    [portalId],
  );
  const { unreadable } = await db.webhookSecrets.rotateKeys();
  assert.ok(!unreadable.includes(portalId));
  const { rows } = await raw.query('select previous, previous_key_id from webhook_secrets where portal_id = $1', [
    portalId,
  ]);
  assert.deepEqual(rows, [{ previous: null, previous_key_id: null }]);
  assert.deepEqual(await db.webhookSecrets.getSigningSecrets(portalId), [secret]);
});

test('a new secret in place of one whose key is lost signs alone, at once', async () => {
  const portalId = await installPortal(db);
  const lost = openAnother(url, [{ id: 'lost', key: Buffer.alloc(32, 3) }]);
  await lost.webhookSecrets.replaceSecret(portalId);
  await lost.close();
  await assert.rejects(db.webhookSecrets.getSigningSecrets(portalId), { code: 'wrong-configuration' });
  const secret = await db.webhookSecrets.replaceSecret(portalId);
  assert.deepEqual(await db.webhookSecrets.getSigningSecrets(portalId), [secret]);
});
