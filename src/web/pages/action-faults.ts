// What is wrong with an action's fields, in the reader's language.
import type { TicketProperty } from '../../hubspot/gateway.ts';
import { findTemplateMistake } from '../../rules/templates.ts';
import type { Words } from '../words/en.ts';
import { type ActionChoice, type ActionField, type ActionFields, hasTemplate, isField } from './action-form.ts';

/** `other` = no field of the form, for example a stage that is gone. */
export type ActionFault = { field: ActionField | 'ticket' | 'other'; message: string };

/** As the schema has them (rules/stage-actions.ts). */
const maxLengths = { body: 10_000, subject: 500 };

function tellTemplateFault(field: 'body' | 'subject', text: string, words: Words): string {
  if (text.trim() === '') return words.panel.textEmpty;
  if (text.length > maxLengths[field]) return words.panel.textTooLong(maxLengths[field]);
  const mistake = findTemplateMistake(text);
  return mistake ? words.panel.mistakes[mistake.kind](mistake.name) : words.panel.faults[field];
}

function tellFault(field: ActionFault['field'], fields: ActionFields, words: Words): string {
  if (field === 'body' || field === 'subject') return tellTemplateFault(field, fields[field], words);
  return words.panel.faults[field];
}

/** One fault a field for the issues of `checkStageActions`; `index` is the action's place in the list. */
export function toFaults(
  issues: { path: string }[],
  action: { index: number; choice: ActionChoice; fields: ActionFields },
  words: Words,
): ActionFault[] {
  const named = issues.map(({ path }): ActionFault['field'] => {
    const [place, name = ''] = path.split('.');
    return place === String(action.index) && isField(action.choice, name) ? name : 'other';
  });
  return [...new Set(named)].map((field) => ({ field, message: tellFault(field, action.fields, words) }));
}

/** Whether HubSpot would take the value, as far as the property's type tells. Empty clears a property. */
function fits(value: string, { type, options }: TicketProperty): boolean {
  if (value === '') return true;
  if (options.length > 0) return value.split(';').every((each) => options.some((option) => option.value === each));
  if (type === 'number') return /^-?\d{1,15}(\.\d{1,10})?$/.test(value);
  if (type === 'bool') return value === 'true' || value === 'false';
  if (type === 'date' || type === 'datetime') {
    return (
      /^\d{10,16}$/.test(value) || (/^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/.test(value) && !Number.isNaN(Date.parse(value)))
    );
  }
  return true;
}

/** What only the portal's own properties tell; nothing when they cannot be read. */
export function findPropertyFaults(
  fields: ActionFields,
  properties: TicketProperty[] | undefined,
  words: Words,
): ActionFault[] {
  if (!properties) return [];
  const property = properties.find(({ name }) => name === fields.property);
  if (!property) return [{ field: 'property', message: words.panel.faults.property }];
  return fits(fields.value, property) ? [] : [{ field: 'value', message: words.panel.faults.value }];
}

export function findTicketFault(choice: ActionChoice, ticketId: string, words: Words): ActionFault[] {
  if (!hasTemplate(choice) || /^\d{1,19}$/.test(ticketId)) return [];
  return [{ field: 'ticket', message: words.panel.faults.ticket }];
}
