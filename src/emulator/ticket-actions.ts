// What happens to tickets and contacts in the portal: made, moved by people, workflows and apps, merged, deleted.
import { isoTime } from './answers.ts';
import { associate, listLinkedIds, listThreadsOfTicket } from './links.ts';
import { ensureContact, getContact, getTicket, getUser, threadSubject } from './messages.ts';
import { noteRecord } from './portal-index.ts';
import { findProblems } from './properties.ts';
import { historyOf } from './property-history.ts';
import * as records from './records.ts';
import type { CrmRecord, HistoryEntry, PortalState, Source, Stage, Thread } from './state.ts';
import { attachTicket, getThread } from './threads.ts';
import type { World } from './world.ts';

export function uiSource(portal: PortalState, userId: string): Source {
  return { type: 'CRM_UI', id: `userId:${getUser(portal, userId).userId}` };
}

function firstOpenStage(portal: PortalState): { pipelineId: string; stageId: string } {
  const pipeline = portal.pipelines[0];
  const stage = pipeline?.stages.find((candidate) => candidate.ticketState === 'OPEN');
  if (!pipeline || !stage) throw new Error(`emulator: portal ${portal.id} has no pipeline with an open stage`);
  return { pipelineId: pipeline.id, stageId: stage.id };
}

/** What a ticket made from a conversation is stamped with, once and for good (DATA.md 1.2). */
function originProperties(thread: Thread): Record<string, string> {
  const opening = thread.items.find((item) => item.type === 'MESSAGE');
  return {
    hs_conversations_originating_thread_id: thread.id,
    ...(opening ? { hs_conversations_originating_message_id: opening.id } : {}),
    ...(thread.twinIds[0] ? { hs_originating_email_engagement_id: thread.twinIds[0] } : {}),
    hs_originating_generic_channel_id: thread.channelId,
    hs_originating_channel_instance_id: thread.channelAccountId,
    hs_inbox_id: thread.inboxId,
    source_type: 'EMAIL',
    ...(thread.latestReceivedAt ? { hs_last_message_received_at: isoTime(thread.latestReceivedAt) } : {}),
    hs_last_message_from_visitor: 'true',
  };
}

type MadeTicket = {
  ticketId?: string;
  pipelineId?: string;
  stageId?: string;
  at?: number;
  /** What the stage asks a person for (`requiredForStage`). */
  properties?: Record<string, string>;
};

/** HubSpot's pages ask a person for what a stage requires (PLATFORM.md 1); nothing has happened yet. */
export class PropertiesAsked extends Error {
  readonly stageId: string;
  readonly names: string[];

  constructor(stage: Stage, names: string[]) {
    super(`emulator: ${stage.label} asks for ${names.join(', ')}`);
    this.name = 'PropertiesAsked';
    this.stageId = stage.id;
    this.names = names;
  }
}

/** Throws for what cannot be written. `asksPerson`: what the stage requires is missing too. */
function checkWrite(
  portal: PortalState,
  written: Record<string, string>,
  before: Record<string, string>,
  asksPerson: boolean,
): void {
  const problems = findProblems(portal, 'tickets', written, before, asksPerson);
  const stage = portal.pipelines.flatMap(({ stages }) => stages).find(({ id }) => id === written.hs_pipeline_stage);
  const missing = problems.filter(({ code }) => code === 'MISSING_REQUIRED_PROPERTY').map(({ name }) => name);
  if (stage && missing.length > 0) throw new PropertiesAsked(stage, missing);
  const [problem] = problems;
  if (problem) throw new Error(`emulator: ${problem.name}: ${problem.message}`);
}

