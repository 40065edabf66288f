// The settings form: the document its fields make of the one in force, or what is wrong beside which field.
import { isDeepStrictEqual } from 'node:util';
import type { Pipeline } from '../../crm.ts';
import { type PipelineRules, parseSettings, rulesOf, type Settings, settingsSchema } from '../../rules/settings.ts';
import type { SettingsContext } from '../../rules/settings-issues.ts';
import { isClaimed, listClaims } from './channel-claims.ts';
import type { CreationFields, RuleFields, SettingsFields } from './settings-fields.ts';

/** Where an error belongs: the `name` of a field of the form; `other` = none of them. */
export const fieldNames = [
  'newConversation.stageId',
  'newConversation.channelAccountIds',
  'newConversation.graceSeconds',
  'outgoing.stageId',
  'outgoing.fromStageIds',
  'incoming.stageId',
  'incoming.fromStageIds',
  'incoming.senders',
  'incoming.closed.policy',
  'incoming.closed.days',
  'incoming.closed.otherwise',
  'channels',
  'mailbox.evidence',
  'guards.movesPerTicketPerHour',
  'other',
] as const;
export type FieldName = (typeof fieldNames)[number];
/** `fault` picks the sentence in words.settings.issues. */
export type FieldFault = {
  field: FieldName;
  fault:
    | 'stage'
    | 'fromNone'
    | 'fromGone'
    | 'accountNone'
    | 'accountGone'
    | 'accountTaken'
    | 'grace'
    | 'channel'
    | 'channelNone'
    | 'choice'
    | 'evidence'
    | 'days'
    | 'moves'
    | 'pipelineGone'
    | 'pipelineThere'
    | 'other';
};

/** A number where one was typed; anything else stays text, which the schema then refuses. */
function toNumber(text: string): number | string {
  return /^\d{1,9}$/.test(text) ? Number(text) : text;
}

function toStageId({ enabled, stageId }: { enabled: boolean; stageId: string }, pipeline: Pipeline): string | null {
  const known = pipeline.stages.some(({ id }) => id === stageId);
  // A rule that is off needs no stage: a stage that is gone is let go with it.
  return stageId === '' || (!known && !enabled) ? null : stageId;
}

/** What is ticked, in the order it was saved in: ticking nothing anew changes nothing. */
function keepOrder(ticked: string[], saved: string[] | null): string[] {
  const before = saved ?? [];
  return [...before.filter((id) => ticked.includes(id)), ...ticked.filter((id) => !before.includes(id))];
}

function toRule(fields: RuleFields, before: PipelineRules['outgoing' | 'incoming'], pipeline: Pipeline) {
  return {
    enabled: fields.enabled,
    stageId: toStageId(fields, pipeline),
    fromStageIds: fields.from === 'any' ? null : keepOrder(fields.fromStageIds, before.fromStageIds),
  };
}

function toCreation(fields: CreationFields, before: PipelineRules['newConversation'], pipeline: Pipeline) {
  const accountIds = keepOrder(fields.accountIds, before.channelAccountIds);
  return {
    enabled: fields.enabled,
    stageId: toStageId(fields, pipeline),
    channelAccountIds: fields.accounts === 'all' ? null : accountIds,
    graceSeconds: toNumber(fields.graceSeconds),
  };
}

/** The document in force with the form's fields put in; everything the form does not show stays as it is. */
function mergeFields(current: Settings, pipeline: Pipeline | undefined, fields: SettingsFields) {
  const { rules } = fields;
  const general = {
    ...current,
    paused: fields.paused,
    shadow: fields.shadow,
    channels: keepOrder(fields.channels, current.channels),
    guards: {
      automaticReplies: fields.automaticReplies,
      thanksKeepsClosed: fields.thanksKeepsClosed,
      movesPerTicketPerHour: toNumber(fields.movesPerTicketPerHour),
    },
    mailbox: { ...current.mailbox, evidence: fields.evidence },
  };
  if (!rules || !pipeline) return general;
  const before = rulesOf(current, pipeline.id);
  const { closedPolicy, closedDays, closedOtherwise } = rules.incoming;
  const days = toNumber(closedDays);
  // Days that do not apply are not worth an error.
  const daysApply = closedPolicy === 'within' || typeof days === 'number';
  const incoming = {
    ...toRule(rules.incoming, before.incoming, pipeline),
    anySender: rules.incoming.senders === 'any',
    closed: {
      policy: closedPolicy,
      days: daysApply ? days : before.incoming.closed.days,
      otherwise: closedOtherwise,
    },
  };
  const after = {
    ...before,
    newConversation: toCreation(rules.newConversation, before.newConversation, pipeline),
    outgoing: toRule(rules.outgoing, before.outgoing, pipeline),
    incoming,
  };
  // A pipeline that was only looked at is not named: once it is gone from HubSpot, no version that names it could be restored.
  if (!Object.hasOwn(current.pipelines, pipeline.id) && isDeepStrictEqual(after, before)) return general;
  return { ...general, pipelines: { ...current.pipelines, [pipeline.id]: after } };
}

