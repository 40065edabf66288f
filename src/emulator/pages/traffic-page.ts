// Everything that went over the wire lately between the portal and the app, and one entry of it whole.
import type { Exchange } from '../request-log.ts';
import { exchangeBodies, exchangeList, isFailed } from './exchanges.ts';
import { live } from './live.ts';
import { type Html, html } from './markup.ts';

export function trafficPage(portalId: string, exchanges: Exchange[]): Html {
  const failed = exchanges.filter(isFailed).length;
  const summary = html`<p>${exchanges.length} kept, ${failed} failed. The last 200 of the whole emulator are, newest first. Tokens and secrets are masked.</p>`;
  return live('exchanges', html`${summary}${exchangeList(portalId, exchanges)}`);
}

export function exchangePage(portalId: string, one: Exchange): Html {
  const kind = one.kind === 'webhook' ? 'Webhook' : 'API call';
  const attempt = one.attempt > 0 ? `, try ${one.attempt + 1}` : '';
  return html`<p>${kind} ${one.title}${attempt}: <b>${one.status ?? 'no answer'}</b>, ${one.ms} ms. <a href="/portals/${portalId}/traffic">All</a></p>${exchangeBodies(one)}`;
}
