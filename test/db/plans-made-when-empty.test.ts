// A statement prepared by name may keep the plan that it got before its tables were full: it has to serve them then too.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type pg from 'pg';
import { type Db, openDb } from '../../src/db/open-db.ts';
import { rights } from '../../src/db/rights.ts';
import { createLog } from '../../src/log.ts';
import { asProgram } from '../support/database.ts';
import { type Ask, listBatch, listMemory } from './asks-of-batches.ts';
import { fillTables } from './full-tables.ts';
import { setForProgram, watchPlans } from './plan-watch.ts';
import { installPortal, makeEvent, openTestDb, tokenKeys } from './test-db.ts';

/** What a look may cost more that is planned while nobody told the planner what is there: a portal's rows read once, not once for each thing asked. */
const untoldFactor = 10;
const filled = Object.keys(rights).filter((table) => !['portals', 'migrations'].includes(table));

/** What the planner knows when a statement is planned. */
const situations: Record<string, (raw: pg.Pool, fullest: string) => Promise<void>> = {
  'empty tables that nobody looked at yet': async () => {},
  'empty tables, as was seen': async (raw) => {
    await raw.query('vacuum analyze');
  },
  'tables in which no portal has many rows': async (raw, fullest) => {
    await fillTables(raw, fullest);
    for (const table of filled) {
      if (table !== 'sessions' && table !== 'sweep_ticks') {
        await raw.query(`delete from ${table} where portal_id = $1`, [fullest]);
      }
    }
    await raw.query('vacuum analyze');
  },
  'tables that were emptied': async (raw, fullest) => {
    await fillTables(raw, fullest);
    await raw.query('analyze');
    await raw.query(`truncate ${filled.join()}`);
  },
};

for (const [words, arrange] of Object.entries(situations)) {
  test(`plans made for ${words}, and by what is known of them later, serve full ones`, async () => {
    const { url, db: old, raw } = await openTestDb();
    const program = asProgram(url).both;
    for (const table of filled.filter((name) => name !== 'seen')) {
      await raw.query(`alter table ${table} set (autovacuum_enabled = off)`);
    }
    const portalId = await installPortal(old);
    await arrange(raw, portalId);
    const { heard, listPrepared } = await watchPlans(raw, program);
    const listAsks = (db: Db, round: number): Ask[] =>
      [listBatch, listMemory].flatMap((list) => list({ db, old, raw, portalId, round }));
    const wrong: string[] = [];
    const judge = async (asks: Ask[], factor: number, isJudged: (text: string) => boolean) => {
      for (const { what, ask, pages } of asks) {
        heard.length = 0;
        await ask();
        for (const { text, root } of heard.filter((plan) => isJudged(plan.text))) {
          const touched = root['Shared Hit Blocks'] + root['Shared Read Blocks'];
          if (touched > pages * factor) wrong.push(`${what}: ${touched} pages, of ${pages * factor}, in ${text}`);
        }
      }
    };
    // One connection a pool, so that what is asked later is asked where it was prepared.
    const open = () =>
      openDb({ databaseUrl: program, tokenKeys, log: createLog('silent'), sizes: { statements: 1, lanes: 1 } });

    await setForProgram(raw, program, 'plan_cache_mode', 'force_generic_plan');
    const before = open();
    try {
      const asks = listAsks(before, 0);
      await before.events.store(Array.from({ length: 200 }, () => makeEvent(portalId)));
      for (const { what, ask } of asks) {
        if (!what.includes('32 portals')) await ask();
      }
      await raw.query('truncate inbox');
      await fillTables(raw, portalId);
      const prepared = listPrepared();
      assert.ok(prepared.size >= 10, `${prepared.size} are prepared by name`);
      await judge(asks, 1, (text) => prepared.has(text));
    } finally {
      await before.close();
    }

    await setForProgram(raw, program, 'plan_cache_mode', 'force_custom_plan');
    const later = open();
    try {
      await judge(listAsks(later, 1), untoldFactor, () => true);
    } finally {
      await later.close();
    }
    assert.deepEqual(wrong, []);
  });
}
