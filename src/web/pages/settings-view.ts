// What the settings page shows: the form with its errors, the stages with their actions, warnings, the latest versions.
import type { Pipeline, Portal } from '../../crm.ts';
import type { SettingsVersion } from '../../db/db.ts';
import type { Rivals } from '../../db/rivals.ts';
import { rulesOf, type Settings } from '../../rules/settings.ts';
import type { Words } from '../words/en.ts';
import { emailChannelId, findClaim, listClaims } from './channel-claims.ts';
import { knownTimeZone, momentWriter } from './moments.ts';
import type { PortalPipelines } from './portal-pipelines.ts';
import { nameAccount, nameChannel, nameReferences, type PortalReferences } from './portal-references.ts';
import type { CreationFields, RuleFields, SettingsFields } from './settings-fields.ts';
import type { FieldFault, FieldName } from './settings-form.ts';
import { countRules, listRefusals, listRivals, listTroubles } from './settings-troubles.ts';
import { viewStages } from './stage-columns.ts';

export type SettingsState = {
  portal: Portal;
  words: Words;
  known: PortalPipelines;
  references: PortalReferences;
  pipeline: Pipeline | undefined;
  settings: Settings;
  /** The version the form is based on: the one in force, or an older one after a conflict. */
  basedOn: number;
  fields: SettingsFields;
  saves: Omit<SettingsVersion, 'settings'>[];
  rivals: Rivals;
  /** Whether a mailbox check has found how to tell the two kinds of mail apart. */
  fingerprintFound: boolean;
  /** Whether the portal's own mail has proved enough for `auto` to count mail from personal mailboxes. */
  mailboxProven: boolean;
  /** The sweeps that HubSpot refuses, and when it last did. */
  refusals: Map<string, Date>;
  faults: FieldFault[];
  /** `refused`: the form holds what was typed and not saved. */
  notice: { savedVersion?: number; conflict?: boolean; unknownPipeline?: boolean; refused?: boolean };
};

/** Ids of elements: a fault's link leads to its field. */
function idOf(field: FieldName): string {
  return field.replaceAll('.', '-');
}

function listStages(pipeline: Pipeline, chosen: string[], words: Words) {
  const known = new Set(pipeline.stages.map(({ id }) => id));
  const gone = chosen.filter((id) => id !== '' && !known.has(id));
  return [
    ...pipeline.stages.map(({ id, label }) => ({ id, label })),
    ...gone.map((id) => ({ id, label: words.settings.goneStage(id) })),
  ];
}

function viewRule(name: 'outgoing' | 'incoming', rule: RuleFields, pipeline: Pipeline, words: Words) {
  return {
    ...rule,
    name,
    stages: listStages(pipeline, [rule.stageId], words),
    fromStages: listStages(pipeline, rule.fromStageIds, words).map((stage) => ({
      ...stage,
      ticked: rule.fromStageIds.includes(stage.id),
    })),
  };
}

/** The portal's addresses, and those chosen that HubSpot does not tell of. */
function viewAccounts(state: SettingsState, fields: CreationFields, id: string) {
  const { settings, known, references, words } = state;
  const { channelAccounts } = references;
  const { channels } = state.fields;
  const claims = listClaims(settings, known.pipelines, id);
  const channelOf = new Map(channelAccounts?.map((account) => [account.id, account.channelId]));
  const unlisted = fields.accountIds.filter((each) => !channelAccounts?.some((account) => account.id === each));
  const label = (accountId: string) =>
    (channelAccounts ? words.settings.goneAccount : words.settings.unnamedAccount)(accountId);
  return [
    ...(channelAccounts ?? []).map((account) => ({
      id: account.id,
      label: nameAccount(account, account.id, words),
    })),
    ...unlisted.map((each) => ({ id: each, label: label(each) })),
  ].map((account) => ({
    ...account,
    ticked: fields.accountIds.includes(account.id),
    channelOff: !channels.includes(channelOf.get(account.id) ?? emailChannelId),
    takenBy: findClaim(claims, account.id, channelAccounts)?.pipelineLabel,
  }));
}

function viewRules(state: SettingsState) {
  const { fields, pipeline, words } = state;
  if (!fields.rules || !pipeline) return undefined;
  const { newConversation, outgoing, incoming } = fields.rules;
  const takenAll = listClaims(state.settings, state.known.pipelines, pipeline.id).find(
    ({ accountIds }) => accountIds === null,
  );
  return {
    newConversation: {
      ...newConversation,
      stages: listStages(pipeline, [newConversation.stageId], words),
      list: viewAccounts(state, newConversation, pipeline.id),
      allTakenBy: takenAll?.pipelineLabel,
      emailOff: !fields.channels.includes(emailChannelId),
      readable: state.references.channelAccounts !== undefined,
      hubspotCreates: state.rivals.creations,
    },
    outgoing: viewRule('outgoing', outgoing, pipeline, words),
    incoming: viewRule('incoming', incoming, pipeline, words),
  };
}

