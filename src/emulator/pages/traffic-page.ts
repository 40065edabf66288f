// Everything that went over the wire lately between the portal and the app, and one entry of it whole.
import type { Exchange, RequestLog } from '../request-log.ts';
import type { PortalState } from '../state.ts';
import { exchangeBodies, exchangeHeading, exchangeList } from './exchanges.ts';
import { live } from './live.ts';
import { type Html, html } from './markup.ts';
import { pager, windowOf } from './pager.ts';

export function trafficPage(portal: PortalState, log: RequestLog, page: number): Html {
  const { count, failed } = log.countExchanges(portal.id);
  const summary = html`<p>${count} kept, ${failed} failed, newest first. The emulator keeps the last 200 of all portals. Tokens and secrets are masked.</p>`;
  const hrefOf = (to: number) => `/portals/${portal.id}/traffic?page=${to}`;
  const list = exchangeList(portal, log.listExchanges(portal.id, windowOf(page)));
  return live('exchanges', html`${summary}${list}${pager({ label: 'Traffic', page, count, hrefOf })}`);
}

export function exchangePage(portal: PortalState, one: Exchange): Html {
  return html`<p>${exchangeHeading(portal, one)}</p><p><a href="/portals/${portal.id}/traffic">All that is kept</a></p>${exchangeBodies(one)}`;
}
