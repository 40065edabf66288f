// The contacts of a portal, and the record of one: its tickets and mail, mail to it and mail from it.
import { listContacts, listThreadsBy } from '../page-index.ts';
import { listContactsOf } from '../portal-index.ts';
import type { CrmRecord, PortalState } from '../state.ts';
import { emailList, propertyList } from './activities.ts';
import * as facts from './facts.ts';
import * as fields from './fields.ts';
import { live } from './live.ts';
import { type Html, html, table, time } from './markup.ts';
import { pager, rowsAPage, windowOf } from './pager.ts';

function find(portal: PortalState): Html {
  return html`<form method="get" action="/portals/${portal.id}/contacts" role="search">${fields.field('address', 'Find by email address')}<button>Find</button></form>`;
}

function list(portal: PortalState, page: number): Html {
  const root = `/portals/${portal.id}/contacts`;
  const { rows, count } = listContacts(portal, windowOf(page));
  if (count === 0) return html`<p>No contact yet: who writes a mail becomes one.</p>`;
  return html`<p>${count} ${count === 1 ? 'contact' : 'contacts'}, the newest first.</p>
${contactTable(portal, rows)}${pager({ label: 'Contacts', page, count, hrefOf: (to) => `${root}?page=${to}` })}`;
}

function contactTable(portal: PortalState, contacts: CrmRecord[]): Html {
  const root = `/portals/${portal.id}/contacts`;
  const rows = contacts.map(
    (one) =>
      html`<tr><td><a href="${root}/${one.id}">${facts.nameOf(one)}</a></td><td>${one.properties.email ?? ''}</td><td>${time(one.createdAt)}</td></tr>`,
  );
  return table('Contacts', ['Name', 'Address', 'Since (UTC)'], rows);
}

/** `address` = look for one contact instead of listing them all. */
export function contactsPage(portal: PortalState, asked: { page: number; address: string | undefined }): Html {
  const root = `/portals/${portal.id}/contacts`;
  if (asked.address) {
    const found = listContactsOf(portal, asked.address.trim());
    const shown =
      found.length > 0 ? contactTable(portal, found) : html`<p>Nobody has the address ${asked.address}.</p>`;
    return html`${find(portal)}${live('contacts', shown)}<p><a href="${root}">All contacts</a></p>`;
  }
  const add = fields.form(
    { portal, back: root },
    'addContact',
    'Add',
    fields.field('email', 'Email address'),
    fields.optional('name', 'Name'),
    fields.optional('additionalEmails', 'Other addresses', '', 'with commas'),
  );
  return html`${fields.folded('Add a contact', add)}${find(portal)}${live('contacts', list(portal, asked.page))}`;
}

const landings = [
  { value: 'new-thread', label: 'opens a conversation' },
  { value: 'open-thread', label: 'joins the newest open conversation' },
  { value: 'no-thread', label: 'leaves an email activity only' },
];

function sending(place: fields.Place, contact: CrmRecord): Html {
  const { portal } = place;
  const tickets = facts.linked(portal, 'contacts', contact.id, 'tickets').map((ticket) => ticket.id);
  const shared = [
    fields.hidden('contactId', contact.id),
    fields.agentChoice(portal),
    fields.field('to', 'To', contact.properties.email ?? ''),
    fields.field('subject', 'Subject'),
  ];
  const ticked = fields.optional('tickTickets', 'Also put it on tickets', '', `ids, e.g. ${tickets[0] ?? '14017'}`);
  const ownBox = [fields.hidden('from', 'contact'), ...shared, ticked, fields.area('Text')];
  const landing = fields.choose('lands', 'HubSpot does not document what it does:', landings);
  const team = [...shared, fields.teamAddressChoice(portal), landing, fields.area('Text')];
  return html`<h2>Send from the contact record</h2>
${fields.folded("New mail with the agent's own mailbox", fields.form(place, 'sendMailboxEmail', 'Send', ...ownBox))}
${fields.folded('New mail with the team address', fields.form(place, 'sendContactMail', 'Send', ...team))}`;
}

function writing(place: fields.Place, contact: CrmRecord): Html {
  const { portal } = place;
  const shared = [fields.hidden('from', contact.properties.email ?? ''), fields.hidden('name', facts.nameOf(contact))];
  const toTeam = [...shared, fields.teamAddressChoice(portal), fields.field('subject', 'Subject'), fields.area('Text')];
  const toAgent = [...shared, fields.agentChoice(portal), fields.field('subject', 'Subject')];
  return html`<h2>As this customer</h2>
${fields.folded('New mail to a team address', fields.form(place, 'receiveMessage', 'Send', ...toTeam))}
${fields.folded("New mail to an agent's own mailbox", fields.form(place, 'receiveMailboxEmail', 'Send', ...toAgent, fields.tick('outOfOffice', 'It is an out-of-office answer'), fields.area('Text')))}`;
}

function shortList(rows: Html[], what: string): Html {
  if (rows.length === 0) return html`<p>None.</p>`;
  const left = rows.length - rowsAPage;
  return html`<ul>${rows.slice(0, rowsAPage)}</ul>${left > 0 && html`<p class="note">${left} older ${what} are not shown.</p>`}`;
}

function tickets(portal: PortalState, contact: CrmRecord): Html {
  const found = facts.linked(portal, 'contacts', contact.id, 'tickets').reverse();
  const rows = found.map(
    (ticket) =>
      html`<li><a href="/portals/${portal.id}/tickets/${ticket.id}">${facts.titleOf(ticket)}</a> <span class="stage" data-ticket="${ticket.id}">${facts.stageLabel(portal, ticket.properties.hs_pipeline_stage)}</span></li>`,
  );
  return shortList(rows, 'tickets');
}

function conversations(portal: PortalState, contact: CrmRecord): Html {
  const rows = listThreadsBy(portal, contact.id).map(
    (thread) =>
      html`<li><a href="/portals/${portal.id}/threads/${thread.id}">${facts.subjectOf(thread)}</a> ${time(thread.latestMessageAt)}</li>`,
  );
  return shortList(rows, 'conversations');
}

export function contactPage(portal: PortalState, contact: CrmRecord, page: number): Html {
  const back = `/portals/${portal.id}/contacts/${contact.id}`;
  const place = { portal, back };
  const emails = facts.linked(portal, 'contacts', contact.id, 'emails');
  const others = contact.properties.hs_additional_emails;
  const erase = fields.form(
    { portal, back: `/portals/${portal.id}/contacts` },
    'eraseContact',
    'Erase for good',
    fields.hidden('contactId', contact.id),
  );
  return html`<p>Contact ${contact.id}, ${contact.properties.email ?? 'no address'}${others && `, also ${others.replaceAll(';', ', ')}`}</p>
${writing(place, contact)}${sending(place, contact)}
<h2>Tickets</h2>${live('tickets', tickets(portal, contact))}
<h2>Conversations</h2>${live('conversations', conversations(portal, contact))}
<h2>Emails</h2>${live('emails', emailList(place, emails, page))}
<h2>Properties</h2>${live('all-properties', propertyList(contact))}
${fields.folded('Erase this contact (privacy deletion)', erase)}`;
}
