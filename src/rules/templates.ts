// Texts with placeholders like {{contact.firstname}}: checked when they are saved, filled in when an action runs. Pure.
import { Liquid, type Template, UndefinedVariableError } from 'liquidjs';

/** What a placeholder may name; each has properties, for example `contact.firstname`. */
export const templateSubjects = ['ticket', 'contact', 'owner', 'stage', 'pipeline'] as const;
export type TemplateSubject = (typeof templateSubjects)[number];
/** Values by subject and property; null and empty count as missing. */
export type TemplateValues = Partial<Record<TemplateSubject, Record<string, string | null>>>;
export type Placeholder = { subject: TemplateSubject; property: string };

/** Loops, includes and layouts have nothing to work on here. */
const allowedTags = new Set(['if', 'unless', 'case', 'assign', 'comment', 'raw', '#']);
/** For lists and objects, of which there are none here, and for values past an escaping that is none of ours. */
const forbiddenFilters = ['raw', 'json', 'inspect', 'where', 'map', 'group_by', 'find', 'sort', 'push', 'concat'];

const engine = createEngine();

function createEngine(): Liquid {
  const liquid = new Liquid({
    strictFilters: true,
    strictVariables: true,
    // A missing value is no error inside `if` and before `default`.
    lenientIf: true,
    ownPropertyOnly: true,
    parseLimit: 20_000,
    // Milliseconds, and counted allocations: an answer to hostile templates, far above what a mail needs.
    renderLimit: 100,
    memoryLimit: 1_000_000,
    templates: {},
  });
  for (const name of Object.keys(liquid.tags)) if (!allowedTags.has(name)) delete liquid.tags[name];
  for (const name of forbiddenFilters) delete liquid.filters[name];
  return liquid;
}

/** `name` = what is written wrongly, where there is a name for it. */
export type TemplateMistake = { kind: 'placeholder' | 'tag' | 'filter' | 'size' | 'syntax'; name: string };

/** What is wrong with a template, in an admin's words; null when it can be saved. Never throws. */
export function checkTemplate(template: string): string | null {
  const mistake = findTemplateMistake(template);
  return mistake && describeMistake(mistake);
}

/** The first mistake of a template, for a page that has words of its own; null when it can be saved. Never throws. */
export function findTemplateMistake(template: string): TemplateMistake | null {
  let parsed: Template[];
  try {
    parsed = engine.parse(template);
  } catch (error) {
    return readMistake(error);
  }
  for (const segments of engine.globalVariableSegmentsSync(parsed)) {
    const [subject, property, ...more] = segments;
    const name = segments.map((segment) => (typeof segment === 'string' ? segment : '…')).join('.');
    const known = templateSubjects.some((each) => each === subject);
    if (!known || typeof property !== 'string' || more.length > 0) {
      return { kind: 'placeholder', name: name.slice(0, 60) };
    }
  }
  return null;
}

/** Every property a template names, each once. Throws on a template that `checkTemplate` refuses. */
export function listPlaceholders(template: string): Placeholder[] {
  const found = new Map<string, Placeholder>();
  for (const [subject, property] of engine.globalVariableSegmentsSync(engine.parse(template))) {
    found.set(`${subject}.${property}`, { subject: subject as TemplateSubject, property: String(property) });
  }
  return [...found.values()];
}

export type Rendered = { text: string } | { missing: string } | { mistake: string };

/**
 * Fills a template in: plain text, or the name of the first value that is missing and has no `default`, or what is wrong with the
 * template. Never throws, and never runs longer than its limits.
 */
export function renderTemplate(template: string, values: TemplateValues): Rendered {
  const filled = Object.fromEntries(
    templateSubjects.map((subject) => {
      const properties = Object.entries(values[subject] ?? {}).filter(([, value]) => value !== null && value !== '');
      return [subject, Object.fromEntries(properties)];
    }),
  );
  try {
    return { text: String(engine.parseAndRenderSync(template, filled)) };
  } catch (error) {
    const missing = findMissing(error);
    return missing ? { missing } : { mistake: describeMistake(readMistake(error)) };
  }
}

function findMissing(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = (cause as { originalError?: unknown }).originalError) {
    if (cause instanceof UndefinedVariableError || cause.message.startsWith('undefined variable: ')) {
      return /undefined variable: ([\w.]+)/.exec(cause.message)?.[1] ?? 'a value';
    }
  }
  return undefined;
}

/** From liquidjs's own sentence, without its excerpt of the template. */
function readMistake(error: unknown): TemplateMistake {
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
  const tag = /tag "?([\w-]+)"? not found/.exec(message)?.[1];
  if (tag) return { kind: 'tag', name: tag };
  const filter = /undefined filter: (\w+)/.exec(message)?.[1];
  if (filter) return { kind: 'filter', name: filter };
  return { kind: /limit exceeded/.test(message) ? 'size' : 'syntax', name: '' };
}

function describeMistake({ kind, name }: TemplateMistake): string {
  switch (kind) {
    case 'placeholder':
      return `{{${name}}} is not known here. Use a property of ${templateSubjects.join(', ')}, for example {{contact.firstname}}.`;
    case 'tag':
      return `{% ${name} %} cannot be used here. Use plain text and placeholders such as {{contact.firstname}}.`;
    case 'filter':
      return `The filter "${name}" is not known. Take it out, or use default, upcase, downcase, date or truncate.`;
    case 'size':
      return 'The text is too long or too much work to fill in. Make it shorter.';
    case 'syntax':
      return 'A placeholder is not written correctly. Write it like {{contact.firstname}}, with two braces on each side.';
  }
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Plain text as HTML: every character shows as it was typed, and lines stay lines. */
export function toHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] as string).replace(/\r\n?|\n/g, '<br>');
}
