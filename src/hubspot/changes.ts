// What changed in a portal since a moment, by CRM search: for sweeps, never to detect a message (DATA.md 4).
import { BatonError } from '../errors.ts';
import { page, readAs, readTime } from './answers.ts';
import type { ChangedObject, PortalGateway } from './gateway.ts';
import { crmObject } from './objects.ts';
import { paths } from './paths.ts';
import type { PortalClient } from './portal-client.ts';

/** The most a page of search results holds (search guide, DATA.md 4). */
const foundPerCall = 200;
/** Moves with every change, Baton's own included (DATA.md 1.2, 2.1). */
const changedProperty = 'hs_lastmodifieddate';
const wanted = {
  emails: [changedProperty, 'hs_createdate', 'hs_timestamp'],
  tickets: [changedProperty, 'createdate', 'hs_pipeline_stage'],
};

type Query = Parameters<PortalGateway['searchChanged']>[0];

/** See PortalGateway.searchChanged. */
export async function searchChanged(
  client: PortalClient,
  { type, after, before, cursor }: Query,
): Promise<{ changed: ChangedObject[]; cursor: string | null }> {
  const span = { value: String(after.getTime()), highValue: String(before.getTime()) };
  const body = {
    filterGroups: [{ filters: [{ propertyName: changedProperty, operator: 'BETWEEN', ...span }] }],
    sorts: [{ propertyName: changedProperty, direction: 'ASCENDING' }],
    properties: wanted[type],
    limit: foundPerCall,
    after: cursor ?? '0', // required by the schema (PublicObjectSearchRequest, DATA.md 4)
  };
  const answer = readAs(page, await client.read({ method: 'POST', path: paths.search(type), body }));
  return { changed: answer.results.map((result) => toChanged(type, result)), cursor: answer.paging };
}

function toChanged(type: Query['type'], result: unknown): ChangedObject {
  const object = readAs(crmObject, result);
  const values = object.properties;
  const changedAt = readTime(values[changedProperty]) ?? object.updatedAt;
  const createdAt = object.createdAt ?? readTime(values.createdate) ?? readTime(values.hs_createdate);
  if (!changedAt || !createdAt) {
    throw new BatonError('hubspot-unreadable', { detail: `One of the ${type}, ${object.id}, has no dates.` });
  }
  const stageId = values.hs_pipeline_stage ?? null;
  return { id: object.id, createdAt, changedAt, sentAt: readTime(values.hs_timestamp), stageId };
}
