// Mail through a person's own mailbox: email activities (0-49) without a thread (DATA.md 2, 7 path P).
import { isoTime } from './answers.ts';
import { associate, dissociate, listLinkedIds } from './links.ts';
import { ensureContact, findContact, getContact, getTicket, getUser, mailMessageId } from './messages.ts';
import { planOwnMove } from './own-automation.ts';
import { createRecord, findRecord, updateRecord } from './records.ts';
import type { CrmRecord, ObjectType, PortalState, Source, User } from './state.ts';
import { uiSource } from './ticket-actions.ts';
import type { World } from './world.ts';

export type SendMailboxEmail = {
  /** The record the mail was composed on; no property of the activity says it. */
  from: 'ticket' | 'contact';
  ticketId?: string;
  contactId?: string;
  userId: string;
  to: string | string[];
  cc?: string[];
  subject: string;
  text: string;
  html?: string;
  /** SENT by default; SCHEDULED, SENDING, FAILED, BOUNCED. */
  status?: string;
  /** The ticket association comes this much later than the activity. */
  associateAfterMs?: number;
  /** Tickets ticked by hand in the composer. */
  tickTickets?: string[];
  /** Whether HubSpot puts it on the contact's open tickets by itself; default as the portal is set. */
  automatic?: boolean;
  emailThreadId?: string;
  at?: number;
};

type Person = { email: string; firstName: string; lastName: string };

function headersOf(world: World, from: Person, to: string[], cc: string[]): string {
  const printed = (email: string) => (world.quirks.namedMailAddresses ? `${email.split('@')[0]}<${email}>` : email);
  const party = (email: string) => ({ email: printed(email), firstName: '', lastName: '' });
  return JSON.stringify({ from, sender: from, to: to.map(party), cc: cc.map(party), bcc: [] });
}

function isOpenTicket(record: CrmRecord | undefined): record is CrmRecord {
  return record !== undefined && record.properties.hs_is_closed !== 'true';
}

/** The contact's five newest open tickets, as for deals (DATA.md 2.5). */
function listOpenTickets(portal: PortalState, contactId: string): string[] {
  return listLinkedIds(portal, 'contacts', contactId, 'tickets')
    .map((id) => findRecord(portal, 'tickets', id, { followsMerge: false }))
    .filter(isOpenTicket)
    .sort((a, b) => b.createdAt - a.createdAt)
    .slice(0, 5)
    .map((record) => record.id);
}

/** The tickets its writer put it on: the one it was composed on, and the ones ticked. */
function listChosenTickets(portal: PortalState, mail: SendMailboxEmail): string[] {
  const own = mail.from === 'ticket' ? [getTicket(portal, mail.ticketId ?? '').id] : [];
  const ticked = (mail.tickTickets ?? []).map((id) => getTicket(portal, id).id);
  return [...new Set([...own, ...ticked])];
}

/** The tickets HubSpot puts a contact-record mail on by itself (DATA.md 2.5). */
function listAutomaticTickets(portal: PortalState, mail: SendMailboxEmail, contactIds: string[]): string[] {
  const mode = mail.automatic ?? portal.automaticAssociation;
  if (mail.from === 'ticket' || !mode) return [];
  return contactIds.flatMap((contactId) => {
    const open = listOpenTickets(portal, contactId);
    return mode === 'some' && open.length !== 1 ? [] : open;
  });
}

const hubspotItself: Source = { type: 'AUTOMATION_PLATFORM', id: null };

/**
 * The values a mail composed in HubSpot carries. Names are recorded, these values are not (DATA.md 2.3); what differs by
 * the record it was composed on is what `fingerprints` of the portal says.
 */
