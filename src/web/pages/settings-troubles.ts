// What is wrong with settings in force: rules that name what is gone from HubSpot, and automations that work against Baton.
import type { ChannelAccount, Pipeline } from '../../crm.ts';
import type { Rival } from '../../db/rivals.ts';
import type { PipelineRules, Settings } from '../../rules/settings.ts';
import type { Words } from '../words/en.ts';
import type { Moment } from './moments.ts';

type Portal = { pipelines: Pipeline[]; channelAccounts: ChannelAccount[] | undefined };
type Asked = { words: Words; alsoOff: boolean };

function tellRules(rules: PipelineRules, pipeline: Pipeline, { channelAccounts }: Portal, asked: Asked): string[] {
  const { words, alsoOff } = asked;
  const text = words.settings.gone;
  const gone = (stageId: string): boolean => !pipeline.stages.some(({ id }) => id === stageId);
  const troubles: string[] = [];
  for (const name of ['newConversation', 'outgoing', 'incoming'] as const) {
    const { enabled, stageId } = rules[name];
    if ((enabled || alsoOff) && stageId !== null && gone(stageId)) troubles.push(text[name](pipeline.label, stageId));
  }
  for (const { enabled, fromStageIds } of [rules.outgoing, rules.incoming]) {
    if (!enabled && !alsoOff) continue;
    for (const id of fromStageIds?.filter(gone) ?? []) troubles.push(text.from(pipeline.label, id));
  }
  const { enabled, channelAccountIds } = rules.newConversation;
  for (const id of enabled ? (channelAccountIds ?? []) : []) {
    const known = channelAccounts?.some((account) => account.id === id) ?? true;
    if (!known) troubles.push(text.account(pipeline.label, id));
  }
  for (const [stageId, actions] of Object.entries(rules.stageActions)) {
    if (actions.length > 0 && gone(stageId)) troubles.push(text.actions(pipeline.label, stageId));
  }
  return troubles;
}

/** Rules without effect, by name, in words. `alsoOff`: those that are switched off too, which a save would be refused for. */
export function listTroubles(
  settings: Settings,
  portal: Portal,
  words: Words,
  { alsoOff = false }: { alsoOff?: boolean } = {},
): string[] {
  return Object.entries(settings.pipelines).flatMap(([pipelineId, rules]) => {
    const pipeline = portal.pipelines.find(({ id }) => id === pipelineId);
    if (pipeline) return tellRules(rules, pipeline, portal, { words, alsoOff });
    return alsoOff || countRules(rules) > 0 ? [words.settings.gone.pipeline(pipelineId)] : [];
  });
}

/** Rules that are on, each stage with actions counted as one. */
export function countRules({ newConversation, outgoing, incoming, stageActions }: PipelineRules): number {
  const stages = Object.values(stageActions).filter((actions) => actions.length > 0);
  return [newConversation, outgoing, incoming].filter(({ enabled }) => enabled).length + stages.length;
}

/** Automations that moved tickets right after a message, by pipeline and status. Those of pipelines that are gone are left out. */
export function listRivals(
  rivals: Rival[],
  pipelines: Pipeline[],
  write: (at: Date) => Moment,
  words: Words,
): string[] {
  return rivals.flatMap(({ stageId, count, lastAt }) => {
    const pipeline = pipelines.find(({ stages }) => stages.some(({ id }) => id === stageId));
    const stage = pipeline?.stages.find(({ id }) => id === stageId);
    return pipeline && stage ? [words.settings.rival(pipeline.label, stage.label, count, write(lastAt).text)] : [];
  });
}

/** Sweeps that HubSpot refuses (worker/sweep-refusals.ts), by name, when last. */
export function listRefusals(refusals: Map<string, Date>, write: (at: Date) => Moment, words: Words): string[] {
  const { messages, emails, entries, mailbox } = words.settings.refused;
  const sentences = { messages, emails, 'stage-entries': entries, mailbox };
  return Object.entries(sentences).flatMap(([sweep, tell]) => {
    const at = refusals.get(sweep);
    return at ? [tell(write(at).text)] : [];
  });
}
