// Reads a form of a page as a browser would send it, without a browser.

const entities: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };

export function readText(html: string): string {
  return html.replace(/&(amp|lt|gt|quot|#39);/g, (entity) => entities[entity] as string);
}

export type Changes = Record<string, string | string[] | null>;

function attribute(tag: string, name: string): string {
  return readText(new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? '');
}

/** What would be sent for the first form with this action, its query aside; `changes` are what somebody does to it: null = not sent. */
export function fillForm(html: string, action: string, changes: Changes = {}) {
  const start = [...html.matchAll(/<form [^>]*>/g)].find(([tag]) => attribute(tag, 'action').split('?')[0] === action);
  if (!start) throw new Error(`no form leads to ${action}`);
  const rest = html.slice(start.index);
  const fields = rest.slice(0, rest.indexOf('</form>'));
  const sent = new URLSearchParams();
  for (const [tag] of fields.matchAll(/<input [^>]*>/g)) {
    if (/type="(checkbox|radio)"/.test(tag) && !/ checked>/.test(tag)) continue;
    sent.append(attribute(tag, 'name'), attribute(tag, 'value'));
  }
  for (const [tag, options] of fields.matchAll(/<select [^>]*>([\s\S]*?)<\/select>/g)) {
    const [first = '', chosen = first] = [/<option [^>]*>/, /<option [^>]* selected>/].map(
      (pattern) => pattern.exec(options ?? '')?.[0],
    );
    sent.append(attribute(tag, 'name'), attribute(chosen, 'value'));
  }
  for (const [tag, text] of fields.matchAll(/<textarea [^>]*>([\s\S]*?)<\/textarea>/g)) {
    // A browser leaves the first line break out, and sends the others as CR LF.
    sent.append(attribute(tag, 'name'), readText((text ?? '').replace(/^\n/, '')).replaceAll('\n', '\r\n'));
  }
  for (const [name, value] of Object.entries(changes)) {
    sent.delete(name);
    for (const each of value === null ? [] : [value].flat()) sent.append(name, each);
  }
  return { action: attribute(start[0], 'action'), form: sent };
}
