// What a portal is made of, as the API tells it: account details, pipelines, properties, owners.
import { type Answer, errorBody, invalid, isoTime, notFound, printPartial } from './answers.ts';
import type { Call } from './call.ts';
import { readLimit } from './objects.ts';
import { listTypeProperties, type Property } from './properties.ts';
import type { Pipeline, Stage, User } from './state.ts';
import type { World } from './world.ts';

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

const dates = { createdAt: epoch, updatedAt: epoch, archived: false };

type Printing = Pick<World['quirks'], 'printsOpenStates'>;

function printStage({ printsOpenStates }: Printing, stage: Stage, displayOrder: number) {
  const { ticketState } = stage;
  const whole = { ticketState, isClosed: String(ticketState === 'CLOSED') };
  return {
    id: stage.id,
    label: stage.label,
    displayOrder,
    metadata: printsOpenStates ? whole : ticketState === 'CLOSED' ? { ticketState } : {},
    writePermissions: 'CRM_PERMISSIONS_ENFORCEMENT',
    ...dates,
  };
}

function printPipeline(printing: Printing, pipeline: Pipeline, displayOrder: number) {
  return {
    id: pipeline.id,
    label: pipeline.label,
    displayOrder,
    stages: pipeline.stages.map((stage, order) => printStage(printing, stage, order)),
    ...dates,
  };
}

/** `GET /crm/pipelines/{v}/tickets` */
export function listPipelines({ portal, world }: Call): Answer {
  const results = portal.pipelines.map((pipeline, order) => printPipeline(world.quirks, pipeline, order));
  return { status: 200, body: { results } };
}

function findPipeline({ portal, params, world }: Call): ReturnType<typeof printPipeline> {
  const order = portal.pipelines.findIndex((candidate) => candidate.id === params.id);
  const pipeline = portal.pipelines[order];
  if (!pipeline) throw notFound();
  return printPipeline(world.quirks, pipeline, order);
}

export function getPipeline(call: Call): Answer {
  return { status: 200, body: findPipeline(call) };
}

/** `GET /crm/pipelines/{v}/tickets/{id}/stages` */
export function listStages(call: Call): Answer {
  return { status: 200, body: { results: findPipeline(call).stages } };
}

export function getStage(call: Call): Answer {
  const stage = findPipeline(call).stages.find((candidate) => candidate.id === call.params.stageId);
  if (!stage) throw notFound();
  return { status: 200, body: stage };
}

const fieldTypes = {
  enumeration: 'select',
  datetime: 'date',
  number: 'number',
  bool: 'booleancheckbox',
  string: 'text',
};

function printProperty({ name, label, kind, readOnly, options }: Property) {
  return {
    name,
    label,
    type: kind,
    fieldType: fieldTypes[kind],
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
  };
}

function readProperties({ portal, params }: Call): Property[] {
  const list = listTypeProperties(portal, params.type ?? '');
  if (!list) throw invalid(`Unable to infer object type from: ${params.type}`);
  return list;
}

/** `GET /crm/properties/{v}/{object}`; none is archived. */
export function listProperties(call: Call): Answer {
  const list = call.query.get('archived') === 'true' ? [] : readProperties(call);
  return { status: 200, body: { results: list.map(printProperty) } };
}

export function getProperty(call: Call): Answer {
  const property = readProperties(call).find((candidate) => candidate.name === call.params.name);
  if (!property) throw notFound();
  return { status: 200, body: printProperty(property) };
}

/** `POST /crm/properties/{v}/{object}/batch/read` by names; unknown ones come back as an error of a 207. */
export function readPropertyBatch(call: Call): Answer {
  const list = readProperties(call);
  const inputs = (call.body as { inputs?: unknown } | undefined)?.inputs;
  if (!Array.isArray(inputs) || inputs.length > 100) throw invalid('inputs must be a list of at most 100 names');
  const names = inputs.map((input: { name?: unknown } | null) => String(input?.name ?? ''));
  const results = list.filter((property) => names.includes(property.name)).map(printProperty);
  const missing = names.filter((name) => !list.some((property) => property.name === name));
  const errors = missing.map((name) => ({
    ...errorBody('OBJECT_NOT_FOUND', `Property ${name} does not exist`),
    context: { name: [name] },
  }));
  const now = isoTime(call.world.now());
  const body = { status: 'COMPLETE', results, ...printPartial(errors), startedAt: now, completedAt: now };
  return { status: errors.length > 0 ? 207 : 200, body };
}

function printOwner(user: User) {
  return {
    id: user.ownerId,
    email: user.email,
    type: 'PERSON',
    firstName: user.firstName,
    lastName: user.lastName,
    userId: Number(user.userId),
    userIdIncludingInactive: Number(user.userId),
    ...dates,
  };
}

/** `GET /crm/owners/{v}`: the owner id is not the user id (DATA.md 6). No owner is archived. */
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
  return { status: 200, body: { results: page.map(printOwner), ...paging } };
}

/** `GET /crm/owners/{v}/{id}` by owner id, or by user id with `idProperty=userId`. */
export function getOwner({ portal, params, query }: Call): Answer {
  const idProperty = query.get('idProperty') ?? 'id';
  if (idProperty !== 'id' && idProperty !== 'userId') throw invalid('idProperty must be id or userId');
  const name = idProperty === 'id' ? 'ownerId' : 'userId';
  const owner = portal.users.find((user) => user[name] === params.id);
  if (!owner || query.get('archived') === 'true') throw notFound();
  return { status: 200, body: printOwner(owner) };
}
