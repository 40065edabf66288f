// One conversation: its messages, and everything the customer, others in copy and the agents can do there.
import { mailIdOf } from '../mail-threads.ts';
import { lastVisitorAddress, replySubject } from '../messages.ts';
import type { Item, PortalState, Thread } from '../state.ts';
import * as facts from './facts.ts';
import * as fields from './fields.ts';
import { live } from './live.ts';
import { type Html, html, time } from './markup.ts';

function kindOf(item: Item): string {
  if (item.type === 'COMMENT') return 'comment';
  return item.direction === 'INCOMING' ? 'in' : item.direction === 'OUTGOING' ? 'out' : 'system';
}

function systemText(portal: PortalState, item: Item): string {
  if (item.type === 'THREAD_STATUS_CHANGE') return `The conversation is ${String(item.newStatus).toLowerCase()}.`;
  if (item.type === 'ASSIGNMENT') {
    const userId = String(item.assignedTo ?? '').replace(/^A-/, '');
    return userId ? `Assigned to ${facts.agentName(portal, userId)}.` : 'Assigned to nobody.';
  }
  return `${item.type.toLowerCase().replaceAll('_', ' ')}.`;
}

function attachmentNames(item: Item): string {
  const files = (item.attachments ?? []) as Array<{ name?: string }>;
  return files.map((file) => file.name ?? 'a file without a name').join(', ');
}

function itemHtml(portal: PortalState, thread: Thread, item: Item): Html {
  const { name, address } = facts.senderOf(portal, item);
  const status = facts.statusOf(item);
  const files = attachmentNames(item);
  const isText = typeof item.text === 'string';
  const head = html`${time(item.createdAt)} <strong>${name}</strong>${address && ` <${address}>`}`;
  if (!isText) return html`<div class="message system">${head} ${systemText(portal, item)}</div>`;
  const to = facts.recipientsOf(item, 'TO').join(', ');
  const cc = facts.recipientsOf(item, 'CC').join(', ');
  const tags = [
    item.type === 'COMMENT' && 'comment, inside the team',
    thread.appMessageIds.includes(item.id) && 'sent by the app',
    status === 'FAILED' && 'failed',
  ].filter((tag) => tag !== false);
  const more = item.type === 'MESSAGE' && html`<p class="note">${to && `To ${to}`}${cc && `, CC ${cc}`}</p>`;
  const attached = files && html`<p class="note">Attached: ${files}</p>`;
  const id = item.type === 'MESSAGE' && html`<small>Message-ID ${mailIdOf(portal, thread, item)}</small>`;
  return html`<div class="message ${kindOf(item)}">${head} ${tags.map((tag) => html`<span class="tag">${tag}</span> `)}${more}
<pre>${String(item.text)}</pre>${attached}${id}</div>`;
}

function asCustomer(place: fields.Place, thread: Thread): Html {
  const { portal } = place;
  const contact = facts.findPerson(portal, thread.contactId);
  const address = lastVisitorAddress(thread) ?? contact?.properties.email ?? '';
  const ids = [
    fields.hidden('threadId', thread.id),
    fields.hidden('from', address),
    fields.hidden('name', contact ? facts.nameOf(contact) : ''),
  ];
  const other = [fields.hidden('threadId', thread.id), fields.field('from', 'From'), fields.optional('name', 'Name')];
  const copied = facts.listCopied(portal, thread);
  const fromCopied = copied.length > 0 && [
    fields.hidden('threadId', thread.id),
    fields.choose(
      'from',
      'Who',
      copied.map((one) => ({ value: one, label: one })),
    ),
  ];
  const away = 'I am out of the office until Monday and will answer your message when I am back.';
  return html`<h2>As the customer</h2>
${fields.folded('Reply', fields.form(place, 'receiveMessage', 'Reply', ...ids, fields.optional('cc', 'CC', '', 'addresses, with commas'), fields.area('Text')), true)}
${fields.folded('Reply from another address', fields.form(place, 'receiveMessage', 'Reply', ...other, fields.area('Text')))}
${fromCopied && fields.folded('Answer as somebody in copy', fields.form(place, 'receiveMessage', 'Answer', ...fromCopied, fields.area('Text')))}
${fields.folded('Out-of-office answer', fields.form(place, 'receiveMessage', 'Send', ...ids, fields.hidden('outOfOffice', 'true'), fields.field('subject', 'Subject', `Automatic reply: ${facts.subjectOf(thread)}`), fields.area('Text', away)))}`;
}

function asAgent(place: fields.Place, thread: Thread): Html {
  const { portal } = place;
  const id = fields.hidden('threadId', thread.id);
  const visitor = lastVisitorAddress(thread) ?? facts.findPerson(portal, thread.contactId)?.properties.email ?? '';
  const to = fields.field('to', 'To', visitor, 'addresses, with commas');
  const cc = fields.optional('cc', 'CC', facts.listCopied(portal, thread).join(', '), 'addresses, with commas');
  const subject = fields.field('subject', 'Subject', replySubject(thread));
  const mail = [id, fields.agentChoice(portal), to, cc, subject, fields.area('Text')];
  return html`<h2>As the agent</h2>
${fields.folded('Answer from the inbox', fields.form(place, 'sendMessage', 'Send', ...mail))}
${fields.folded('Comment inside the team', fields.form(place, 'comment', 'Comment', id, fields.agentChoice(portal), fields.area('Text')))}
${!thread.ticketId && fields.folded('Create a ticket from this conversation', fields.form(place, 'createTicket', 'Create', fields.hidden('fromThreadId', thread.id), fields.agentChoice(portal)))}
<div class="row">${thread.status === 'OPEN' && fields.form(place, 'closeThread', 'Close the conversation', id)}
${fields.form(place, 'markSpam', thread.spam ? 'No spam' : 'Mark as spam', id, fields.hidden('spam', String(!thread.spam)))}
${fields.form(place, 'archiveThread', thread.archived ? 'Bring back' : 'Archive', id, fields.hidden('archived', String(!thread.archived)))}
${fields.form({ ...place, back: `/portals/${portal.id}` }, 'eraseThread', 'Erase for good', id)}</div>`;
}

function heading(portal: PortalState, thread: Thread): Html {
  const root = `/portals/${portal.id}`;
  const ticket = facts.findTicket(portal, thread.ticketId);
  const contact = facts.findPerson(portal, thread.contactId);
  const flags = [thread.status.toLowerCase(), thread.spam && 'spam', thread.archived && 'archived'].filter(Boolean);
  const ticketLink =
    ticket &&
    html`, <a href="${root}/tickets/${ticket.id}">ticket ${ticket.id}</a>: <span class="stage" data-ticket="${ticket.id}">${facts.stageLabel(portal, ticket.properties.hs_pipeline_stage)}</span>`;
  const person = contact && html`, with <a href="${root}/contacts/${contact.id}">${facts.nameOf(contact)}</a>`;
  return html`<p role="status">Conversation ${thread.id}, ${flags.join(', ')}${person}${ticketLink || ', without a ticket'}.</p>`;
}

export function threadPage(portal: PortalState, thread: Thread): Html {
  const place = { portal, back: `/portals/${portal.id}/threads/${thread.id}` };
  return html`${live('facts', heading(portal, thread))}
${live('items', html`${thread.items.map((item) => itemHtml(portal, thread, item))}`)}
${asCustomer(place, thread)}${asAgent(place, thread)}`;
}
