// The sentences: every reason, verdict and outcome reads as one, in both languages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BatonRecord } from '../../../src/db/db.ts';
import { reasons, verdicts } from '../../../src/rules/decide.ts';
import { tellRecord } from '../../../src/web/pages/story.ts';
import { actionKinds } from '../../../src/web/words/decision-words.ts';
import { languages, words } from '../../../src/web/words/words.ts';
import { recordOf } from './signed-in-app.ts';

const at = new Date('2026-11-22T10:00:00Z');
const record = (special: Partial<BatonRecord>): BatonRecord => ({
  ...recordOf({ subject: 'm:1:1' }),
  id: '1',
  at,
  action: null,
  ...special,
});
const tell = (special: Partial<BatonRecord>, language: (typeof languages)[number] = 'en') =>
  tellRecord(record(special), { words: words[language], nameStage: (stageId) => `S${stageId}` });

test('every combination of decision, outcome, verdict and reason is one whole sentence', () => {
  for (const language of languages) {
    for (const decision of ['move', 'create', 'stay', 'act'] as const) {
      for (const outcome of ['done', 'skipped', 'shadow', 'failed', 'dead'] as const) {
        for (const verdict of [...verdicts, null]) {
          for (const reason of [...reasons, null]) {
            for (const stage of ['2', null]) {
              const sentence = tell(
                { decision, outcome, verdict, reason, fromStageId: stage, toStageId: stage },
                language,
              );
              assert.match(sentence, /^\p{Lu}.*[^.]\.$/u);
              assert.doesNotMatch(sentence, /undefined|null/);
            }
          }
        }
      }
    }
  }
});

test('a sentence speaks of what became of the ticket', () => {
  assert.equal(
    tell({ outcome: 'shadow' }),
    'Would have moved to S3: the contact replied on the thread this ticket was created from.',
  );
  assert.equal(
    tell({ outcome: 'dead', decision: 'move' }),
    'Could not be moved to S3: it did not work after several tries.',
  );
  assert.equal(
    tell({ decision: 'stay', reason: 'no-ticket', fromStageId: null }),
    'Nothing changed: no ticket belongs to this message.',
  );
  assert.equal(
    tell({ decision: 'act', action: { id: 'a1', kind: 'create-task' }, outcome: 'failed', reason: 'scope-missing' }),
    'Reached S3: no task was created, because Baton lacks a permission in HubSpot; install it again to grant it.',
  );
});

test('a reply by somebody who is no contact of the ticket is not called the contact’s', () => {
  const evidence = [{ check: 'sender-is-contact' as const, passed: false, seen: 'V-1' }];
  assert.match(tell({ evidence }), /somebody who is not a contact of the ticket replied/);
});

test('an action that a workflow asked for speaks of no status', () => {
  const asked = { action: { id: 'workflow', kind: 'send-notification' }, fromStageId: null, toStageId: null };
  const ends = [
    { decision: 'act', outcome: 'done' },
    { decision: 'act', outcome: 'shadow' },
    { decision: 'stay', outcome: 'skipped', reason: 'automatic-reply' },
    { decision: 'act', outcome: 'dead' },
  ] as const;
  assert.deepEqual(
    ends.map((end) => tell({ verdict: null, trigger: 'stage-entry', reason: null, ...asked, ...end })),
    [
      'A workflow asked for it: the contact was emailed.',
      'A workflow asked for it: the contact would have been emailed.',
      'A workflow asked for it: the contact was not emailed, because the contact’s newest message looks like an automatic answer, and machines are not answered.',
      'A workflow asked for it: the contact was not emailed, because it did not work after several tries.',
    ],
  );
  for (const end of ends) {
    assert.match(
      tell({ verdict: null, reason: null, ...asked, ...end }, 'fr'),
      /^Demandé par un workflow\u00a0: .*\.$/,
    );
  }
});