/** HubSpot's own "create tickets for new conversations" on one thread. */
export function createConversationTicket(
  world: World,
  portal: PortalState,
  thread: Thread,
  made: MadeTicket & { source?: Source } = {},
): CrmRecord {
  const place = firstOpenStage(portal);
  const opening = thread.items.find((item) => item.type === 'MESSAGE');
  const source = made.source ?? records.conversationsSource;
  const written = {
    subject: threadSubject(thread),
    content: String(opening?.text ?? ''),
    hs_pipeline: made.pipelineId ?? place.pipelineId,
    hs_pipeline_stage: made.stageId ?? place.stageId,
    ...made.properties,
  };
  if (made.source) checkWrite(portal, written, {}, true);
  const properties = { ...written, ...originProperties(thread) };
  const ticket = records.createRecord(world, portal, 'tickets', { properties, source, id: made.ticketId, at: made.at });
  attachTicket(world, portal, thread, ticket.id);
  const contact = records.findRecord(portal, 'contacts', thread.contactId, { followsMerge: true });
  const side = { fromType: 'tickets', fromId: ticket.id } as const;
  if (contact) associate(world, portal, { ...side, toType: 'contacts', toId: contact.id }, source);
  for (const twinId of thread.twinIds) associate(world, portal, { ...side, toType: 'emails', toId: twinId }, source);
  return ticket;
}

export type CreateTicket = MadeTicket & {
  userId: string;
  subject?: string;
  contactIds?: string[];
  /** Threads put on it by hand: nothing is stamped as originating. */
  threadIds?: string[];
  /** "Create ticket" pressed on this thread in the inbox: stamped as originating. */
  fromThreadId?: string;
  /** The same on an email of a timeline. */
  fromEmailId?: string;
};

/** A ticket made by a person. */
export function createTicket(world: World, portal: PortalState, made: CreateTicket): { ticketId: string } {
  const source = uiSource(portal, made.userId);
  if (made.fromThreadId) {
    const thread = getThread(portal, made.fromThreadId);
    return { ticketId: createConversationTicket(world, portal, thread, { ...made, source }).id };
  }
  const place = firstOpenStage(portal);
  const properties = {
    subject: made.subject ?? 'Ticket made by hand',
    hs_pipeline: made.pipelineId ?? place.pipelineId,
    hs_pipeline_stage: made.stageId ?? place.stageId,
    ...made.properties,
  };
  checkWrite(portal, properties, {}, true);
  if (made.fromEmailId) Object.assign(properties, { hs_originating_email_engagement_id: made.fromEmailId });
  const ticket = records.createRecord(world, portal, 'tickets', { properties, source, id: made.ticketId, at: made.at });
  for (const id of made.contactIds ?? []) {
    const toId = getContact(portal, id).id;
    associate(world, portal, { fromType: 'tickets', fromId: ticket.id, toType: 'contacts', toId }, source);
  }
  if (made.fromEmailId)
    associate(
      world,
      portal,
      { fromType: 'tickets', fromId: ticket.id, toType: 'emails', toId: made.fromEmailId },
      source,
    );
  for (const threadId of made.threadIds ?? []) attachTicket(world, portal, getThread(portal, threadId), ticket.id);
  return { ticketId: ticket.id };
}

type Move = { ticketId: string; stageId: string; pipelineId?: string; at?: number };
type Asked = { asksPerson: boolean; properties?: Record<string, string> };

function move(world: World, portal: PortalState, change: Move, source: Source, asked: Asked): void {
  const { ticketId, stageId, pipelineId, at } = change;
  const ticket = getTicket(portal, ticketId);
  const properties: Record<string, string> = { ...asked.properties, hs_pipeline_stage: stageId };
  if (pipelineId) properties.hs_pipeline = pipelineId;
  checkWrite(portal, properties, ticket.properties, asked.asksPerson);
  records.updateRecord(world, portal, 'tickets', ticket, { properties, source, at });
}

const unasked: Asked = { asksPerson: false };

type PersonsMove = Move & { userId: string; properties?: Record<string, string> };

/** A person changes the status in HubSpot: CRM_UI, userId:<n>. Throws `PropertiesAsked` when the stage asks for more. */
export function moveTicket(world: World, portal: PortalState, change: PersonsMove): void {
  move(world, portal, change, uiSource(portal, change.userId), { asksPerson: true, properties: change.properties });
}

/** A workflow does; the source name of live portals is not in the sheets, so it can be given. */
export function moveByWorkflow(world: World, portal: PortalState, change: Move & { sourceType?: string }): void {
  move(world, portal, change, { type: change.sourceType ?? 'AUTOMATION_PLATFORM', id: 'enrollmentId:1' }, unasked);
}

/** Another app does: INTEGRATION with its own id. */
export function moveByApp(world: World, portal: PortalState, change: Move & { appId: string }): void {
  move(world, portal, change, { type: 'INTEGRATION', id: change.appId }, unasked);
}

