// Switches and faults of the whole emulator: what is uncertain, what goes wrong, how webhooks travel.
import type { Fault } from '../faults.ts';
import { page } from '../page.ts';
import { quirkAnswers } from '../quirk-answers.ts';
import type { Quirks } from '../world.ts';
import * as fields from './fields.ts';
import { type Html, html, time } from './markup.ts';
import type { Switches } from './switches.ts';
import { choicesOf } from './switches.ts';

function switchField(name: string, value: unknown): Html {
  const question = Object.hasOwn(quirkAnswers, name) ? quirkAnswers[name as keyof Quirks].question : undefined;
  const label = question ? `${question} (${name})` : name;
  const choices = choicesOf(name, value);
  if (choices) return fields.choose(name, label, choices, String(value));
  if (typeof value === 'number') return fields.numberField(name, label, value);
  return fields.optional(name, label, String(value));
}

function switchForm(action: string, switches: Switches): Html {
  const shown = Object.entries(switches).filter(([, value]) => value === null || typeof value !== 'object');
  return html`<form method="post" action="/laboratory/${action}">${shown.map(([name, value]) => html`<div>${switchField(name, value)}</div>`)}<button>Save</button></form>`;
}

const kinds: Array<{ value: Fault['kind']; label: string }> = [
  { value: 'status', label: 'answer a status and do nothing' },
  { value: 'slow', label: 'wait, then do it' },
  { value: 'hang', label: 'never answer' },
  { value: 'drop', label: 'cut the connection' },
  { value: 'apply-then-drop', label: 'do it, then cut the connection' },
  { value: 'apply-then-hang', label: 'do it, then never answer' },
  { value: 'partial', label: 'fail one input of a batch' },
  { value: 'webhook-loss', label: 'lose webhook events' },
  { value: 'webhook-duplicate', label: 'send webhook events twice' },
  { value: 'webhook-disorder', label: 'send webhook events out of order' },
  { value: 'webhook-delay', label: 'send webhook events later' },
];

function newFault(portalIds: string[]): Html {
  const portals = [{ value: '', label: 'any' }, ...portalIds.map((id) => ({ value: id, label: id }))];
  const methods = ['', 'GET', 'POST', 'PATCH', 'PUT', 'DELETE'].map((one) => ({ value: one, label: one || 'any' }));
  return html`<form method="post" action="/laboratory/faults">
${fields.choose('kind', 'What happens', kinds)}${fields.choose('portalId', 'Portal', portals)}
<label>Times <input name="times" type="number" min="1" step="1" value="1"> <small>empty: until removed</small></label>
<label>Share <input name="probability" type="number" min="0" max="1" step="any" value="1"> <small>of what it could hit</small></label>
<fieldset><legend>Of API calls</legend>${fields.choose('method', 'Method', methods)}
${fields.optional('path', 'Path', '', 'a regular expression, e.g. /batch/update$')}
<label>Status <input name="status" type="number" min="400" max="599" value="503"></label></fieldset>
<fieldset><legend>Of webhooks</legend>${fields.optional('event', 'Event', '', 'a regular expression, e.g. newMessage')}</fieldset>
${fields.numberField('ms', 'Milliseconds to wait', 1_000)}<button>Add</button></form>`;
}

function describe(fault: Fault): Html {
  const { kind, times, probability = 1, path, event } = fault;
  const left = times === undefined ? 'until removed' : `${times} times left`;
  const detail = kind === 'status' ? ` ${fault.status ?? 500}` : fault.ms === undefined ? '' : ` ${fault.ms} ms`;
  const where = [fault.portalId && `portal ${fault.portalId}`, fault.method, path?.source, event?.source].filter(
    Boolean,
  );
  const share = probability < 1 && `, a share of ${probability}`;
  return html`<li>${kind}${detail}: ${where.join(' ') || 'everything'}${share}, ${left}
<form method="post" action="/laboratory/remove-fault">${fields.hidden('id', fault.id ?? '')}<button class="quiet" aria-label="Remove fault ${fault.id}">Remove</button></form></li>`;
}

function faultList(faults: Fault[]): Html {
  if (faults.length === 0) return html`<p>None is waiting.</p>`;
  return html`<ul>${faults.map(describe)}</ul><form method="post" action="/laboratory/clear-faults"><button>Remove all</button></form>`;
}

function clockForms({ now, isFrozen }: Laboratory['clock']): Html {
  const steps = [
    [60_000, 'a minute'],
    [3_600_000, 'an hour'],
    [86_400_000, 'a day'],
    [604_800_000, 'a week'],
  ] as const;
  const buttons = steps.map(
    ([ms, label]) => html`<button name="advanceMs" value="${ms}" class="quiet">${label} on</button> `,
  );
  return html`<p>It is ${time(now)} UTC, and it ${isFrozen ? 'stands still' : 'runs'}.</p>
<form method="post" action="/laboratory/clock">${buttons}<button name="frozen" value="${!isFrozen ? 'true' : 'false'}">${isFrozen ? 'Let it run' : 'Stop it'}</button></form>
<form method="post" action="/laboratory/clock"><label>Set it to <input name="at" value="${new Date(now).toISOString()}" required></label> <button>Set</button></form>
<p class="note">What falls due on the way happens in order: tickets for new conversations, token ends, retries, search lag.</p>`;
}

export type Laboratory = {
  quirks: Switches;
  webhooks: Switches;
  limits: Switches;
  faults: Fault[];
  clock: { now: number; isFrozen: boolean };
  portalIds: string[];
};

export function laboratoryPage(shown: Laboratory): string {
  const { quirks, webhooks, limits, faults, clock, portalIds } = shown;
  const links = portalIds.map((id) => html`<li><a href="/portals/${id}">Portal ${id}</a></li>`);
  const top = html`<p class="site">HubSpot emulator</p><nav aria-label="Portals"><ul>${links}<li><a href="/laboratory" aria-current="page">Laboratory</a></li></ul></nav>`;
  const body = html`<h1>Laboratory</h1><p>For all portals, until the emulator stops.</p>
<h2>Clock</h2>${clockForms(clock)}
<h2>Faults</h2>${newFault(portalIds)}${faultList(faults)}
<h2>How webhooks travel</h2><p class="note">Rates are shares between 0 and 1.</p>${switchForm('webhooks', webhooks)}
<h2>Limits</h2>${switchForm('limits', limits)}
<h2>Uncertain facts</h2><p class="note">What HubSpot does not document, or documents in two ways. An app must be right under every answer.</p>${switchForm('quirks', quirks)}`;
  return page('Laboratory', body.html, { top: top.html });
}
