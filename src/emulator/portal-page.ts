// One portal as a page: its threads, tickets, forms to play every part, and what went over the wire in the last minute.
import { escapeHtml } from './messages.ts';
import { page } from './page.ts';
import type { PortalControl } from './portal-control.ts';
import type { LoggedRequest } from './request-log.ts';
import type { Item, Thread } from './state.ts';
import type { Webhooks } from './webhooks.ts';

/** What the pages need of the emulator. */
export type Watched = {
  listPortalIds(): string[];
  portal(portalId: string): PortalControl;
  readonly requests: LoggedRequest[];
  webhooks: Pick<Webhooks, 'deliveries' | 'counts'>;
  saved(): Promise<void>;
};

type Look = ReturnType<PortalControl['look']>;

/** What the page's script asks for every second: the tickets' statuses and the traffic, as HTML-free facts. */
export function statusFacts(emulator: Watched, portalId: string) {
  const tickets = emulator.portal(portalId).listTickets();
  const since = Date.now() - 60_000;
  return {
    stages: Object.fromEntries(tickets.map((ticket) => [ticket.id, ticket.stageLabel])),
    deliveries: emulator.webhooks
      .deliveries()
      .filter((one) => one.portalId === portalId && one.at > since)
      .map((one) => `${one.types.join(', ')} (${one.events}), try ${one.attempt + 1}: ${one.status ?? 'no answer'}`),
    calls: emulator.requests
      .filter((one) => one.portalId === portalId && one.at > since)
      .map((one) => `${one.method} ${one.path}: ${one.status}`),
  };
}

function form(portalId: string, action: string, button: string, body: string): string {
  return `<form method="post" action="/portals/${portalId}/${action}">${body}<button>${button}</button></form>`;
}

function hidden(name: string, value: string): string {
  return `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`;
}

function field(name: string, label: string, value = ''): string {
  return `<label>${label} <input name="${name}" value="${escapeHtml(value)}" required></label> `;
}

function area(label: string): string {
  return `<label style="display:block">${label}<textarea name="text" required></textarea></label>`;
}

function agents(look: Look): string {
  const options = look.users.map((user) => `<option value="${user.userId}">${escapeHtml(user.firstName)}</option>`);
  return `<label>Agent <select name="userId">${options.join('')}</select></label> `;
}

function contacts(look: Look): string {
  const options = look.contacts.map(
    (one) => `<option value="${escapeHtml(one.email)}">${escapeHtml(one.name || one.email)}</option>`,
  );
  return `<label>Customer <select name="from">${options.join('')}</select></label> `;
}

function itemHtml(item: Item): string {
  const senders = (item.senders ?? []) as Array<{ name?: string; actorId?: string }>;
  const who = senders[0]?.name ?? senders[0]?.actorId ?? 'HubSpot';
  const kind = item.direction === 'INCOMING' ? 'in' : item.direction === 'OUTGOING' ? 'out' : 'note';
  const text = typeof item.text === 'string' ? item.text : `${item.type.toLowerCase().replaceAll('_', ' ')}`;
  const label = item.type === 'COMMENT' ? ' (comment)' : '';
  return `<div class="${kind}"><small>${escapeHtml(item.createdAt)} ${escapeHtml(who)}${label}</small><pre>${escapeHtml(text)}</pre></div>`;
}

function threadHtml(look: Look, thread: Thread): string {
  const { portalId } = look;
  const subject = thread.items.find((item) => item.type === 'MESSAGE')?.subject;
  const customer = look.contacts.find((one) => one.id === thread.contactId);
  const flags = [thread.spam ? 'spam' : '', thread.archived ? 'archived' : ''].filter(Boolean).join(', ');
  const id = hidden('threadId', thread.id);
  const reply = hidden('from', customer?.email ?? '') + hidden('name', customer?.name ?? '');
  const ticket = thread.ticketId ? `, ticket ${thread.ticketId}` : '';
  return `<section><h3>${escapeHtml(String(subject ?? 'No subject'))}</h3>
<p class="note">Thread ${thread.id}${ticket}${flags ? `, ${flags}` : ''}</p>${thread.items.map(itemHtml).join('')}
<details><summary>Reply as the customer</summary>${form(portalId, 'receiveMessage', 'Reply', id + reply + area('Text'))}</details>
<details><summary>Answer as the agent (from the inbox or the ticket)</summary>${form(portalId, 'sendMessage', 'Send', id + agents(look) + area('Text'))}</details>
<details><summary>Comment inside the team</summary>${form(portalId, 'comment', 'Comment', id + agents(look) + area('Text'))}</details></section>`;
}

function stageChoice(look: Look, pipelineId: string, stageId: string): string {
  const stages = look.pipelines.find((pipeline) => pipeline.id === pipelineId)?.stages ?? [];
  const options = stages.map(
    (stage) =>
      `<option value="${escapeHtml(stage.id)}"${stage.id === stageId ? ' selected' : ''}>${escapeHtml(stage.label)}</option>`,
  );
  return `<label>Status <select name="stageId">${options.join('')}</select></label> `;
}

/** Notes and tasks of a ticket, as they are kept: their HTML is shown as text. */
function activitiesHtml(control: PortalControl, ticketId: string): string {
  const { notes, tasks } = control.ticket(ticketId);
  const lines = [
    ...notes.map(({ properties }) => `Note: ${properties.hs_note_body ?? ''}`),
    ...tasks.map(
      ({ properties }) =>
        `Task: ${properties.hs_task_subject ?? ''}, due ${properties.hs_timestamp ?? ''}, ${properties.hs_task_status ?? ''}`,
    ),
  ];
  return lines.length > 0 ? `<details open><summary>Notes and tasks</summary>${listHtml('', lines)}</details>` : '';
}