function findCreationFaults(
  fields: CreationFields,
  current: Settings,
  pipeline: Pipeline,
  pipelines: Pipeline[],
  { channelAccounts }: SettingsContext,
): FieldFault[] {
  const faults: FieldFault[] = [];
  const { enabled, stageId, accounts, accountIds } = fields;
  const field = 'newConversation.channelAccountIds';
  if (enabled && !pipeline.stages.some(({ id }) => id === stageId)) {
    faults.push({ field: 'newConversation.stageId', fault: 'stage' });
  }
  if (accounts !== 'all' && accounts !== 'some') faults.push({ field, fault: 'choice' });
  if (!enabled) return faults;
  const chosen = accounts === 'all' ? null : accountIds;
  const gone = (id: string) => channelAccounts !== undefined && !channelAccounts.some((account) => account.id === id);
  if (chosen?.length === 0) faults.push({ field, fault: 'accountNone' });
  else if (chosen?.some(gone)) faults.push({ field, fault: 'accountGone' });
  else if (isClaimed(listClaims(current, pipelines, pipeline.id), chosen, channelAccounts)) {
    faults.push({ field, fault: 'accountTaken' });
  }
  return faults;
}

function findRuleFaults(name: 'outgoing' | 'incoming', fields: RuleFields, pipeline: Pipeline): FieldFault[] {
  const faults: FieldFault[] = [];
  const { enabled, stageId, from, fromStageIds } = fields;
  const known = (id: string): boolean => pipeline.stages.some((stage) => stage.id === id);
  const field = `${name}.fromStageIds` as const;
  if (enabled && !known(stageId)) faults.push({ field: `${name}.stageId`, fault: 'stage' });
  if (from !== 'any' && from !== 'some') faults.push({ field, fault: 'choice' });
  else if (from === 'some' && fromStageIds.length === 0) faults.push({ field, fault: 'fromNone' });
  else if (from === 'some' && !fromStageIds.every(known)) faults.push({ field, fault: 'fromGone' });
  return faults;
}

const faultOfField: Record<FieldName, FieldFault['fault']> = {
  'newConversation.stageId': 'stage',
  'newConversation.channelAccountIds': 'accountGone',
  'newConversation.graceSeconds': 'grace',
  'outgoing.stageId': 'stage',
  'outgoing.fromStageIds': 'fromGone',
  'incoming.stageId': 'stage',
  'incoming.fromStageIds': 'fromGone',
  'incoming.senders': 'choice',
  'incoming.closed.policy': 'choice',
  'incoming.closed.days': 'days',
  'incoming.closed.otherwise': 'choice',
  channels: 'channel',
  'mailbox.evidence': 'evidence',
  'guards.movesPerTicketPerHour': 'moves',
  other: 'other',
};

/** Which field of the form a path of parseSettings speaks of; undefined when it is about something the form does not show. */
function placeIssue(path: string, pipeline: Pipeline | undefined): FieldName | undefined {
  const prefix = `pipelines.${pipeline?.id}.`;
  const local = pipeline && path.startsWith(prefix) ? path.slice(prefix.length) : path;
  const found = fieldNames.find((name) => local === name || local.startsWith(`${name}.`));
  if (found) return found;
  return /^(newConversation|outgoing|incoming|paused|shadow|guards|mailbox)(\.|$)/.test(local) ? 'other' : undefined;
}

/**
 * The settings to save, or what is wrong beside which field. What this form does not change never stands in its way: pausing must
 * work even while another pipeline's rule names a stage that HubSpot has lost.
 */
export function applyFields(
  current: Settings,
  pipeline: Pipeline | undefined,
  pipelines: Pipeline[],
  fields: SettingsFields,
  context: SettingsContext = {},
): { settings: Settings } | { faults: FieldFault[] } {
  const merged = mergeFields(current, pipeline, fields);
  const before = pipeline && rulesOf(current, pipeline.id);
  const untouched = pipeline && isDeepStrictEqual(before, merged.pipelines[pipeline.id] ?? before);
  const { rules } = fields;
  const faults =
    untouched || !rules || !pipeline
      ? []
      : [
          ...findCreationFaults(rules.newConversation, current, pipeline, pipelines, context),
          ...findRuleFaults('outgoing', rules.outgoing, pipeline),
          ...findRuleFaults('incoming', rules.incoming, pipeline),
        ];
  if (rules && !['any', 'contacts'].includes(rules.incoming.senders)) {
    faults.push({ field: 'incoming.senders', fault: 'choice' });
  }
  // Without a channel no rule does anything; pausing is what does that.
  if (fields.channels.length === 0 && current.channels.length > 0) {
    faults.push({ field: 'channels', fault: 'channelNone' });
  }
  const parsed = parseSettings(merged, pipelines, context);
  if ('settings' in parsed && faults.length === 0) return parsed;
  for (const { path } of 'issues' in parsed ? parsed.issues : []) {
    const field = placeIssue(path, pipeline);
    const unchanged =
      (untouched && /^(newConversation|outgoing|incoming)\./.test(field ?? '')) ||
      // None was in force before: the form says so already, and a pause must still be saved.
      (field === 'channels' && fields.channels.length === 0) ||
      // Chosen when a check had found one: it stays until somebody chooses otherwise.
      (field === 'mailbox.evidence' && fields.evidence === current.mailbox.evidence);
    if (!field || unchanged || faults.some((fault) => fault.field === field)) continue;
    faults.push({ field, fault: faultOfField[field] });
  }
  if (faults.length > 0) return { faults };
  const settings = settingsSchema.safeParse(merged);
  return settings.success ? { settings: settings.data } : { faults: [{ field: 'other', fault: 'other' }] };
}
