// CRM objects by batch read (DATA.md 4): chunks, duplicates, and 207 answers whose missing ids are simply absent.
import type { BatchReadInputSimplePublicObjectId } from '@hubspot/api-client/lib/codegen/crm/objects/index.js';
import { z } from 'zod';
import { BatonError } from '../errors.ts';
import { chunk, id, optionalTime, type Properties, page, properties, readAs } from './answers.ts';
import { describeBody } from './failures.ts';
import type { ObjectName } from './gateway.ts';
import { paths } from './paths.ts';
import type { PortalClient } from './portal-client.ts';

const change = z.object({
  // A cleared property has an empty value.
  value: z.unknown().transform((value) => (value === null || value === undefined ? '' : String(value))),
  timestamp: z
    .union([z.string(), z.number()])
    .transform((value) => new Date(value))
    .refine((at) => !Number.isNaN(at.getTime())),
  sourceType: z.string().nullish(),
  sourceId: z.union([z.string(), z.number()]).nullish(),
});

export const crmObject = z.object({
  id,
  createdAt: optionalTime,
  updatedAt: optionalTime,
  properties,
  propertiesWithHistory: z.record(z.string(), z.array(change).nullish()).nullish(),
});
export type CrmObject = z.infer<typeof crmObject>;

export const batchAnswer = z.object({
  results: z.array(z.unknown()).nullish(),
  errors: z.array(z.record(z.string(), z.unknown())).nullish(),
});

/** "100 inputs, reads with history 50" (object API guide, DATA.md 0.7). */
const inputsPerCall = 100;
const inputsPerCallWithHistory = 50;

/**
 * Reads objects by id, in any order; ids HubSpot does not know are absent. An object that cannot be read would look the
 * same as one that is gone, so it throws `hubspot-unreadable` and is not left out.
 */
export async function readObjects(
  client: PortalClient,
  name: ObjectName,
  ids: string[],
  wanted: { properties: readonly string[]; history?: readonly string[] },
): Promise<CrmObject[]> {
  const history = [...(wanted.history ?? [])];
  const size = history.length > 0 ? inputsPerCallWithHistory : inputsPerCall;
  const objects: CrmObject[] = [];
  for (const part of chunk([...new Set(ids)], size)) {
    objects.push(...(await readChunk(client, name, part, [...wanted.properties], history)));
  }
  return objects;
}

async function readChunk(
  client: PortalClient,
  name: ObjectName,
  ids: string[],
  names: string[],
  history: string[],
): Promise<CrmObject[]> {
  // All three keys are required by the schema, even empty (DATA.md 4).
  const body: BatchReadInputSimplePublicObjectId = {
    inputs: ids.map((objectId) => ({ id: objectId })),
    properties: names,
    propertiesWithHistory: history,
  };
  let answer: unknown;
  try {
    answer = await client.read({ method: 'POST', path: paths.batchRead(name), body });
  } catch (error) {
    // A hundred long mails can be too much for one answer: half of them, then, down to one.
    if (!(error instanceof BatonError && error.code === 'hubspot-unreadable') || ids.length === 1) throw error;
    const middle = Math.ceil(ids.length / 2);
    const first = await readChunk(client, name, ids.slice(0, middle), names, history);
    return [...first, ...(await readChunk(client, name, ids.slice(middle), names, history))];
  }
  const { results, errors } = readAs(batchAnswer, answer);
  requireOnlyMissing(errors ?? []);
  return (results ?? []).map((result) => readAs(crmObject, result));
}

/**
 * Properties by name of objects of any type; null where HubSpot has no value or no such property (unknown names are ignored
 * silently, DATA.md 4). Ids HubSpot does not know are absent.
 */
export async function readProperties(
  client: PortalClient,
  type: ObjectName,
  ids: string[],
  names: string[],
): Promise<Map<string, Properties>> {
  const wanted = [...new Set(names)];
  const nothing: Properties = Object.fromEntries(wanted.map((name) => [name, null]));
  const found = new Map<string, Properties>();
  // Without names still one call: it tells which ids exist.
  for (const part of wanted.length === 0 ? [[]] : chunk(wanted, namesPerCall)) {
    for (const object of await readObjects(client, type, ids, { properties: part })) {
      const has = (name: string) => Object.hasOwn(object.properties, name);
      const values = part.map((name) => [name, has(name) ? (object.properties[name] ?? null) : null] as const);
      found.set(object.id, { ...(found.get(object.id) ?? nothing), ...Object.fromEntries(values) });
    }
  }
  return found;
}

/** No limit is documented for batch read; a search body ends at 3,000 characters (DATA.md 4), a hundred names are about that. */
const namesPerCall = 100;

export type Association = { id: string; typeId: number };

/** The body of a create: an association is named by ids alone, HubSpot knows the type of the other end from `typeId` (DATA.md 3.4). */
export function describeNewObject(written: Record<string, string>, associations: Association[]) {
  return {
    properties: written,
    associations: associations.map(({ id: toId, typeId }) => ({
      to: { id: toId },
      types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: typeId }],
    })),
  };
}

const created = z.object({ id, createdAt: optionalTime.catch(null) });

/** Reads the 201 of a create. Without an id nobody can say what was made: `hubspot-unknown-outcome`. */
export function readCreated(answer: unknown): z.infer<typeof created> {
  const result = created.safeParse(answer);
  if (result.success) return result.data;
  throw new BatonError('hubspot-unknown-outcome', { detail: 'HubSpot did not say which record it made.' });
}

/** Missing ids come as 207 with category OBJECT_NOT_FOUND (DATA.md 4, unverified); no other error may look like absence. */
export function requireOnlyMissing(errors: Record<string, unknown>[]): void {
  const other = errors.find((error) => !/NOT_FOUND|NO_ASSOCIATIONS/.test(`${error.category} ${error.subCategory}`));
  if (other) throw new BatonError('hubspot-transient', { detail: describeBody(other) });
}

/** Every result of a list, page by page. A list that never ends is `hubspot-unreadable`. */
export async function readPages(client: PortalClient, path: string, query: Record<string, string>): Promise<unknown[]> {
  const results: unknown[] = [];
  let after: string | null = null;
  for (let count = 0; count < maxPages; count += 1) {
    const answer: z.infer<typeof page> = readAs(
      page,
      await client.read({ method: 'GET', path, query: after === null ? query : { ...query, after } }),
    );
    results.push(...answer.results);
    after = answer.paging;
    if (after === null) return results;
  }
  throw new BatonError('hubspot-unreadable', { detail: 'A list has no end.' });
}

/** 10,000 owners or 50,000 threads of one ticket: no portal has them, a cursor that repeats itself would. */
const maxPages = 100;
