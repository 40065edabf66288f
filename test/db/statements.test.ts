// Every statement of src/db names the portal whose rows it is about, or stands here with the reason why not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rights } from '../../src/db/rights.ts';
import { overPortals } from './over-portals.ts';
import { findStatements, sources } from './statement-texts.ts';

/** What may use a pool by itself, where no row of a portal is to be seen. */
const bare: Record<string, string> = {
  'access.ts send': 'the way of all others',
  'pool.ts inTransaction': 'begins with what src/db/access.ts gives it',
  'open-db.ts passesRowSecurity': 'asks about the user, no table',
  'due-listener.ts listen': 'a notification has no row',
  'sessions.ts endSessions': 'sessions belong to no portal: found by a cookie, before a portal is known',
};

/** Statements over a portal's table that do not say portal_id, each by its beginning. */
const withoutPortal: Record<string, string> = {
  'select coalesce(( select extract(epoch from now() - min(due_at)) from lanes': 'backlog.ts readBacklog',
  'select from seen_${slot} limit 1': 'events.ts forgetSeen',
  'truncate seen_${slot}': 'events.ts forgetSeen',
};

/** The name of the function or method around a place: the nearest one before it that is indented less than a statement. */
function functionAt(text: string, index: number): string {
  const heads = [
    ...text
      .slice(0, index)
      .matchAll(
        /^ {0,4}(?:export )?(?:async )?(?:function )?(\w+)(?:<[^(]*>)?\(.*\{$|^ {0,4}(?:export )?(?:async )?(?:function )?(\w+)(?:<[^(]*>)?\($/gm,
      ),
  ];
  const names = heads
    .map(([, one, other]) => one ?? other)
    .filter((name) => !['for', 'if', 'while', 'switch'].includes(name ?? ''));
  return names.at(-1) ?? '(none)';
}

function findUses(pattern: RegExp): string[] {
  const uses = sources.flatMap(({ file, code }) =>
    [...code.matchAll(pattern)].map(({ index }) => `${file} ${functionAt(code, index)}`),
  );
  return [...new Set(uses)].sort();
}

const ofPortals = Object.keys(rights).filter((table) => !['migrations', 'sessions', 'sweep_ticks'].includes(table));
const touches = new RegExp(
  `\\b(from|into|update|join|truncate) (${[...ofPortals, 'seen_\\$\\{slot\\}', '\\$\\{table\\}'].join('|')})(?![\\w])`,
);

test('statements over all portals are those listed, each with its reason', () => {
  assert.deepEqual(findUses(/allPortals\s*\.query\b/g), Object.keys(overPortals).sort());
});

test('a pool is used by itself only where no row of a portal can be meant', () => {
  assert.deepEqual(findUses(/[pP]ool\s*\.(query|connect)\b/g), Object.keys(bare).sort());
});

test('every statement over a table of portals says portal_id, or is listed', () => {
  const statements = findStatements().filter(({ text }) => touches.test(text));
  assert.ok(statements.length > 70, `${statements.length} statements found`);
  const missing = statements.filter(({ text }) => !text.includes('portal_id'));
  assert.deepEqual(
    missing
      .map(({ text }) => Object.keys(withoutPortal).find((beginning) => text.startsWith(beginning)) ?? text)
      .sort(),
    Object.keys(withoutPortal).sort(),
  );
});
