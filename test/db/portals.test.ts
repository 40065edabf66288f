// Installs and their end, and the sessions that hang on them.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { SessionData, Store } from 'express-session';
import { installPortal, openTestDb, tokens } from './test-db.ts';

const { db, raw } = await openTestDb();

test('an install comes out as it went in', async () => {
  const install = {
    portalId: '9223372036854775807',
    userId: '7',
    domain: null,
    uiDomain: 'app-eu1.hubspot.com',
    timeZone: 'Asia/Tokyo',
    scopes: ['tickets', 'a"b', 'c,d', ''],
    ...tokens,
  };
  await db.portals.install(install);
  const { installedAt, ...portal } = (await db.portals.findPortal(install.portalId)) ?? assert.fail();
  const { domain, uiDomain, timeZone, scopes } = install;
  assert.deepEqual(portal, {
    id: install.portalId,
    status: 'installed',
    domain,
    uiDomain,
    timeZone,
    scopes,
    retentionDays: 90,
  });
  assert.ok(Math.abs(installedAt.getTime() - Date.now()) < 60_000);
  assert.equal(await db.portals.findPortal('1'), undefined);
  await db.portals.markUninstalled(install.portalId);
});

test('installing again keeps the date of an install that stands, and renews that of one that had ended', async () => {
  const portalId = await installPortal(db);
  const find = async () => (await db.portals.findPortal(portalId)) ?? assert.fail();
  const first = await find();
  await installPortal(db, portalId);
  assert.deepEqual(await find(), first);
  await db.portals.markUninstalled(portalId);
  assert.equal((await find()).status, 'uninstalled');
  assert.equal(await db.tokens.findToken(portalId), undefined);
  await installPortal(db, portalId);
  const again = await find();
  assert.equal(again.status, 'installed');
  assert.ok(again.installedAt > first.installedAt);
  const { rows } = await raw.query('select ended_at from portals where portal_id = $1', [portalId]);
  assert.equal(rows[0].ended_at, null, 'the erasure clock stands still');
  await db.portals.markUninstalled(portalId);
});

test('only portals that are installed are listed', async () => {
  const [one, two, three] = [await installPortal(db), await installPortal(db), await installPortal(db)];
  await db.portals.markUninstalled(two);
  await db.tokens.markRevoked(three, (await db.tokens.findToken(three))?.generation ?? 0);
  assert.deepEqual(
    (await db.portals.listInstalled()).map(({ id }) => id),
    [one],
  );
});

test('uninstalling one portal leaves the others theirs', async () => {
  const [one, two] = [await installPortal(db), await installPortal(db)];
  await db.portals.markUninstalled(one);
  assert.equal((await db.portals.findPortal(two))?.status, 'installed');
  assert.equal((await db.tokens.findToken(two))?.accessToken, tokens.accessToken);
});

const store = db.sessions.createStore();
after(() => (store as Store & { close(): void }).close());

function setSession(sid: string, session: object): Promise<void> {
  return new Promise((resolve, reject) => {
    store.set(sid, { cookie: { maxAge: 60_000 }, ...session } as unknown as SessionData, (error?: unknown) =>
      error ? reject(error) : resolve(),
    );
  });
}

function getSession(sid: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    store.get(sid, (error, session) => (error ? reject(error) : resolve(session ?? undefined)));
  });
}

test('a session is kept, and ending the sessions of a portal ends all of them and no other', async () => {
  await setSession('a', { portalId: '1', userId: '7' });
  await setSession('b', { portalId: '1' });
  await setSession('c', { portalId: '11' });
  await setSession('d', { state: 'on its way to HubSpot' });
  assert.deepEqual(await getSession('a'), { cookie: { maxAge: 60_000 }, portalId: '1', userId: '7' });
  await db.sessions.endSessions('1');
  const left = await Promise.all(['a', 'b', 'c', 'd'].map(getSession));
  assert.deepEqual(
    left.map((session) => session !== undefined),
    [false, false, true, true],
  );
});

test('a session whose time is over is gone', async () => {
  await setSession('e', { portalId: '2' });
  await raw.query(`update sessions set expire = now() - interval '1 s' where sid = 'e'`);
  assert.equal(await getSession('e'), undefined);
});
