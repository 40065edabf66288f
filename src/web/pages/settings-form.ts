// The settings form: what its fields say, and the settings document they make of the one in force.
import { isDeepStrictEqual } from 'node:util';
import type { Pipeline } from '../../crm.ts';
import { type PipelineRules, parseSettings, rulesOf, type Settings, settingsSchema } from '../../rules/settings.ts';

/** As typed: strings stay strings, so that a refused form can be shown again. */
export type RuleFields = { enabled: boolean; stageId: string; from: string; fromStageIds: string[] };
export type IncomingFields = RuleFields & { senders: string; closedPolicy: string; closedDays: string };
export type SettingsFields = {
  paused: boolean;
  shadow: boolean;
  evidence: string;
  automaticReplies: boolean;
  thanksKeepsClosed: boolean;
  movesPerTicketPerHour: string;
  /** Undefined when no pipeline is shown. */
  rules: { outgoing: RuleFields; incoming: IncomingFields } | undefined;
};

/** Where an error belongs: the `name` of a field of the form; `other` = none of them. */
export const fieldNames = [
  'outgoing.stageId',
  'outgoing.fromStageIds',
  'incoming.stageId',
  'incoming.fromStageIds',
  'incoming.senders',
  'incoming.closed.policy',
  'incoming.closed.days',
  'mailbox.evidence',
  'guards.movesPerTicketPerHour',
  'other',
] as const;
export type FieldName = (typeof fieldNames)[number];
/** `fault` picks the sentence in words.settings.issues. */
export type FieldFault = {
  field: FieldName;
  fault: 'stage' | 'fromNone' | 'fromGone' | 'choice' | 'days' | 'moves' | 'pipelineGone' | 'other';
};

/** A posted form as express.urlencoded reads it: a field given twice is a list. */
type Body = Record<string, unknown>;

function readMany(body: Body, name: string): string[] {
  const value = body[name];
  const values = Array.isArray(value) ? value : [value];
  return values.filter((each) => typeof each === 'string');
}

/** The first value of a field; empty when it is absent. */
export function readOne(body: Body, name: string): string {
  return readMany(body, name)[0] ?? '';
}

function readRule(body: Body, rule: 'outgoing' | 'incoming'): RuleFields {
  return {
    enabled: readOne(body, `${rule}.enabled`) === 'on',
    stageId: readOne(body, `${rule}.stageId`),
    from: readOne(body, `${rule}.from`),
    fromStageIds: readMany(body, `${rule}.fromStageIds`),
  };
}

export function readFields(body: Body, options: { withRules: boolean }): SettingsFields {
  return {
    paused: readOne(body, 'paused') === 'on',
    shadow: readOne(body, 'shadow') === 'on',
    evidence: readOne(body, 'mailbox.evidence'),
    automaticReplies: readOne(body, 'guards.automaticReplies') === 'on',
    thanksKeepsClosed: readOne(body, 'guards.thanksKeepsClosed') === 'on',
    movesPerTicketPerHour: readOne(body, 'guards.movesPerTicketPerHour').trim(),
    rules: options.withRules
      ? {
          outgoing: readRule(body, 'outgoing'),
          incoming: {
            ...readRule(body, 'incoming'),
            senders: readOne(body, 'incoming.senders'),
            closedPolicy: readOne(body, 'incoming.closed.policy'),
            closedDays: readOne(body, 'incoming.closed.days').trim(),
          },
        }
      : undefined,
  };
}

function fillRule(rule: PipelineRules['outgoing'] | PipelineRules['incoming']): RuleFields {
  return {
    enabled: rule.enabled,
    stageId: rule.stageId ?? '',
    from: rule.fromStageIds === null ? 'any' : 'some',
    fromStageIds: rule.fromStageIds ?? [],
  };
}

/** The form as it stands for the settings in force. */
export function fillFields(settings: Settings, pipeline: Pipeline | undefined): SettingsFields {
  const rules = pipeline && rulesOf(settings, pipeline.id);
  return {
    paused: settings.paused,
    shadow: settings.shadow,
    evidence: settings.mailbox.evidence,
    automaticReplies: settings.guards.automaticReplies,
    thanksKeepsClosed: settings.guards.thanksKeepsClosed,
    movesPerTicketPerHour: String(settings.guards.movesPerTicketPerHour),
    rules: rules && {
      outgoing: fillRule(rules.outgoing),
      incoming: {
        ...fillRule(rules.incoming),
        senders: rules.incoming.anySender ? 'any' : 'contacts',
        closedPolicy: rules.incoming.closed.policy,
        closedDays: String(rules.incoming.closed.days),
      },
    },
  };
}

/** A number where one was typed; anything else stays text, which the schema then refuses. */
function toNumber(text: string): number | string {
  return /^\d{1,9}$/.test(text) ? Number(text) : text;
}