/** The merged ticket's id lives on in `hs_merged_object_ids`; its threads follow. */
export function mergeTickets(
  world: World,
  portal: PortalState,
  change: { primaryId: string; mergedId: string; userId: string },
): void {
  const [primary, merged] = [getTicket(portal, change.primaryId), getTicket(portal, change.mergedId)];
  if (primary === merged) throw new Error('emulator: a ticket cannot be merged with itself');
  records.mergeTickets(world, portal, primary, merged, uiSource(portal, change.userId));
}

export function deleteTicket(world: World, portal: PortalState, ticketId: string, userId?: string): void {
  const source = uiSource(portal, userId ?? portal.users[0]?.userId ?? '');
  records.archiveRecord(world, portal, 'tickets', getTicket(portal, ticketId), source);
}

export type AddContact = {
  email: string;
  name?: string;
  additionalEmails?: string[];
  contactId?: string;
  at?: number;
};

/** The contact of an address, made when there is none. */
export function addContact(world: World, portal: PortalState, made: AddContact): { contactId: string } {
  const source = uiSource(portal, portal.users[0]?.userId ?? '');
  const { email: address, name, contactId: id, at } = made;
  const contact = ensureContact(world, portal, { address, name, id, at }, source);
  const properties = { hs_additional_emails: (made.additionalEmails ?? []).join(';') };
  if (made.additionalEmails) records.updateRecord(world, portal, 'contacts', contact, { properties, source });
  return { contactId: contact.id };
}

/** Puts a contact on a ticket by hand. */
export function addContactToTicket(
  world: World,
  portal: PortalState,
  change: { ticketId: string; contactId: string; userId?: string },
): void {
  const source = uiSource(portal, change.userId ?? portal.users[0]?.userId ?? '');
  const [fromId, toId] = [getTicket(portal, change.ticketId).id, getContact(portal, change.contactId).id];
  associate(world, portal, { fromType: 'tickets', fromId, toType: 'contacts', toId }, source);
}

/** Privacy deletion: two events in any order (PLATFORM.md 2.7). */
export function eraseContact(world: World, portal: PortalState, contactId: string): void {
  const contact = getContact(portal, contactId);
  delete portal.objects.contacts[contact.id];
  noteRecord(portal, 'contacts', contact);
  world.emit(portal, { kind: 'deletion', type: 'contacts', id: contact.id });
  world.emit(portal, { kind: 'privacyDeletion', type: 'contacts', id: contact.id });
}

/** The stage id a ticket is in now; of a merged one, the survivor's. */
export function stage(_world: World, portal: PortalState, ticketId: string): string {
  return getTicket(portal, ticketId).properties.hs_pipeline_stage ?? '';
}

export type TicketView = {
  id: string;
  properties: Record<string, string>;
  /** Newest first. */
  stageHistory: HistoryEntry[];
  threadIds: string[];
  contactIds: string[];
  emailIds: string[];
  /** Oldest first. */
  notes: Activity[];
  tasks: Activity[];
};

export type Activity = { id: string; properties: Record<string, string> };

function listActivities(portal: PortalState, ticketId: string, type: 'notes' | 'tasks'): Activity[] {
  return listLinkedIds(portal, 'tickets', ticketId, type).flatMap((id) => {
    const record = records.findRecord(portal, type, id, { followsMerge: false });
    return record ? { id, properties: { ...record.properties } } : [];
  });
}

/** A copy of the ticket with what hangs on it. */
export function ticket(_world: World, portal: PortalState, ticketId: string): TicketView {
  const record = getTicket(portal, ticketId);
  return {
    id: record.id,
    properties: { ...record.properties },
    stageHistory: structuredClone(historyOf(record, 'hs_pipeline_stage')),
    threadIds: listThreadsOfTicket(portal, record.id).map((one) => one.id),
    contactIds: listLinkedIds(portal, 'tickets', record.id, 'contacts'),
    emailIds: listLinkedIds(portal, 'tickets', record.id, 'emails'),
    notes: listActivities(portal, record.id, 'notes'),
    tasks: listActivities(portal, record.id, 'tasks'),
  };
}
