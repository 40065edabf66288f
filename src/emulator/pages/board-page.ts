// The board of a pipeline: a column a stage, a card a ticket, moved by a drop-down that needs no script.
import { listColumn, listContacts } from '../page-index.ts';
import type { CrmRecord, Pipeline, PortalState, Stage } from '../state.ts';
import * as facts from './facts.ts';
import * as fields from './fields.ts';
import { live } from './live.ts';
import { type Html, html } from './markup.ts';
import { pager, readPage, windowOf } from './pager.ts';

/** Which page each column shows, by stage id; a stage that is not named shows its first. */
type ColumnPages = Record<string, number>;

export type BoardQuery = Record<string, unknown>;

function readColumnPages({ stages }: Pipeline, query: BoardQuery): ColumnPages {
  const asked = stages.map(({ id }) => [id, readPage(query[`page.${id}`])] as const);
  return Object.fromEntries(asked.filter(([, page]) => page > 1));
}

/** The board as it is shown, or with one column on another page. */
function boardHref({ id }: PortalState, pipeline: Pipeline, pages: ColumnPages): string {
  const query = new URLSearchParams({ pipeline: pipeline.id });
  for (const [stageId, page] of Object.entries(pages)) if (page > 1) query.set(`page.${stageId}`, String(page));
  return `/portals/${id}/tickets?${query}`;
}

function card(place: fields.Place, pipeline: Pipeline, ticket: CrmRecord): Html {
  const { portal } = place;
  const root = `/portals/${portal.id}`;
  const [person] = facts.linked(portal, 'tickets', ticket.id, 'contacts');
  const move = fields.form(
    place,
    'moveTicket',
    'Move',
    fields.hidden('ticketId', ticket.id),
    fields.hidden('userId', portal.users[0]?.userId ?? ''),
    html`<label><span class="unseen">Status of ${ticket.id}</span> ${select(pipeline, ticket.properties.hs_pipeline_stage)}</label> `,
  );
  return html`<div class="card"><p><a href="${root}/tickets/${ticket.id}">${facts.titleOf(ticket)}</a></p>
<p class="note">${ticket.id}${person && `, ${facts.nameOf(person)}`}</p>${move}</div>`;
}

function select({ stages }: Pipeline, chosen: string | undefined): Html {
  return html`<select name="stageId">${stages.map(({ id, label }) =>
    id === chosen
      ? html`<option value="${id}" selected>${label}</option>`
      : html`<option value="${id}">${label}</option>`,
  )}</select>`;
}

function column(place: fields.Place, pipeline: Pipeline, stage: Stage, pages: ColumnPages): Html {
  const page = pages[stage.id] ?? 1;
  const { rows, count } = listColumn(place.portal, pipeline.id, stage.id, windowOf(page));
  const anchor = `stage-${stage.id}`;
  const hrefOf = (to: number) => `${boardHref(place.portal, pipeline, { ...pages, [stage.id]: to })}#${anchor}`;
  return html`<section id="${anchor}" aria-label="${stage.label}"><h2>${stage.label} <span class="tag">${count}</span></h2>
${rows.map((ticket) => card(place, pipeline, ticket))}${pager({ label: stage.label, page, count, hrefOf })}</section>`;
}

function newTicket(place: fields.Place): Html {
  const { rows, count } = listContacts(place.portal, windowOf(1));
  const people = rows.map((one) => ({ value: one.id, label: facts.nameOf(one) }));
  const nobody = { value: '', label: 'nobody' };
  return fields.form(
    place,
    'createTicket',
    'Create',
    fields.agentChoice(place.portal),
    fields.field('subject', 'Subject'),
    fields.pick('contactIds', 'Contact', [nobody, ...people], rows.length === count),
  );
}

/** `query.pipeline` absent or unknown = the first; `page.<stage>` turns one column's pages. */
export function boardPage(portal: PortalState, query: BoardQuery): Html {
  const pipeline = portal.pipelines.find((one) => one.id === query.pipeline) ?? portal.pipelines[0];
  if (!pipeline) return html`<p>This portal has no ticket pipeline.</p>`;
  const pages = readColumnPages(pipeline, query);
  const place = { portal, back: boardHref(portal, pipeline, pages) };
  const links = portal.pipelines.map((one) =>
    one === pipeline
      ? html`<li><a href="${boardHref(portal, one, {})}" aria-current="page">${one.label}</a></li>`
      : html`<li><a href="${boardHref(portal, one, {})}">${one.label}</a></li>`,
  );
  const columns = pipeline.stages.map((stage) => column(place, pipeline, stage, pages));
  return html`${links.length > 1 ? html`<nav aria-label="Pipelines"><ul>${links}</ul></nav>` : html`<p>${pipeline.label}, the last changed first.</p>`}
${fields.folded('Create a ticket by hand', newTicket(place))}
${live('board', html`<div class="board">${columns}</div>`)}`;
}
