// Makes, changes, merges and deletes CRM records, with property history and the events each change causes.
import { isoTime } from './answers.ts';
import { associate, listLinkedIds, listThreadsOfTicket } from './links.ts';
import { objectTypeNames, objectTypes } from './object-types.ts';
import { noteRecord, noteThread } from './portal-index.ts';
import { writeValue } from './property-history.ts';
import type { CrmRecord, ObjectType, PortalState, Source } from './state.ts';
import { takeId } from './state.ts';
import type { World } from './world.ts';

/** HubSpot's own doing on conversations; its real source name is not recorded. */
export const conversationsSource: Source = { type: 'CONVERSATIONS', id: null };

/** Search shows the state before a change until the index has caught up (DATA.md 4). */
function rememberIndexed(world: World, record: CrmRecord): void {
  if (world.now() - record.updatedAt < world.quirks.searchLagMs) return;
  record.indexed = { properties: { ...record.properties }, updatedAt: record.updatedAt };
}

function isClosed(portal: PortalState, stageId: string | undefined): boolean {
  const stages = portal.pipelines.flatMap((pipeline) => pipeline.stages);
  return stages.find((stage) => stage.id === stageId)?.ticketState === 'CLOSED';
}

/** What HubSpot itself fills in when a ticket enters a stage (DATA.md 1.2). */
function deriveStageTimes(portal: PortalState, before: string | undefined, after: string, at: number) {
  const closed = isClosed(portal, after);
  const derived: Record<string, string> = { [`hs_date_entered_${after}`]: isoTime(at), hs_is_closed: String(closed) };
  if (before !== undefined) derived[`hs_date_exited_${before}`] = isoTime(at);
  if (closed) {
    derived.closed_date = isoTime(at);
    derived.hs_last_closed_date = isoTime(at);
  } else if (isClosed(portal, before)) {
    derived.closed_date = '';
    derived.hs_ticket_reopened_at = isoTime(at);
  }
  return derived;
}

/** Read-only address properties come from the headers (DATA.md 2.2). */
function deriveAddresses(headers: string): Record<string, string> {
  type Party = { email?: string; firstName?: string; lastName?: string };
  const { from, sender, to, cc } = JSON.parse(headers) as { from?: Party; sender?: Party; to?: Party[]; cc?: Party[] };
  const join = (list: Party[] | undefined) => (list ?? []).map((party) => party.email ?? '').join(';');
  const derived: Record<string, string> = {
    hs_email_from_email: from?.email ?? '',
    hs_email_from_firstname: from?.firstName ?? '',
    hs_email_from_lastname: from?.lastName ?? '',
    hs_email_sender_email: sender?.email ?? '',
    hs_email_to_email: join(to),
    hs_email_cc_email: join(cc),
  };
  return Object.fromEntries(Object.entries(derived).filter(([, value]) => value !== ''));
}

function isHeaders(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}

/** All that one write changes: the written properties and what HubSpot derives from them. */
function expand(portal: PortalState, type: ObjectType, record: CrmRecord, written: Record<string, string>, at: number) {
  const all = { ...written };
  const stageId = written.hs_pipeline_stage;
  if (type === 'tickets' && stageId && stageId !== record.properties.hs_pipeline_stage)
    Object.assign(all, deriveStageTimes(portal, record.properties.hs_pipeline_stage, stageId, at));
  if (type === 'emails' && written.hs_email_headers && isHeaders(written.hs_email_headers))
    Object.assign(all, deriveAddresses(written.hs_email_headers));
  // Addresses are kept in lower case.
  if (type === 'contacts' && written.email) all.email = written.email.toLowerCase();
  if (written.hubspot_owner_id) all.hubspot_owner_assigneddate = isoTime(at);
  return all;
}

function sourceProperties(source: Source): Record<string, string> {
  // Recorded pairs (DATA.md 1.2): INTEGRATION/INTEGRATION + app id, CRM_UI/CRM_UI + userId:<n>, API/INTERNAL_PROCESSING.
  const result: Record<string, string> = {
    hs_object_source: source.type,
    hs_object_source_label: source.type === 'API' ? 'INTERNAL_PROCESSING' : source.type,
  };
  if (source.id) result.hs_object_source_id = source.id;
  const userId = source.id?.startsWith('userId:') ? source.id.slice('userId:'.length) : undefined;
  if (userId) Object.assign(result, { hs_object_source_user_id: userId, hs_created_by_user_id: userId });
  return result;
}

export type NewRecord = { properties: Record<string, string>; source: Source; id?: string; at?: number };

/** A copy is kept by V8 as a list of values; what was filled name by name is a table of 1.5 KB, for 25 properties. */
function packProperties(record: CrmRecord): void {
  record.properties = { ...record.properties };
}