function composerProperties(portal: PortalState, mail: SendMailboxEmail, user: User, at: number) {
  const mark = mailMessageId(`mark:${portal.id}:${at}:${mail.subject}`).slice(1, 25);
  const objectTypeId = mail.from === 'ticket' ? '0-5' : '0-1';
  const asked = portal.fingerprints === 'associations-request' ? objectTypeId : '0-1';
  const request = Buffer.from(JSON.stringify({ composedOn: asked })).toString('base64');
  return {
    hs_email_logged_from: 'CRM',
    hs_email_sent_via: 'GMAIL',
    hs_email_tracker_key: mark,
    hs_email_encoded_email_associations_request: request,
    hs_engagement_source: 'CRM_UI',
    hs_engagement_source_id: `userId:${user.userId}`,
    hs_created_by: user.userId,
    hs_owner_ids_from: user.ownerId,
    hs_all_owner_ids: user.ownerId,
    hs_unique_id: mark,
    hs_direction_and_unique_id: `EMAIL:${mark}`,
    ...(portal.fingerprints === 'detail' ? { hs_object_source_detail_1: objectTypeId } : {}),
  };
}

function linkTo(world: World, portal: PortalState, emailId: string, toType: ObjectType, ids: string[], source: Source) {
  for (const toId of ids) associate(world, portal, { fromType: 'emails', fromId: emailId, toType, toId }, source);
}

/** A rep sends from the composer of a ticket or a contact record with the connected mailbox. */
export function sendMailboxEmail(world: World, portal: PortalState, mail: SendMailboxEmail): { emailId: string } {
  const at = mail.at ?? world.now();
  const user = getUser(portal, mail.userId);
  const source = uiSource(portal, mail.userId);
  const to = [mail.to].flat();
  const named = mail.contactId ? [getContact(portal, mail.contactId).id] : [];
  const contactIds = [...new Set([...named, ...to.flatMap((address) => findContact(portal, address)?.id ?? [])])];
  const chosen = listChosenTickets(portal, mail);
  const automatic = listAutomaticTickets(portal, mail, contactIds).filter((id) => !chosen.includes(id));
  const ticketIds = [...chosen, ...automatic];
  const properties = {
    hs_timestamp: isoTime(at),
    hs_email_direction: 'EMAIL',
    hs_email_status: mail.status ?? 'SENT',
    hs_email_subject: mail.subject,
    hs_email_text: mail.text,
    hs_email_html: mail.html ?? '',
    hs_email_headers: headersOf(world, user, to, mail.cc ?? []),
    ...composerProperties(portal, mail, user, at),
    hs_email_message_id: mailMessageId(`${portal.id}:${at}:${mail.subject}`),
    hs_email_thread_id: mail.emailThreadId ?? mailMessageId(`thread:${portal.id}:${at}:${mail.subject}`),
    hubspot_owner_id: user.ownerId,
  };
  const logged = world.quirks.composerMailSource === 'EMAIL' ? { type: 'EMAIL', id: null } : source;
  const email = createRecord(world, portal, 'emails', { properties, source: logged, at });
  linkTo(world, portal, email.id, 'contacts', contactIds, source);
  const asSender = world.quirks.automaticAssociationSource === 'sender';
  if (!mail.associateAfterMs) {
    linkTo(world, portal, email.id, 'tickets', chosen, source);
    linkTo(world, portal, email.id, 'tickets', automatic, asSender ? source : hubspotItself);
  } else if (ticketIds.length > 0) {
    const dueAt = world.delayNow() + mail.associateAfterMs;
    world.doLater({
      kind: 'associate-email',
      portalId: portal.id,
      emailId: email.id,
      ticketIds,
      userId: mail.userId,
      dueAt,
    });
  }
  if (mail.from === 'ticket' && properties.hs_email_status === 'SENT')
    planOwnMove(world, portal, mail.ticketId ?? '', 'outgoing');
  return { emailId: email.id };
}

export type ReceiveMailboxEmail = {
  from: string;
  name?: string;
  /** Whose mailbox it reached. */
  userId: string;
  subject: string;
  text: string;
  html?: string;
  emailThreadId?: string;
  outOfOffice?: boolean;
  ticketIds?: string[];
  at?: number;
};

/** Of an incoming mail: what it answers, if anything, as `quirks.mailboxThreadIds` has it (DATA.md 7b B3: unrecorded). */
function threadIdOf(world: World, answered: string | undefined, seed: string): string {
  const { mailboxThreadIds } = world.quirks;
  if (mailboxThreadIds === 'absent') return '';
  return mailboxThreadIds === 'shared' && answered ? answered : mailMessageId(seed);
}