/** What customers found in their mailboxes, newest first: out of conversations, and transactional ones. */
function mailHtml(control: PortalControl): string {
  const answers = control.sentMail().map((mail) => ({
    at: mail.at,
    line: `To ${mail.to.join(', ')} from ${mail.senderName} <${mail.from}>${mail.byApp ? ', sent by the app' : ''}: ${mail.subject}\n${mail.text}`,
  }));
  const notifications = control.sentEmails().map((send) => ({
    at: new Date(send.at).toISOString(),
    line: `To ${send.to}, transactional email ${send.emailId}: ${send.name}\n${JSON.stringify(send.customProperties)}`,
  }));
  const all = [...answers, ...notifications].sort((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, 50);
  if (all.length === 0) return '<p>None yet.</p>';
  return all
    .map(({ at, line }) => `<div class="out"><small>${escapeHtml(at)}</small><pre>${escapeHtml(line)}</pre></div>`)
    .join('');
}

function marketingEmailsHtml(look: Look): string {
  const lines = look.marketingEmails.map(
    ({ id, name, publishedForSingleSend }) =>
      `${id}: ${name}${publishedForSingleSend ? '' : ' (not published for single send)'}`,
  );
  return lines.length > 0 ? listHtml('', lines) : '<p>None.</p>';
}

function ticketHtml(control: PortalControl, look: Look, ticket: Look['tickets'][number]): string {
  const { portalId } = look;
  const contact = look.contacts.find((one) => ticket.contactIds.includes(one.id));
  const address = field('to', 'To', contact?.email ?? '');
  const mail = agents(look) + address + field('subject', 'Subject', ticket.subject) + area('Text');
  const ids = hidden('ticketId', ticket.id);
  return `<section><h3>${escapeHtml(ticket.subject || 'No subject')}</h3>
<p>Ticket ${ticket.id}: <span class="stage" data-ticket="${ticket.id}" aria-live="polite">${escapeHtml(ticket.stageLabel)}</span></p>${activitiesHtml(control, ticket.id)}
<details><summary>Send from the ticket record, own mailbox</summary>${form(portalId, 'sendMailboxEmail', 'Send', ids + hidden('from', 'ticket') + mail)}</details>
<details><summary>Send from the ticket record, team address</summary>${form(portalId, 'startThread', 'Send', ids + mail)}</details>
<details><summary>Send from the contact record, own mailbox</summary>${form(portalId, 'sendMailboxEmail', 'Send', hidden('from', 'contact') + hidden('contactId', contact?.id ?? '') + mail)}</details>
<details><summary>Change the status by hand</summary>${form(portalId, 'moveTicket', 'Change', ids + agents(look) + stageChoice(look, ticket.pipelineId, ticket.stageId))}</details></section>`;
}

function listHtml(id: string, lines: string[]): string {
  return `<ul${id ? ` id="${id}"` : ''}>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`;
}

// Without it the page works by reloading; with it, statuses and traffic follow by themselves.
function script(portalId: string): string {
  return `<script>
const fill = (id, lines) => document.getElementById(id).replaceChildren(...lines.map((line) => {
  const item = document.createElement('li'); item.textContent = line; return item; }));
setInterval(async () => {
  const answer = await fetch('/emulator/portals/${portalId}/status').catch(() => undefined);
  if (!answer || !answer.ok) return;
  const facts = await answer.json();
  for (const place of document.querySelectorAll('[data-ticket]')) {
    const label = facts.stages[place.dataset.ticket];
    if (label && place.textContent !== label) place.textContent = label;
  }
  fill('deliveries', facts.deliveries); fill('calls', facts.calls);
}, 1000);
</script>`;
}

/** The whole page; every text of people is escaped. */
export function portalPage(emulator: Watched, portalId: string): string {
  const control = emulator.portal(portalId);
  const look = control.look();
  const facts = statusFacts(emulator, portalId);
  const newMail = contacts(look) + field('subject', 'Subject') + area('Text');
  const threads = look.threads.toSorted((a, b) => (b.latestMessageAt ?? 0) - (a.latestMessageAt ?? 0)).slice(0, 50);
  const tickets = look.tickets.toSorted((a, b) => Number(b.id) - Number(a.id)).slice(0, 50);
  const body = `<h1>${escapeHtml(look.domain)} (${portalId})</h1>
<p>${look.installed ? 'The app is connected.' : 'The app is not connected.'}</p>
<details><summary>Write a new mail as a customer</summary>${form(portalId, 'receiveMessage', 'Send', newMail)}</details>
<div class="columns"><div><h2>Tickets</h2>${tickets.map((ticket) => ticketHtml(control, look, ticket)).join('') || '<p>None yet.</p>'}</div>
<div><h2>Conversations</h2>${threads.map((thread) => threadHtml(look, thread)).join('') || '<p>None yet.</p>'}</div></div>
<h2>Mail that went out</h2>${mailHtml(control)}
<h2>Emails of the marketing tool</h2>${marketingEmailsHtml(look)}
<h2>Webhook deliveries of the last minute</h2>${listHtml('deliveries', facts.deliveries)}
<h2>API calls of the last minute</h2>${listHtml('calls', facts.calls)}${script(portalId)}`;
  return page(`Portal ${portalId}`, body);
}
