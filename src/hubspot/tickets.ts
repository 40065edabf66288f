// Tickets (0-5): read with what a decision needs (DATA.md 1.2, 1.3).
import type { StageChange, Ticket } from '../crm.ts';
import { BatonError } from '../errors.ts';
import { readAs, readTime } from './answers.ts';
import { type CrmObject, crmObject, readObjects } from './objects.ts';
import { paths } from './paths.ts';
import type { PortalClient } from './portal-client.ts';

const stageProperty = 'hs_pipeline_stage';

const ticketProperties = [
  'hs_pipeline',
  stageProperty,
  'createdate',
  'hs_conversations_originating_thread_id',
  'hs_conversations_originating_message_id',
  'hs_originating_email_engagement_id',
  'hs_last_closed_date',
  'closed_date',
  'hs_num_associated_conversations',
  'hs_merged_object_ids',
];

export async function readTickets(
  client: PortalClient,
  ticketIds: string[],
  options: { history: boolean },
): Promise<Map<string, Ticket>> {
  const history = options.history ? [stageProperty] : [];
  const objects = await readObjects(client, 'tickets', ticketIds, { properties: ticketProperties, history });
  return new Map(objects.map((object) => [object.id, toTicket(object)]));
}

export async function findTicket(client: PortalClient, ticketId: string): Promise<Ticket | undefined> {
  const query = { properties: ticketProperties.join(','), propertiesWithHistory: stageProperty };
  try {
    const answer = await client.read({ method: 'GET', path: paths.object('tickets', ticketId), query });
    return toTicket(readAs(crmObject, answer));
  } catch (error) {
    if (error instanceof BatonError && error.code === 'hubspot-not-found') return undefined;
    throw error;
  }
}

/** See PortalGateway.updateTicket. By single PATCH, which follows a merge (object API guide, DATA.md 1.1). */
export async function updateTicket(
  client: PortalClient,
  ticketId: string,
  properties: Record<string, string>,
): Promise<void> {
  await client.write({ method: 'PATCH', path: paths.object('tickets', ticketId), body: { properties } });
}

function toTicket(object: CrmObject): Ticket {
  const values = object.properties;
  const pipelineId = values.hs_pipeline;
  const stageId = values[stageProperty];
  const createdAt = object.createdAt ?? readTime(values.createdate);
  if (!pipelineId || !stageId || !createdAt) {
    throw new BatonError('hubspot-unreadable', { detail: `Ticket ${object.id} has no pipeline, stage or date.` });
  }
  const threadCount = values.hs_num_associated_conversations;
  return {
    id: object.id,
    pipelineId,
    stageId,
    createdAt,
    originatingThreadId: readNumberId(values.hs_conversations_originating_thread_id),
    originatingMessageId: values.hs_conversations_originating_message_id ?? null,
    originatingEmailId: readNumberId(values.hs_originating_email_engagement_id),
    lastClosedAt: readTime(values.hs_last_closed_date) ?? readTime(values.closed_date),
    threadCount: threadCount && Number.isFinite(Number(threadCount)) ? Number(threadCount) : null,
    mergedIds: (values.hs_merged_object_ids ?? '').split(/[;,]/).flatMap((part) => part.trim() || []),
    stageHistory: toStageHistory(object),
  };
}

/** Newest first, whatever the order HubSpot sends: `sort` keeps its order within one millisecond. */
function toStageHistory(object: CrmObject): StageChange[] {
  const changes = object.propertiesWithHistory?.[stageProperty] ?? [];
  return changes
    .map((change) => ({
      stageId: change.value,
      at: change.timestamp,
      sourceType: change.sourceType ?? 'UNKNOWN',
      sourceId: change.sourceId == null ? null : String(change.sourceId),
    }))
    .sort((a, b) => b.at.getTime() - a.at.getTime());
}

/** Number properties may carry a fraction of zeros (`6065362089.0`); a thread id is compared as text (DATA.md 7b). */
function readNumberId(value: string | null | undefined): string | null {
  return value?.replace(/\.0+$/, '') || null;
}
