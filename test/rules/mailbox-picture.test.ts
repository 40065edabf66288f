// What a portal's own mail proves, and what takes it back: never a contradiction newer than the proof.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type CheckFinding,
  drawPicture,
  judgeMailbox,
  longestLikelyRun,
  type Sighting,
} from '../../src/rules/mailbox-picture.ts';
import { enMailbox } from '../../src/web/words/en-mailbox.ts';

const now = new Date('2026-11-22T12:00:00Z');
const dayMs = 86_400_000;
const daysAgo = (days: number) => new Date(now.getTime() - days * dayMs);

/** `L20 L10 S5`: a loose mail 20 days ago, another 10 days ago, one on several tickets 5 days ago. */
function sightings(story: string): Sighting[] {
  const kinds = { L: 'loose', T: 'tied', S: 'several', F: 'foreign' } as const;
  return story.split(' ').flatMap((word) => {
    const [, letter, days, times] = /^([LTSF])(-?[\d.]+)(?:x(\d+))?$/.exec(word) ?? [];
    if (!letter) return [];
    const one = { kind: kinds[letter as keyof typeof kinds], at: daysAgo(Number(days)) };
    return Array.from({ length: Number(times ?? 1) }, () => one);
  });
}

function judge(story: string, check: { finding: CheckFinding; at: Date } | null = null) {
  const evidence = judgeMailbox(drawPicture(sightings(story), check, now));
  const known: Record<string, string> = enMailbox.seen;
  assert.ok(Object.hasOwn(known, evidence.why.replace(/\d+/, '#')), `no words for: ${evidence.why}`);
  return evidence;
}

const stories: [story: string, counts: boolean, why: RegExp][] = [
  ['', false, /^auto: 0 of 3 mails/],
  ['L20 L10', false, /^auto: 2 of 3 mails seen that prove it$/],
  ['L20 L10 L2', true, /^auto: proven by 3 mails$/],
  ['L20 L10 L2 T1x5', true, /proven by 3/],
  ['T5x100', false, /0 of 3/],
  ['L20 L10 L2 S1', false, /0 of 3 .* several tickets at once/],
  ['L20 L10 L2 F1', false, /0 of 3 .* something other than the sender/],
  ['S25 L20 L10 L2', true, /proven by 3/],
  ['L20 L10 S5 L2 L1', false, /2 of 3 .* several/],
  ['L20x30 S5 L2 L1 L0.5', true, /proven by 3/],
  ['L89x3', true, /proven by 3/],
  ['L91x3', false, /0 of 3/],
  // A mail dated in the future is nobody's: neither proof nor contradiction.
  ['L-1x3', false, /0 of 3/],
  ['L20x3 T1x10', true, /proven by 3/],
  ['L20x3 T1x11', false, /the last 11 mails are all on a ticket/],
  ['L20x3 T1x11 L0.5', true, /proven by 4/],
  // One loose mail in ten so far: eleven in a row on tickets are no surprise, fifty are.
  ['T21x27 L20x3 T1x11', true, /proven by 3/],
  ['T21x27 L20x3 T1x50', false, /the last 50 mails/],
];
for (const [story, counts, why] of stories) {
  test(`${story || 'no mail at all'}: ${counts ? 'proven' : 'not proven'}`, () => {
    const evidence = judge(story);
    assert.equal(evidence.counts, counts, evidence.why);
    assert.match(evidence.why, why);
  });
}

test('a check settles it at once, for or against, until newer mail says otherwise', () => {
  const apart = { finding: 'apart' as const, at: daysAgo(3) };
  const mixed = { finding: 'mixed' as const, at: daysAgo(3) };
  assert.deepEqual(judge('', apart), { counts: true, why: 'auto: proven by the check' });
  assert.equal(judge('S10', apart).counts, true);
  assert.equal(judge('S2', apart).counts, false);
  assert.equal(judge('L20 L10 L5', mixed).counts, false);
  assert.match(judge('L20 L10 L5', mixed).why, /the check found/);
  assert.equal(judge('L2 L1 L0.5', mixed).counts, true);
  assert.equal(judge('L20 L10', { finding: 'unclear', at: daysAgo(3) }).counts, false);
  assert.equal(judge('T1x60', apart).counts, false);
});

const anySighting = fc.record({
  kind: fc.constantFrom('loose' as const, 'tied' as const, 'several' as const, 'foreign' as const),
  at: fc.integer({ min: -2, max: 2_400 }).map((hours) => new Date(now.getTime() - hours * 3_600_000)),
});
const anyCheck = fc.option(
  fc.record({
    finding: fc.constantFrom('apart' as const, 'mixed' as const, 'unclear' as const),
    at: fc.integer({ min: 0, max: 2_400 }).map((hours) => new Date(now.getTime() - hours * 3_600_000)),
  }),
);

test('whatever a portal has shown, it never counts after a contradiction newer than the proof, and order does not matter', () => {
  let proven = 0;
  fc.assert(
    fc.property(fc.array(anySighting, { maxLength: 30 }), anyCheck, (seen, check) => {
      const { counts } = judgeMailbox(drawPicture(seen, check, now));
      assert.equal(judgeMailbox(drawPicture([...seen].reverse(), check, now)).counts, counts);
      if (!counts) return;
      proven += 1;
      const inTime = seen.filter(({ at }) => at <= now || at.getTime() - now.getTime() < 300_000);
      const against = inTime.filter(({ kind, at }) => ['several', 'foreign'].includes(kind) && at > daysAgo(90));
      const newest = Math.max(0, ...against.map(({ at }) => at.getTime()));
      const mixed = check?.finding === 'mixed' ? check.at.getTime() : 0;
      const since = Math.max(newest, mixed);
      const loose = inTime.filter(({ kind, at }) => kind === 'loose' && at.getTime() > since).length;
      assert.ok(loose >= 3 || (check?.finding === 'apart' && check.at.getTime() > since));
    }),
    { seed: 4, numRuns: 3_000 },
  );
  assert.ok(proven > 100, `${proven} of the portals tried were proven`);
});

test('a loose mail never makes a proof weaker, a mail on several tickets never stronger', () => {
  fc.assert(
    fc.property(fc.array(anySighting, { maxLength: 20 }), anyCheck, (seen, check) => {
      const { counts } = judgeMailbox(drawPicture(seen, check, now));
      const add = (kind: Sighting['kind']) =>
        judgeMailbox(drawPicture([...seen, { kind, at: now }], check, now)).counts;
      if (counts) assert.ok(add('loose'));
      assert.equal(add('several'), false);
      assert.equal(add('foreign'), false);
    }),
    { seed: 5, numRuns: 1_000 },
  );
});

test('how many mails in a row may be on tickets follows from the share that was not', () => {
  const run = (story: string) => longestLikelyRun(drawPicture(sightings(story), null, now));
  assert.equal(run('L20x3'), 10);
  assert.equal(run('T21x3 L20x3'), 10);
  assert.equal(run('T21x27 L20x3'), 44);
  assert.equal(run('T21x297 L20x3'), 200);
});
