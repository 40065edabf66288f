// What a well-formed settings document asks for that the portal does not have, or that contradicts itself. Pure.
import type { ChannelAccount, Pipeline } from '../crm.ts';
import type { PipelineRules, Settings, SettingsIssue } from './settings.ts';
import { isLoopback } from './webhook-url.ts';

/** What is known of the portal beside its pipelines; what is absent is not checked. */
export type SettingsContext = {
  channelAccounts?: ChannelAccount[];
  /** Whether a mailbox check has found properties that tell the two kinds of mail apart. */
  fingerprintFound?: boolean;
  /** In production an action posts to the open internet only. */
  production?: boolean;
};

/** As the settings page says it. */
const noChannelWords = 'Tick at least one channel. To stop everything, pause Baton instead.';

const emailChannelId = '1002';

export function findIssues(settings: Settings, pipelines: Pipeline[], context: SettingsContext): SettingsIssue[] {
  const issues: SettingsIssue[] = [];
  const creates = Object.values(settings.pipelines).some(({ newConversation }) => newConversation.enabled);
  // Without a channel no rule does anything; pausing is what does that.
  if (settings.channels.length === 0 && creates) issues.push({ path: 'channels', message: noChannelWords });
  for (const [pipelineId, rules] of Object.entries(settings.pipelines)) {
    const path = `pipelines.${pipelineId}`;
    const pipeline = pipelines.find((candidate) => candidate.id === pipelineId);
    if (context.production) issues.push(...findLoopbackIssues(path, rules));
    if (pipeline) issues.push(...findRuleIssues(path, rules, pipeline, pipelines));
    else issues.push({ path, message: `Pipeline "${pipelineId}" does not exist in HubSpot. Take its rules out.` });
  }
  issues.push(...findAccountIssues(settings, pipelines, context.channelAccounts));
  if (settings.mailbox.evidence === 'fingerprint' && !context.fingerprintFound) {
    const message =
      '"fingerprint" can be chosen only after a mailbox check has found one, and none has. Choose "auto", "associated" or "off".';
    issues.push({ path: 'mailbox.evidence', message });
  }
  return issues;
}

function findRuleIssues(
  path: string,
  rules: PipelineRules,
  pipeline: Pipeline,
  pipelines: Pipeline[],
): SettingsIssue[] {
  const issues: SettingsIssue[] = [];
  const checkStage = (field: string, stageId: string): void => {
    const message = describeForeignStage(stageId, pipeline, pipelines);
    if (message) issues.push({ path: `${path}.${field}`, message });
  };
  for (const name of ['newConversation', 'outgoing', 'incoming'] as const) {
    const { enabled, stageId } = rules[name];
    if (stageId !== null) checkStage(`${name}.stageId`, stageId);
    else if (enabled) {
      issues.push({ path: `${path}.${name}.stageId`, message: 'Choose a stage, or switch this rule off.' });
    }
  }
  for (const name of ['outgoing', 'incoming'] as const) {
    const { enabled, fromStageIds } = rules[name];
    for (const [index, stageId] of (fromStageIds ?? []).entries()) checkStage(`${name}.fromStageIds.${index}`, stageId);
    if (enabled && fromStageIds?.length === 0) {
      const message = 'Choose at least one stage to move tickets from, or null for any stage.';
      issues.push({ path: `${path}.${name}.fromStageIds`, message });
    }
  }
  const actionIds = new Set<string>();
  for (const [stageId, actions] of Object.entries(rules.stageActions)) {
    if (actions.length > 0) checkStage(`stageActions.${stageId}`, stageId);
    for (const [index, { id }] of actions.entries()) {
      const message = `Two actions of this pipeline have the id "${id}". Give each its own.`;
      if (actionIds.has(id)) issues.push({ path: `${path}.stageActions.${stageId}.${index}.id`, message });
      actionIds.add(id);
    }
  }
  return issues;
}

function findLoopbackIssues(path: string, { stageActions }: PipelineRules): SettingsIssue[] {
  const message = 'This address is the machine Baton runs on. Use one that can be reached from the internet.';
  return Object.entries(stageActions).flatMap(([stageId, actions]) =>
    actions.flatMap((action, index) =>
      action.kind === 'post-webhook' && isLoopback(new URL(action.url).hostname)
        ? { path: `${path}.stageActions.${stageId}.${index}.url`, message }
        : [],
    ),
  );
}

/** A conversation becomes one ticket, so a channel account belongs to one pipeline; null = every email account. */
function findAccountIssues(
  settings: Settings,
  pipelines: Pipeline[],
  accounts: ChannelAccount[] | undefined,
): SettingsIssue[] {
  const issues: SettingsIssue[] = [];
  const claims: { label: string; ids: string[] | null }[] = [];
  const nameOf = (accountId: string) => accounts?.find(({ id }) => id === accountId)?.name || accountId;
  const isEmail = (accountId: string) => {
    const account = accounts?.find(({ id }) => id === accountId);
    return account === undefined || account.channelId === emailChannelId;
  };
  for (const [pipelineId, { newConversation }] of Object.entries(settings.pipelines)) {
    if (!newConversation.enabled) continue;
    const path = `pipelines.${pipelineId}.newConversation.channelAccountIds`;
    const ids = newConversation.channelAccountIds;
    if (ids?.length === 0) issues.push({ path, message: 'Choose at least one address, or null for all of them.' });
    for (const [index, id] of (ids ?? []).entries()) {
      if (accounts && !accounts.some((account) => account.id === id)) {
        const message = `Channel account "${id}" does not exist in HubSpot. Take it out.`;
        issues.push({ path: `${path}.${index}`, message });
      }
    }
    for (const other of claims) {
      const both =
        ids === null
          ? (other.ids ?? [null]).filter((id) => id === null || isEmail(id))
          : ids.filter((id) => (other.ids === null ? isEmail(id) : other.ids.includes(id)));
      if (both.length === 0) continue;
      const what = both[0] === null ? 'every email address' : both.map((id) => `"${nameOf(id as string)}"`).join(', ');
      const message = `Pipeline "${other.label}" already creates tickets for ${what}. One address can create tickets in one pipeline only.`;
      issues.push({ path, message });
    }
    claims.push({ label: pipelines.find(({ id }) => id === pipelineId)?.label ?? pipelineId, ids });
  }
  return issues;
}

/** Undefined for a stage of the pipeline itself, closed ones included. */
function describeForeignStage(stageId: string, pipeline: Pipeline, pipelines: Pipeline[]): string | undefined {
  if (pipeline.stages.some((stage) => stage.id === stageId)) return undefined;
  const where = `pipeline "${pipeline.label}"`;
  for (const other of pipelines) {
    const stage = other.stages.find((candidate) => candidate.id === stageId);
    if (!stage) continue;
    return `Stage "${stageId}" ("${stage.label}") belongs to pipeline "${other.label}". Choose a stage of ${where}.`;
  }
  return `Stage "${stageId}" does not exist in HubSpot. Choose a stage of ${where}.`;
}
