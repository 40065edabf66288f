// The text of an action for one real ticket, as it would be sent; reads only.
import { BatonError, type ErrorCode } from '../../errors.ts';
import type { PortalGateway } from '../../hubspot/gateway.ts';
import { createPace } from '../../hubspot/pace.ts';
import { placeholdersOf, renderAction } from '../../rules/action-texts.ts';
import type { StageAction } from '../../rules/stage-actions.ts';
import type { Placeholder, Rendered, TemplateSubject, TemplateValues } from '../../rules/templates.ts';
import type { PageParts } from './page-parts.ts';

export type Preview = Rendered | { noTicket: true } | { failed: ErrorCode };

type Place = { stage: { id: string; label: string }; pipeline: { id: string; label: string } };

type Asked = { gateway: PortalGateway; portalId: string; ticketId: string; placeholders: Placeholder[] };

function namesOf(placeholders: Placeholder[], subject: TemplateSubject): string[] {
  return placeholders.filter((each) => each.subject === subject).map(({ property }) => property);
}

type Properties = Record<string, string | null>;

async function readContact({ gateway, ticketId, placeholders }: Asked): Promise<Properties> {
  const names = namesOf(placeholders, 'contact');
  if (names.length === 0) return {};
  const contactIds = (await gateway.readAssociations('tickets', 'contacts', [ticketId])).get(ticketId) ?? [];
  const [contactId] = contactIds;
  if (contactId === undefined) return {};
  const read = (await gateway.readProperties('contacts', [contactId], names)).get(contactId);
  return { ...read, id: contactId };
}

async function readOwner(parts: PageParts, { portalId, placeholders }: Asked, ticket: Properties): Promise<Properties> {
  const { hubspot_owner_id: ownerId } = ticket;
  if (!ownerId || namesOf(placeholders, 'owner').length === 0) return {};
  const owner = (await parts.references.get(portalId, 'owners')).find(({ id }) => id === ownerId);
  return owner ? { id: owner.id, email: owner.email, firstname: owner.firstName, lastname: owner.lastName } : {};
}

/** The values the worker fills in (worker/actions/action-values.ts); of several contacts the first stands for the one who wrote last. */
async function readValues(parts: PageParts, asked: Asked, place: Place): Promise<TemplateValues | undefined> {
  const { gateway, ticketId, placeholders } = asked;
  const names = [...new Set([...namesOf(placeholders, 'ticket'), 'hubspot_owner_id'])];
  const ticket = (await gateway.readProperties('tickets', [ticketId], names)).get(ticketId);
  if (!ticket) return undefined;
  return {
    ticket: { ...ticket, id: ticketId },
    contact: await readContact(asked),
    owner: await readOwner(parts, asked, ticket),
    stage: place.stage,
    pipeline: place.pipeline,
  };
}

/** Never throws for HubSpot's sake. Null for an action that writes no text. */
export async function previewAction(
  parts: PageParts,
  portalId: string,
  action: StageAction,
  ticketId: string,
  place: Place,
): Promise<Preview | null> {
  const gateway = parts.hubspot.portal(portalId, createPace());
  try {
    const asked = { gateway, portalId, ticketId, placeholders: placeholdersOf([action]) };
    const values = await readValues(parts, asked, place);
    return values ? renderAction(action, values) : { noTicket: true };
  } catch (error) {
    if (!(error instanceof BatonError) || !error.code.startsWith('hubspot-')) throw error;
    return { failed: error.code };
  }
}
