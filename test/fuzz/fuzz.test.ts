// A short form of `npm run fuzz`: three thousand generated deliveries to the web half, by a fixed seed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { clientSecret, installPortal, startWebHalf } from '../web/web-half.ts';
import { createDeliveryMaker } from './deliveries.ts';
import { expectedStatuses, fuzz } from './run.ts';

const portalIds = ['71000001', '71000002'];

test('three thousand generated deliveries are stored or refused, and none is a 5xx', async () => {
  const web = await startWebHalf();
  try {
    for (const portalId of portalIds) await installPortal(web.db, portalId);
    const url = `${web.url}/webhooks/hubspot`;
    const statuses = await fuzz({ url, clientSecret, portalIds, seed: 20_261_123, deliveries: 3_000, connections: 8 });
    const unexpected = [...statuses.keys()].filter((status) => !expectedStatuses.includes(status));
    assert.deepEqual(unexpected, []);
    // Otherwise it would have tried one thing alone.
    assert.ok((statuses.get(204) ?? 0) > 2_000 && (statuses.get(400) ?? 0) > 100, JSON.stringify([...statuses]));
    const client = new pg.Client({ connectionString: web.config.databaseUrl });
    await client.connect();
    const { rows } = await client.query(
      'select (select count(*) from inbox)::int as inbox, count(*)::int as seen from seen',
    );
    await client.end();
    assert.ok(rows[0].inbox > 1_000 && rows[0].seen > rows[0].inbox, JSON.stringify(rows[0]));
    assert.equal(({} as { polluted?: number }).polluted, undefined);
  } finally {
    await web.close();
  }
});

test('the same seed makes the same deliveries', () => {
  const [one, other] = [createDeliveryMaker(7, portalIds), createDeliveryMaker(7, portalIds)];
  for (let number = 0; number < 500; number += 1) assert.deepEqual(one(1_790_000_000_000), other(1_790_000_000_000));
});
