// Edits of a stage's list of actions: puts one in, takes one out, changes the order; everything else of the settings stays.
import { randomBytes } from 'node:crypto';
import type { Pipeline } from '../../crm.ts';
import { defaultSettings, parseSettings, rulesOf, type Settings } from '../../rules/settings.ts';
import type { SettingsContext } from '../../rules/settings-issues.ts';
import { type StageAction, stageActions } from '../../rules/stage-actions.ts';

export type StagePlace = { pipelineId: string; stageId: string };

export function listStageActions(settings: Settings, { pipelineId, stageId }: StagePlace): StageAction[] {
  const { stageActions: byStage } = rulesOf(settings, pipelineId);
  return Object.hasOwn(byStage, stageId) ? (byStage[stageId] as StageAction[]) : [];
}

/** The settings with the list of one stage replaced; a stage without actions is left out. */
export function withStageActions(settings: Settings, place: StagePlace, actions: StageAction[]): Settings {
  const rules = rulesOf(settings, place.pipelineId);
  const { [place.stageId]: _replaced, ...others } = rules.stageActions;
  const byStage = actions.length > 0 ? { ...others, [place.stageId]: actions } : others;
  return {
    ...settings,
    pipelines: { ...settings.pipelines, [place.pipelineId]: { ...rules, stageActions: byStage } },
  };
}

/** Unlike every other id of the pipeline, past ones in all likelihood too: a record names its action by it. */
export function makeActionId(): string {
  return `a${randomBytes(6).toString('hex')}`;
}

/** The list with `action` in the place of the one with its id, or at the end. */
export function putAction<T extends { id: unknown }>(actions: T[], action: T): T[] {
  const known = actions.some(({ id }) => id === action.id);
  return known ? actions.map((each) => (each.id === action.id ? action : each)) : [...actions, action];
}

/** The list with one action a step earlier (-1) or later (1); at the end of the list nothing changes. */
export function moveAction(actions: StageAction[], actionId: string, step: -1 | 1): StageAction[] {
  const from = actions.findIndex(({ id }) => id === actionId);
  const to = from + step;
  const moved = [...actions];
  const [one, other] = [moved[from], moved[to]];
  if (!one || !other) return moved;
  moved[from] = other;
  moved[to] = one;
  return moved;
}

/** The checked list, or what is wrong with which action: paths like `2.url`; an empty one is about the stage. */
export function checkStageActions(
  list: unknown[],
  place: StagePlace,
  pipelines: Pipeline[],
  context: SettingsContext,
): { actions: StageAction[] } | { issues: { path: string; message: string }[] } {
  const parsed = stageActions.safeParse(list);
  if (!parsed.success) {
    return { issues: parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })) };
  }
  // Nothing but this list: what is wrong elsewhere does not stand in its way.
  const alone = withStageActions(defaultSettings, place, parsed.data);
  const checked = parseSettings(alone, pipelines, context);
  if ('settings' in checked) return { actions: parsed.data };
  const prefix = `pipelines.${place.pipelineId}.stageActions.${place.stageId}`;
  return { issues: checked.issues.map(({ path, message }) => ({ path: path.slice(prefix.length + 1), message })) };
}
