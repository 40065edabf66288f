// What the panel of stage actions shows: the kinds to choose from, or the form of one with its errors and its preview.
import type { Owner, Pipeline, Portal } from '../../crm.ts';
import type { TicketProperty } from '../../hubspot/gateway.ts';
import type { StageAction } from '../../rules/stage-actions.ts';
import type { Words } from '../words/en.ts';
import type { ActionFault } from './action-faults.ts';
import {
  type ActionChoice,
  type ActionField,
  type ActionFields,
  actionChoices,
  fieldsOf,
  hasTemplate,
  scopeOfChoice,
} from './action-form.ts';
import type { Preview } from './action-preview.ts';
import { nameOwner, type PortalReferences } from './portal-references.ts';
import { linkToPanel } from './stage-columns.ts';

export type ActionState = {
  portal: Portal;
  words: Words;
  references: PortalReferences;
  pipeline: Pipeline;
  stage: { id: string; label: string };
  basedOn: number;
  /** The action edited; undefined for a new one. */
  action: StageAction | undefined;
  /** Where it stands among the stage's actions. */
  index: number;
  count: number;
  choice: ActionChoice;
  fields: ActionFields;
  faults: ActionFault[];
  ticketId: string;
  preview: Preview | null;
  conflict: boolean;
};

type Option = { value: string; label: string };

/** Why a choice is without effect in this portal for now; undefined = it works. */
function findMissing(choice: ActionChoice, portal: Portal, words: Words): string | undefined {
  return portal.scopes.includes(scopeOfChoice[choice]) ? undefined : words.panel.missing[choice];
}

export function viewChoices(place: Pick<ActionState, 'portal' | 'words' | 'pipeline' | 'stage'>) {
  const { portal, words, pipeline, stage } = place;
  return {
    pipeline,
    backHref: `/settings?pipeline=${encodeURIComponent(pipeline.id)}#stages`,
    choices: actionChoices.map((choice) => ({
      ...words.panel.choices[choice],
      missing: findMissing(choice, portal, words),
      href: linkToPanel({ pipeline: pipeline.id, stage: stage.id, add: choice }),
    })),
  };
}

/** The value that is set stays to be chosen, also when HubSpot no longer has it. */
function withChosen(options: Option[], chosen: string, tellGone: (id: string) => string): Option[] {
  const known = chosen === '' || options.some(({ value }) => value === chosen);
  return known ? options : [...options, { value: chosen, label: tellGone(chosen) }];
}

function listPeople(owners: Owner[], idOf: (owner: Owner) => string | null): Option[] {
  return owners
    .flatMap((owner) => {
      const value = idOf(owner);
      return value === null ? [] : [{ value, label: nameOwner(owner) }];
    })
    .sort((one, other) => one.label.localeCompare(other.label));
}

const forbidden = ['hs_pipeline', 'hs_pipeline_stage'];

function listProperties(properties: TicketProperty[]): Option[] {
  return properties
    .filter(({ name }) => !forbidden.includes(name))
    .map(({ name, label }) => ({ value: name, label: label === name ? label : `${label} (${name})` }))
    .sort((one, other) => one.label.localeCompare(other.label));
}

function listValues({ fields, references, words }: ActionState): Option[] {
  const property = references.ticketProperties?.find(({ name }) => name === fields.property);
  const options = property?.options.map(({ value, label }) => ({ value, label })) ?? [];
  return options.length === 0 ? [] : withChosen(options, fields.value, words.panel.goneValue);
}

/** The lists of the fields that are chosen from one; a field without is typed. */
function listOptions(state: ActionState): Partial<Record<ActionField, Option[]>> {
  const { choice, fields, references, words } = state;
  const owners = references.owners ?? [];
  const { ticketOwner, nobody } = words.panel;
  // Who is not on a list that could not be read is not gone.
  const tellUser = references.owners ? words.panel.goneUser : words.settings.unnamedUser;
  switch (choice) {
    case 'thread':
      return {
        senderUserId: withChosen(
          listPeople(owners, ({ userId }) => userId),
          fields.senderUserId,
          tellUser,
        ),
      };
    case 'create-task': {
      const fixed = [
        { value: 'ticket-owner', label: ticketOwner },
        { value: 'none', label: nobody },
      ];
      const people = listPeople(owners, ({ id }) => id);
      return { owner: withChosen([...fixed, ...people], fields.owner, tellUser) };
    }
    case 'assign-owner':
      return {
        ownerId: withChosen(
          listPeople(owners, ({ id }) => id),
          fields.ownerId,
          tellUser,
        ),
      };
    case 'set-property': {
      const values = listValues(state);
      const { ticketProperties } = references;
      return {
        ...(ticketProperties && {
          property: withChosen(listProperties(ticketProperties), fields.property, words.panel.goneValue),
        }),
        ...(values.length > 0 && { value: values }),
      };
    }
    default:
      return {};
  }
}

/** Whether a list the form chooses from could not be read. */
function lacksList({ choice, references }: ActionState): boolean {
  if (choice === 'set-property') return references.ticketProperties === undefined;
  const people = choice === 'thread' || choice === 'create-task' || choice === 'assign-owner';
  return people && references.owners === undefined;
}

function viewPreview({ preview, ticketId, words }: ActionState) {
  const text = words.panel;
  if (preview === null) return undefined;
  if ('text' in preview) return { title: text.previewText(ticketId), text: preview.text };
  if ('missing' in preview) return { problem: text.previewMissing(ticketId, preview.missing) };
  if ('noTicket' in preview) return { problem: text.previewNoTicket(ticketId) };
  if ('failed' in preview) return { problem: words.errors[preview.failed] };
  return { problem: text.mistakes.syntax() };
}

export function viewAction(state: ActionState) {
  const { portal, words, pipeline, stage, action, choice, fields, faults, references } = state;
  const property = references.ticketProperties?.find(({ name }) => name === fields.property);
  const query = { pipeline: pipeline.id, stage: stage.id, ...(action ? { action: action.id } : { add: choice }) };
  return {
    pipeline,
    stage,
    basedOn: state.basedOn,
    backHref: `/settings?pipeline=${encodeURIComponent(pipeline.id)}#stages`,
    reloadHref: linkToPanel(query),
    previewAction: `/settings/preview?${new URLSearchParams(query)}`,
    conflict: state.conflict,
    actionId: action?.id ?? '',
    first: state.index === 0,
    last: state.index >= state.count - 1,
    choice,
    kind: words.panel.choices[choice],
    missing: findMissing(choice, portal, words),
    fieldNames: fieldsOf(choice),
    fields,
    options: listOptions(state),
    listUnreadable: lacksList(state),
    dateHint: property?.type === 'date' || property?.type === 'datetime' ? words.panel.dateHint : undefined,
    errors: Object.fromEntries(faults.map(({ field, message }) => [field, message])),
    summary: faults.map(({ field, message }) => ({
      href: field === 'other' ? '#panel' : `#panel-${field}`,
      label: field === 'other' ? words.panel.choices[choice].name : words.panel.fields[field],
      message,
    })),
    hasTemplate: hasTemplate(choice),
    ticketId: state.ticketId,
    preview: viewPreview(state),
  };
}
