// Whose turn it is, as a ticket's records say.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BatonRecord } from '../../../src/db/db.ts';
import { findTurn, tellTurn } from '../../../src/web/pages/turn.ts';
import { languages, words } from '../../../src/web/words/words.ts';
import { recordOf } from './signed-in-app.ts';

let lastId = 100;
/** Given newest first, as lists are. */
function list(...specials: Partial<BatonRecord>[]): BatonRecord[] {
  lastId += specials.length;
  const at = new Date('2026-11-22T10:00:00Z');
  return specials.map((special, index) => ({
    ...recordOf({ subject: 'm:1:1' }),
    id: String(lastId - index),
    at,
    action: null,
    ...special,
  }));
}
const isClosed = (stageId: string) => stageId === '4';
const whose = (...specials: Partial<BatonRecord>[]) => findTurn(list(...specials), isClosed)?.whose;

const reply = { verdict: 'reply-on-originating-thread' } as const;
const sent = { verdict: 'sent-from-ticket', toStageId: '2' } as const;
const stayed = { decision: 'stay', outcome: 'skipped', toStageId: null } as const;

test('the newest message that counts gives the turn to the other side', () => {
  assert.equal(whose(reply, sent), 'team');
  assert.equal(whose(sent, reply), 'customer');
  assert.equal(whose({ verdict: 'opens-conversation', decision: 'create', toStageId: '1', fromStageId: null }), 'team');
  assert.equal(whose({ ...stayed, verdict: 'opens-conversation', reason: 'first-message', fromStageId: null }), 'team');
  assert.equal(whose(), undefined);
});

test('a turn does not depend on whether a rule moved the ticket', () => {
  for (const reason of ['already-there', 'paused', 'rule-off', 'stage-missing', 'too-many-moves'] as const) {
    assert.equal(whose({ ...stayed, ...reply, reason, fromStageId: '1' }, sent), 'team', reason);
  }
  assert.equal(whose({ ...reply, outcome: 'shadow', fromStageId: '4' }), 'team');
  assert.equal(whose({ ...stayed, ...sent, reason: 'refused-by-hubspot', outcome: 'failed' }, reply), 'customer');
});

test('what says nothing of the ticket is passed over', () => {
  const mute = { ...stayed, fromStageId: '2' };
  assert.equal(whose({ ...mute, verdict: 'automatic', reason: 'automatic-reply' }, sent), 'customer');
  assert.equal(whose({ ...mute, verdict: 'reply-elsewhere', reason: 'reply-elsewhere' }, sent), 'customer');
  assert.equal(whose({ ...mute, verdict: 'not-a-message', reason: 'own-message' }, reply), 'team');
  for (const reason of ['stale', 'superseded', 'unknown-sender', 'channel-off'] as const) {
    assert.equal(whose({ ...mute, ...reply, reason }, sent), 'customer', reason);
  }
  const action = { verdict: null, decision: 'act', action: { id: 'a1', kind: 'send-notification' } } as const;
  assert.equal(whose(action, reply), 'team');
  assert.equal(whose({ ...action, ...stayed, reason: 'held' }, reply), 'team');
  assert.equal(whose({ ...stayed, verdict: null, outcome: 'dead', fromStageId: null }), undefined);
});

test('a decision that was replaced says nothing any more', () => {
  const [newer, older] = list({ ...stayed, verdict: 'not-a-message', reason: 'own-message' }, reply);
  assert.ok(newer && older);
  assert.equal(findTurn([{ ...newer, replaces: older.id }, older], isClosed), undefined);
});

test('a closed ticket is nobody’s turn', () => {
  assert.equal(whose({ ...sent, toStageId: '4' }, reply), 'nobody');
  for (const reason of ['thanks', 'closed-outside-window', 'not-from-this-stage'] as const) {
    assert.equal(whose({ ...stayed, ...reply, reason, fromStageId: '4' }, sent), 'nobody', reason);
  }
});

test('once somebody else set the status, the status tells', () => {
  const moved = { ...stayed, ...reply, fromStageId: '2' };
  assert.equal(whose({ ...moved, reason: 'person-moved-it' }, sent), 'status');
  assert.equal(whose({ ...moved, reason: 'moved-by-automation' }, sent), 'status');
});

test('it is told in a sentence with its why, in both languages', () => {
  const all = [reply, sent, { ...sent, toStageId: '4' }, { ...stayed, ...reply, reason: 'person-moved-it' as const }];
  for (const language of languages) {
    const told = all.map((special) => {
      const turn = findTurn(list(special), isClosed);
      assert.ok(turn);
      return tellTurn(turn, words[language]);
    });
    for (const sentence of told) assert.match(sentence, /^\p{Lu}.+[^.]\.$/u);
    assert.equal(new Set(told).size, all.length);
  }
  const turn = findTurn(list(reply), isClosed);
  assert.ok(turn);
  assert.equal(
    tellTurn(turn, words.en),
    'It is your team’s turn: the contact replied on the thread this ticket was created from.',
  );
});
