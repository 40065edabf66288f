// Fills in the text of an action: reads what its placeholders name, and says which value is missing.
import type { Contact } from '../../crm.ts';
import { placeholdersOf, renderAction } from '../../rules/action-texts.ts';
import type { TemplateValues } from '../../rules/templates.ts';
import { type ActionEnd, type ActionRun, holdAction } from './action-run.ts';
import { findTemplateContact } from './recipient.ts';

/** The action's text, or how it ends without one. `contact`: known already where the action is for a contact. */
export async function fillIn(run: ActionRun, contact?: Contact): Promise<{ text: string } | { end: ActionEnd }> {
  const rendered = renderAction(run.action, await readValues(run, contact));
  if (rendered === null) return { end: holdAction('held', 'This action has no text.') };
  if ('text' in rendered) {
    const blank = rendered.text.trim() === '';
    return blank ? { end: holdAction('held', 'Filled in, the text is empty.') } : { text: rendered.text };
  }
  if ('mistake' in rendered) return { end: holdAction('held', rendered.mistake) };
  const words = `{{${rendered.missing}}} has no value. Fill it in in HubSpot, or write what to use instead: {{${rendered.missing} | default: "..."}}.`;
  return { end: holdAction('held', words) };
}

async function readValues(run: ActionRun, known: Contact | undefined): Promise<TemplateValues> {
  const { action, facts, entry, plan } = run;
  const { pipeline, stage } = plan;
  const asked = new Set(placeholdersOf([action]).map(({ subject }) => subject));
  const values: TemplateValues = {
    stage: { id: entry.stageId, label: stage?.label ?? null },
    pipeline: { id: pipeline?.id ?? null, label: pipeline?.label ?? null },
  };
  if (asked.has('ticket')) values.ticket = { ...(await facts.ticketProperties(entry.ticketId)), id: entry.ticketId };
  if (asked.has('owner')) values.owner = await readOwner(run);
  if (asked.has('contact')) {
    const contact = known ?? (await findTemplateContact(run));
    if (contact) values.contact = { ...(await facts.contactProperties(contact.id)), id: contact.id };
  }
  return values;
}

async function readOwner({ facts, entry }: ActionRun): Promise<Record<string, string | null>> {
  const { hubspot_owner_id: ownerId } = await facts.ticketProperties(entry.ticketId);
  const owner = ownerId ? await facts.findOwner(ownerId) : undefined;
  if (!owner) return {};
  return { id: owner.id, email: owner.email, firstname: owner.firstName, lastname: owner.lastName };
}
