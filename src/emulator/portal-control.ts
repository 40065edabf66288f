// The handle on one portal: everything its people, its customers and HubSpot itself can do there, bound to the portal.

import * as contactMail from './contact-mail.ts';
import * as inbox from './inbox-actions.ts';
import { listLinkedIds } from './links.ts';
import * as history from './mail-history.ts';
import { importMail } from './mail-import.ts';
import * as mailbox from './mailbox-actions.ts';
import { getUser } from './messages.ts';
import { installApp, makeCode, type Tokens, uninstallApp } from './oauth.ts';
import { makeOwnMove } from './own-automation.ts';
import { checkOwnAutomation, makeMarketingEmail, type PortalOptions, readTicketDelay } from './portal.ts';
import * as recordings from './recordings.ts';
import { findRecord } from './records.ts';
import { signRequest } from './signer.ts';
import * as singleSends from './single-send-actions.ts';
import type { LaterTask, PortalState } from './state.ts';
import * as tickets from './ticket-actions.ts';
import { getPortal, type World, worldOf } from './world.ts';

type InstallOptions = { scopes?: string[]; userId?: string };

/** Installs the app without the consent page. Default scopes: the app's required ones. */
function install(world: World, portal: PortalState, options: InstallOptions = {}): Tokens {
  const userId = options.userId ?? portal.users[0]?.userId ?? '';
  return installApp(world, portal, { userId, scopes: options.scopes ?? world.app.requiredScopes });
}

/** A code as the consent page gives it out, for tests that start at the callback. */
function authorize(world: World, portal: PortalState, options: InstallOptions & { redirectUri: string }): string {
  const userId = options.userId ?? portal.users[0]?.userId ?? '';
  const scopes = options.scopes ?? world.app.requiredScopes;
  return makeCode(world, { portalId: portal.id, userId, scopes, redirectUri: options.redirectUri });
}

/** An admin disconnects the app in HubSpot: tokens die, no webhook tells (PLATFORM.md 2.8). */
function uninstall(world: World, portal: PortalState): void {
  uninstallApp(world, portal);
}

/** Access tokens run out now; refresh tokens live on. */
function expireTokens(world: World, portal: PortalState): void {
  for (const token of Object.values(world.state.accessTokens))
    if (token.portalId === portal.id) token.expiresAt = Math.min(token.expiresAt, world.now() - 1_000);
}

/** Takes scopes away from every token, as before a re-authorisation. */
function restrictScopes(world: World, portal: PortalState, scopes: string[]): void {
  for (const table of ['accessTokens', 'refreshTokens'] as const)
    for (const grant of Object.values(world.state[table])) if (grant.portalId === portal.id) grant.scopes = scopes;
}

type Configuration = Pick<
  PortalOptions,
  | 'pipelines'
  | 'ticketsForNewConversations'
  | 'automaticAssociation'
  | 'fingerprints'
  | 'ownStatusAutomation'
  | 'twins'
  | 'requiredForStage'
  | 'transactionalAddOn'
  | 'marketingEmails'
  | 'timeZone'
>;

/** Changes the portal's own settings; only what is named. */
function configure(world: World, portal: PortalState, change: Configuration): void {
  const { ticketsForNewConversations, marketingEmails, ...rest } = change;
  const { pipelines = portal.pipelines, ownStatusAutomation } = change;
  if (ownStatusAutomation) checkOwnAutomation({ pipelines, ownStatusAutomation });
  for (const [name, value] of Object.entries(rest)) if (value !== undefined) Object.assign(portal, { [name]: value });
  if (ticketsForNewConversations !== undefined) portal.ticketDelayMs = readTicketDelay(ticketsForNewConversations);
  if (marketingEmails)
    portal.marketingEmails = marketingEmails.map((made) => makeMarketingEmail(world.state, made, world.random));
}

/** An admin gives a user the right to install apps, or takes it away; tokens that are out stay as they are. */
function setRights(_world: World, portal: PortalState, change: { userId: string; mayManageApps: boolean }): void {
  getUser(portal, change.userId).mayManageApps = change.mayManageApps;
}

/** Headers of a workflow's call of one of the app's actions: v2, and v3 where HubSpot adds it (PLATFORM.md 7.5). */
function signAction(world: World, _portal: PortalState, request: { method: string; url: string; body: string }) {
  const {
    'X-HubSpot-Signature-v3': v3,
    'X-HubSpot-Request-Timestamp': at,
    ...headers
  } = signRequest(world.app.clientSecret, request, world.now());
  if (world.quirks.signsActionsWithV3)
    Object.assign(headers, { 'X-HubSpot-Signature-v3': v3, 'X-HubSpot-Request-Timestamp': at });
  return headers;
}

