// JSON as HubSpot writes it, ids kept whole: a number beyond 2^53 comes out as the string of its digits.

/** `context.source` (ES2025, Node 21 and later) is not in TypeScript's es2024 library yet. */
type Reviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;

const keepDigits: Reviver = (_key, value, context) =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^\d+$/.test(context.source ?? '')
    ? context.source
    : value;

/**
 * Parses a text. A reviver visits every value, so it runs only when some number is long enough to need it. Throws
 * SyntaxError, or RangeError when a text with such a number is nested thousands deep.
 */
export function parseJson(text: string): unknown {
  return /\d{16}/.test(text) ? JSON.parse(text, keepDigits as Parameters<typeof JSON.parse>[1]) : JSON.parse(text);
}
