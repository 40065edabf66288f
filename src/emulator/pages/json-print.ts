// Prints JSON for people: what fits on a line stays on it, so that a body is read without scrolling.

const lineWidth = 88;

function printFlat(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printFlat).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${printFlat(one)}`);
  return entries.length > 0 ? `{ ${entries.join(', ')} }` : '{}';
}

/** `value` as JSON.parse makes it; the same value again when parsed. */
export function printJson(value: unknown, indent = ''): string {
  // Without blanks it is shorter: what is too long so is too long with them, and that is soon known.
  const isShort = JSON.stringify(value).length + indent.length <= lineWidth;
  const flat = isShort ? printFlat(value) : undefined;
  if (flat !== undefined && flat.length + indent.length <= lineWidth) return flat;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) return `[\n${value.map((one) => inner + printJson(one, inner)).join(',\n')}\n${indent}]`;
  const entries = Object.entries(value).map(
    ([name, one]) => `${inner}${JSON.stringify(name)}: ${printJson(one, inner)}`,
  );
  return `{\n${entries.join(',\n')}\n${indent}}`;
}
