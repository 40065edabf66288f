// Grants: encrypted at rest, refreshed by one, and never overwritten by what belongs to an older grant.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installPortal, openAnother, openTestDb, tokenKeys, tokens } from './test-db.ts';

const { url, db, raw } = await openTestDb();
const fresh = { accessToken: 'access-2', refreshToken: 'refresh-2', expiresAt: new Date(4.1e12) };

async function generationOf(portalId: string): Promise<number> {
  const token = await db.tokens.findToken(portalId);
  assert.ok(token);
  return token.generation;
}

test('a stored grant comes out as it went in', async () => {
  const portalId = await installPortal(db);
  const { generation, ...found } = (await db.tokens.findToken(portalId)) ?? assert.fail();
  assert.deepEqual(found, tokens);
  assert.equal(typeof generation, 'number');
  assert.equal(await db.tokens.findToken('404'), undefined);
});

test('no token stands readable in any table, in no form', async () => {
  const portalId = await installPortal(db);
  await db.tokens.replaceToken(portalId, await generationOf(portalId), tokens);
  const { rows: tables } = await raw.query(`select tablename from pg_tables where schemaname = 'public'`);
  assert.ok(tables.length >= 15);
  for (const { tablename } of tables) {
    const { rows } = await raw.query(`select t::text as row from ${tablename} t`);
    for (const { row } of rows) {
      const bytes = Buffer.from(row.replaceAll(/[^0-9a-f]/g, ''), 'hex').toString('latin1');
      for (const secret of [tokens.accessToken, tokens.refreshToken]) {
        const base64 = Buffer.from(secret).toString('base64').slice(0, -4);
        const hex = Buffer.from(secret).toString('hex');
        for (const form of [secret, base64, hex]) assert.ok(!row.includes(form), tablename);
        assert.ok(!bytes.includes(secret), tablename);
      }
    }
  }
});

test('the same token is stored as different bytes each time', async () => {
  const portals = [await installPortal(db), await installPortal(db)];
  const { rows } = await raw.query('select access_token from tokens where portal_id = any($1)', [portals]);
  assert.notDeepEqual(rows[0].access_token, rows[1].access_token);
});

test("a token moved into another portal's row does not open", async () => {
  const [one, two] = [await installPortal(db), await installPortal(db)];
  await raw.query(
    `update tokens set access_token = other.access_token, refresh_token = other.refresh_token
     from tokens other where tokens.portal_id = $1 and other.portal_id = $2`,
    [two, one],
  );
  await assert.rejects(db.tokens.findToken(two), { code: 'wrong-configuration' });
  assert.ok(await db.tokens.findToken(one));
});

test('a refreshed grant takes the place of the one it was made from, and only of that', async () => {
  const portalId = await installPortal(db);
  const generation = await generationOf(portalId);
  assert.equal(await db.tokens.replaceToken(portalId, generation, fresh), true);
  assert.equal(await db.tokens.replaceToken(portalId, generation, tokens), false, 'a second refresh of the same');
  assert.equal((await db.tokens.findToken(portalId))?.accessToken, 'access-2');
});

test('a refresh that a reinstall overtook changes nothing', async () => {
  const portalId = await installPortal(db);
  const generation = await generationOf(portalId);
  await installPortal(db, portalId);
  assert.equal(await db.tokens.replaceToken(portalId, generation, fresh), false);
  assert.equal(await db.tokens.claimRefresh(portalId, generation, 60_000), false);
  await db.tokens.markRevoked(portalId, generation);
  assert.equal((await db.tokens.findToken(portalId))?.accessToken, tokens.accessToken);
  assert.equal((await db.portals.findPortal(portalId))?.status, 'installed');
});

test('nor does one that an uninstall and a new install overtook', async () => {
  const portalId = await installPortal(db);
  const generation = await generationOf(portalId);
  await db.portals.markUninstalled(portalId);
  assert.equal(await db.tokens.replaceToken(portalId, generation, fresh), false, 'nothing to replace');
  await installPortal(db, portalId);
  assert.equal(await db.tokens.replaceToken(portalId, generation, fresh), false);
  await db.tokens.markRevoked(portalId, generation);
  assert.equal((await db.tokens.findToken(portalId))?.accessToken, tokens.accessToken);
});

test('one of many may refresh, until it releases or its time is over', async () => {
  const portalId = await installPortal(db);
  const generation = await generationOf(portalId);
  const other = openAnother(url);
  const ask = async (holdMs: number): Promise<number> => {
    const asked = Array.from({ length: 12 }, (_, index) =>
      (index % 2 ? db : other).tokens.claimRefresh(portalId, generation, holdMs),
    );
    return (await Promise.all(asked)).filter(Boolean).length;
  };
  assert.equal(await ask(60_000), 1);
  assert.equal(await ask(60_000), 0);
  await db.tokens.releaseRefresh(portalId, generation);
  assert.equal(await ask(60_000), 1);
  await raw.query('update tokens set refresh_claimed_until = now() where portal_id = $1', [portalId]);
  assert.equal(await ask(60_000), 1, 'the one before was silent for too long');
  await db.tokens.replaceToken(portalId, generation, fresh);
  assert.equal(await ask(60_000), 0, 'this generation is over');
  assert.equal(await db.tokens.claimRefresh(portalId, await generationOf(portalId), 60_000), true);
  await other.close();
});

