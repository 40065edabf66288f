// Which entry of a ticket into a stage an event speaks of, and which actions that stage has. Pure (PRODUCT.md 3).
import type { Pipeline, Stage, StageChange } from '../crm.ts';
import { rulesOf, type Settings } from './settings.ts';
import type { StageAction } from './stage-actions.ts';

export type StageEntry = {
  stageId: string;
  /** From the stage history, never from the event. */
  enteredAt: Date;
  /** False once the ticket has left it again, be it to enter the same stage anew. */
  current: boolean;
};

/** What an event says of an entry: the stage entered, or null for the ticket's creation, and when it happened. */
export type ToldEntry = { stageId: string | null; at: Date };

/** HubSpot gives a change and its event the same time as far as is known; whether to the millisecond is not (PLATFORM.md 2.4). */
const sameMomentMs = 1_000;
/** What is accepted once nothing nearer has come. */
const nearMs = 60_000;

/**
 * The entry an event speaks of: the ticket's first for its creation, else the nearest one into that stage. Undefined = the history
 * does not show it, or not yet: it may lag behind the event, so with `lagOver` false only the same moment counts.
 */
export function findEntry(history: StageChange[], told: ToldEntry, lagOver: boolean): StageEntry | undefined {
  const toEntry = (change: StageChange): StageEntry => ({
    stageId: change.stageId,
    enteredAt: change.at,
    current: change === history[0],
  });
  const birth = history.at(-1);
  if (told.stageId === null) return birth && toEntry(birth);
  const distance = (change: StageChange): number => Math.abs(change.at.getTime() - told.at.getTime());
  const [nearest] = history
    .filter((change) => change.stageId === told.stageId)
    .sort((left, right) => distance(left) - distance(right));
  return nearest && distance(nearest) <= (lagOver ? nearMs : sameMomentMs) ? toEntry(nearest) : undefined;
}

export type StagePlan = { pipeline: Pipeline | undefined; stage: Stage | undefined; actions: StageAction[] };

/** What is to be done in a stage. A stage id is one pipeline's; the ticket may be in another by now, or gone (`pipelineId` null). */
export function planStage(
  settings: Settings,
  pipelines: Pipeline[],
  stageId: string,
  pipelineId: string | null,
): StagePlan {
  const holders = pipelines.filter(({ stages }) => stages.some(({ id }) => id === stageId));
  const pipeline = holders.find(({ id }) => id === pipelineId) ?? holders[0];
  const named = pipeline?.id ?? pipelineId ?? findPipelineId(settings, stageId);
  return {
    pipeline: pipeline ?? pipelines.find(({ id }) => id === pipelineId),
    stage: pipeline?.stages.find(({ id }) => id === stageId),
    actions: named === undefined ? [] : actionsOf(settings, named, stageId),
  };
}

/** What these settings have for a stage, in order. */
export function actionsOf(settings: Settings, pipelineId: string, stageId: string): StageAction[] {
  const { stageActions } = rulesOf(settings, pipelineId);
  return (Object.hasOwn(stageActions, stageId) ? stageActions[stageId] : undefined) ?? [];
}

function findPipelineId(settings: Settings, stageId: string): string | undefined {
  return Object.keys(settings.pipelines).find((pipelineId) => actionsOf(settings, pipelineId, stageId).length > 0);
}

/** Whether some pipeline has actions for this stage; null = for any stage. Where not, nothing needs to be read. */
export function hasStageActions(settings: Settings, stageId: string | null): boolean {
  return Object.values(settings.pipelines).some(({ stageActions }) =>
    Object.entries(stageActions).some(([id, actions]) => actions.length > 0 && (stageId === null || id === stageId)),
  );
}

/** One action of one entry, as its record and everything planned for it are known. */
export function actionSubject(
  ticketId: string,
  entry: Pick<StageEntry, 'stageId' | 'enteredAt'>,
  actionId: string,
): string {
  return `s:${ticketId}:${entry.stageId}:${entry.enteredAt.getTime()}:${actionId}`;
}
