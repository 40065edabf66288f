// The pieces of forms: each field has its label, and each form works without script.
import type { PortalState } from '../state.ts';
import { type Html, html } from './markup.ts';

export type Place = {
  portal: PortalState;
  /** Where the form leads back to; a path of this portal. */
  back: string;
};

/** `action` is a name of form-actions.ts; `fields` are what it needs. */
export function form({ portal, back }: Place, action: string, button: string, ...fields: Html[]): Html {
  return html`<form method="post" action="/portals/${portal.id}/${action}">${hidden('back', back)}${fields}
<button>${button}</button></form>`;
}

/** A form behind a summary line; it stays open while the page follows. */
export function folded(summary: string, content: Html, isOpen = false): Html {
  return isOpen
    ? html`<details open><summary>${summary}</summary>${content}</details>`
    : html`<details><summary>${summary}</summary>${content}</details>`;
}

export function hidden(name: string, value: string): Html {
  return html`<input type="hidden" name="${name}" value="${value}">`;
}

export function field(name: string, label: string, value = '', hint = ''): Html {
  return html`<label>${label} <input name="${name}" value="${value}" required>${note(hint)}</label> `;
}

export function optional(name: string, label: string, value = '', hint = ''): Html {
  return html`<label>${label} <input name="${name}" value="${value}">${note(hint)}</label> `;
}

function note(hint: string): Html {
  return hint ? html` <small>${hint}</small>` : html``;
}

export function numberField(name: string, label: string, value: number | string): Html {
  return html`<label>${label} <input name="${name}" type="number" min="0" step="any" value="${value}"></label> `;
}

export function area(label: string, value = ''): Html {
  return html`<label class="wide">${label} <textarea name="text" required>${value}</textarea></label>`;
}

export type Choice = { value: string; label: string };

export function choose(name: string, label: string, choices: Choice[], chosen = ''): Html {
  const options = choices.map(({ value, label: text }) =>
    value === chosen
      ? html`<option value="${value}" selected>${text}</option>`
      : html`<option value="${value}">${text}</option>`,
  );
  return html`<label>${label} <select name="${name}">${options}</select></label> `;
}

/** As `choose` where `choices` are all there are; else a field for any of them, whose value must be known. */
export function pick(name: string, label: string, choices: Choice[], isAll: boolean): Html {
  if (isAll) return choose(name, label, choices);
  const known = choices.map(({ value, label: text }) => html`<option value="${value}">${text}</option>`);
  return html`<label>${label} <input name="${name}" list="known-${name}">${note('an id; the newest are offered')}</label>
<datalist id="known-${name}">${known}</datalist> `;
}

export function onOff(name: string, label: string, isOn: boolean): Html {
  const choices = [
    { value: 'false', label: 'off' },
    { value: 'true', label: 'on' },
  ];
  return choose(name, label, choices, String(isOn));
}

export function tick(name: string, label: string): Html {
  return html`<label><input type="checkbox" name="${name}" value="true"> ${label}</label> `;
}

/** A button alone, to be pressed on a row: its own words and whose row it is. */
export function rowButton({ portal, back }: Place, action: string, button: string, label: string, ...fields: Html[]) {
  return html`<form method="post" action="/portals/${portal.id}/${action}">${hidden('back', back)}${fields}<button class="quiet" aria-label="${label}">${button}</button></form>`;
}

export function agentChoice({ users }: PortalState): Html {
  const choices = users.map((user) => ({ value: user.userId, label: `${user.firstName} ${user.lastName}` }));
  return choose('userId', 'Agent', choices);
}

export function teamAddressChoice({ channelAccounts }: PortalState): Html {
  const choices = channelAccounts.map(({ id, name, address }) => ({ value: id, label: `${name} <${address}>` }));
  return choose('channelAccountId', 'Team address', choices);
}

export function stageChoice(portal: PortalState, pipelineId: string, stageId: string): Html {
  const stages = portal.pipelines.find((pipeline) => pipeline.id === pipelineId)?.stages ?? [];
  const choices = stages.map(({ id, label }) => ({ value: id, label }));
  return choose('stageId', 'Status', choices, stageId);
}
