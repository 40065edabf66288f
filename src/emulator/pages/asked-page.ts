// What HubSpot's own pages ask a person for before a ticket may enter a stage: a form that does the same again, with the answers.
import { page } from '../page.ts';
import { findProperty } from '../properties.ts';
import type { PortalState } from '../state.ts';
import type { PropertiesAsked } from '../ticket-actions.ts';
import * as facts from './facts.ts';
import * as fields from './fields.ts';
import { type Fields, propertyPrefix } from './form-actions.ts';
import { type Html, html } from './markup.ts';

function answerField(portal: PortalState, name: string): Html {
  const property = findProperty(portal, 'tickets', name);
  const label = property ? `${property.label} (${name})` : name;
  const field = propertyPrefix + name;
  if (name === 'hubspot_owner_id') {
    const owners = portal.users.map((user) => ({ value: user.ownerId, label: `${user.firstName} ${user.lastName}` }));
    return fields.choose(field, label, owners);
  }
  const options = property?.options ?? [];
  if (options.length === 0) return fields.field(field, label);
  return fields.choose(
    field,
    label,
    options.map((value) => ({ value, label: value })),
  );
}

/** The page for a form whose action threw `PropertiesAsked`; `given` = its fields, `back` where it would have led. */
export function askedPage(
  place: fields.Place,
  asked: { action: string; given: Fields; missing: PropertiesAsked },
): string {
  const { action, given, missing } = asked;
  const answered = Object.entries(given).filter(([, value]) => value);
  const kept = answered.map(([name, value]) => fields.hidden(name, value ?? ''));
  const label = facts.stageLabel(place.portal, missing.stageId);
  const answers = missing.names.map((name) => html`<p>${answerField(place.portal, name)}</p>`);
  const body = html`<h1>${label} asks for more</h1>
<p role="alert">A ticket must have ${missing.names.join(', ')} to enter it, as the settings of this portal say. Nothing was changed.</p>
${fields.form(place, action, 'Go on', ...kept, ...answers)}<p><a href="${place.back}">Back</a></p>`;
  return page(`${label} asks for more`, body.html);
}
