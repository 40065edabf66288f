// What customers found in their mailboxes, and the emails of the marketing tool an app can send singly.
import { sentMail } from '../inbox-actions.ts';
import { sentEmails } from '../single-send-actions.ts';
import type { PortalState } from '../state.ts';
import type { World } from '../world.ts';
import * as facts from './facts.ts';
import { live } from './live.ts';
import { type Html, html, time } from './markup.ts';

function sent(world: World, portal: PortalState): Html {
  const answers = sentMail(world, portal).map((mail) => ({
    at: Date.parse(mail.at),
    shown: html`To ${mail.to.join(', ')}${mail.cc.length > 0 && `, CC ${mail.cc.join(', ')}`} from ${`${mail.senderName} <${mail.from}>`}${mail.byApp && html` <span class="tag">sent by the app</span>`}
<p><a href="/portals/${portal.id}/threads/${mail.threadId}">${mail.subject || 'No subject'}</a></p><pre>${mail.text}</pre>`,
  }));
  const notifications = sentEmails(world, portal).map((send) => ({
    at: send.at,
    shown: html`To ${send.to}, transactional email ${send.emailId}: ${send.name}
<pre>${JSON.stringify(send.customProperties, null, 2)}</pre>`,
  }));
  const all = [...answers, ...notifications].sort((a, b) => b.at - a.at).slice(0, facts.shownRows);
  if (all.length === 0) return html`<p>None yet.</p>`;
  return html`${all.map(({ at, shown }) => html`<div class="message out">${time(at)} ${shown}</div>`)}`;
}

function marketing({ marketingEmails }: PortalState): Html {
  if (marketingEmails.length === 0) return html`<p>None.</p>`;
  const rows = marketingEmails.map(
    (one) => html`<li>${one.id}: ${one.name}${!one.publishedForSingleSend && ' (not published for single send)'}</li>`,
  );
  return html`<ul>${rows}</ul>`;
}

export function sentPage(world: World, portal: PortalState): Html {
  return html`<p>Out of conversations, and transactional emails. Mail from an agent's own mailbox is on its ticket and contact.</p>
${live('sent', sent(world, portal))}<h2>Emails of the marketing tool</h2>${marketing(portal)}`;
}
