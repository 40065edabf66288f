// One portal's settings: the document of PRODUCT.md 3 as a schema with defaults, and the checks that need the portal's pipelines.
import { z } from 'zod';
import type { Pipeline } from '../crm.ts';
import { findIssues, type SettingsContext } from './settings-issues.ts';
import { stageActions } from './stage-actions.ts';

const id = z.string().min(1).max(64);
const stageIds = z.array(id).max(100).nullable().default(null);

function wholeNumber(min: number, max: number) {
  const words = `Use a whole number from ${min} to ${max}.`;
  return z.int(words).min(min, words).max(max, words);
}

/**
 * Values by the id of a pipeline or stage. The number of keys is looked at before any value is, and `__proto__`, which zod's record
 * leaves out without a word, is refused like every other id that HubSpot does not know.
 */
function recordById<T extends z.ZodType>(value: T, maxKeys: number) {
  const record = z.record(id, value);
  return z
    .custom<z.input<typeof record>>()
    .superRefine((input, context) => {
      if (typeof input !== 'object' || input === null || Array.isArray(input)) {
        context.addIssue('Use an object whose keys are ids.');
      } else if (Object.keys(input).length > maxKeys) {
        context.addIssue(`Use at most ${maxKeys} entries.`);
      } else if (Object.hasOwn(input, '__proto__')) {
        context.addIssue({ code: 'custom', path: ['__proto__'], message: unknownKeyWords });
      }
    })
    .pipe(record);
}

const unknownKeyWords = 'Baton knows no setting of this name here. Correct the name or leave it out.';

const newConversation = z.strictObject({
  enabled: z.boolean().default(false),
  stageId: id.nullable().default(null),
  channelAccountIds: z.array(id).max(1000).nullable().default(null),
  graceSeconds: wholeNumber(0, 3600).default(60),
});
const outgoing = z.strictObject({
  enabled: z.boolean().default(false),
  stageId: id.nullable().default(null),
  fromStageIds: stageIds,
});
const closed = z.strictObject({
  policy: z.enum(['always', 'within', 'never']).default('within'),
  days: wholeNumber(1, 3650).default(14),
  otherwise: z.enum(['leave', 'new-ticket']).default('new-ticket'),
});
const incoming = z.strictObject({
  enabled: z.boolean().default(false),
  stageId: id.nullable().default(null),
  fromStageIds: stageIds,
  anySender: z.boolean().default(true),
  closed: closed.prefault({}),
});
const pipelineRules = z.strictObject({
  newConversation: newConversation.prefault({}),
  outgoing: outgoing.prefault({}),
  incoming: incoming.prefault({}),
  // HubSpot allows 100 stages in a ticket pipeline (DATA.md 1.4).
  stageActions: recordById(stageActions, 100).default({}),
});
const guards = z.strictObject({
  automaticReplies: z.boolean().default(true),
  thanksKeepsClosed: z.boolean().default(false),
  movesPerTicketPerHour: wholeNumber(1, 1000).default(10),
});

export const settingsSchema = z.strictObject({
  paused: z.boolean().default(false),
  shadow: z.boolean().default(false),
  channels: z
    .array(z.string().regex(/^\d{1,10}$/, 'Use a channel id of 1 to 10 digits, for example "1002" for email.'))
    .max(50)
    .default(['1002']),
  pipelines: recordById(pipelineRules.prefault({}), 200).default({}),
  guards: guards.prefault({}),
  mailbox: z
    .strictObject({
      evidence: z
        .enum(['auto', 'associated', 'fingerprint', 'off'], 'Choose "auto", "associated", "fingerprint" or "off".')
        .default('auto'),
    })
    .prefault({}),
});
export type Settings = z.infer<typeof settingsSchema>;
export type PipelineRules = z.infer<typeof pipelineRules>;

/** `path` like `pipelines.0.outgoing.stageId`; `message` is for an admin. */
export type SettingsIssue = { path: string; message: string };

