// The API's table of paths (CONTRACT.md 4); what is not in it answers HubSpot's 404, v1, v3 and v4 paths included.
import * as pairs from './association-pairs.ts';
import { associationScopes, createAssociations, readAssociations } from './associations.ts';
import type { Route } from './call.ts';
import * as directory from './conversation-directory.ts';
import { deleteAssignee, deleteThread, patchThread, postMessage, putAssignee } from './conversation-writes.ts';
import { getMessage, getOriginalContent, getThreadById, listMessages, listThreads } from './conversations.ts';
import {
  deleteInstall,
  deleteRefreshToken,
  exchangeToken,
  getAccessToken,
  getRefreshToken,
  introspectToken,
  revokeToken,
} from './oauth.ts';
import { archiveBatch, createBatch, readBatch, updateBatch, upsertBatch } from './object-batches.ts';
import { findObjectType, objectTypes } from './object-types.ts';
import {
  createObject,
  deleteObject,
  eraseContact,
  getObject,
  listObjects,
  mergeObjects,
  updateObject,
} from './objects.ts';
import * as reference from './reference.ts';
import { searchObjects } from './search.ts';
import { getSendStatus, sendSingleEmail, transactionalScope } from './single-sends.ts';

/** `:v` = a dated version (PLATFORM.md 1), other `:names` = one segment. Conversations have no 2026-03 (DATA.md 3.2). */
function compile(path: string): RegExp {
  const versions = path.startsWith('/conversations/') ? '2026-09' : '2026-03|2026-09';
  const pattern = path.replace(/:(\w+)/g, (_, name) => (name === 'v' ? `(?<v>${versions})` : `(?<${name}>[^/]+)`));
  return new RegExp(`^${pattern}/?$`);
}

type Handle = Route['handle'];
type Scopes = Route['scopes'];

function open(method: string, path: string, handle: Handle): Route {
  return { method, template: path, path: compile(path), handle, access: 'public' };
}

function legacy(method: string, path: string, handle: Handle): Route {
  return { ...open(method, path, handle), isLegacy: true };
}

function guarded(method: string, path: string, handle: Handle, scopes: string[] | Scopes, isSearch = false): Route {
  const needed = Array.isArray(scopes) ? () => scopes : scopes;
  return { method, template: path, path: compile(path), handle, access: 'token', scopes: needed, isSearch };
}

function reads(params: Record<string, string>, version: string): string[] {
  const type = findObjectType(params.type ?? '');
  if (!type) return [];
  // Emails: alternatives up to 2026-03, both together since 2026-09 (PLATFORM.md 4.6).
  if (type === 'emails' && version < '2026-09') return ['crm.objects.contacts.read'];
  return objectTypes[type].readScopes;
}

function writes(params: Record<string, string>): string[] {
  const type = findObjectType(params.type ?? '');
  return type ? objectTypes[type].writeScopes : [];
}

function associates(params: Record<string, string>): string[] {
  return associationScopes(params, (name) =>
    name.startsWith('conversation') ? 'conversations' : findObjectType(name),
  );
}

const objects = '/crm/objects/:v/:type';
const associations = '/crm/associations/:v/:from/:to';
const record = '/crm/objects/:v/:from/:id';
const pipelines = '/crm/pipelines/:v/tickets';
const conversations = '/conversations/conversations/:v';
const threads = `${conversations}/threads`;
const read = ['conversations.read'];
const write = ['conversations.write'];

