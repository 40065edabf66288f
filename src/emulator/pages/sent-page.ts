// What customers found in their mailboxes, and the emails of the marketing tool an app can send singly.
import type { PortalState } from '../state.ts';
import type { World } from '../world.ts';
import { live } from './live.ts';
import { type Html, html, time } from './markup.ts';
import { pager, rowsAPage, windowOf } from './pager.ts';
import { keptSent, listLatestSent, type Sent } from './sent-list.ts';

function show(portal: PortalState, one: Sent): Html {
  if (one.kind === 'single-send') {
    const name = portal.marketingEmails.find(({ id }) => id === one.send.emailId)?.name ?? '';
    return html`To ${one.send.to}, transactional email ${one.send.emailId}: ${name}
<pre>${JSON.stringify(one.send.customProperties, null, 2)}</pre>`;
  }
  const { to, cc, from, senderName, byApp, threadId, subject, text } = one.mail;
  return html`To ${to.join(', ')}${cc.length > 0 && `, CC ${cc.join(', ')}`} from ${`${senderName} <${from}>`}${byApp && html` <span class="tag">sent by the app</span>`}
<p><a href="/portals/${portal.id}/threads/${threadId}">${subject || 'No subject'}</a></p><pre>${text}</pre>`;
}

function sent(world: World, portal: PortalState, page: number): Html {
  const { skip, take } = windowOf(page);
  // One more than shown tells whether there is another page.
  const found = listLatestSent(world, portal, skip + take + 1);
  if (found.length === 0) return html`<p>None yet. Answer a conversation, and the mail is here.</p>`;
  const rows = found.slice(skip, skip + take);
  const hrefOf = (to: number) => `/portals/${portal.id}/sent?page=${to}`;
  const isCut = found.length === keptSent;
  return html`${rows.map((one) => html`<div class="message out">${time(one.at)} ${show(portal, one)}</div>`)}
${isCut && skip + rowsAPage >= keptSent && html`<p class="note">Older mail stands in its conversation.</p>`}
${pager({ label: 'Sent mail', page, count: found.length, isMore: found.length > skip + take, hrefOf })}`;
}

function marketing({ marketingEmails }: PortalState): Html {
  if (marketingEmails.length === 0) return html`<p>None.</p>`;
  const rows = marketingEmails.map(
    (one) => html`<li>${one.id}: ${one.name}${!one.publishedForSingleSend && ' (not published for single send)'}</li>`,
  );
  return html`<ul>${rows}</ul>`;
}

export function sentPage(world: World, portal: PortalState, page: number): Html {
  return html`<p>Out of conversations, and transactional emails. Mail from an agent's own mailbox is on its ticket and contact.</p>
${live('sent', sent(world, portal, page))}<h2>Emails of the marketing tool</h2>${marketing(portal)}`;
}
