// What every judgement of every rules test is held to: evidence tells ids, flags and times, never an address or a text.
import assert from 'node:assert/strict';
import { checks, reasons, verdicts } from '../../src/rules/decide.ts';
import type { Judged } from '../../src/rules/facts.ts';

/** Also: nothing outside the closed lists of PRODUCT.md 2. Gives the judgement back. */
export function assertTellsNothing(judged: Judged): Judged {
  assert.ok(verdicts.includes(judged.verdict), judged.verdict);
  assert.ok(judged.reason === null || reasons.includes(judged.reason), String(judged.reason));
  const { facts } = judged;
  const { subject, text, html } = facts.kind === 'message' ? facts.message : facts.email;
  for (const { check, passed, seen } of judged.evidence) {
    assert.ok(checks.includes(check), check);
    assert.equal(typeof passed, 'boolean');
    assert.doesNotMatch(seen, /@/, `${check} shows an address`);
    for (const secret of [subject, text, html]) {
      if (secret) assert.ok(!seen.includes(secret), `${check} shows what was written`);
    }
  }
  return judged;
}

export function findSeen(judged: Judged, check: string): string | undefined {
  return judged.evidence.find((one) => one.check === check)?.seen;
}

/** The checks in the order they were made, with `!` where one failed. */
export function listChecks(judged: Judged): string[] {
  return judged.evidence.map(({ check, passed }) => (passed ? check : `!${check}`));
}