test('a revoked grant is erased and its portal marked', async () => {
  const portalId = await installPortal(db);
  await db.tokens.markRevoked(portalId, await generationOf(portalId));
  assert.equal(await db.tokens.findToken(portalId), undefined);
  assert.equal((await db.portals.findPortal(portalId))?.status, 'revoked');
  const { rows } = await raw.query('select ended_at from portals where portal_id = $1', [portalId]);
  assert.ok(rows[0].ended_at instanceof Date);
});

test('installs and revocations at the same time never wait for each other in a circle', async (t) => {
  const portalId = await installPortal(db);
  // Every row takes its time, so that each is in the middle of its own when the others come.
  await raw.query(
    'create function dawdle() returns trigger language plpgsql as $$ begin perform pg_sleep(0.003); return coalesce(new, old); end $$',
  );
  for (const table of ['tokens', 'portals']) {
    await raw.query(
      `create trigger dawdle before insert or update or delete on ${table} for each row execute function dawdle()`,
    );
    t.after(() => raw.query(`drop trigger dawdle on ${table}`));
  }
  for (let round = 0; round < 15; round += 1) {
    const generation = (await db.tokens.findToken(portalId))?.generation ?? 0;
    await Promise.all([
      db.tokens.markRevoked(portalId, generation),
      installPortal(db, portalId),
      db.portals.markUninstalled(portalId),
      db.tokens.replaceToken(portalId, generation, fresh),
      db.tokens.markRevoked(portalId, generation),
      installPortal(db, portalId),
    ]);
    const status = (await db.portals.findPortal(portalId))?.status;
    assert.equal((await db.tokens.findToken(portalId)) !== undefined, status === 'installed', status);
    await installPortal(db, portalId);
  }
});

test('tokens are re-encrypted with the first key, and older keys are then not needed any more', async () => {
  const { url: own, db: before, raw: rows } = await openTestDb();
  const portals = [await installPortal(before), await installPortal(before)];
  const [oldKey] = tokenKeys;
  assert.ok(oldKey);
  const newKey = { id: 'k2', key: Buffer.alloc(32, 2) };
  const generations = await Promise.all(portals.map(async (id) => (await before.tokens.findToken(id))?.generation));
  const both = openAnother(own, [newKey, oldKey]);
  assert.equal((await both.tokens.findToken(portals[0] as string))?.accessToken, tokens.accessToken, 'all decrypt');
  assert.deepEqual(await both.tokens.rotateKeys(), { count: 2, unreadable: [] });
  assert.deepEqual(await both.tokens.rotateKeys(), { count: 0, unreadable: [] });
  const onlyNew = openAnother(own, [newKey]);
  for (const [index, portalId] of portals.entries()) {
    const { generation, ...found } = (await onlyNew.tokens.findToken(portalId)) ?? assert.fail();
    assert.deepEqual(found, tokens);
    assert.equal(generation, generations[index], 'a rotation is no new grant');
  }
  await assert.rejects(before.tokens.findToken(portals[0] as string), /TOKEN_KEYS lacks the key k2/);
  assert.deepEqual((await rows.query('select distinct key_id from tokens')).rows, [{ key_id: 'k2' }]);
  await Promise.all([both.close(), onlyNew.close()]);
});

test('a row that no key opens is named and left alone, and the others are encrypted anew all the same', async () => {
  const { url: own, db: before, raw: rows } = await openTestDb();
  const lost = openAnother(own, [{ id: 'lost', key: Buffer.alloc(32, 3) }]);
  const ofLostKey = await installPortal(lost);
  const ofOldKey = await installPortal(before);
  const now = openAnother(own, [{ id: 'k2', key: Buffer.alloc(32, 2) }, ...tokenKeys]);
  assert.deepEqual(await now.tokens.rotateKeys(), { count: 1, unreadable: [ofLostKey] });
  assert.equal((await now.tokens.findToken(ofOldKey))?.accessToken, tokens.accessToken);
  const { rows: keys } = await rows.query('select key_id from tokens where portal_id = $1', [ofLostKey]);
  assert.deepEqual(keys, [{ key_id: 'lost' }]);
  assert.equal((await lost.tokens.findToken(ofLostKey))?.accessToken, tokens.accessToken, 'the key put back opens it');
  await Promise.all([lost.close(), now.close()]);
});

test('a grant renewed while keys are rotated is kept', async () => {
  const { url: own, db: before } = await openTestDb();
  const portalId = await installPortal(before);
  const both = openAnother(own, [{ id: 'k2', key: Buffer.alloc(32, 2) }, ...tokenKeys]);
  for (let time = 0; time < 10; time += 1) {
    const { generation } = (await both.tokens.findToken(portalId)) ?? assert.fail();
    const renewed = { ...tokens, accessToken: `renewed-${time}` };
    // By a process that still has the old key first.
    const [, replaced] = await Promise.all([
      both.tokens.rotateKeys(),
      before.tokens.replaceToken(portalId, generation, renewed),
    ]);
    assert.ok(replaced);
    assert.equal((await both.tokens.findToken(portalId))?.accessToken, renewed.accessToken);
  }
  await both.tokens.rotateKeys();
  const onlyNew = openAnother(own, [{ id: 'k2', key: Buffer.alloc(32, 2) }]);
  assert.equal((await onlyNew.tokens.findToken(portalId))?.accessToken, 'renewed-9');
  await Promise.all([both.close(), onlyNew.close()]);
});
