// The board of a pipeline: a column a stage, a card a ticket, moved by a drop-down that needs no script.
import type { CrmRecord, Pipeline, PortalState, Stage } from '../state.ts';
import * as facts from './facts.ts';
import * as fields from './fields.ts';
import { live } from './live.ts';
import { type Html, html } from './markup.ts';

function card(place: fields.Place, pipeline: Pipeline, ticket: CrmRecord): Html {
  const { portal } = place;
  const root = `/portals/${portal.id}`;
  const [person] = facts.linked(portal, 'tickets', ticket.id, 'contacts');
  const stageId = ticket.properties.hs_pipeline_stage ?? '';
  const move = fields.form(
    place,
    'moveTicket',
    'Move',
    fields.hidden('ticketId', ticket.id),
    fields.hidden('userId', portal.users[0]?.userId ?? ''),
    html`<label><span class="note">Status of ${ticket.id}</span> ${select(pipeline, stageId)}</label> `,
  );
  return html`<div class="card"><p><a href="${root}/tickets/${ticket.id}">${facts.titleOf(ticket)}</a></p>
<p class="note">${ticket.id}${person && `, ${facts.nameOf(person)}`}</p>${move}</div>`;
}

function select({ stages }: Pipeline, chosen: string): Html {
  return html`<select name="stageId">${stages.map(({ id, label }) =>
    id === chosen
      ? html`<option value="${id}" selected>${label}</option>`
      : html`<option value="${id}">${label}</option>`,
  )}</select>`;
}

function column(place: fields.Place, pipeline: Pipeline, stage: Stage): Html {
  const isHere = ({ properties }: CrmRecord) =>
    properties.hs_pipeline === pipeline.id && properties.hs_pipeline_stage === stage.id;
  const { rows, count } = facts.newest(place.portal, 'tickets', isHere);
  const more = count > rows.length && html`<p class="note">${count - rows.length} older ones are not shown.</p>`;
  return html`<section aria-label="${stage.label}"><h2>${stage.label} <span class="tag">${count}</span></h2>
${rows.map((ticket) => card(place, pipeline, ticket))}${more}</section>`;
}

function newTicket(place: fields.Place): Html {
  const { rows } = facts.newest(place.portal, 'contacts');
  const people = rows.map((one) => ({ value: one.id, label: facts.nameOf(one) }));
  return fields.form(
    place,
    'createTicket',
    'Create',
    fields.agentChoice(place.portal),
    fields.field('subject', 'Subject'),
    fields.choose('contactIds', 'Contact', [{ value: '', label: 'nobody' }, ...people]),
  );
}

/** `pipelineId` absent or unknown = the first. */
export function boardPage(portal: PortalState, pipelineId: string | undefined): Html {
  const pipeline = portal.pipelines.find((one) => one.id === pipelineId) ?? portal.pipelines[0];
  const root = `/portals/${portal.id}/tickets`;
  if (!pipeline) return html`<p>This portal has no ticket pipeline.</p>`;
  const place = { portal, back: `${root}?pipeline=${encodeURIComponent(pipeline.id)}` };
  const others = portal.pipelines.map((one) =>
    one === pipeline
      ? html`<li><a href="${root}?pipeline=${one.id}" aria-current="page">${one.label}</a></li>`
      : html`<li><a href="${root}?pipeline=${one.id}">${one.label}</a></li>`,
  );
  return html`${others.length > 1 ? html`<nav aria-label="Pipelines"><ul>${others}</ul></nav>` : html`<p>${pipeline.label}</p>`}
${fields.folded('Create a ticket by hand', newTicket(place))}
${live('board', html`<div class="board">${pipeline.stages.map((stage) => column(place, pipeline, stage))}</div>`)}`;
}
