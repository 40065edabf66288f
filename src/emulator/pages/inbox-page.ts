// The inbox: every thread with its last message, and the ways new mail comes in.
import { listContacts } from '../page-index.ts';
import { latestThreads } from '../portal-index.ts';
import type { PortalState, Thread } from '../state.ts';
import * as facts from './facts.ts';
import * as fields from './fields.ts';
import { live } from './live.ts';
import { type Html, html, table, time } from './markup.ts';
import { pager, windowOf } from './pager.ts';

function row(portal: PortalState, thread: Thread): Html {
  const latest = facts.latestItem(thread);
  const ticket = facts.findTicket(portal, thread.ticketId);
  const root = `/portals/${portal.id}`;
  const tags = [
    facts.isUnanswered(thread) && 'unanswered',
    thread.status === 'CLOSED' && 'closed',
    thread.spam && 'spam',
    thread.archived && 'archived',
  ].filter((tag) => tag !== false);
  const assigned = thread.assignedTo?.replace(/^A-/, '');
  return html`<tr><td><a href="${root}/threads/${thread.id}">${facts.subjectOf(thread)}</a>
${tags.map((tag) => html`<span class="tag">${tag}</span> `)}<br><span class="note">${latest && facts.senderOf(portal, latest).name}: ${String(latest?.text ?? '').slice(0, 120)}</span></td>
<td>${ticket && html`<a href="${root}/tickets/${ticket.id}">${ticket.id}</a><br><span class="stage" data-ticket="${ticket.id}">${facts.stageLabel(portal, ticket.properties.hs_pipeline_stage)}</span>`}</td>
<td>${assigned ? facts.agentName(portal, assigned) : ''}</td><td>${time(thread.latestMessageAt)}</td></tr>`;
}

function list(portal: PortalState, page: number): Html {
  const { rows, count } = latestThreads(portal, windowOf(page));
  if (count === 0) return html`<p>No conversation yet. Write a mail as a customer.</p>`;
  const hrefOf = (to: number) => `/portals/${portal.id}?page=${to}`;
  return html`<p>${count} ${count === 1 ? 'conversation' : 'conversations'}.</p>
${table(
  'Conversations',
  ['Conversation', 'Ticket and status', 'Agent', 'Last message (UTC)'],
  rows.map((thread) => row(portal, thread)),
)}${pager({ label: 'Conversations', page, count, hrefOf })}`;
}

function newMail(place: fields.Place): Html {
  const { rows } = listContacts(place.portal, windowOf(1));
  const known = rows.map((one) => html`<option value="${one.properties.email ?? ''}">${facts.nameOf(one)}</option>`);
  return fields.form(
    place,
    'receiveMessage',
    'Send as the customer',
    html`<label>From <input name="from" type="email" list="people" required value="${rows[0]?.properties.email ?? ''}"></label>
<datalist id="people">${known}</datalist> `,
    fields.optional('name', 'Name'),
    fields.teamAddressChoice(place.portal),
    fields.optional('cc', 'CC', '', 'addresses, with commas'),
    fields.field('subject', 'Subject'),
    fields.area('Text'),
  );
}

function mailFile({ portal, back }: fields.Place): Html {
  return html`<form method="post" action="/portals/${portal.id}/importMail" enctype="multipart/form-data">${fields.hidden('back', back)}
<label>Mail file (.eml or .mbox) <input type="file" name="file" accept=".eml,.mbox,message/rfc822,application/mbox" required></label>
${fields.tick('keepsDates', 'Use the dates written in the mail (else it arrives now)')}<button>Receive</button>
<p class="note">A mail that names one we know in In-Reply-To or References joins its conversation; any other opens a new one.</p></form>`;
}

export function inboxPage(portal: PortalState, page: number): Html {
  const place = { portal, back: `/portals/${portal.id}` };
  return html`${fields.folded('Write a new mail as a customer', newMail(place))}
${fields.folded('Receive a real mail from a file', mailFile(place))}${live('threads', list(portal, page))}`;
}
