// The actions a stage can have, as a schema: what each kind needs, and what an admin is told when it lacks it (PRODUCT.md 3).
import { z } from 'zod';
import { checkTemplate } from './templates.ts';
import { checkWebhookUrl } from './webhook-url.ts';

/** HubSpot's ids of users, owners and emails. */
const number = (words: string) => z.string(words).regex(/^\d{1,19}$/, words);

function template(maxLength: number) {
  return z
    .string('Write a text.')
    .min(1, 'Write a text.')
    .max(maxLength, `Use at most ${maxLength} characters.`)
    .superRefine((text, context) => {
      const mistake = text.trim() === '' ? 'Write a text.' : checkTemplate(text);
      if (mistake) context.addIssue(mistake);
    });
}

const actionId = z
  .string('Give the action an id.')
  .regex(/^[\w-]{1,64}$/, 'Use an id of 1 to 64 letters, digits, hyphens and underscores.');

/** A stage set by an action of a stage would run in circles; a pipeline without its stage is refused by HubSpot. */
const forbiddenProperties = ['hs_pipeline', 'hs_pipeline_stage'];

const sendTransactional = z.strictObject({
  id: actionId,
  kind: z.literal('send-notification'),
  via: z.literal('transactional'),
  emailId: z
    .int('Use the number of a HubSpot email, for example 123456.')
    .positive('Use the number of a HubSpot email, for example 123456.'),
});
const sendOnThread = z.strictObject({
  id: actionId,
  kind: z.literal('send-notification'),
  via: z.literal('thread'),
  senderUserId: number('Choose in whose name the mail goes out.'),
  body: template(10_000),
});
const createTask = z.strictObject({
  id: actionId,
  kind: z.literal('create-task'),
  subject: template(500),
  dueInHours: z
    .number('Use a number of hours from 0 to 8760.')
    .min(0, 'Use a number of hours from 0 to 8760.')
    .max(8_760, 'Use a number of hours from 0 to 8760.'),
  owner: z
    .string('Choose who gets the task.')
    .regex(/^(ticket-owner|none|\d{1,19})$/, 'Choose "ticket-owner", "none" or the id of an owner.')
    .default('ticket-owner'),
});
const addNote = z.strictObject({ id: actionId, kind: z.literal('add-note'), body: template(10_000) });
const setProperty = z.strictObject({
  id: actionId,
  kind: z.literal('set-property'),
  property: z
    .string('Choose a property of tickets.')
    .regex(/^[a-z]\w{0,99}$/, 'Use the internal name of a ticket property, for example hs_ticket_priority.')
    .refine(
      (name) => !forbiddenProperties.includes(name),
      'An action cannot move the ticket: choose another property.',
    ),
  value: z.string('Write the value as text.').max(1_000, 'Use at most 1000 characters.'),
});
const assignOwner = z.strictObject({
  id: actionId,
  kind: z.literal('assign-owner'),
  ownerId: number('Choose an owner.'),
});
const postWebhook = z.strictObject({
  id: actionId,
  kind: z.literal('post-webhook'),
  url: z
    .string('Write the address, for example https://example.com/hook.')
    .max(2_000, 'Use at most 2000 characters.')
    .superRefine((url, context) => {
      const mistake = checkWebhookUrl(url);
      if (mistake) context.addIssue(mistake);
    }),
});

/** The ways a notification goes out. */
export const sendNotification = z.discriminatedUnion('via', [sendTransactional, sendOnThread], {
  error: 'Choose how the notification goes out: "transactional" or "thread".',
});

export const stageAction = z.discriminatedUnion(
  'kind',
  [sendNotification, createTask, addNote, setProperty, assignOwner, postWebhook],
  {
    error:
      'Choose a kind of action: send-notification, create-task, add-note, set-property, assign-owner or post-webhook.',
  },
);
export type StageAction = z.infer<typeof stageAction>;
export type StageActionKind = StageAction['kind'];

export const stageActionKinds = [
  'send-notification',
  'create-task',
  'add-note',
  'set-property',
  'assign-owner',
  'post-webhook',
] as const satisfies readonly StageActionKind[];

export const stageActions = z.array(stageAction).max(20, 'Use at most 20 actions for a stage.');

/** The texts of an action in which placeholders are filled in. */
export function templatesOf(action: StageAction): string[] {
  if (action.kind === 'send-notification') return action.via === 'thread' ? [action.body] : [];
  if (action.kind === 'create-task') return [action.subject];
  return action.kind === 'add-note' ? [action.body] : [];
}
