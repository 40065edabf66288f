// The portal's own settings, its people and the app's connection: what an admin of HubSpot could change.
import type { Pipeline, PortalState, User } from '../state.ts';
import * as facts from './facts.ts';
import * as fields from './fields.ts';
import { type Html, html, table, time } from './markup.ts';

function ownAutomation(portal: PortalState, { id, label, stages }: Pipeline): Html {
  const own = portal.ownStatusAutomation[id];
  const choices = [{ value: '', label: 'off' }, ...stages.map((stage) => ({ value: stage.id, label: stage.label }))];
  return html`<fieldset><legend>HubSpot's own status automation in ${label}</legend>
${fields.choose(`own.${id}.outgoing`, 'When the team writes, move to', choices, own?.outgoing)}
${fields.choose(`own.${id}.incoming`, 'When the customer writes, move to', choices, own?.incoming)}
${fields.numberField(`own.${id}.delaySeconds`, 'After seconds', (own?.delayMs ?? 0) / 1_000)}</fieldset>`;
}

function stageRules(portal: PortalState): Html {
  const rows = portal.pipelines.flatMap((pipeline) =>
    pipeline.stages.map((stage) => {
      const label = portal.pipelines.length > 1 ? `${pipeline.label}, ${stage.label}` : stage.label;
      return fields.optional(`required.${stage.id}`, label, (portal.requiredForStage[stage.id] ?? []).join(', '));
    }),
  );
  return html`<fieldset><legend>Properties a ticket must have to enter a status</legend>
<p class="note">Names with commas, e.g. hubspot_owner_id, hs_ticket_priority. People are asked for what is missing; an app's move is refused, from version 2026-09 on.</p>${rows}</fieldset>`;
}

const associations = [
  { value: 'false', label: 'never' },
  { value: 'true', label: 'with all open tickets, at most five' },
  { value: 'some', label: 'only where there is exactly one open ticket' },
];

const fingerprints = [
  { value: 'none', label: 'nothing does' },
  { value: 'detail', label: 'hs_object_source_detail_1' },
  { value: 'associations-request', label: 'hs_email_encoded_email_associations_request' },
];

function settings(place: fields.Place): Html {
  const { portal } = place;
  return fields.form(
    place,
    'configure',
    'Save',
    html`<fieldset><legend>Tickets for new conversations</legend>
${fields.onOff('ticketsForNewConversations', 'HubSpot makes them', portal.ticketDelayMs !== null)}
${fields.numberField('ticketDelaySeconds', 'After seconds', (portal.ticketDelayMs ?? 0) / 1_000)}</fieldset>`,
    html`${portal.pipelines.map((pipeline) => ownAutomation(portal, pipeline))}`,
    html`<fieldset><legend>Mail</legend>
${fields.choose('automaticAssociation', "Mail from a contact record is put on the contact's tickets", associations, String(portal.automaticAssociation))}
${fields.onOff('twins', 'Team mail also leaves an email activity', portal.twins)}
${fields.choose('fingerprints', 'What tells mail composed on a ticket from mail composed on a contact', fingerprints, portal.fingerprints)}</fieldset>`,
    html`<fieldset><legend>Add-ons</legend>${fields.onOff('transactionalAddOn', 'Transactional email', portal.transactionalAddOn)}</fieldset>`,
    stageRules(portal),
  );
}

function rights(place: fields.Place, user: User): Html {
  const may = user.mayManageApps !== false;
  const name = `${user.firstName} ${user.lastName}`;
  const label = may ? `Take away App Marketplace access from ${name}` : `Give ${name} App Marketplace access`;
  const change = [fields.hidden('userId', user.userId), fields.hidden('mayManageApps', String(!may))];
  return html`<div class="row">${may ? 'yes' : 'no'} ${fields.rowButton(place, 'setRights', may ? 'Take away' : 'Give', label, ...change)}</div>`;
}

function people(place: fields.Place): Html {
  const { users, install } = place.portal;
  const rows = users.map(
    (user) =>
      html`<tr><td>${user.firstName} ${user.lastName}${install?.userId === user.userId && html` <span class="tag">connected the app</span>`}</td><td>${user.email}</td><td>${rights(place, user)}</td><td>${user.userId}</td><td>${user.ownerId}</td></tr>`,
  );
  return html`${table('People', ['Name', 'Address', 'May install apps', 'User id', 'Owner id'], rows)}
<p class="note">Who has no App Marketplace access (super admins do) is refused on the consent page, except to come back to an app that is connected and asks for nothing new. Everything else everybody may do here.</p>`;
}

function connection(place: fields.Place): Html {
  const { install } = place.portal;
  if (!install)
    return html`<p>The app is not connected. Open its install address; the consent page here leads back to it.</p>`;
  const scopes = install.scopes.join(' ');
  const take = fields.form(
    place,
    'restrictScopes',
    'Leave only these',
    html`<label class="wide">Scopes, with blanks <input name="scopes" value="${scopes}" size="60"></label>`,
  );
  return html`<p>Connected ${time(install.installedAt)} by ${facts.agentName(place.portal, install.userId)}.</p>
<ul>${install.scopes.map((scope) => html`<li><code>${scope}</code></li>`)}</ul>
${fields.folded('Take scopes away from its tokens', take)}
<div class="row">${fields.form(place, 'expireTokens', 'Let its access tokens expire now')}${fields.form(place, 'uninstall', 'Uninstall the app')}</div>`;
}

export function settingsPage(portal: PortalState): Html {
  const place = { portal, back: `/portals/${portal.id}/settings` };
  return html`<h2>The app</h2>${connection(place)}<h2 id="people">People</h2>${people(place)}<h2>HubSpot's own doing</h2>${settings(place)}`;
}
