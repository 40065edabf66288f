// Prints JSON for people: what fits on a line stays on it, so that a body is read without much scrolling.

const lineWidth = 88;

function printFlat(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printFlat).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${printFlat(one)}`);
  return entries.length > 0 ? `{ ${entries.join(', ')} }` : '{}';
}

/** `name` stands before the value on its line: `"name": ` or nothing. */
function print(value: unknown, indent: string, name: string): string {
  // A comma may follow.
  const room = lineWidth - indent.length - name.length - 1;
  // Without blanks it is shorter: what is too long so is too long with them, and that is soon known.
  const flat = JSON.stringify(value).length <= room ? printFlat(value) : undefined;
  if (flat !== undefined && flat.length <= room) return indent + name + flat;
  if (typeof value !== 'object' || value === null) return indent + name + JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value))
    return `${indent}${name}[\n${value.map((one) => print(one, inner, '')).join(',\n')}\n${indent}]`;
  const entries = Object.entries(value).map(([key, one]) => print(one, inner, `${JSON.stringify(key)}: `));
  return `${indent}${name}{\n${entries.join(',\n')}\n${indent}}`;
}

/** `value` as JSON.parse makes it; parsed again, the text is the same value. */
export function printJson(value: unknown): string {
  return print(value, '', '');
}