function viewFaults({ faults, words }: SettingsState) {
  const text = words.settings;
  const errors: Record<string, string> = {};
  for (const { field, fault } of faults) errors[field] = text.issues[fault];
  const labels: Record<FieldName, string> = {
    'newConversation.stageId': `${text.creation}, ${text.createIn}`,
    'newConversation.channelAccountIds': `${text.creation}, ${text.accountsLegend}`,
    'newConversation.graceSeconds': text.graceSeconds,
    'outgoing.stageId': `${text.outgoing}, ${text.moveTo}`,
    'outgoing.fromStageIds': `${text.outgoing}, ${text.fromLegend}`,
    'incoming.stageId': `${text.incoming}, ${text.moveTo}`,
    'incoming.fromStageIds': `${text.incoming}, ${text.fromLegend}`,
    'incoming.senders': text.sendersLegend,
    'incoming.closed.policy': text.closedLegend,
    'incoming.closed.days': text.closedDays,
    'incoming.closed.otherwise': text.otherwiseLegend,
    channels: text.channelsTitle,
    'mailbox.evidence': text.mailboxTitle,
    'guards.movesPerTicketPerHour': text.moves,
    other: text.title,
  };
  const summary = faults.map(({ field }) => ({
    href: field === 'other' ? '#content' : `#${idOf(field)}`,
    label: labels[field],
    message: errors[field],
  }));
  return { errors, summary };
}

/** `fingerprint` is offered only where a check has found one, or where it is chosen already. */
function viewMailbox({ fields, fingerprintFound, words }: SettingsState) {
  const offered = (['auto', 'fingerprint', 'associated', 'off'] as const).filter(
    (choice) => choice !== 'fingerprint' || fingerprintFound || fields.evidence === 'fingerprint',
  );
  return offered.map((choice) => ({
    choice,
    label: words.settings.mailbox[choice],
    detail: words.settings.mailboxDetail[choice],
    chosen: fields.evidence === choice,
  }));
}

/** Email, the channels the portal has addresses for, and what is chosen. */
function viewChannels({ fields, references, words }: SettingsState) {
  const had = references.channelAccounts?.map(({ channelId }) => channelId) ?? [];
  const ids = [...new Set([emailChannelId, ...had.sort(), ...fields.channels])];
  return ids.map((id) => ({ id, label: nameChannel(id, words), ticked: fields.channels.includes(id) }));
}

/** Pipelines with rules that HubSpot no longer has. */
function listGone(settings: Settings, pipelines: Pipeline[]): string[] {
  const gone = Object.entries(settings.pipelines).filter(([id]) => !pipelines.some((pipeline) => pipeline.id === id));
  return gone.filter(([, rules]) => countRules(rules) > 0).map(([id]) => id);
}

export function viewSettings(state: SettingsState) {
  const { portal, words, known, references, pipeline, settings, fields, saves, notice, rivals } = state;
  const timeZone = knownTimeZone(portal.timeZone);
  const write = momentWriter(words.dateLocale, timeZone);
  const names = nameReferences(references, words);
  return {
    ...viewFaults(state),
    basedOn: state.basedOn,
    notice,
    oldSince: known.oldSince && write(known.oldSince).text,
    readable: known.readable,
    troubles: known.readable
      ? listTroubles(settings, { ...known, channelAccounts: references.channelAccounts }, words)
      : [],
    refusals: listRefusals(state.refusals, write, words),
    rivals: listRivals(rivals.moves, known.pipelines, write, words),
    gonePipelineIds: known.readable && !known.oldSince ? listGone(settings, known.pipelines) : [],
    inForce: { paused: settings.paused, shadow: settings.shadow },
    pipelines: known.pipelines.map(({ id, label }) => ({
      label,
      href: `/settings?pipeline=${encodeURIComponent(id)}`,
      current: id === pipeline?.id,
      rulesOn: countRules(rulesOf(settings, id)),
    })),
    pipeline,
    fields,
    rules: viewRules(state),
    stages: pipeline && viewStages(settings, pipeline, words, names),
    channels: viewChannels(state),
    mailbox: viewMailbox(state),
    mailboxFinding: state.mailboxProven ? words.settings.mailboxProven : words.settings.mailboxUnproven,
    reloadHref: pipeline ? `/settings?pipeline=${encodeURIComponent(pipeline.id)}` : '/settings',
    versions: saves.map(({ version, author, at }, index) => ({
      version,
      author: names.user(author),
      at: write(at),
      inForce: index === 0,
    })),
    timeZone,
  };
}
