// Which entry into a stage an event speaks of, and which actions it has.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Pipeline, StageChange } from '../../src/crm.ts';
import { parseSettings, type Settings } from '../../src/rules/settings.ts';
import { findEntry, hasStageActions, planStage } from '../../src/rules/stage-entry.ts';

const at = (seconds: number): Date => new Date(Date.UTC(2026, 10, 22, 12) + seconds * 1_000);

/** `[stage, second]`, newest first. */
function history(...entries: [string, number][]): StageChange[] {
  return entries.map(([stageId, second]) => ({ stageId, at: at(second), sourceType: 'CRM_UI', sourceId: 'userId:1' }));
}

describe('the entry an event speaks of', () => {
  const changes = history(['2', 300], ['1', 200], ['2', 100], ['1', 0]);

  it('is the one into its stage at its time, current or left', () => {
    assert.deepEqual(findEntry(changes, { stageId: '2', at: at(300) }, false), {
      stageId: '2',
      enteredAt: at(300),
      current: true,
    });
    assert.deepEqual(findEntry(changes, { stageId: '2', at: at(100.4) }, false), {
      stageId: '2',
      enteredAt: at(100),
      current: false,
    });
  });

  it('is waited for while the history may lag, and the nearest within a minute afterwards', () => {
    const told = { stageId: '2', at: at(330) };
    assert.equal(findEntry(changes, told, false), undefined);
    assert.deepEqual(findEntry(changes, told, true)?.enteredAt, at(300));
    assert.equal(findEntry(changes, { stageId: '2', at: at(361) }, true), undefined);
    assert.equal(findEntry(changes, { stageId: '4', at: at(300) }, true), undefined);
  });

  it('is the first of all for a creation, the same that a property change of that moment names', () => {
    const born = history(['1', 0]);
    const created = findEntry(born, { stageId: null, at: at(7) }, false);
    assert.deepEqual(created, { stageId: '1', enteredAt: at(0), current: true });
    assert.deepEqual(findEntry(born, { stageId: '1', at: at(0.3) }, false), created);
    assert.equal(findEntry(changes, { stageId: null, at: at(0) }, false)?.current, false);
    assert.equal(findEntry([], { stageId: null, at: at(0) }, true), undefined);
  });
});

describe('the actions of a stage', () => {
  const stages = (...ids: string[]) => ids.map((id) => ({ id, label: `Stage ${id}`, closed: false }));
  const pipelines: Pipeline[] = [
    { id: '0', label: 'Support', stages: stages('1', '2') },
    { id: '9', label: 'Returns', stages: stages('91') },
  ];
  const parsed = parseSettings(
    {
      pipelines: {
        '0': { stageActions: { '1': [{ id: 'a', kind: 'add-note', body: 'Hello' }], '2': [] } },
        '9': { stageActions: { '91': [{ id: 'b', kind: 'assign-owner', ownerId: '42' }] } },
      },
    },
    pipelines,
  );
  assert.ok('settings' in parsed);
  const settings: Settings = parsed.settings;
  const idsOf = (stageId: string, pipelineId: string | null) =>
    planStage(settings, pipelines, stageId, pipelineId).actions.map(({ id }) => id);

  it("are those of the stage's own pipeline, whichever the ticket is in by now", () => {
    assert.deepEqual(idsOf('1', '0'), ['a']);
    assert.deepEqual(idsOf('91', '0'), ['b']);
    assert.deepEqual(idsOf('91', null), ['b']);
    assert.deepEqual(idsOf('2', '0'), []);
    assert.deepEqual(idsOf('__proto__', '0'), []);
  });

  it('are found for a stage that the pipelines read do not show yet', () => {
    const plan = planStage(settings, [], '1', '0');
    assert.deepEqual(
      plan.actions.map(({ id }) => id),
      ['a'],
    );
    assert.equal(plan.stage, undefined);
  });

  it('decide whether anything has to be read at all', () => {
    assert.equal(hasStageActions(settings, '1'), true);
    assert.equal(hasStageActions(settings, '2'), false);
    assert.equal(hasStageActions(settings, null), true);
    assert.equal(hasStageActions({ ...settings, pipelines: {} }, null), false);
  });
});