/** A mail that the mailbox sync logged; its source is EMAIL (DATA.md 2.3). */
export function receiveMailboxEmail(world: World, portal: PortalState, mail: ReceiveMailboxEmail): { emailId: string } {
  const at = mail.at ?? world.now();
  const user = getUser(portal, mail.userId);
  const source = { type: 'EMAIL', id: null };
  const contact = ensureContact(world, portal, { address: mail.from, name: mail.name, at }, source);
  const from = { email: mail.from, firstName: mail.name ?? '', lastName: '' };
  const properties = {
    hs_timestamp: isoTime(at),
    hs_email_direction: 'INCOMING_EMAIL',
    hs_email_status: 'SENT',
    hs_email_subject: mail.subject,
    hs_email_text: mail.text,
    hs_email_html: mail.html ?? '',
    hs_email_headers: headersOf(world, from, [user.email], []),
    hs_email_logged_from: 'EMAIL',
    hs_email_message_id: mailMessageId(`${portal.id}:${at}:${mail.subject}:in`),
    hs_email_thread_id: threadIdOf(world, mail.emailThreadId, `thread:${portal.id}:${at}:${mail.subject}:in`),
    hs_incoming_email_is_out_of_office: String(mail.outOfOffice ?? false),
  };
  const email = createRecord(world, portal, 'emails', { properties, source, at });
  linkTo(world, portal, email.id, 'contacts', [contact.id], source);
  const ticketIds = (mail.ticketIds ?? []).map((id) => getTicket(portal, id).id);
  linkTo(world, portal, email.id, 'tickets', ticketIds, source);
  for (const ticketId of ticketIds) planOwnMove(world, portal, ticketId, 'incoming');
  return { emailId: email.id };
}

export type AddEmail = {
  properties: Record<string, string>;
  contactIds?: string[];
  ticketIds?: string[];
  source?: Source;
  at?: number;
};

/** Any email activity, exactly with the properties given. */
export function addEmail(world: World, portal: PortalState, made: AddEmail): { emailId: string } {
  const source = made.source ?? { type: 'EMAIL', id: null };
  const email = createRecord(world, portal, 'emails', { properties: made.properties, source, at: made.at });
  linkTo(world, portal, email.id, 'contacts', made.contactIds ?? [], source);
  linkTo(world, portal, email.id, 'tickets', made.ticketIds ?? [], source);
  return { emailId: email.id };
}

function getEmail(portal: PortalState, emailId: string): CrmRecord {
  const email = findRecord(portal, 'emails', emailId, { followsMerge: false });
  if (!email) throw new Error(`emulator: portal ${portal.id} has no email ${emailId}`);
  return email;
}

/** E.g. SCHEDULED to SENDING to SENT. */
export function setEmailStatus(world: World, portal: PortalState, change: { emailId: string; status: string }): void {
  const email = getEmail(portal, change.emailId);
  const properties = { hs_email_status: change.status };
  updateRecord(world, portal, 'emails', email, { properties, source: { type: 'EMAIL', id: null } });
}

/** Puts an existing activity on tickets, or takes it off, as a person does later. */
export function associateEmail(
  world: World,
  portal: PortalState,
  change: { emailId: string; ticketIds: string[]; userId: string; remove?: boolean },
): void {
  const email = getEmail(portal, change.emailId);
  const source = uiSource(portal, change.userId);
  const ticketIds = change.ticketIds.map((id) => getTicket(portal, id).id);
  if (!change.remove) linkTo(world, portal, email.id, 'tickets', ticketIds, source);
  else
    for (const toId of ticketIds)
      dissociate(world, portal, { fromType: 'emails', fromId: email.id, toType: 'tickets', toId }, source);
}

/** The activity's own properties: a copy. */
export function email(_world: World, portal: PortalState, emailId: string): Record<string, string> {
  return { ...getEmail(portal, emailId).properties };
}