function toRule(fields: RuleFields, pipeline: Pipeline) {
  const known = pipeline.stages.some(({ id }) => id === fields.stageId);
  return {
    enabled: fields.enabled,
    // A rule that is off needs no stage: a stage that is gone is let go with it.
    stageId: fields.stageId === '' || (!known && !fields.enabled) ? null : fields.stageId,
    fromStageIds: fields.from === 'any' ? null : fields.fromStageIds,
  };
}

/** The document in force with the form's fields put in; everything the form does not show stays as it is. */
function mergeFields(current: Settings, pipeline: Pipeline | undefined, fields: SettingsFields) {
  const { rules } = fields;
  const general = {
    ...current,
    paused: fields.paused,
    shadow: fields.shadow,
    guards: {
      automaticReplies: fields.automaticReplies,
      thanksKeepsClosed: fields.thanksKeepsClosed,
      movesPerTicketPerHour: toNumber(fields.movesPerTicketPerHour),
    },
    mailbox: { ...current.mailbox, evidence: fields.evidence },
  };
  if (!rules || !pipeline) return general;
  const before = rulesOf(current, pipeline.id);
  const { closedPolicy, closedDays } = rules.incoming;
  const days = toNumber(closedDays);
  // Days that do not apply are not worth an error.
  const daysApply = closedPolicy === 'within' || typeof days === 'number';
  const incoming = {
    ...toRule(rules.incoming, pipeline),
    anySender: rules.incoming.senders === 'any',
    closed: { ...before.incoming.closed, policy: closedPolicy, days: daysApply ? days : before.incoming.closed.days },
  };
  return {
    ...general,
    pipelines: {
      ...current.pipelines,
      [pipeline.id]: { ...before, outgoing: toRule(rules.outgoing, pipeline), incoming },
    },
  };
}

function findFormFaults({ rules }: SettingsFields, pipeline: Pipeline | undefined): FieldFault[] {
  if (!rules || !pipeline) return [];
  const faults: FieldFault[] = [];
  for (const name of ['outgoing', 'incoming'] as const) {
    const { enabled, stageId, from, fromStageIds } = rules[name];
    const known = (id: string): boolean => pipeline.stages.some((stage) => stage.id === id);
    if (enabled && !known(stageId)) faults.push({ field: `${name}.stageId`, fault: 'stage' });
    if (from !== 'any' && from !== 'some') faults.push({ field: `${name}.fromStageIds`, fault: 'choice' });
    else if (from === 'some' && fromStageIds.length === 0)
      faults.push({ field: `${name}.fromStageIds`, fault: 'fromNone' });
    else if (from === 'some' && !fromStageIds.every(known))
      faults.push({ field: `${name}.fromStageIds`, fault: 'fromGone' });
  }
  if (!['any', 'contacts'].includes(rules.incoming.senders))
    faults.push({ field: 'incoming.senders', fault: 'choice' });
  return faults;
}

const faultOfField: Record<FieldName, FieldFault['fault']> = {
  'outgoing.stageId': 'stage',
  'outgoing.fromStageIds': 'fromGone',
  'incoming.stageId': 'stage',
  'incoming.fromStageIds': 'fromGone',
  'incoming.senders': 'choice',
  'incoming.closed.policy': 'choice',
  'incoming.closed.days': 'days',
  'mailbox.evidence': 'choice',
  'guards.movesPerTicketPerHour': 'moves',
  other: 'other',
};

/** Which field of the form a path of parseSettings speaks of; undefined when it is about something the form does not show. */
function placeIssue(path: string, pipeline: Pipeline | undefined): FieldName | undefined {
  const prefix = `pipelines.${pipeline?.id}.`;
  const local = pipeline && path.startsWith(prefix) ? path.slice(prefix.length) : path;
  const found = fieldNames.find((name) => local === name || local.startsWith(`${name}.`));
  if (found) return found;
  return /^(outgoing|incoming|paused|shadow|guards|mailbox)(\.|$)/.test(local) ? 'other' : undefined;
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
): { settings: Settings } | { faults: FieldFault[] } {
  const merged = mergeFields(current, pipeline, fields);
  const untouched = pipeline && isDeepStrictEqual(rulesOf(current, pipeline.id), merged.pipelines[pipeline.id]);
  const faults = untouched ? [] : findFormFaults(fields, pipeline);
  const parsed = parseSettings(merged, pipelines);
  if ('settings' in parsed && faults.length === 0) return parsed;
  for (const { path } of 'issues' in parsed ? parsed.issues : []) {
    const field = placeIssue(path, pipeline);
    const unchangedRule = untouched && /^(outgoing|incoming)\./.test(field ?? '');
    if (!field || unchangedRule || faults.some((fault) => fault.field === field)) continue;
    faults.push({ field, fault: faultOfField[field] });
  }
  if (faults.length > 0) return { faults };
  const settings = settingsSchema.safeParse(merged);
  return settings.success ? { settings: settings.data } : { faults: [{ field: 'other', fault: 'other' }] };
}
