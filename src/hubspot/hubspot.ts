// The gateway: the one door to HubSpot's API, one PortalGateway a portal.
import type { Config } from '../config.ts';
import { type Log, type LogFields, withFields } from '../log.ts';
import type { AccessTokens } from './access-tokens.ts';
import { listOwners, listPipelines, readAccountDetails } from './account.ts';
import { createNote, createTask } from './activities.ts';
import { readAssociations } from './associations.ts';
import type { ObserveCall } from './call-metrics.ts';
import { searchChanged } from './changes.ts';
import { createContact, findContactByAddress, readContacts } from './contacts.ts';
import { findThread, listChannelAccounts, listThreads, listThreadsOfTicket } from './conversations.ts';
import { readEmails, searchSentEmails } from './emails.ts';
import type { AccountDetails, Pace, PortalGateway } from './gateway.ts';
import { findMessage, listMessages, sendThreadMessage } from './messages.ts';
import { moveTickets } from './moves.ts';
import { createTicket } from './new-tickets.ts';
import { readProperties } from './objects.ts';
import { createPace } from './pace.ts';
import { paths } from './paths.ts';
import { createPortalClient } from './portal-client.ts';
import { listTicketProperties } from './ticket-properties.ts';
import { findTicket, readTickets, updateTicket } from './tickets.ts';
import { readSendStatus, sendTransactional } from './transactional.ts';
import { createTransport } from './transport.ts';

export type HubSpot = {
  /** Cheap: make one a batch. `pace` belongs to the portal and travels with its lease; `trace` stands in every line about its calls. */
  portal(portalId: string, pace: Pace, trace?: LogFields): PortalGateway;
  /** At install, before the token is stored. Throws BatonError `hubspot-*`. */
  accountDetails(accessToken: string): Promise<AccountDetails>;
};

export function createHubSpot(parts: {
  config: Pick<Config['hubspot'], 'apiUrl'>;
  accessTokens: AccessTokens;
  log: Log;
  now?: () => Date;
  /** Per request; 5,000 unless a test is in a hurry. */
  timeoutMs?: number;
  /** For metrics. */
  onCall?: ObserveCall;
}): HubSpot {
  const { config, accessTokens, log, onCall, now = () => new Date() } = parts;
  const transport = createTransport({ apiUrl: config.apiUrl, timeoutMs: parts.timeoutMs });

  function portal(portalId: string, pace: Pace, trace: LogFields = {}): PortalGateway {
    const traced = withFields(log, trace);
    const client = createPortalClient({ portalId, pace, transport, accessTokens, log: traced, onCall, now });
    return {
      listThreads: (query) => listThreads(client, query),
      findThread: (threadId) => findThread(client, threadId),
      listThreadsOfTicket: (ticketId) => listThreadsOfTicket(client, ticketId),
      listMessages: (threadId, options) => listMessages(client, threadId, options),
      findMessage: (threadId, messageId) => findMessage(client, threadId, messageId),
      readTickets: (ids, options) => readTickets(client, ids, options),
      findTicket: (ticketId) => findTicket(client, ticketId),
      readEmails: (ids) => readEmails(client, ids),
      readContacts: (ids) => readContacts(client, ids),
      readAssociations: (from, to, ids) => readAssociations(client, from, to, ids),
      readProperties: (type, ids, names) => readProperties(client, type, ids, names),
      findContactByAddress: (address) => findContactByAddress(client, address),
      createContact: (contact) => createContact(client, contact),
      createTicket: (ticket) => createTicket(client, ticket, now),
      updateTicket: (ticketId, properties) => updateTicket(client, ticketId, properties),
      createNote: (note) => createNote(client, note),
      createTask: (task) => createTask(client, task),
      sendThreadMessage: (threadId, mail) => sendThreadMessage(client, threadId, mail),
      sendTransactional: (send) => sendTransactional(client, send),
      readSendStatus: (statusId) => readSendStatus(client, statusId),
      searchSentEmails: (query) => searchSentEmails(client, query),
      searchChanged: (query) => searchChanged(client, query),
      listTicketProperties: () => listTicketProperties(client),
      moveTickets: (moves) => moveTickets(client, moves, now),
      listPipelines: () => listPipelines(client),
      listOwners: () => listOwners(client),
      listChannelAccounts: () => listChannelAccounts(client),
      accountDetails: async () => readAccountDetails(await client.read({ method: 'GET', path: paths.accountDetails })),
      uninstall: async () => void (await client.write({ method: 'DELETE', path: paths.uninstall })),
      calls: client.calls,
    };
  }

  return {
    portal,
    accountDetails(accessToken) {
      const unstored: AccessTokens = { getAccessToken: async () => accessToken };
      const client = createPortalClient({
        portalId: 'installing',
        pace: createPace(),
        transport,
        accessTokens: unstored,
        log,
        onCall,
        now,
      });
      return client.read({ method: 'GET', path: paths.accountDetails }).then(readAccountDetails);
    },
  };
}
