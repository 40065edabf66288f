// `npm run fuzz -- --deliveries N --seed S`: the real web process and a durable PostgreSQL under generated deliveries, as JSON lines.
import { parseArgs } from 'node:util';
import { openBenchPool, openBenchServer } from '../../bench/bench-server.ts';
import { createSecrets, findFreePort, type Installation, publicUrlOf, startProgram } from '../../bench/program.ts';
import { openDb } from '../../src/db/open-db.ts';
import { createLog } from '../../src/log.ts';
import { expectedStatuses, fuzz } from './run.ts';

/** Beyond what the first tenth left resident; V8 gives memory back late. */
const allowedGrowthMb = 64;
const portalIds = ['71000001', '71000002', '71000003'];

const { values } = parseArgs({
  options: { deliveries: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
});
const [deliveries, seed] = [Number(values.deliveries), Number(values.seed)];
if (!(Number.isInteger(deliveries) && deliveries > 0 && Number.isInteger(seed))) {
  throw new Error('--deliveries is a whole number above 0, --seed a whole number');
}

const server = await openBenchServer();
const database = await server.createDatabase();
const [webPort, nobodysPort] = [await findFreePort(), await findFreePort()];
const hubspotUrl = `http://127.0.0.1:${nobodysPort}`;
const installation: Installation = { ...createSecrets(), databaseUrl: database.logins.web, hubspotUrl, webPort };
const db = openDb({ databaseUrl: database.logins.web, tokenKeys: [installation.tokenKey], log: createLog('silent') });
const grant = { accessToken: 'unused', refreshToken: 'unused', expiresAt: new Date(Date.now() + 3_600_000) };
const owner = { userId: '77', domain: null, uiDomain: 'app.hubspot.com', timeZone: 'UTC', scopes: ['tickets'] };
for (const portalId of portalIds) await db.portals.install({ portalId, ...owner, ...grant });
const sql = openBenchPool(database, 1);
const web = await startProgram('web', installation);
let failed = false;
try {
  const startedAt = performance.now();
  const memory = [{ sent: 0, mb: await web.readResidentMb() }];
  const statuses = await fuzz({
    url: `${publicUrlOf(installation)}/webhooks/hubspot`,
    clientSecret: installation.app.clientSecret,
    // One that never installed Baton, too.
    portalIds: [...portalIds, '79999999'],
    seed,
    deliveries,
    connections: 8,
    pauseEvery: Math.max(1, Math.floor(deliveries / 10)),
    async onPause(sent) {
      memory.push({ sent, mb: await web.readResidentMb() });
      // Nobody works on these; a table that only grows would measure the disk.
      await sql.query('truncate inbox, lanes, ignored_events');
      console.log(JSON.stringify({ fuzz: 'progress', ...memory.at(-1) }));
    },
  });
  const { rows } = await sql.query('select count(*)::int as count from seen');
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  const unexpected = [...statuses.keys()].filter((status) => !expectedStatuses.includes(status));
  const [warm = 0, end = 0] = [memory[1]?.mb, memory.at(-1)?.mb];
  failed = unexpected.length > 0 || end > warm + allowedGrowthMb;
  console.log(
    JSON.stringify({
      fuzz: 'end',
      seed,
      deliveries,
      seconds,
      statuses: Object.fromEntries(statuses),
      storedEvents: rows[0].count,
      residentMb: { start: memory[0]?.mb, afterATenth: warm, end },
      met: !failed,
    }),
  );
} finally {
  await web.stop();
  await Promise.all([sql.end(), db.close()]);
  await database.drop();
  await server.close();
}
process.exitCode = failed ? 1 : 0;
