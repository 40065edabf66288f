// HTML in which everything from outside is text: mail, names and subjects are written by strangers.
import { escapeHtml } from '../messages.ts';

export type Html = { html: string };
type Value = Html | string | number | null | undefined | false | Value[];

function print(value: Value): string {
  if (value === null || value === undefined || value === false) return '';
  if (Array.isArray(value)) return value.map(print).join('');
  return typeof value === 'object' ? value.html : escapeHtml(String(value));
}

/** A template: every value is escaped, except what was made by this function. Absent values print nothing. */
export function html(parts: TemplateStringsArray, ...values: Value[]): Html {
  return { html: parts.reduce((text, part, index) => text + print(values[index - 1]) + part) };
}

/** 2026-11-22 18:03:09, in UTC as the API prints it. */
export function time(at: number | string | null): Html | string {
  if (at === null) return '';
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return String(at);
  const iso = date.toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')}</time>`;
}

/** A table that scrolls by itself on a narrow screen, by keyboard too. `rows` are `<tr>` elements. */
export function table(label: string, heads: string[], rows: Html[]): Html {
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`;
}
