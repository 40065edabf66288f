// The API's table of paths (CONTRACT.md 4); what is not in it answers HubSpot's 404, v1, v3 and v4 paths included.
import { associationScopes, createAssociations, readAssociations } from './associations.ts';
import type { Route } from './call.ts';
import { deleteThread, patchThread, postMessage } from './conversation-writes.ts';
import {
  getMessage,
  getThreadById,
  listChannelAccounts,
  listInboxes,
  listMessages,
  listThreads,
  readActors,
} from './conversations.ts';
import { deleteInstall, exchangeToken, introspectToken, revokeToken } from './oauth.ts';
import { archiveBatch, createBatch, readBatch, updateBatch } from './object-batches.ts';
import { findObjectType, objectTypes } from './object-types.ts';
import { createObject, deleteObject, getObject, listObjects, updateObject } from './objects.ts';
import { getAccountDetails, getPipeline, listOwners, listPipelines, listProperties } from './reference.ts';
import { searchObjects } from './search.ts';
import { getSendStatus, sendSingleEmail, transactionalScope } from './single-sends.ts';

/** `:v` = a dated version (PLATFORM.md 1), other `:names` = one segment. */
function compile(path: string): RegExp {
  const pattern = path.replace(/:(\w+)/g, (_, name) => (name === 'v' ? '(?<v>2026-03|2026-09)' : `(?<${name}>[^/]+)`));
  return new RegExp(`^${pattern}/?$`);
}

type Handle = Route['handle'];
type Scopes = Route['scopes'];

function open(method: string, path: string, handle: Handle): Route {
  return { method, path: compile(path), handle, access: 'public' };
}

function guarded(method: string, path: string, handle: Handle, scopes: string[] | Scopes, isSearch = false): Route {
  const needed = Array.isArray(scopes) ? () => scopes : scopes;
  return { method, path: compile(path), handle, access: 'token', scopes: needed, isSearch };
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
const conversations = '/conversations/conversations/:v';
const read = ['conversations.read'];
const write = ['conversations.write'];

export const routes: Route[] = [
  open('POST', '/oauth/:v/token', exchangeToken),
  open('POST', '/oauth/:v/token/introspect', introspectToken),
  open('POST', '/oauth/:v/token/revoke', revokeToken),
  guarded('DELETE', '/appinstalls/:v/external-install', deleteInstall, ['oauth']),
  guarded('GET', '/account-info/:v/details', getAccountDetails, ['oauth']),
  guarded('POST', `${objects}/batch/read`, readBatch, reads),
  guarded('POST', `${objects}/batch/update`, updateBatch, writes),
  guarded('POST', `${objects}/batch/create`, createBatch, writes),
  guarded('POST', `${objects}/batch/archive`, archiveBatch, writes),
  guarded('POST', `${objects}/search`, searchObjects, reads, true),
  guarded('GET', objects, listObjects, reads),
  guarded('POST', objects, createObject, writes),
  guarded('GET', `${objects}/:id`, getObject, reads),
  guarded('PATCH', `${objects}/:id`, updateObject, writes),
  guarded('DELETE', `${objects}/:id`, deleteObject, writes),
  guarded('POST', `${associations}/batch/read`, readAssociations, associates),
  guarded('POST', `${associations}/batch/create`, createAssociations, associates),
  guarded('GET', '/crm/pipelines/:v/tickets', listPipelines, ['tickets']),
  guarded('GET', '/crm/pipelines/:v/tickets/:id', getPipeline, ['tickets']),
  guarded('GET', '/crm/properties/:v/:type', listProperties, reads),
  guarded('GET', '/crm/owners/:v', listOwners, ['crm.objects.owners.read']),
  guarded('GET', `${conversations}/threads`, listThreads, read),
  guarded('GET', `${conversations}/threads/:id`, getThreadById, read),
  guarded('PATCH', `${conversations}/threads/:id`, patchThread, write),
  guarded('DELETE', `${conversations}/threads/:id`, deleteThread, write),
  guarded('GET', `${conversations}/threads/:id/messages`, listMessages, read),
  guarded('POST', `${conversations}/threads/:id/messages`, postMessage, write),
  guarded('GET', `${conversations}/threads/:id/messages/:messageId`, getMessage, read),
  guarded('GET', `${conversations}/channel-accounts`, listChannelAccounts, read),
  guarded('GET', `${conversations}/inboxes`, listInboxes, read),
  guarded('POST', `${conversations}/actors/batch/read`, readActors, read),
  // "rate-limit-exemptions: daily, ten-secondly" (spec 2026-09/transactionalSingleSend.json).
  {
    ...guarded('POST', '/marketing/transactional/:v/single-email/send', sendSingleEmail, [transactionalScope]),
    isUncounted: true,
  },
  guarded('GET', '/marketing/v3/email/send-statuses/:statusId', getSendStatus, [transactionalScope]),
];
