// The record of a ticket: what it is, how it came there, what hangs on it, and everything an agent does with it.
import { listThreadsOfTicket } from '../links.ts';
import { lastVisitorAddress } from '../messages.ts';
import { listContacts, listLatestTickets } from '../page-index.ts';
import { historyOf } from '../property-history.ts';
import type { CrmRecord, PortalState, Thread } from '../state.ts';
import { emailList, noteList, propertyList } from './activities.ts';
import * as facts from './facts.ts';
import * as fields from './fields.ts';
import { live } from './live.ts';
import { type Html, html, table, time } from './markup.ts';
import { rowsAPage, windowOf } from './pager.ts';

/** What it is, and the ways on: to its newest conversation, where the customer replies, and to its people. */
function heading(portal: PortalState, ticket: CrmRecord, thread: Thread | undefined): Html {
  const root = `/portals/${portal.id}`;
  const pipeline = portal.pipelines.find((one) => one.id === ticket.properties.hs_pipeline);
  const [person] = facts.linked(portal, 'tickets', ticket.id, 'contacts');
  const by = person && html`, of <a href="${root}/contacts/${person.id}">${facts.nameOf(person)}</a>`;
  const way = thread && html` <a href="${root}/threads/${thread.id}">Open its conversation</a>`;
  return html`<p role="status">Ticket ${ticket.id} in ${pipeline?.label ?? ''}${by}: <span class="stage" data-ticket="${ticket.id}">${facts.stageLabel(portal, ticket.properties.hs_pipeline_stage)}</span>.${way}</p>`;
}

function stageHistory(portal: PortalState, ticket: CrmRecord, appId: string): Html {
  const rows = historyOf(ticket, 'hs_pipeline_stage').map(
    (entry) =>
      html`<tr><td>${time(entry.timestamp)}</td><td>${facts.stageLabel(portal, entry.value)}</td><td>${facts.sourceName(portal, entry, appId)}</td></tr>`,
  );
  return html`${table('Status history', ['When (UTC)', 'Status', 'By'], rows)}`;
}

function conversations(portal: PortalState, ticket: CrmRecord, threads: Thread[]): Html {
  const origin = ticket.properties.hs_conversations_originating_thread_id;
  if (threads.length === 0) return html`<p>None: it was made by hand, or by an app.</p>`;
  const rows = threads.map((thread) => {
    const latest = facts.latestItem(thread);
    const made = thread.id === origin && html` <span class="tag">the ticket was created from it</span>`;
    return html`<li><a href="/portals/${portal.id}/threads/${thread.id}">${facts.subjectOf(thread)}</a>${made}
<br><span class="note">${latest && facts.senderOf(portal, latest).name}: ${String(latest?.text ?? '').slice(0, 200)}</span></li>`;
  });
  return html`<ul>${rows}</ul>`;
}

function people(portal: PortalState, ticket: CrmRecord): Html {
  const rows = facts
    .linked(portal, 'tickets', ticket.id, 'contacts')
    .map(
      (one) =>
        html`<li><a href="/portals/${portal.id}/contacts/${one.id}">${facts.nameOf(one)}</a> ${one.properties.email}</li>`,
    );
  return rows.length > 0 ? html`<ul>${rows}</ul>` : html`<p>Nobody.</p>`;
}

/** The thread an answer from the record goes out on: the newest the ticket has. */
function latestThread(threads: Thread[]): Thread | undefined {
  return threads.toSorted((a, b) => (b.latestMessageAt ?? 0) - (a.latestMessageAt ?? 0))[0];
}

function sending(place: fields.Place, ticket: CrmRecord, threads: Thread[]): Html {
  const { portal } = place;
  const id = fields.hidden('ticketId', ticket.id);
  const [contact] = facts.linked(portal, 'tickets', ticket.id, 'contacts');
  const thread = latestThread(threads);
  const to = (thread && lastVisitorAddress(thread)) ?? contact?.properties.email ?? '';
  const parts = [
    fields.field('to', 'To', to),
    fields.field('subject', 'Subject', facts.titleOf(ticket)),
    fields.area('Text'),
  ];
  const agent = fields.agentChoice(portal);
  const answer =
    thread &&
    fields.folded(
      'Answer on its conversation (team address)',
      fields.form(
        place,
        'sendMessage',
        'Send',
        fields.hidden('threadId', thread.id),
        agent,
        fields.optional('cc', 'CC', facts.listCopied(portal, thread).join(', '), 'addresses, with commas'),
        fields.area('Text'),
      ),
      true,
    );
  const fromTeam = fields.form(place, 'startThread', 'Send', id, agent, fields.teamAddressChoice(portal), ...parts);
  const ownBox = [id, fields.hidden('from', 'ticket'), agent, ...parts];
  return html`<h2>Send from the ticket record</h2>${answer}
${fields.folded('New mail with the team address', fromTeam)}
${fields.folded("New mail with the agent's own mailbox", fields.form(place, 'sendMailboxEmail', 'Send', ...ownBox))}`;
}

function changing(place: fields.Place, ticket: CrmRecord): Html {
  const { portal } = place;
  const agent = fields.agentChoice(portal);
  const id = fields.hidden('ticketId', ticket.id);
  const { hs_pipeline: pipelineId = '', hs_pipeline_stage: stageId = '' } = ticket.properties;
  const latest = listLatestTickets(portal, rowsAPage);
  const others = latest.rows
    .filter((one) => one !== ticket)
    .map((one) => ({ value: one.id, label: `${one.id} ${facts.titleOf(one)}` }));
  const contacts = listContacts(portal, windowOf(1));
  const known = contacts.rows.map((one) => ({ value: one.id, label: facts.nameOf(one) }));
  const contact = fields.pick('contactId', 'Contact', known, known.length === contacts.count);
  const survivor = fields.pick('primaryId', 'The one that stays', others, latest.rows.length === latest.count);
  const mergedInto = fields.form(place, 'mergeTickets', 'Merge', fields.hidden('mergedId', ticket.id), agent, survivor);
  const board = `/portals/${portal.id}/tickets`;
  return html`<h2>Change it</h2>
${live('move', fields.form(place, 'moveTicket', 'Change the status', id, agent, fields.stageChoice(portal, pipelineId, stageId)))}
${known.length > 0 && fields.folded('Put a contact on it', fields.form(place, 'addContactToTicket', 'Add', id, agent, contact))}
${others.length > 0 && fields.folded('Merge it into another ticket', mergedInto)}
${fields.folded('Delete it', fields.form({ portal, back: board }, 'deleteTicket', 'Delete the ticket', id, agent))}`;
}

/** `page` of its emails. */
export function ticketPage(
  portal: PortalState,
  ticket: CrmRecord,
  { page, appId }: { page: number; appId: string },
): Html {
  const place = { portal, back: `/portals/${portal.id}/tickets/${ticket.id}` };
  const threads = listThreadsOfTicket(portal, ticket.id);
  const emails = facts.linked(portal, 'tickets', ticket.id, 'emails');
  return html`${live('heading', heading(portal, ticket, latestThread(threads)))}
${sending(place, ticket, threads)}${changing(place, ticket)}
<h2>Status history</h2>${live('history', stageHistory(portal, ticket, appId))}
<h2>Conversations</h2>${live('conversations', conversations(portal, ticket, threads))}
<h2>Emails</h2>${live('emails', emailList(place, emails, page))}
<h2>Notes and tasks</h2>${live('notes', noteList(portal, ticket.id))}
<h2>Contacts</h2>${live('people', people(portal, ticket))}
<h2>Properties</h2>${live('all-properties', propertyList(ticket))}`;
}