/** Creates a record. `at` = creation time in epoch ms (default now). Throws when the id is taken. */
export function createRecord(world: World, portal: PortalState, type: ObjectType, made: NewRecord): CrmRecord {
  const id = made.id ?? takeId(world.state, type, world.random);
  if (portal.objects[type][id]) throw new Error(`emulator: portal ${portal.id} already has ${type} ${id}`);
  const at = made.at ?? world.now();
  const record: CrmRecord = {
    id,
    createdAt: at,
    updatedAt: at,
    archivedAt: null,
    properties: {},
    history: {},
    mergedInto: null,
    indexed: null,
  };
  const facts = objectTypes[type];
  const all = {
    ...expand(portal, type, record, made.properties, at),
    ...sourceProperties(made.source),
    hs_object_id: id,
    hs_createdate: isoTime(at),
    [facts.createdProperty]: isoTime(at),
    [facts.modifiedProperty]: isoTime(at),
    ...(type === 'tickets' ? { hs_ticket_id: id } : {}),
  };
  for (const [name, value] of Object.entries(all)) if (value !== '') record.properties[name] = value;
  packProperties(record);
  portal.objects[type][id] = record;
  noteRecord(portal, type, record);
  world.emit(portal, { kind: 'creation', type, id, source: made.source });
  const stageId = record.properties.hs_pipeline_stage;
  if (type === 'tickets' && stageId && world.quirks.announcesFirstStage) {
    const change = { name: 'hs_pipeline_stage', value: stageId, source: made.source };
    world.emit(portal, { kind: 'propertyChange', type, id, ...change });
  }
  return record;
}

/** Writes properties, without checks. A value that stays the same leaves no history and no event. */
export function updateRecord(
  world: World,
  portal: PortalState,
  type: ObjectType,
  record: CrmRecord,
  change: { properties: Record<string, string>; source: Source; at?: number },
): void {
  const at = change.at ?? world.now();
  const all = expand(portal, type, record, change.properties, at);
  rememberIndexed(world, record);
  const count = Object.keys(record.properties).length;
  for (const [name, value] of Object.entries(all)) {
    if ((record.properties[name] ?? '') === value) continue;
    writeValue(record, name, value, at, change.source);
    world.emit(portal, { kind: 'propertyChange', type, id: record.id, name, value, source: change.source });
  }
  record.updatedAt = Math.max(record.updatedAt + 1, world.now());
  record.properties[objectTypes[type].modifiedProperty] = isoTime(record.updatedAt);
  if (Object.keys(record.properties).length !== count) packProperties(record);
  noteRecord(portal, type, record);
}

export function archiveRecord(world: World, portal: PortalState, type: ObjectType, record: CrmRecord, source: Source) {
  rememberIndexed(world, record);
  record.archivedAt = world.now();
  noteRecord(portal, type, record);
  world.emit(portal, { kind: 'deletion', type, id: record.id, source });
}

/** The living record; with `followsMerge` an id that was merged away leads to the survivor (DATA.md 1.1). */
export function findRecord(
  portal: PortalState,
  type: ObjectType,
  id: string,
  options: { followsMerge: boolean },
): CrmRecord | undefined {
  let record = Object.hasOwn(portal.objects[type], id) ? portal.objects[type][id] : undefined;
  while (options.followsMerge && record?.mergedInto) record = portal.objects[type][record.mergedInto];
  return record && record.archivedAt === null ? record : undefined;
}

/** A record of its own that has everything of another but the id: what a merge goes into where it makes a new one. */
function copyTicket(world: World, portal: PortalState, original: CrmRecord): CrmRecord {
  const id = takeId(world.state, 'tickets', world.random);
  const copy = { ...structuredClone(original), id };
  Object.assign(copy.properties, { hs_object_id: id, hs_ticket_id: id });
  portal.objects.tickets[id] = copy;
  noteRecord(portal, 'tickets', copy);
  return copy;
}

/** Merges two tickets into one: the first, or a new one where `quirks.mergeMakesNewTicket`. Answers the survivor. */
export function mergeTickets(
  world: World,
  portal: PortalState,
  primary: CrmRecord,
  merged: CrmRecord,
  source: Source,
): CrmRecord {
  const survivor = world.quirks.mergeMakesNewTicket ? copyTicket(world, portal, primary) : primary;
  const gone = survivor === primary ? [merged] : [primary, merged];
  for (const one of gone) moveInto(world, portal, survivor, one, source);
  const ids = [primary, merged].flatMap((record) => record.properties.hs_merged_object_ids?.split(';') ?? []);
  const conversations = listThreadsOfTicket(portal, survivor.id).length;
  const properties = {
    hs_merged_object_ids: [...new Set([...ids, ...gone.map(({ id }) => id)])].join(';'),
    ...(conversations > 0 ? { hs_num_associated_conversations: String(conversations) } : {}),
  };
  updateRecord(world, portal, 'tickets', survivor, { properties, source });
  const told = { primaryId: primary.id, mergedId: merged.id, newId: survivor.id };
  world.emit(portal, { kind: 'merge', type: 'tickets', ...told, source });
  return survivor;
}

/** Links and threads move, the old id stays in `hs_merged_object_ids`. */
function moveInto(world: World, portal: PortalState, survivor: CrmRecord, gone: CrmRecord, source: Source): void {
  for (const type of objectTypeNames.filter((name) => name !== 'tickets'))
    for (const toId of listLinkedIds(portal, 'tickets', gone.id, type))
      associate(world, portal, { fromType: 'tickets', fromId: survivor.id, toType: type, toId }, source);
  for (const thread of world.quirks.threadsFollowMerge ? listThreadsOfTicket(portal, gone.id) : []) {
    thread.ticketId = survivor.id;
    noteThread(portal, thread);
  }
  rememberIndexed(world, gone);
  gone.archivedAt = world.now();
  gone.mergedInto = survivor.id;
  noteRecord(portal, 'tickets', gone);
}
