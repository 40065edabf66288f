// Reading HubSpot's answers: ids as text, times as Dates, unknown fields ignored, and what cannot be read named.
import { z } from 'zod';
import { BatonError } from '../errors.ts';

/** Ids come as numbers or strings, even within one API (DATA.md 3.4); numbers beyond 2^53 are strings already (json.ts). */
export const id = z.union([z.string().min(1), z.number().int()]).transform(String);
/** Absent, null and empty are the same to HubSpot. */
export const optionalId = z.union([z.string(), z.number()]).nullish().transform(toText);
export const optionalText = z.string().nullish().transform(toText);
/** ISO 8601, or epoch ms as some datetime properties have it. */
export const time = z.union([z.string().min(1), z.number()]).transform((value, context) => {
  const at = new Date(typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value);
  if (!Number.isNaN(at.getTime())) return at;
  context.addIssue('not a time');
  return z.NEVER;
});
export const optionalTime = z
  .union([z.literal(''), time])
  .nullish()
  .transform((value) => value || null);

/** A datetime property; throws as readAs. */
export function readTime(value: string | null | undefined): Date | null {
  return value ? readAs(time, value) : null;
}

/** `after` of the next page; null on the last (PLATFORM.md, forward paging of every list). */
const paging = z
  .object({ next: z.object({ after: optionalId }).nullish() })
  .nullish()
  .transform((value) => value?.next?.after ?? null);
export const page = z.object({ results: z.array(z.unknown()), paging });

/** Every property value is a string or null, numbers and booleans too (DATA.md 0.10); a caller may still meet others. */
export type Properties = Record<string, string | null>;
export const properties = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((values): Properties => {
    const texts = Object.entries(values ?? {}).map(([name, value]) => [name, toText(value)] as const);
    return Object.fromEntries(texts);
  });

/** Throws `hubspot-unreadable`, naming the fields and never what stood in them. */
export function readAs<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const fields = result.error.issues.slice(0, 3).map((issue) => issue.path.join('.') || 'the answer');
  throw new BatonError('hubspot-unreadable', { detail: `Unexpected: ${fields.join(', ')}.` });
}

/** The elements that can be read, and how many cannot. Only for lists where a missing element decides nothing. */
export function readEach<T>(schema: z.ZodType<T>, values: unknown[]): { read: T[]; unreadable: number } {
  const results = values.map((value) => schema.safeParse(value));
  const read = results.flatMap((result) => (result.success ? [result.data] : []));
  return { read, unreadable: results.length - read.length };
}

/** `a@x.example`, `Name <a@x.example>` (DATA.md 2.2) -> lower case, null when it is none. */
export function readAddress(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > 1_000) return null;
  const inner = value.slice(value.lastIndexOf('<') + 1).replace(/>.*$/s, '');
  const address = inner.trim().toLowerCase();
  return address.includes('@') && !/\s/.test(address) ? address : null;
}

/** Addresses of a list joined by `;` (as HubSpot joins) or `,`. */
export function readAddresses(value: string | null | undefined): string[] {
  return (value ?? '').split(/[;,]/).flatMap((part) => readAddress(part) ?? []);
}

export function chunk<T>(values: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
    values.slice(index * size, (index + 1) * size),
  );
}

function toText(value: unknown): string | null {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}
