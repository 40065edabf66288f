// What differs between two versions of the settings, told in lines an admin understands.
import { isDeepStrictEqual } from 'node:util';
import { diffSettings, type Settings, type SettingsChange } from '../../rules/settings.ts';
import type { StageAction } from '../../rules/stage-actions.ts';
import type { Words } from '../words/en.ts';
import { nameChannel, type ReferenceNames } from './portal-references.ts';
import { tellStageAction } from './stage-columns.ts';

type Names = {
  words: Words;
  references: ReferenceNames;
  nameStage(stageId: string): string;
  namePipeline(pipelineId: string): string;
};

function tellValue(key: string, value: unknown, { words, references, nameStage }: Names): string {
  const text = words.panel.versions;
  if (typeof value === 'boolean') return value ? text.on : text.off;
  const list = Array.isArray(value) ? value.map(String) : undefined;
  const join = (name: (id: string) => string): string => list?.map(name).join(', ') || text.none;
  switch (key.split('.').at(-1)) {
    case 'stageId':
      return value === null ? text.none : nameStage(String(value));
    case 'fromStageIds':
      return value === null ? text.anyStage : join(nameStage);
    case 'channelAccountIds':
      return value === null ? text.allAccounts : join(references.account);
    case 'channels':
      return join((id) => nameChannel(id, words));
    case 'evidence':
      return words.settings.mailbox[value as Settings['mailbox']['evidence']];
    case 'policy':
      return text.closed[value as keyof typeof text.closed];
    case 'otherwise':
      return value === 'leave' ? words.settings.otherwiseLeave : words.settings.otherwiseNewTicket;
    default:
      return String(value);
  }
}

function readActions(value: unknown): StageAction[] {
  return Array.isArray(value) ? value : [];
}

/** The actions of one stage, told by their ids: what is new, gone, changed, in another order. */
function tellActions(stageId: string, change: SettingsChange, names: Names): string[] {
  const text = names.words.panel.versions;
  const stage = names.nameStage(stageId);
  const before = readActions(change.before);
  const after = readActions(change.after);
  const tell = (action: StageAction): string => tellStageAction(action, names.words, names.references);
  const find = (list: StageAction[], { id }: StageAction) => list.find((each) => each.id === id);
  const lines = [
    ...before.filter((action) => !find(after, action)).map((action) => text.removed(stage, tell(action))),
    ...after.flatMap((action) => {
      const old = find(before, action);
      if (!old) return [text.added(stage, tell(action))];
      if (isDeepStrictEqual(old, action)) return [];
      // A line shows only the beginning of a text, and may be the same before and after.
      const [was, is] = [tell(old), tell(action)];
      return [was === is ? text.changedFurther(stage, is) : text.changed(stage, was, is)];
    }),
  ];
  const kept = (list: StageAction[], other: StageAction[]) =>
    list.filter((action) => find(other, action)).map(({ id }) => id);
  if (!isDeepStrictEqual(kept(before, after), kept(after, before))) lines.push(text.reordered(stage));
  return lines;
}

/** `pipelines.0.outgoing.stageId` -> pipeline 0, `outgoing.stageId`; ids hold no dot in HubSpot, and an odd one is only told oddly. */
function splitPath(path: string): { pipelineId: string | undefined; key: string } {
  const [, pipelineId, key] = /^pipelines\.([^.]+)\.(.+)$/.exec(path) ?? [];
  return pipelineId !== undefined && key !== undefined ? { pipelineId, key } : { pipelineId: undefined, key: path };
}

function tellChange(change: SettingsChange, names: Names): string[] {
  const text = names.words.panel.versions;
  const { pipelineId, key } = splitPath(change.path);
  const inPipeline = (line: string): string =>
    pipelineId === undefined ? line : text.labelled(names.namePipeline(pipelineId), line);
  const stageId = /^stageActions\.(.+)$/.exec(key)?.[1];
  if (stageId !== undefined) return tellActions(stageId, change, names).map(inPipeline);
  const labels: Record<string, string> = text.labels;
  const short = pipelineId === undefined ? (key.split('.').at(-1) ?? key) : key;
  const label = Object.hasOwn(labels, short) ? (labels[short] as string) : short;
  return [inPipeline(text.becomes(label, tellValue(key, change.before, names), tellValue(key, change.after, names)))];
}

/** Every difference, in the document's order. */
export function tellChanges(before: Settings, after: Settings, names: Names): string[] {
  return diffSettings(before, after).flatMap((change) => tellChange(change, names));
}
