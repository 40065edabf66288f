// The form of one stage action: its fields as typed, and the action they make.
import type { StageAction } from '../../rules/stage-actions.ts';
import { type Body, readOne } from './settings-fields.ts';

/** What an admin chooses from: the kinds of PRODUCT.md 3, a notification by each of its two ways. */
export const actionChoices = [
  'thread',
  'transactional',
  'create-task',
  'add-note',
  'set-property',
  'assign-owner',
  'post-webhook',
] as const;
export type ActionChoice = (typeof actionChoices)[number];

/** The permission a choice cannot do without, beside those nothing works without. */
export const scopeOfChoice: Record<ActionChoice, string> = {
  thread: 'conversations.write',
  transactional: 'transactional-email',
  'create-task': 'crm.objects.contacts.write',
  'add-note': 'crm.objects.contacts.write',
  'set-property': 'tickets',
  'assign-owner': 'tickets',
  'post-webhook': 'tickets',
};

const fieldsByChoice = {
  thread: ['senderUserId', 'body'],
  transactional: ['emailId'],
  'create-task': ['subject', 'dueInHours', 'owner'],
  'add-note': ['body'],
  'set-property': ['property', 'value'],
  'assign-owner': ['ownerId'],
  'post-webhook': ['url'],
} as const satisfies Record<ActionChoice, readonly string[]>;

/** Names of fields, in the form as in the action. */
export type ActionField = (typeof fieldsByChoice)[ActionChoice][number];
/** As typed; a field that the choice does not have is empty. */
export type ActionFields = Record<ActionField, string>;

const blank: ActionFields = {
  senderUserId: '',
  body: '',
  emailId: '',
  subject: '',
  dueInHours: '24',
  owner: 'ticket-owner',
  property: '',
  value: '',
  ownerId: '',
  url: '',
};

export function findChoice(value: unknown): ActionChoice | undefined {
  return actionChoices.find((choice) => choice === value);
}

export function choiceOf(action: StageAction): ActionChoice {
  return action.kind === 'send-notification' ? action.via : action.kind;
}

export function fieldsOf(choice: ActionChoice): readonly ActionField[] {
  return fieldsByChoice[choice];
}

export function isField(choice: ActionChoice, name: string): name is ActionField {
  return fieldsByChoice[choice].some((field) => field === name);
}

/** Whether the choice writes a text that a ticket's values are filled into. */
export function hasTemplate(choice: ActionChoice): boolean {
  return choice === 'thread' || choice === 'create-task' || choice === 'add-note';
}

export function readActionFields(body: Body, choice: ActionChoice): ActionFields {
  const read = fieldsByChoice[choice].map((name) => {
    const text = readOne(body, name);
    // Lines end in CR LF in a form; the settings keep LF alone, so that saving unchanged changes nothing.
    return [name, name === 'body' ? text.replace(/\r\n?/g, '\n') : text.trim()];
  });
  return { ...blank, ...Object.fromEntries(read) };
}

/** The form as it stands for an action, or for a new one. */
export function fillActionFields(action: StageAction | undefined): ActionFields {
  if (!action) return blank;
  const values = Object.entries(action).filter(([name]) => isField(choiceOf(action), name));
  return { ...blank, ...Object.fromEntries(values.map(([name, value]) => [name, String(value)])) };
}

/** Text where no number was typed, which the schema then refuses. */
function toNumber(text: string): number | string {
  return /^\d{1,15}([.,]\d{1,4})?$/.test(text) ? Number(text.replace(',', '.')) : text;
}

/** What the fields say, for the schema to judge. */
export function toAction(id: string, choice: ActionChoice, fields: ActionFields): Record<string, unknown> {
  const values = Object.fromEntries(
    fieldsByChoice[choice].map((name) => {
      const typed = fields[name];
      return [name, name === 'emailId' || name === 'dueInHours' ? toNumber(typed) : typed];
    }),
  );
  const isNotification = choice === 'thread' || choice === 'transactional';
  return { id, ...(isNotification ? { kind: 'send-notification', via: choice } : { kind: choice }), ...values };
}