/** More than anybody reads at once; a document may hold a hundred thousand wrong values. */
const maxIssues = 100;

/**
 * Settings with every default filled in, or what is wrong with each field: at most 100 issues. Refuses what HubSpot does not know,
 * so that nothing saved is without effect. Never throws.
 */
export function parseSettings(
  input: unknown,
  pipelines: Pipeline[],
  context: SettingsContext = {},
): { settings: Settings } | { issues: SettingsIssue[] } {
  const parsed = settingsSchema.safeParse(input, { error: describeIssue });
  const issues = parsed.success
    ? findIssues(parsed.data, pipelines, context)
    : parsed.error.issues.slice(0, maxIssues).flatMap(toSettingsIssues);
  if (issues.length > 0) return { issues: issues.slice(0, maxIssues) };
  return { settings: parsed.data as Settings };
}

const kindWords: Record<string, string> = {
  boolean: 'Use true for on or false for off.',
  string: 'Use an id as text, for example "2".',
  array: 'Use a list, for example ["1", "2"].',
  object: 'Use an object with named values.',
};

/** What zod found, in an admin's words; where the schema itself brings words, zod does not ask. */
function describeIssue(issue: z.core.$ZodRawIssue): string {
  if (issue.code === 'invalid_type') return kindWords[issue.expected] ?? 'This value is of the wrong kind.';
  if (issue.code === 'invalid_value') return `Choose one of: ${issue.values.join(', ')}.`;
  if (issue.code === 'too_big') {
    return `Use at most ${issue.maximum} ${issue.origin === 'string' ? 'characters' : 'entries'}.`;
  }
  if (issue.code === 'too_small') return 'This must not be empty.';
  if (issue.code === 'invalid_key') return 'This is no id: use 1 to 64 characters.';
  return 'This value is not understood.';
}

function toSettingsIssues(issue: z.core.$ZodIssue): SettingsIssue[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: printPath(issue.path), message: issue.message }];
  return issue.keys
    .slice(0, maxIssues)
    .map((key) => ({ path: printPath([...issue.path, key]), message: unknownKeyWords }));
}

/** A key may be as long as the whole request. */
function printPath(path: PropertyKey[]): string {
  return path.map((part) => String(part).slice(0, 64)).join('.');
}

export const defaultSettings: Settings = settingsSchema.parse({});

/** The rules of a pipeline; every toggle off where nothing was set. */
export function rulesOf(settings: Settings, pipelineId: string): PipelineRules {
  const rules = Object.hasOwn(settings.pipelines, pipelineId) ? settings.pipelines[pipelineId] : undefined;
  return rules ?? pipelineRules.parse({});
}

export type SettingsChange = { path: string; before: unknown; after: unknown };

/**
 * Each value that differs, in the document's order; a list counts as one value. A pipeline that one of the two does not name is held
 * against the defaults. Never throws.
 */
export function diffSettings(before: Settings, after: Settings): SettingsChange[] {
  const pipelineIds = new Set([...Object.keys(before.pipelines), ...Object.keys(after.pipelines)]);
  const fill = (settings: Settings) => ({
    ...settings,
    pipelines: Object.fromEntries([...pipelineIds].map((pipelineId) => [pipelineId, rulesOf(settings, pipelineId)])),
  });
  return diffValues([], fill(before), fill(after));
}

/** Keys in any order: PostgreSQL's jsonb does not keep theirs. */
function diffValues(path: string[], before: unknown, after: unknown): SettingsChange[] {
  if (isNamed(before) && isNamed(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => diffValues([...path, key], before[key], after[key]));
  }
  const same =
    Array.isArray(before) && Array.isArray(after)
      ? before.length === after.length && before.every((each, index) => diffValues([], each, after[index]).length === 0)
      : before === after;
  return same ? [] : [{ path: printPath(path), before, after }];
}

function isNamed(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
