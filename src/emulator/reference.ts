// What a portal is made of, as the API tells it: account details, pipelines, properties, owners.
import { type Answer, invalid, isoTime, notFound } from './answers.ts';
import type { Call } from './call.ts';
import { readLimit } from './objects.ts';
import { listTypeProperties } from './properties.ts';
import type { Pipeline } from './state.ts';

// Default pipelines and stages carry the epoch (DATA.md 1.4).
const epoch = isoTime(0);

function offsetMinutes(timeZone: string, now: number): number {
  const name = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
    .formatToParts(now)
    .find((part) => part.type === 'timeZoneName')?.value;
  const match = /GMT([+-])(\d\d):(\d\d)/.exec(name ?? '');
  if (!match) return 0;
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
}

/** `GET /account-info/{v}/details` (PLATFORM.md 4.7). */
export function getAccountDetails({ world, portal }: Call): Answer {
  const minutes = offsetMinutes(portal.timeZone, world.now());
  const clock = `${String(Math.floor(Math.abs(minutes) / 60)).padStart(2, '0')}:${String(Math.abs(minutes) % 60).padStart(2, '0')}`;
  return {
    status: 200,
    body: {
      portalId: Number(portal.id),
      accountType: 'STANDARD',
      timeZone: portal.timeZone,
      companyCurrency: 'EUR',
      additionalCurrencies: [],
      utcOffset: `${minutes < 0 ? '-' : '+'}${clock}`,
      utcOffsetMilliseconds: minutes * 60_000,
      uiDomain: portal.uiDomain,
      dataHostingLocation: portal.uiDomain.includes('eu1') ? 'eu1' : 'na1',
    },
  };
}

function printPipeline(pipeline: Pipeline, displayOrder: number) {
  const dates = { createdAt: epoch, updatedAt: epoch, archived: false };
  return {
    id: pipeline.id,
    label: pipeline.label,
    displayOrder,
    stages: pipeline.stages.map((stage, order) => ({
      id: stage.id,
      label: stage.label,
      displayOrder: order,
      metadata: { ticketState: stage.ticketState, isClosed: String(stage.ticketState === 'CLOSED') },
      writePermissions: 'CRM_PERMISSIONS_ENFORCEMENT',
      ...dates,
    })),
    ...dates,
  };
}

/** `GET /crm/pipelines/{v}/tickets` */
export function listPipelines({ portal }: Call): Answer {
  return { status: 200, body: { results: portal.pipelines.map(printPipeline) } };
}

export function getPipeline({ portal, params }: Call): Answer {
  const index = portal.pipelines.findIndex((pipeline) => pipeline.id === params.id);
  const pipeline = portal.pipelines[index];
  if (!pipeline) throw notFound();
  return { status: 200, body: printPipeline(pipeline, index) };
}

/** `GET /crm/properties/{v}/{object}` */
export function listProperties({ portal, params }: Call): Answer {
  const list = listTypeProperties(portal, params.type ?? '');
  if (!list) throw invalid(`Unable to infer object type from: ${params.type}`);
  const results = list.map(({ name, label, kind, readOnly, options }) => ({
    name,
    label,
    type: kind,
    fieldType: kind === 'enumeration' ? 'select' : kind === 'datetime' ? 'date' : kind === 'number' ? 'number' : 'text',
    description: '',
    groupName: 'information',
    options: options.map((value, displayOrder) => ({ label: value, value, displayOrder, hidden: false })),
    displayOrder: -1,
    calculated: false,
    externalOptions: false,
    hasUniqueValue: false,
    hidden: false,
    hubspotDefined: true,
    formField: false,
    modificationMetadata: { archivable: false, readOnlyDefinition: true, readOnlyValue: readOnly },
  }));
  return { status: 200, body: { results } };
}

/** `GET /crm/owners/{v}`: the owner id is not the user id (DATA.md 6). */
export function listOwners({ portal, query }: Call): Answer {
  const limit = readLimit(query, 100, 500);
  const email = query.get('email')?.toLowerCase();
  const archived = query.get('archived') === 'true';
  const after = Number(query.get('after') ?? 0);
  const owners = (archived ? [] : portal.users)
    .filter((user) => (!email || user.email.toLowerCase() === email) && Number(user.ownerId) > after)
    .sort((a, b) => Number(a.ownerId) - Number(b.ownerId));
  const page = owners.slice(0, limit);
  const last = page.at(-1);
  const paging = owners.length > limit && last ? { paging: { next: { after: last.ownerId } } } : {};
  const results = page.map((user) => ({
    id: user.ownerId,
    email: user.email,
    type: 'PERSON',
    firstName: user.firstName,
    lastName: user.lastName,
    userId: Number(user.userId),
    userIdIncludingInactive: Number(user.userId),
    createdAt: epoch,
    updatedAt: epoch,
    archived: false,
  }));
  return { status: 200, body: { results, ...paging } };
}
