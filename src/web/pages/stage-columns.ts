// Stages as columns: the actions of each in order, told in a line, with the way to change them and to add one.
import type { Pipeline } from '../../crm.ts';
import { rulesOf, type Settings } from '../../rules/settings.ts';
import type { StageAction } from '../../rules/stage-actions.ts';
import type { Words } from '../words/en.ts';
import type { ReferenceNames } from './portal-references.ts';

/** HubSpot's pages and our schema allow no more (rules/stage-actions.ts). */
export const maxActions = 20;

const excerptLength = 70;

/** The beginning of a text on one line. */
export function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > excerptLength ? `${line.slice(0, excerptLength).toWellFormed().trimEnd()}…` : line;
}

/** What an action does, in a line, for example `Assign the ticket to Ada Byron`. */
export function tellStageAction(action: StageAction, words: Words, names: ReferenceNames): string {
  const text = words.panel.tell;
  switch (action.kind) {
    case 'send-notification':
      return action.via === 'transactional'
        ? text.transactional(String(action.emailId))
        : text.thread(names.user(action.senderUserId), excerpt(action.body));
    case 'create-task': {
      const fixed: Record<string, string> = { 'ticket-owner': text.ticketOwner, none: text.nobody };
      const hours = String(action.dueInHours).replace('.', words.record.decimalPoint);
      return text.task(excerpt(action.subject), fixed[action.owner] ?? names.owner(action.owner), hours);
    }
    case 'add-note':
      return text.note(excerpt(action.body));
    case 'set-property':
      return text.property(names.property(action.property), names.propertyValue(action.property, action.value));
    case 'assign-owner':
      return text.owner(names.owner(action.ownerId));
    case 'post-webhook':
      return text.webhook(excerpt(action.url));
  }
}

/** The address of an action's panel; without `actionId`, that of choosing a new one. */
export function linkToPanel(query: { pipeline: string; stage: string; action?: string; add?: string }): string {
  return `/settings/actions?${new URLSearchParams(query)}`;
}

/** Every stage of the pipeline, and after them those that are gone from HubSpot and still have actions. */
export function viewStages(settings: Settings, pipeline: Pipeline, words: Words, names: ReferenceNames) {
  const { stageActions } = rulesOf(settings, pipeline.id);
  const gone = Object.entries(stageActions)
    .filter(([id, actions]) => actions.length > 0 && !pipeline.stages.some((stage) => stage.id === id))
    .map(([id]) => ({ id, label: words.settings.goneStage(id), closed: false, gone: true }));
  const stages = [...pipeline.stages.map((stage) => ({ ...stage, gone: false })), ...gone];
  return stages.map(({ id, label, closed, gone }) => {
    const actions = Object.hasOwn(stageActions, id) ? (stageActions[id] as StageAction[]) : [];
    const full = actions.length >= maxActions;
    return {
      label,
      closed,
      gone,
      full,
      addHref: gone || full ? null : linkToPanel({ pipeline: pipeline.id, stage: id }),
      actions: actions.map((action) => ({
        text: tellStageAction(action, words, names),
        href: linkToPanel({ pipeline: pipeline.id, stage: id, action: action.id }),
      })),
    };
  });
}
