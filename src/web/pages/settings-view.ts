// What the settings page shows: the form with its errors, what is wrong with the rules in force, the versions.
import type { Pipeline, Portal } from '../../crm.ts';
import type { SettingsVersion } from '../../db/db.ts';
import type { Settings } from '../../rules/settings.ts';
import type { Words } from '../words/en.ts';
import { knownTimeZone, momentWriter } from './moments.ts';
import type { PortalPipelines } from './portal-pipelines.ts';
import type { FieldFault, FieldName, RuleFields, SettingsFields } from './settings-form.ts';

export type SettingsState = {
  portal: Portal;
  words: Words;
  known: PortalPipelines;
  pipeline: Pipeline | undefined;
  settings: Settings;
  /** The version the form is based on: the one in force, or an older one after a conflict. */
  basedOn: number;
  fields: SettingsFields;
  versions: SettingsVersion[];
  faults: FieldFault[];
  notice: { savedVersion?: number; conflict?: boolean; unknownPipeline?: boolean };
};

/** Ids of elements: a fault's link leads to its field. */
function idOf(field: FieldName): string {
  return field.replaceAll('.', '-');
}

function viewRule(name: 'outgoing' | 'incoming', rule: RuleFields, pipeline: Pipeline, words: Words) {
  const known = new Set(pipeline.stages.map(({ id }) => id));
  const gone = (ids: string[]) =>
    ids.filter((id) => id !== '' && !known.has(id)).map((id) => ({ id, label: words.settings.goneStage(id) }));
  const stages = pipeline.stages.map(({ id, label }) => ({ id, label }));
  return {
    ...rule,
    name,
    stages: [...stages, ...gone([rule.stageId])],
    fromStages: [...stages, ...gone(rule.fromStageIds)].map((stage) => ({
      ...stage,
      ticked: rule.fromStageIds.includes(stage.id),
    })),
  };
}

/** Rules that decide `stage-missing`, in words; empty when the pipelines are unreadable. */
function listTroubles({ settings, known, words }: SettingsState): string[] {
  if (!known.readable) return [];
  const text = words.settings;
  return Object.entries(settings.pipelines).flatMap(([pipelineId, rules]) => {
    const active = rules.outgoing.enabled || rules.incoming.enabled;
    const pipeline = known.pipelines.find(({ id }) => id === pipelineId);
    if (!pipeline) return active ? [text.gonePipeline(pipelineId)] : [];
    const gone = (stageId: string): boolean => !pipeline.stages.some(({ id }) => id === stageId);
    const troubles: string[] = [];
    for (const [rule, tell] of [
      [rules.outgoing, text.goneOutgoing],
      [rules.incoming, text.goneIncoming],
    ] as const) {
      if (!rule.enabled) continue;
      if (rule.stageId !== null && gone(rule.stageId)) troubles.push(tell(pipeline.label, rule.stageId));
      for (const id of rule.fromStageIds?.filter(gone) ?? []) troubles.push(text.goneFrom(pipeline.label, id));
    }
    return troubles;
  });
}

function viewFaults({ faults, words }: SettingsState) {
  const errors: Record<string, string> = {};
  for (const { field, fault } of faults) errors[field] = words.settings.issues[fault];
  const labels: Record<FieldName, string> = {
    'outgoing.stageId': words.settings.outgoing,
    'outgoing.fromStageIds': `${words.settings.outgoingTitle}, ${words.settings.fromLegend}`,
    'incoming.stageId': words.settings.incoming,
    'incoming.fromStageIds': `${words.settings.incomingTitle}, ${words.settings.fromLegend}`,
    'incoming.senders': words.settings.sendersLegend,
    'incoming.closed.policy': words.settings.closedLegend,
    'incoming.closed.days': words.settings.closedDays,
    'mailbox.evidence': words.settings.mailboxTitle,
    'guards.movesPerTicketPerHour': words.settings.moves,
    other: words.settings.title,
  };
  const summary = faults.map(({ field }) => ({
    href: field === 'other' ? '#content' : `#${idOf(field)}`,
    label: labels[field],
    message: errors[field],
  }));
  return { errors, summary };
}

/** `fingerprint` is offered only where it is already chosen: choosing it needs the check (PRODUCT.md 3). */
function viewMailbox(fields: SettingsFields, words: Words) {
  const offered = (['off', 'associated', 'auto', 'fingerprint'] as const).filter(
    (choice) => choice !== 'fingerprint' || fields.evidence === 'fingerprint',
  );
  return offered.map((choice) => ({
    choice,
    label: words.settings.mailbox[choice],
    detail: words.settings.mailboxDetail[choice],
    chosen: fields.evidence === choice,
  }));
}

export function viewSettings(state: SettingsState) {
  const { portal, words, known, pipeline, fields, versions, notice } = state;
  const timeZone = knownTimeZone(portal.timeZone);
  const write = momentWriter(words.dateLocale, timeZone);
  return {
    ...viewFaults(state),
    basedOn: state.basedOn,
    notice,
    oldSince: known.oldSince && write(known.oldSince).text,
    readable: known.readable,
    troubles: listTroubles(state),
    inForce: { paused: state.settings.paused, shadow: state.settings.shadow },
    pipelines: known.pipelines.map(({ id, label }) => ({
      label,
      href: `/settings?pipeline=${encodeURIComponent(id)}`,
      current: id === pipeline?.id,
    })),
    pipeline,
    fields,
    rules: fields.rules &&
      pipeline && {
        outgoing: viewRule('outgoing', fields.rules.outgoing, pipeline, words),
        incoming: viewRule('incoming', fields.rules.incoming, pipeline, words),
      },
    mailbox: viewMailbox(fields, words),
    reloadHref: pipeline ? `/settings?pipeline=${encodeURIComponent(pipeline.id)}` : '/settings',
    versions: versions.map(({ version, author, at }, index) => ({
      version,
      author,
      at: write(at),
      inForce: index === 0,
    })),
    timeZone,
  };
}