function living(portal: PortalState, type: 'tickets' | 'contacts' | 'emails') {
  return Object.values(portal.objects[type]).filter((record) => record.archivedAt === null);
}

/** The tickets with the label people see for their stage. */
function listTickets(_world: World, portal: PortalState) {
  const stages = portal.pipelines.flatMap((pipeline) => pipeline.stages);
  const labels = new Map(stages.map((one) => [one.id, one.label]));
  return living(portal, 'tickets').map(({ id, properties }) => ({
    id,
    subject: properties.subject ?? '',
    pipelineId: properties.hs_pipeline ?? '',
    stageId: properties.hs_pipeline_stage ?? '',
    stageLabel: labels.get(properties.hs_pipeline_stage ?? '') ?? '',
    contactIds: listLinkedIds(portal, 'tickets', id, 'contacts'),
  }));
}

/** Its people, addresses, threads and tickets, for pages and tests: a copy. */
function look(world: World, portal: PortalState) {
  return structuredClone({
    portalId: portal.id,
    domain: portal.domain,
    installed: portal.install !== null,
    users: portal.users,
    channelAccounts: portal.channelAccounts,
    pipelines: portal.pipelines,
    marketingEmails: portal.marketingEmails,
    threads: Object.values(portal.threads),
    tickets: listTickets(world, portal),
    contacts: living(portal, 'contacts').map(({ id, properties }) => ({
      id,
      email: properties.email ?? '',
      name: `${properties.firstname ?? ''} ${properties.lastname ?? ''}`.trim(),
    })),
    emails: living(portal, 'emails').map(({ id, properties }) => ({ id, properties })),
  });
}

const actions = {
  ...inbox,
  ...mailbox,
  ...history,
  ...singleSends,
  ...recordings,
  ...contactMail,
  importMail,
  createTicket: tickets.createTicket,
  moveTicket: tickets.moveTicket,
  moveByWorkflow: tickets.moveByWorkflow,
  moveByApp: tickets.moveByApp,
  mergeTickets: tickets.mergeTickets,
  deleteTicket: tickets.deleteTicket,
  addContact: tickets.addContact,
  addContactToTicket: tickets.addContactToTicket,
  eraseContact: tickets.eraseContact,
  stage: tickets.stage,
  ticket: tickets.ticket,
  install,
  authorize,
  uninstall,
  expireTokens,
  restrictScopes,
  configure,
  setRights,
  signAction,
  listTickets,
  look,
};

type Actions = typeof actions;
export type ActionName = keyof Actions;
export type PortalControl = {
  [Name in ActionName]: Actions[Name] extends (world: World, portal: PortalState, ...rest: infer Rest) => infer Result
    ? (...rest: Rest) => Result
    : never;
};

export function isActionName(name: string): name is ActionName {
  return Object.hasOwn(actions, name);
}

/** Every call looks the portal up again, so a handle outlives a reset once the portal is added again. */
export function createPortalControl(world: World, portalId: string, changed: () => void): PortalControl {
  const bind = (act: (world: World, portal: PortalState, ...rest: never[]) => unknown) => {
    return (...rest: never[]) => {
      const portal = getPortal(world, portalId);
      const result = act(worldOf(world, portal), portal, ...rest);
      if (result instanceof Promise) return result.finally(changed);
      changed();
      return result;
    };
  };
  return Object.fromEntries(Object.entries(actions).map(([name, act]) => [name, bind(act)])) as PortalControl;
}

/** What the portal does by itself once its time has come. */
export function performLater(everywhere: World, task: Exclude<LaterTask, { kind: 'queue-event' }>): void {
  const portal = everywhere.state.portals[task.portalId];
  if (!portal) return;
  const world = worldOf(everywhere, portal);
  if (task.kind === 'associate-email') {
    const alive = (type: 'tickets' | 'emails', id: string) => findRecord(portal, type, id, { followsMerge: true });
    const ticketIds = task.ticketIds.filter((id) => alive('tickets', id));
    if (alive('emails', task.emailId)) mailbox.associateEmail(world, portal, { ...task, ticketIds });
    return;
  }
  if (task.kind === 'own-status') {
    makeOwnMove(world, portal, task);
    return;
  }
  const thread = portal.threads[task.threadId];
  if (thread && !thread.ticketId) tickets.createConversationTicket(world, portal, thread);
}
