// Creating CRM objects: an input is checked whole, then made with its associations (DATA.md 1.1, 2.2, 4, 6, 7d).
import { invalid, propertyErrorBody, Refusal, refuse } from './answers.ts';
import type { Call } from './call.ts';
import { associate } from './links.ts';
import { findContact } from './messages.ts';
import { findAssociationTarget } from './object-types.ts';
import { findProblems, readWrittenProperties } from './properties.ts';
import { conversationsSource, createRecord, findRecord, updateRecord } from './records.ts';
import type { CrmRecord, ObjectType, PortalState } from './state.ts';
import { attachTicket } from './threads.ts';

type Target = { type: ObjectType | 'threads'; id: string };
export type CheckedObject = { properties: Record<string, string>; targets: Target[] };

/** A thread has one ticket (DATA.md 3.1); what HubSpot answers to a second one is unknown: `quirks.secondTicketOfThread`. */
function readThread({ portal, world }: Call, id: string): Target[] {
  const thread = portal.threads[id];
  if (!thread) throw invalid(`Thread ${id} does not exist`);
  if (!thread.ticketId) return [{ type: 'threads', id }];
  if (world.quirks.secondTicketOfThread === 'ignore') return [];
  throw invalid(`Thread ${id} already has a ticket`);
}

function readTarget(call: Call, type: ObjectType, id: string, one: Record<string, unknown> | null): Target[] {
  const typeId = Number(one?.associationTypeId);
  if (one?.associationCategory !== 'HUBSPOT_DEFINED') throw invalid('Unknown association category');
  if (type === 'tickets' && typeId === call.world.quirks.threadAssociationTypeId) return readThread(call, id);
  const target = findAssociationTarget(type, typeId);
  if (!target) throw invalid(`Association type ${typeId} does not exist for ${type}`);
  if (!findRecord(call.portal, target, id, { followsMerge: false })) throw invalid(`No ${target} with id ${id}`);
  return [{ type: target, id }];
}

function readTargets(call: Call, type: ObjectType, value: unknown): Target[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw invalid('associations must be a list');
  return value.flatMap((entry: { to?: { id?: unknown }; types?: unknown } | null) => {
    if (!Array.isArray(entry?.types) || entry.types.length === 0) throw invalid('An association needs types');
    const id = String(entry.to?.id ?? '');
    return entry.types.flatMap((one) => readTarget(call, type, id, one));
  });
}

// Tickets DATA.md 1.1, activities 2.2 and 6.
function findMissing(type: ObjectType, properties: Record<string, string>): string[] {
  const required = type === 'tickets' ? ['subject', 'hs_pipeline_stage'] : type === 'contacts' ? [] : ['hs_timestamp'];
  return required.filter((name) => !properties[name]);
}

function withDefaults(portal: PortalState, type: ObjectType, properties: Record<string, string>) {
  if (type !== 'tickets' || properties.hs_pipeline) return properties;
  return { ...properties, hs_pipeline: portal.pipelines[0]?.id ?? '' };
}

/** Two contacts never share an address, primary or additional. Throws 409 in HubSpot's words. */
export function requireFreeAddress(portal: PortalState, written: Record<string, string>, own?: CrmRecord): void {
  const holder = written.email ? findContact(portal, written.email) : undefined;
  if (holder && holder !== own) throw refuse(409, 'CONFLICT', `Contact already exists. Existing ID: ${holder.id}`);
}

/** Checks one create input whole; nothing is made. Throws Refusal. */
export function checkNewObject(call: Call, type: ObjectType, input: unknown): CheckedObject {
  const { portal, version } = call;
  const body = (input ?? {}) as { properties?: unknown; associations?: unknown };
  const written = readWrittenProperties(body.properties);
  if (!written) throw invalid('properties must be an object');
  const properties = withDefaults(portal, type, written);
  const problems = [
    ...findMissing(type, properties).map((name) => ({
      name,
      code: 'MISSING_REQUIRED_PROPERTY',
      message: `Property "${name}" is required.`,
    })),
    ...findProblems(portal, type, properties, {}, version >= '2026-09'),
  ];
  if (problems.length > 0)
    throw new Refusal({ status: 400, body: propertyErrorBody(portal.id, problems, call.world.quirks) });
  if (type === 'contacts') {
    // "required to include at least one of" (contacts guide).
    if (!properties.email && !properties.firstname && !properties.lastname)
      throw invalid('A contact needs at least one of email, firstname, lastname');
    requireFreeAddress(portal, properties);
  }
  return { properties, targets: readTargets(call, type, body.associations) };
}

/** Makes what was checked. */
export function makeNewObject(call: Call, type: ObjectType, { properties, targets }: CheckedObject): CrmRecord {
  const { world, portal, source } = call;
  const record = createRecord(world, portal, type, { properties, source });
  const threadIds: string[] = [];
  for (const target of targets) {
    if (target.type === 'threads') threadIds.push(target.id);
    else associate(world, portal, { fromType: type, fromId: record.id, toType: target.type, toId: target.id }, source);
  }
  attachThreads(call, record, threadIds);
  return record;
}

function attachThreads({ world, portal }: Call, ticket: CrmRecord, threadIds: string[]): void {
  for (const id of threadIds) {
    const thread = portal.threads[id];
    if (thread) attachTicket(world, portal, thread, ticket.id);
  }
  const [first] = threadIds;
  if (!first || !world.quirks.stampsOriginatingThread) return;
  const properties = { hs_conversations_originating_thread_id: first };
  updateRecord(world, portal, 'tickets', ticket, { properties, source: conversationsSource });
}
