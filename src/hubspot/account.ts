// What HubSpot says about the portal itself: pipelines, owners, account details (DATA.md 1.4, 6; PLATFORM.md 4.7).
import { z } from 'zod';
import type { Owner, Pipeline } from '../crm.ts';
import { id, optionalId, optionalText, page, readAs, readEach } from './answers.ts';
import type { AccountDetails } from './gateway.ts';
import { readPages } from './objects.ts';
import { paths } from './paths.ts';
import type { PortalClient } from './portal-client.ts';

const ordered = { id, label: z.string(), displayOrder: z.number().nullish(), archived: z.boolean().nullish() };
const stageShape = z.object({ ...ordered, metadata: z.record(z.string(), z.unknown()).nullish() });
const pipelineShape = z.object({ ...ordered, stages: z.array(stageShape) });

/** In HubSpot's display order. All or nothing: a pipeline left out would look deleted to every rule that names it. */
export async function listPipelines(client: PortalClient): Promise<Pipeline[]> {
  const answer = readAs(page, await client.read({ method: 'GET', path: paths.ticketPipelines }));
  const pipelines = answer.results.map((result) => readAs(pipelineShape, result));
  return inOrder(pipelines).map((pipeline) => ({
    id: pipeline.id,
    label: pipeline.label,
    stages: inOrder(pipeline.stages).map(({ id: stageId, label, metadata }) => ({
      id: stageId,
      label,
      // Absent = open; `isClosed` stands beside it on deals and may on tickets (DATA.md 1.4).
      closed: metadata?.ticketState === 'CLOSED' || (!metadata?.ticketState && String(metadata?.isClosed) === 'true'),
    })),
  }));
}

function inOrder<T extends { label: string; displayOrder?: number | null; archived?: boolean | null }>(all: T[]): T[] {
  // Equal displayOrder: alphabetically by label (spec Pipeline).
  return all
    .filter((each) => each.archived !== true)
    .sort((a, b) => (a.displayOrder ?? 0) - (b.displayOrder ?? 0) || a.label.localeCompare(b.label));
}

const ownerShape = z.object({
  id,
  userId: optionalId,
  userIdIncludingInactive: optionalId,
  email: optionalText,
  firstName: optionalText,
  lastName: optionalText,
});

/** Owner id is not user id: `A-<userId>` of a message maps through this list (DATA.md 6). */
export async function listOwners(client: PortalClient): Promise<Owner[]> {
  const results = await readPages(client, paths.owners, { limit: '100' });
  const { read, unreadable } = readEach(ownerShape, results);
  client.warnUnreadable(paths.owners, unreadable);
  return read.map((owner) => ({
    id: owner.id,
    userId: owner.userId ?? owner.userIdIncludingInactive,
    email: owner.email?.toLowerCase() ?? null,
    firstName: owner.firstName || null,
    lastName: owner.lastName || null,
  }));
}

const detailsShape = z.object({ portalId: id, uiDomain: z.string().min(1), timeZone: z.string().min(1) });

export function readAccountDetails(answer: unknown): AccountDetails {
  return readAs(detailsShape, answer);
}
