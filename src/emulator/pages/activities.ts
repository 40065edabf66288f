// Emails, notes and tasks as cards: what hangs on a ticket or a contact.
import type { CrmRecord, PortalState } from '../state.ts';
import * as facts from './facts.ts';
import * as fields from './fields.ts';
import { type Html, html, time } from './markup.ts';
import { pager, windowOf } from './pager.ts';

function addressesIn(headers: string | undefined): { from: string } {
  try {
    const { from } = JSON.parse(headers ?? '{}') as { from?: { email?: string } };
    return { from: from?.email ?? '' };
  } catch {
    // An app may have written anything there.
    return { from: '' };
  }
}

function replyForm(place: fields.Place, email: CrmRecord): Html {
  const { properties } = email;
  const customer = (properties.hs_email_to_email ?? '').split(';')[0] ?? '';
  const user = place.portal.users.find((one) => one.ownerId === properties.hubspot_owner_id) ?? place.portal.users[0];
  const tickets = facts.linked(place.portal, 'emails', email.id, 'tickets').map((ticket) => ticket.id);
  const subject = properties.hs_email_subject ?? '';
  return fields.form(
    place,
    'receiveMailboxEmail',
    'Reply',
    fields.hidden('userId', user?.userId ?? ''),
    fields.hidden('emailThreadId', properties.hs_email_thread_id ?? ''),
    fields.hidden('ticketIds', tickets.join(' ')),
    fields.hidden('subject', subject.startsWith('Re: ') ? subject : `Re: ${subject}`),
    fields.field('from', 'From', customer),
    fields.area('Text'),
  );
}

/** An email activity (0-49): mail of a person's own mailbox, or the twin of a conversation's message. */
export function emailCard(place: fields.Place, email: CrmRecord): Html {
  const { properties } = email;
  const incoming = properties.hs_email_direction === 'INCOMING_EMAIL';
  const { from } = addressesIn(properties.hs_email_headers);
  const ids = facts.linked(place.portal, 'emails', email.id, 'tickets').map((ticket) => ticket.id);
  const tags = [
    properties.hs_email_status,
    properties.hs_incoming_email_is_out_of_office === 'true' && 'out of office',
  ];
  const reply =
    !incoming &&
    html`<details id="reply-${email.id}"><summary>Reply to this mail as the customer</summary>${replyForm(place, email)}</details>`;
  return html`<div class="message ${incoming ? 'in' : 'out'}">${time(properties.hs_timestamp ?? email.createdAt)}
<strong>${properties.hs_email_subject}</strong> ${tags.filter(Boolean).map((tag) => html`<span class="tag">${tag || ''}</span> `)}
<p class="note">Email ${email.id} from ${from} to ${properties.hs_email_to_email ?? ''}${ids.length > 0 ? `, on ticket ${ids.join(', ')}` : ', on no ticket'}</p>
<pre>${properties.hs_email_text}</pre>${reply}</div>`;
}

/** `place.back` is the record's own page, whose `page` this list turns. */
export function emailList(place: fields.Place, emails: CrmRecord[], page: number): Html {
  if (emails.length === 0) return html`<p>None.</p>`;
  const { skip, take } = windowOf(page);
  const rows = emails.toSorted((a, b) => b.createdAt - a.createdAt).slice(skip, skip + take);
  const hrefOf = (to: number) => `${place.back}?page=${to}#emails`;
  return html`${rows.map((email) => emailCard(place, email))}${pager({ label: 'Emails', page, count: emails.length, hrefOf })}`;
}

/** Their HTML is shown as text: it is an app's, and so a stranger's. */
export function noteList(portal: PortalState, ticketId: string): Html {
  const notes = facts
    .linked(portal, 'tickets', ticketId, 'notes')
    .map(
      (note) =>
        html`<li>Note: ${note.properties.hs_note_body ?? ''} <span class="note">${time(note.properties.hs_timestamp ?? null)}</span></li>`,
    );
  const tasks = facts
    .linked(portal, 'tickets', ticketId, 'tasks')
    .map(
      ({ properties }) =>
        html`<li>Task: ${properties.hs_task_subject ?? ''}, due ${time(properties.hs_timestamp ?? null)}, ${properties.hs_task_status ?? ''}</li>`,
    );
  return notes.length + tasks.length > 0 ? html`<ul>${notes}${tasks}</ul>` : html`<p>None.</p>`;
}

/** All properties behind a summary line. */
export function propertyList(record: CrmRecord): Html {
  const rows = Object.entries(record.properties).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return html`<details id="properties"><summary>All ${rows.length} properties</summary>
<dl>${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></details>`;
}
