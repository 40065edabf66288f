// The pane that shows the app think: each webhook delivered to it and each API call it made, with bodies.
import { type Exchange, isFailed } from '../request-log.ts';
import type { PortalState } from '../state.ts';
import { describeExchange } from './exchange-gist.ts';
import { printJson } from './json-print.ts';
import { type Html, html, time } from './markup.ts';

/** What a page shows of a body; the entry's own page shows what is kept, 64 KB. */
const shownCharacters = 2_000;

function pretty(text: string): string {
  try {
    return printJson(JSON.parse(text));
  } catch {
    // A form, a cut body or nothing at all: as it came.
    return text;
  }
}

function body(label: string, text: string, limit: number): Html | undefined {
  if (!text) return undefined;
  const printed = pretty(text);
  const shown = printed.length > limit ? `${printed.slice(0, limit)} ...` : printed;
  return html`<p class="note">${label}</p><pre class="body" tabindex="0" aria-label="${label}">${shown}</pre>`;
}

/** What it was, what came of it, and in a few words what it was about. */
export function exchangeHeading(portal: PortalState, one: Exchange): Html {
  const direction = one.kind === 'webhook' ? 'webhook' : 'call';
  const attempt = one.attempt > 0 ? `, try ${one.attempt + 1}` : '';
  const status = one.status ?? 'no answer';
  const outcome = isFailed(one) ? html`<b class="failed">${status}</b>` : html`<b>${status}</b>`;
  const gist = describeExchange(portal, one);
  const clock = new Date(one.at).toISOString().slice(11, 19);
  return html`<span class="tag ${direction}">${direction}</span> ${one.title}${attempt}: ${outcome}, ${one.ms} ms
<span class="gist">${clock}${gist && ` ${gist}`}</span>`;
}

export function exchangeBodies(one: Exchange, limit = Number.POSITIVE_INFINITY): Html {
  const [sent, answered] = one.kind === 'webhook' ? ['Sent to the app', 'Its answer'] : ['The app asked', 'Answer'];
  return html`<p>${time(one.at)} ${one.query && html`<code>${one.query}</code>`}</p>
${body(sent, one.sent, limit)}${body(answered, one.answered, limit)}`;
}

/** Newest first, each with its bodies behind a summary line. */
export function exchangeList(portal: PortalState, exchanges: Exchange[]): Html {
  if (exchanges.length === 0) return html`<p>None. Connect the app, then write a mail.</p>`;
  return html`${exchanges.map(
    (one) => html`<details class="exchange" id="exchange-${one.id}"><summary>${exchangeHeading(portal, one)}</summary>
${exchangeBodies(one, shownCharacters)}<p><a href="/portals/${portal.id}/traffic/${one.id}">Whole entry ${one.id}</a></p></details>`,
  )}`;
}
