// The database slow, hanging, gone, full, read-only, older or newer: what each route answers, and that all of it passes by itself.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { methodsByPath } from '../../src/web/app.ts';
import { en as english } from '../../src/web/words/en.ts';
import { type DatabaseProxy, startDatabaseProxy } from '../support/database-proxy.ts';
import { type InstalledPortal, roomyLimits, type System, startSystem } from '../support/system.ts';
import { listTroubles, type Trouble } from './database-troubles.ts';
import { listRoutes, makeDelivery, type Route } from './trouble-routes.ts';

describe('a database in trouble', () => {
  const troubles = listTroubles(() => ({
    proxy,
    sql: system.sql,
    databaseName: new URL(system.databaseUrl).pathname.slice(1),
  }));
  let system: System;
  let proxy: DatabaseProxy;
  let acme: InstalledPortal;
  let routes: Route[];
  /** What each route answers while nothing is wrong. */
  const usual = new Map<string, number>();
  /** One whose agent answers as the trouble begins. */
  const tickets = new Map<Trouble, { threadId: string; ticketId: string }>();

  before(async () => {
    const openDoor = async (url: string) => {
      proxy = await startDatabaseProxy(url);
      return proxy.url;
    };
    system = await startSystem({ openDoor, limits: { leaseMs: 6_000 }, emulator: { limits: roomyLimits } });
    acme = await system.install({ portalId: '57000001', ticketsForNewConversations: true });
    for (const trouble of troubles) {
      const from = `${trouble.name.replaceAll(' ', '-')}@customer.example`;
      const { threadId, ticketId } = acme.portal.receiveMessage({ from, text: 'Hello?' });
      tickets.set(trouble, { threadId, ticketId: ticketId as string });
    }
    await system.settled();
    const [first] = tickets.values();
    routes = await listRoutes({ system, acme, ticketId: first?.ticketId ?? '' });
    for (const route of routes) usual.set(route.name, await statusOf(route));
  });
  after(async () => {
    await system.stop();
    await proxy.close();
  });

  const sql = (text: string) => system.sql.query(text);

  async function statusOf(route: Route): Promise<number> {
    const answer = await route.ask();
    await answer.body?.cancel();
    return answer.status;
  }

  /** A program gets the code, a person a sentence that says what to do; neither what went on inside. */
  async function checkRefusal(route: Route, answer: Response): Promise<void> {
    assert.equal(answer.status, 503, route.name);
    const text = await answer.text();
    assert.doesNotMatch(text, /ECONN|postgres|relation|extend file|read-only transaction|at .*\.ts/i, route.name);
    if (answer.headers.get('content-type')?.startsWith('application/json')) {
      assert.match(JSON.parse(text).error.code, /^(database-unavailable|schema-behind|schema-ahead)$/, route.name);
    } else {
      const sentences = [english.errors['database-unavailable'], english.errors['schema-behind']];
      assert.ok(
        sentences.some((sentence) => text.includes(sentence)),
        `${route.name}: ${text.slice(0, 2_000)}`,
      );
    }
  }

  async function check(route: Route, trouble: Trouble): Promise<void> {
    const answer = await route.ask();
    if (route.path === '/ready') {
      assert.equal(answer.status, trouble.ready ? 503 : 200, route.name);
      if (trouble.ready) assert.equal(((await answer.json()) as { error: { code: string } }).error.code, trouble.ready);
      return;
    }
    const outcome = trouble.outcomes[route.needs];
    // HubSpot repeats what it is refused, and nothing else: at its doors "or" will not do.
    const isDoor = route.path === '/webhooks/hubspot' || route.path === '/hubspot/workflow-actions/:name';
    const refused = outcome === 'refused' || (outcome === 'refused or as usual' && (isDoor || answer.status === 503));
    if (refused) return checkRefusal(route, answer);
    await answer.body?.cancel();
    // A form that was saved once answers differently the second time, but never with a 5xx.
    if (route.needs === 'writing' && !isDoor) assert.ok(answer.status < 500, `${route.name}: ${answer.status}`);
    else assert.equal(answer.status, usual.get(route.name), route.name);
  }

  async function countStored(): Promise<number> {
    const { rows } = await sql(`select (select count(*) from seen) + (select count(*) from ignored_events) as count`);
    return Number(rows[0].count);
  }

  it('every route that has an address is in the table', () => {
    const asked = new Set(routes.map(({ path }) => path));
    // The first two end the installation and the session that the others use; the third needs a code of HubSpot's.
    const elsewhere = new Set(['/oauth/disconnect', '/oauth/sign-out', '/oauth/callback']);
    assert.deepEqual(
      Object.keys(methodsByPath).filter((path) => !asked.has(path) && !elsewhere.has(path)),
      [],
    );
  });

  for (const trouble of troubles) {
    it(`${trouble.name}: each route answers as it should, and all of it passes without a hand`, async () => {
      const writes = trouble.outcomes.writing === 'as usual';
      const repeated = makeDelivery(acme.id);
      const { threadId, ticketId } = tickets.get(trouble) as { threadId: string; ticketId: string };
      const stored = await countStored();
      acme.portal.sendMessage({ threadId, userId: acme.userId, text: 'Yes?' });
      // The worker is caught at whatever it is doing.
      await system.emulator.webhooks.idle();
      await trouble.begin();
      try {
        await Promise.all(routes.map((route) => check(route, trouble)));
        assert.equal(await system.deliver(repeated), writes ? 204 : 503);
      } finally {
        await trouble.end();
      }
      assert.equal(await untilDelivered(repeated), 204);
      await system.settled();
      assert.equal(acme.portal.stage(ticketId), '2');
      assert.deepEqual(acme.ownMoves(ticketId), ['2']);
      // Two events of the delivery by their keys and as ignored ones; while nothing could be written, nothing else was.
      if (!writes) assert.ok((await countStored()) - stored >= 4);
      const { rows } = await sql(
        `select (select count(*) from ignored_events)::int as kept,
                (select count(distinct event ->> 'key') from ignored_events)::int as different`,
      );
      assert.equal(rows[0].kept, rows[0].different);
      await Promise.all(routes.map(async (route) => assert.ok((await statusOf(route)) < 500, route.name)));
    });
  }

  /** As HubSpot does: again until it is taken. A pool finds out that its connections are gone by using them. */
  async function untilDelivered(body: string): Promise<number> {
    const giveUpAt = Date.now() + 20_000;
    for (;;) {
      const status = await system.deliver(body);
      if (status !== 503 || Date.now() > giveUpAt) return status;
    }
  }
});
