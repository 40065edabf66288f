// The text of an action with its placeholders filled in, as it is sent and as the settings page previews it. Pure.
import { type StageAction, templatesOf } from './stage-actions.ts';
import { listPlaceholders, type Placeholder, type Rendered, renderTemplate, type TemplateValues } from './templates.ts';

/** Every value the texts of these actions ask for, each once. */
export function placeholdersOf(actions: StageAction[]): Placeholder[] {
  const asked = actions.flatMap(templatesOf).flatMap(listPlaceholders);
  return [...new Map(asked.map((one) => [`${one.subject}.${one.property}`, one])).values()];
}

/**
 * The text an action writes: plain, a task's subject on one line. Names what is missing, or what is wrong with the template; null for
 * a kind of action that writes no text of its own. Never throws.
 */
export function renderAction(action: StageAction, values: TemplateValues): Rendered | null {
  const [template] = templatesOf(action);
  if (template === undefined) return null;
  const rendered = renderTemplate(template, values);
  if (!('text' in rendered) || action.kind !== 'create-task') return rendered;
  return { text: rendered.text.replace(/\s+/g, ' ').trim() };
}
