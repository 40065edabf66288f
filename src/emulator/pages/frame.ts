// What every page of a portal has around it: the way to the others, and beside it what goes over the wire.
import { page } from '../page.ts';
import type { Exchange } from '../request-log.ts';
import type { PortalState } from '../state.ts';
import { exchangeList } from './exchanges.ts';
import { live } from './live.ts';
import { type Html, html } from './markup.ts';

const places = [
  ['', 'Inbox'],
  ['/tickets', 'Tickets'],
  ['/contacts', 'Contacts'],
  ['/sent', 'Sent mail'],
  ['/settings', 'Settings'],
  ['/traffic', 'Traffic'],
] as const;
export type Where = (typeof places)[number][0] | null;

/** Exchanges beside a page; the traffic page has all that is kept. */
export const besidePage = 15;

function top(portal: PortalState, where: Where, appUrl: string | undefined): Html {
  const root = `/portals/${portal.id}`;
  const links = places.map(([path, label]) =>
    path === where
      ? html`<li><a href="${root}${path}" aria-current="page">${label}</a></li>`
      : html`<li><a href="${root}${path}">${label}</a></li>`,
  );
  const app = appUrl ? html`<a href="${appUrl}">the app</a>` : 'the app';
  return html`<p class="site">${portal.domain} <span class="note">portal ${portal.id}, ${app} is ${!portal.install && 'not '}connected</span></p>
<nav aria-label="Portal"><ul>${links}<li><a href="/laboratory">Laboratory</a></li></ul></nav>`;
}

/** A page of one portal; `beside` = the exchanges of its pane, null for none. */
export function portalPage(
  portal: PortalState,
  shown: { title: string; where: Where; content: Html; beside: Exchange[] | null; appUrl: string | undefined },
): string {
  const { title, where, content, beside, appUrl } = shown;
  const pane =
    beside &&
    html`<aside aria-labelledby="wire"><h2 id="wire">Webhooks and API calls</h2>
<p class="note">Newest first. <a href="/portals/${portal.id}/traffic">All that is kept</a></p>
${live('exchanges', exchangeList(portal, beside))}</aside>`;
  const body = pane ? html`<div class="sides"><div>${content}</div>${pane}</div>` : content;
  const frame = { top: top(portal, where, appUrl).html, events: `/portals/${portal.id}/events` };
  return page(title, html`<h1>${title}</h1>${body}`.html, frame);
}
