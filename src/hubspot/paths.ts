// Every HubSpot path Baton calls, in one place (CONTRACT.md 4): when the API version moves, only this file changes.
import type { ObjectName } from './gateway.ts';

/** Current since 8 Sept 2026 (PLATFORM.md 1, "Developer platform versioning"); v1, v3 and v4 paths end in 2027. */
export const apiVersion = '2026-09';

/** What association paths call a thread: the sources disagree (DATA.md 0.4, 3.4). */
export type ThreadName = 'conversation' | 'conversations';

const threads = `/conversations/conversations/${apiVersion}/threads`;

export const paths = {
  token: `/oauth/${apiVersion}/token`,
  introspect: `/oauth/${apiVersion}/token/introspect`,
  uninstall: `/appinstalls/${apiVersion}/external-install`,
  accountDetails: `/account-info/${apiVersion}/details`,
  objects: (name: ObjectName) => `/crm/objects/${apiVersion}/${name}`,
  search: (name: ObjectName) => `/crm/objects/${apiVersion}/${name}/search`,
  object: (name: ObjectName, id: string) => `/crm/objects/${apiVersion}/${name}/${encodeURIComponent(id)}`,
  batchRead: (name: ObjectName) => `/crm/objects/${apiVersion}/${name}/batch/read`,
  batchUpdate: (name: ObjectName) => `/crm/objects/${apiVersion}/${name}/batch/update`,
  associationsRead: (from: ObjectName, to: ObjectName) => `/crm/associations/${apiVersion}/${from}/${to}/batch/read`,
  associationsCreate: (from: ObjectName, to: ObjectName | ThreadName) =>
    `/crm/associations/${apiVersion}/${from}/${to}/batch/create`,
  ticketProperties: `/crm/properties/${apiVersion}/tickets`,
  ticketPipelines: `/crm/pipelines/${apiVersion}/tickets`,
  owners: `/crm/owners/${apiVersion}`,
  threads,
  thread: (id: string) => `${threads}/${encodeURIComponent(id)}`,
  messages: (threadId: string) => `${threads}/${encodeURIComponent(threadId)}/messages`,
  message: (threadId: string, id: string) =>
    `${threads}/${encodeURIComponent(threadId)}/messages/${encodeURIComponent(id)}`,
  singleSend: `/marketing/transactional/${apiVersion}/single-email/send`,
  /** The one path without a dated twin (DATA.md 5). */
  sendStatus: (id: string) => `/marketing/v3/email/send-statuses/${encodeURIComponent(id)}`,
  channelAccounts: `/conversations/conversations/${apiVersion}/channel-accounts`,
} as const;
