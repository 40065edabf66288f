// Every HubSpot path Baton calls, in one place (CONTRACT.md 4): when the API version moves, only this file changes.

/** Current since 8 Sept 2026 (PLATFORM.md 1, "Developer platform versioning"); v1, v3 and v4 paths end in 2027. */
export const apiVersion = '2026-09';

export type ObjectName = 'tickets' | 'emails' | 'contacts';

const threads = `/conversations/conversations/${apiVersion}/threads`;

export const paths = {
  token: `/oauth/${apiVersion}/token`,
  introspect: `/oauth/${apiVersion}/token/introspect`,
  uninstall: `/appinstalls/${apiVersion}/external-install`,
  accountDetails: `/account-info/${apiVersion}/details`,
  object: (name: ObjectName, id: string) => `/crm/objects/${apiVersion}/${name}/${encodeURIComponent(id)}`,
  batchRead: (name: ObjectName) => `/crm/objects/${apiVersion}/${name}/batch/read`,
  batchUpdate: (name: ObjectName) => `/crm/objects/${apiVersion}/${name}/batch/update`,
  associationsRead: (from: ObjectName, to: ObjectName) => `/crm/associations/${apiVersion}/${from}/${to}/batch/read`,
  ticketPipelines: `/crm/pipelines/${apiVersion}/tickets`,
  owners: `/crm/owners/${apiVersion}`,
  threads,
  thread: (id: string) => `${threads}/${encodeURIComponent(id)}`,
  messages: (threadId: string) => `${threads}/${encodeURIComponent(threadId)}/messages`,
  message: (threadId: string, id: string) =>
    `${threads}/${encodeURIComponent(threadId)}/messages/${encodeURIComponent(id)}`,
  channelAccounts: `/conversations/conversations/${apiVersion}/channel-accounts`,
} as const;
