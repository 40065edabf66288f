// How search compares values: numbers and dates by their size, everything else as text without case.

/** Dates may be given as epoch milliseconds or ISO text; stored ones are ISO. */
export function comparable(value: string): number | string {
  const first = value.charCodeAt(0);
  // Neither a digit nor a minus: no number, no date.
  if (!(first >= 48 && first <= 57) && first !== 45) return value.toLowerCase();
  if (/^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  const time = /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? value.toLowerCase() : time;
}

export function compareRead(x: number | string, y: number | string): number {
  if (typeof x === 'number' && typeof y === 'number') return x - y;
  return String(x) < String(y) ? -1 : String(x) > String(y) ? 1 : 0;
}

/** Tells whether every token of `wanted` is some word of a text; `*` in a token stands for anything. */
export function createTokenTest(wanted: string): (actual: string) => boolean {
  const tokens = wanted
    .toLowerCase()
    .split(/[^\p{L}\p{N}*]+/u)
    .filter(Boolean);
  const patterns = tokens.map((token) => new RegExp(`^${token.replaceAll('*', '.*')}$`, 'u'));
  // Looking for the letters costs a tenth of cutting a text into words, and most texts do not hold them.
  const parts = tokens.flatMap((token) => token.split('*').filter(Boolean));
  return (actual) => {
    const text = actual.toLowerCase();
    if (!parts.every((part) => text.includes(part))) return false;
    const words = text.split(/[^\p{L}\p{N}]+/u);
    return patterns.every((pattern) => words.some((word) => pattern.test(word)));
  };
}