test('an action of a status says what was done, or why not, in words that fit an action', () => {
  const act = (special: Partial<BatonRecord>, kind = 'send-notification') =>
    tell({ decision: 'act', verdict: null, trigger: 'stage-entry', action: { id: 'a1', kind }, ...special });
  assert.equal(act({}), 'Reached S3: the contact was emailed.');
  assert.equal(act({ outcome: 'shadow' }), 'Reached S3: the contact would have been emailed.');
  assert.equal(
    act({ decision: 'stay', outcome: 'skipped', reason: 'held' }),
    'Reached S3: the contact was not emailed, because something needed for it was missing.',
  );
  assert.match(act({ decision: 'stay', outcome: 'skipped', reason: 'superseded' }), /had left this status again/);
  assert.match(act({ decision: 'stay', outcome: 'skipped', reason: 'automatic-reply' }), /machines are not answered/);
  assert.match(act({ outcome: 'failed', reason: 'refused-by-hubspot' }), /because HubSpot refused it\.$/);
  assert.match(act({ outcome: 'failed', reason: 'scope-missing' }), /because Baton lacks a permission/);
  assert.match(act({ outcome: 'dead', reason: null }), /not emailed, because it did not work after several tries\.$/);
  const kinds = [...actionKinds, 'of-a-later-version'];
  for (const outcome of ['done', 'shadow', 'failed'] as const) {
    assert.equal(new Set(kinds.map((kind) => act({ outcome }, kind))).size, kinds.length, outcome);
  }
});

test('a new ticket is told from one that follows a closed ticket', () => {
  const created = { decision: 'create', toStageId: '1', fromStageId: null } as const;
  assert.equal(
    tell({ ...created, verdict: 'opens-conversation' }),
    'Ticket created with status S1: a message opened a new conversation.',
  );
  assert.equal(
    tell(created),
    'Ticket created with status S1: the contact replied when the earlier ticket had been closed for too long.',
  );
  assert.match(
    tell({ decision: 'stay', outcome: 'skipped', reason: 'closed-outside-window', fromStageId: '4' }),
    /^Stayed S4: the ticket is closed, and the settings do not reopen it/,
  );
});

/** Every text of a language under its path; functions are called with their own parameter names. */
function listTexts(value: unknown, path: string): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') return [[path, String(value('1', '2', '3'))]];
  return Object.entries(value as object).flatMap(([key, each]) => listTexts(each, `${path}.${key}`));
}

/** Placeholders are typed as they stand, in every language. */
function withoutPlaceholders(text: string): string {
  return text.replaceAll(/\{\{.*?\}\}/g, '');
}

test('French says everything English does, in French', () => {
  const en = listTexts(words.en, '');
  const fr = new Map(listTexts(words.fr, ''));
  assert.deepEqual(
    [...fr.keys()],
    en.map(([path]) => path),
  );
  // Words that are spelled the same in both languages.
  const same = new Set([
    'Action',
    'Pipeline 1',
    'spam',
    'message',
    'Pages',
    'Pipelines',
    'Version',
    'Versions',
    'Cause',
    'note',
    'Ticket 1',
    'Spam',
    '1 s',
  ]);
  for (const [path, text] of en) {
    assert.notEqual(text.trim(), '', path);
    // Names of products.
    if (path.startsWith('.settings.channelNames')) continue;
    if (!same.has(text)) assert.notEqual(fr.get(path), text, path);
  }
});

test('French sets its double signs off with a space that does not break', () => {
  for (const [path, text] of listTexts(words.fr, '')) {
    assert.doesNotMatch(withoutPlaceholders(text), /[^\u00a0][;:?!»](?= |$)|«[^\u00a0]|\u00a0\u00a0/, path);
  }
});

test('no text uses a word of the programmers', () => {
  for (const language of languages) {
    for (const [path, text] of listTexts(words[language], '')) {
      // A standard is found by its name.
      const plain = withoutPlaceholders(text).replace('Standard Webhooks', '');
      assert.doesNotMatch(plain, /webhook|\bAPI|JSON|payload|token|stage\b|\btenant|\bnull\b/i, path);
    }
  }
});
