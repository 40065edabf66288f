// The fields of the settings form: as they stand for the settings in force, and as an admin typed them.
import type { Pipeline } from '../../crm.ts';
import { type PipelineRules, rulesOf, type Settings } from '../../rules/settings.ts';

/** As typed: strings stay strings, so that a refused form can be shown again. */
export type RuleFields = { enabled: boolean; stageId: string; from: string; fromStageIds: string[] };
export type IncomingFields = RuleFields & {
  senders: string;
  closedPolicy: string;
  closedDays: string;
  closedOtherwise: string;
};
export type CreationFields = {
  enabled: boolean;
  stageId: string;
  /** `all` email addresses, or `some`: those of accountIds. */
  accounts: string;
  accountIds: string[];
  graceSeconds: string;
};
export type RulesFields = { newConversation: CreationFields; outgoing: RuleFields; incoming: IncomingFields };
export type SettingsFields = {
  paused: boolean;
  shadow: boolean;
  channels: string[];
  evidence: string;
  automaticReplies: boolean;
  thanksKeepsClosed: boolean;
  movesPerTicketPerHour: string;
  /** Undefined when no pipeline is shown. */
  rules: RulesFields | undefined;
};

/** A posted form as express.urlencoded reads it: a field given twice is a list. */
export type Body = Record<string, unknown>;

export function readMany(body: Body, name: string): string[] {
  const value = body[name];
  const values = Array.isArray(value) ? value : [value];
  // PostgreSQL's jsonb takes no NUL, and nobody has typed one.
  return values.filter((each) => typeof each === 'string').map((each) => each.replaceAll('\0', ''));
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

function readRules(body: Body): RulesFields {
  return {
    newConversation: {
      enabled: readOne(body, 'newConversation.enabled') === 'on',
      stageId: readOne(body, 'newConversation.stageId'),
      accounts: readOne(body, 'newConversation.accounts'),
      accountIds: readMany(body, 'newConversation.channelAccountIds'),
      graceSeconds: readOne(body, 'newConversation.graceSeconds').trim(),
    },
    outgoing: readRule(body, 'outgoing'),
    incoming: {
      ...readRule(body, 'incoming'),
      senders: readOne(body, 'incoming.senders'),
      closedPolicy: readOne(body, 'incoming.closed.policy'),
      closedDays: readOne(body, 'incoming.closed.days').trim(),
      closedOtherwise: readOne(body, 'incoming.closed.otherwise'),
    },
  };
}

export function readFields(body: Body, options: { withRules: boolean }): SettingsFields {
  return {
    paused: readOne(body, 'paused') === 'on',
    shadow: readOne(body, 'shadow') === 'on',
    channels: readMany(body, 'channels'),
    evidence: readOne(body, 'mailbox.evidence'),
    automaticReplies: readOne(body, 'guards.automaticReplies') === 'on',
    thanksKeepsClosed: readOne(body, 'guards.thanksKeepsClosed') === 'on',
    movesPerTicketPerHour: readOne(body, 'guards.movesPerTicketPerHour').trim(),
    rules: options.withRules ? readRules(body) : undefined,
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

function fillRules({ newConversation, outgoing, incoming }: PipelineRules): RulesFields {
  return {
    newConversation: {
      enabled: newConversation.enabled,
      stageId: newConversation.stageId ?? '',
      accounts: newConversation.channelAccountIds === null ? 'all' : 'some',
      accountIds: newConversation.channelAccountIds ?? [],
      graceSeconds: String(newConversation.graceSeconds),
    },
    outgoing: fillRule(outgoing),
    incoming: {
      ...fillRule(incoming),
      senders: incoming.anySender ? 'any' : 'contacts',
      closedPolicy: incoming.closed.policy,
      closedDays: String(incoming.closed.days),
      closedOtherwise: incoming.closed.otherwise,
    },
  };
}

/** The form as it stands for the settings in force. */
export function fillFields(settings: Settings, pipeline: Pipeline | undefined): SettingsFields {
  return {
    paused: settings.paused,
    shadow: settings.shadow,
    channels: settings.channels,
    evidence: settings.mailbox.evidence,
    automaticReplies: settings.guards.automaticReplies,
    thanksKeepsClosed: settings.guards.thanksKeepsClosed,
    movesPerTicketPerHour: String(settings.guards.movesPerTicketPerHour),
    rules: pipeline && fillRules(rulesOf(settings, pipeline.id)),
  };
}
