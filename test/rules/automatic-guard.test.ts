// The guard's reason for messages and emails alike: what the text says, what HubSpot marks, and what the settings allow.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findAutomaticReason } from '../../src/rules/automatic-guard.ts';
import type { Evidence } from '../../src/rules/decide.ts';
import type { BatchContext, Classification } from '../../src/rules/facts.ts';

const person: Classification = { automatic: false, kind: null, thanks: false, reason: 'none' };
const automatic = (kind: NonNullable<Classification['kind']>): Classification => ({
  automatic: true,
  kind,
  thanks: false,
  reason: 'subject-automatic-of',
});

function judge(classification: Classification, outOfOffice: boolean | null, guarded = true) {
  const evidence: Evidence[] = [];
  const context = { settings: { guards: { automaticReplies: guarded } } } as BatchContext;
  return { reason: findAutomaticReason(classification, outOfOffice, context, evidence), evidence };
}

test('HubSpot’s out-of-office mark makes any text an automatic reply, and its absence proves nothing', () => {
  assert.equal(judge(person, true).reason, 'automatic-reply');
  assert.deepEqual(judge(person, true).evidence, [
    { check: 'automatic', passed: false, seen: 'HubSpot marks it out of office' },
  ]);
  assert.equal(judge(person, null).reason, null);
  assert.equal(judge(automatic('out-of-office'), false).reason, 'automatic-reply');
  assert.equal(judge(automatic('out-of-office'), null).reason, 'automatic-reply');
});

test('a bounce and a calendar answer keep their own reason beside the mark', () => {
  assert.equal(judge(automatic('bounce'), true).reason, 'bounce');
  assert.equal(judge(automatic('calendar-answer'), null).reason, 'calendar-answer');
});

test('with the guard off only a bounce is held back, and the evidence says that the guard is off', () => {
  assert.equal(judge(automatic('bounce'), null, false).reason, 'bounce');
  const { reason, evidence } = judge(person, true, false);
  assert.equal(reason, null);
  assert.equal(evidence[0]?.seen, 'HubSpot marks it out of office; the guard is off');
  assert.equal(evidence[0]?.passed, true);
});
