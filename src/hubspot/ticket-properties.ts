// The ticket properties an admin may have set by a stage action (properties guide).
import { z } from 'zod';
import { optionalText, readEach } from './answers.ts';
import type { TicketProperty } from './gateway.ts';
import { readPages } from './objects.ts';
import { paths } from './paths.ts';
import type { PortalClient } from './portal-client.ts';

const flag = z.boolean().nullish();
const optionShape = z.object({ value: z.string(), label: optionalText, hidden: flag });
const propertyShape = z.object({
  name: z.string().min(1),
  label: optionalText,
  type: z.string(),
  options: z.array(z.unknown()).nullish(),
  hidden: flag,
  archived: flag,
  calculated: flag,
  modificationMetadata: z.object({ readOnlyValue: flag }).nullish(),
});

/** Stages are what the rules move; an action that sets them would move the ticket behind the rules' back. */
const movedByRules = new Set(['hs_pipeline', 'hs_pipeline_stage']);

/** By label, as people look for them. Without what HubSpot alone writes, what is hidden, and the stage. */
export async function listTicketProperties(client: PortalClient): Promise<TicketProperty[]> {
  const results = await readPages(client, paths.ticketProperties, { archived: 'false' });
  const { read, unreadable } = readEach(propertyShape, results);
  client.warnUnreadable(paths.ticketProperties, unreadable);
  return read
    .filter((each) => !each.hidden && !each.archived && !each.calculated && !movedByRules.has(each.name))
    .filter((each) => !each.modificationMetadata?.readOnlyValue)
    .map((each) => ({
      name: each.name,
      label: each.label ?? each.name,
      type: each.type,
      options: readEach(optionShape, each.options ?? [])
        .read.filter((option) => !option.hidden)
        .map((option) => ({ value: option.value, label: option.label ?? option.value })),
    }))
    .sort((a, b) => a.label.localeCompare(b.label));
}