export const routes: Route[] = [
  open('POST', '/oauth/:v/token', exchangeToken),
  open('POST', '/oauth/:v/token/introspect', introspectToken),
  open('POST', '/oauth/:v/token/revoke', revokeToken),
  legacy('GET', '/oauth/v1/access-tokens/:token', getAccessToken),
  legacy('GET', '/oauth/v1/refresh-tokens/:token', getRefreshToken),
  legacy('DELETE', '/oauth/v1/refresh-tokens/:token', deleteRefreshToken),
  guarded('DELETE', '/appinstalls/:v/external-install', deleteInstall, ['oauth']),
  guarded('GET', '/account-info/:v/details', reference.getAccountDetails, ['oauth']),
  guarded('POST', `${objects}/batch/read`, readBatch, reads),
  guarded('POST', `${objects}/batch/update`, updateBatch, writes),
  guarded('POST', `${objects}/batch/create`, createBatch, writes),
  guarded('POST', `${objects}/batch/upsert`, upsertBatch, writes),
  guarded('POST', `${objects}/batch/archive`, archiveBatch, writes),
  guarded('POST', `${objects}/search`, searchObjects, reads, true),
  guarded('POST', '/crm/objects/:v/tickets/merge', mergeObjects, ['tickets']),
  guarded('POST', '/crm/objects/:v/contacts/gdpr-delete', eraseContact, ['crm.objects.contacts.write']),
  guarded('GET', objects, listObjects, reads),
  guarded('POST', objects, createObject, writes),
  guarded('GET', `${objects}/:id`, getObject, reads),
  guarded('PATCH', `${objects}/:id`, updateObject, writes),
  guarded('DELETE', `${objects}/:id`, deleteObject, writes),
  guarded('GET', `${record}/associations/:to`, pairs.listAssociations, associates),
  guarded('PUT', `${record}/associations/default/:to/:toId`, pairs.associateDefault, associates),
  guarded('PUT', `${record}/associations/:to/:toId`, pairs.associateByTypes, associates),
  guarded('DELETE', `${record}/associations/:to/:toId`, pairs.removeAssociation, associates),
  guarded('POST', `${associations}/batch/read`, readAssociations, associates),
  guarded('POST', `${associations}/batch/create`, createAssociations, associates),
  guarded('POST', `${associations}/batch/archive`, pairs.archiveAssociations, associates),
  guarded('POST', `${associations}/batch/associate/default`, pairs.associateDefaultBatch, associates),
  guarded('GET', `${associations}/labels`, pairs.listAssociationTypes, associates),
  guarded('GET', pipelines, reference.listPipelines, ['tickets']),
  guarded('GET', `${pipelines}/:id`, reference.getPipeline, ['tickets']),
  guarded('GET', `${pipelines}/:id/stages`, reference.listStages, ['tickets']),
  guarded('GET', `${pipelines}/:id/stages/:stageId`, reference.getStage, ['tickets']),
  guarded('GET', '/crm/properties/:v/:type', reference.listProperties, reads),
  guarded('GET', '/crm/properties/:v/:type/:name', reference.getProperty, reads),
  guarded('POST', '/crm/properties/:v/:type/batch/read', reference.readPropertyBatch, reads),
  guarded('GET', '/crm/owners/:v', reference.listOwners, ['crm.objects.owners.read']),
  guarded('GET', '/crm/owners/:v/:id', reference.getOwner, ['crm.objects.owners.read']),
  guarded('GET', threads, listThreads, read),
  guarded('GET', `${threads}/:id`, getThreadById, read),
  guarded('PATCH', `${threads}/:id`, patchThread, write),
  guarded('DELETE', `${threads}/:id`, deleteThread, write),
  guarded('PUT', `${threads}/:id/assignee`, putAssignee, write),
  guarded('DELETE', `${threads}/:id/assignee`, deleteAssignee, write),
  guarded('GET', `${threads}/:id/messages`, listMessages, read),
  guarded('POST', `${threads}/:id/messages`, postMessage, write),
  guarded('GET', `${threads}/:id/messages/:messageId`, getMessage, read),
  guarded('GET', `${threads}/:id/messages/:messageId/original-content`, getOriginalContent, read),
  guarded('GET', `${conversations}/channels`, directory.listChannels, read),
  guarded('GET', `${conversations}/channels/:id`, directory.getChannel, read),
  guarded('GET', `${conversations}/channel-accounts`, directory.listChannelAccounts, read),
  guarded('GET', `${conversations}/channel-accounts/:id`, directory.getChannelAccount, read),
  guarded('GET', `${conversations}/inboxes`, directory.listInboxes, read),
  guarded('GET', `${conversations}/inboxes/:id`, directory.getInbox, read),
  guarded('GET', `${conversations}/actors/:id`, directory.getActor, read),
  guarded('POST', `${conversations}/actors/batch/read`, directory.readActors, read),
  // "rate-limit-exemptions: daily, ten-secondly" (spec 2026-09/transactionalSingleSend.json).
  {
    ...guarded('POST', '/marketing/transactional/:v/single-email/send', sendSingleEmail, [transactionalScope]),
    isUncounted: true,
  },
  guarded('GET', '/marketing/v3/email/send-statuses/:statusId', getSendStatus, [transactionalScope]),
];
