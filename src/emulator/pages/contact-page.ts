// The contacts of a portal, and the record of one: its tickets and mail, mail to it and mail from it.
import type { CrmRecord, PortalState } from '../state.ts';
import { emailList, propertyList } from './activities.ts';
import * as facts from './facts.ts';
import * as fields from './fields.ts';
import { live } from './live.ts';
import { type Html, html, table, time } from './markup.ts';

export function contactsPage(portal: PortalState): Html {
  const root = `/portals/${portal.id}/contacts`;
  const { rows, count } = facts.newest(portal, 'contacts');
  const add = fields.form(
    { portal, back: root },
    'addContact',
    'Add',
    fields.field('email', 'Email address'),
    fields.optional('name', 'Name'),
    fields.optional('additionalEmails', 'Other addresses', '', 'with commas'),
  );
  const list = html`<p>${count} ${count === 1 ? 'contact' : 'contacts'}${count > rows.length && `, the ${rows.length} newest shown`}.</p>
${table(
  'Contacts',
  ['Name', 'Address', 'Since (UTC)'],
  rows.map(
    (one) =>
      html`<tr><td><a href="${root}/${one.id}">${facts.nameOf(one)}</a></td><td>${one.properties.email ?? ''}</td><td>${time(one.createdAt)}</td></tr>`,
  ),
)}`;
  return html`${fields.folded('Add a contact', add)}${live('contacts', list)}`;
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

function tickets(portal: PortalState, contact: CrmRecord): Html {
  const rows = facts
    .linked(portal, 'contacts', contact.id, 'tickets')
    .map(
      (ticket) =>
        html`<li><a href="/portals/${portal.id}/tickets/${ticket.id}">${facts.titleOf(ticket)}</a> <span class="stage" data-ticket="${ticket.id}">${facts.stageLabel(portal, ticket.properties.hs_pipeline_stage)}</span></li>`,
    );
  return rows.length > 0 ? html`<ul>${rows}</ul>` : html`<p>None.</p>`;
}

function conversations(portal: PortalState, contact: CrmRecord): Html {
  const rows = Object.values(portal.threads)
    .filter((thread) => thread.contactId === contact.id)
    .slice(-facts.shownRows)
    .reverse()
    .map(
      (thread) =>
        html`<li><a href="/portals/${portal.id}/threads/${thread.id}">${facts.subjectOf(thread)}</a> ${time(thread.latestMessageAt)}</li>`,
    );
  return rows.length > 0 ? html`<ul>${rows}</ul>` : html`<p>None.</p>`;
}

export function contactPage(portal: PortalState, contact: CrmRecord): Html {
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
<h2>Emails</h2>${live('emails', emailList(place, emails))}
<h2>Properties</h2>${live('all-properties', propertyList(contact))}
${fields.folded('Erase this contact (privacy deletion)', erase)}`;
}
