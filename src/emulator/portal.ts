// Makes a portal: its team, inboxes, channel accounts and pipelines, with HubSpot's own defaults.
import type { ChannelAccount, Inbox, Pipeline, PortalState, State, User } from './state.ts';
import { takeId } from './state.ts';

export type PortalOptions = {
  portalId: string;
  domain?: string;
  timeZone?: string;
  uiDomain?: string;
  users?: Array<Partial<User> & { email: string; firstName: string; lastName: string }>;
  inboxes?: Array<Partial<Inbox> & { name: string }>;
  /** `inboxId` absent = the first inbox; `channelId` absent = 1002, email. */
  channelAccounts?: Array<Partial<ChannelAccount> & { address: string }>;
  pipelines?: Pipeline[];
  /** HubSpot's own creation: true = at once, a number = that many milliseconds after the message. Default false. */
  ticketsForNewConversations?: boolean | number;
  automaticAssociation?: boolean;
  twins?: boolean;
  requiredForStage?: Record<string, string[]>;
};

/** The default ticket pipeline of every portal (DATA.md 1.4). */
export function defaultPipelines(): Pipeline[] {
  const stages = [
    { id: '1', label: 'New', ticketState: 'OPEN' as const },
    { id: '2', label: 'Waiting on contact', ticketState: 'OPEN' as const },
    { id: '3', label: 'Waiting on us', ticketState: 'OPEN' as const },
    { id: '4', label: 'Closed', ticketState: 'CLOSED' as const },
  ];
  return [{ id: '0', label: 'Support Pipeline', stages }];
}

export function readTicketDelay(value: boolean | number | undefined): number | null {
  if (value === undefined || value === false) return null;
  return value === true ? 0 : value;
}

/** Throws when the portal exists or its id is no decimal number. */
export function makePortal(state: State, options: PortalOptions, random: () => number): PortalState {
  const { portalId } = options;
  if (!/^[1-9]\d*$/.test(portalId)) throw new Error('emulator: portalId must be a decimal number, e.g. "51234567"');
  if (state.portals[portalId]) throw new Error(`emulator: portal ${portalId} exists already`);
  const domain = options.domain ?? `company-${portalId}.example`;
  const people = options.users ?? [{ email: `agent@${domain}`, firstName: 'Robin', lastName: 'Agent' }];
  const inboxes = (options.inboxes ?? [{ name: 'Support' }]).map(
    (inbox): Inbox => ({ id: takeId(state, 'inboxes', random), type: 'INBOX', ...inbox }),
  );
  const accounts = options.channelAccounts ?? [{ address: `support@${domain}` }];
  const portal: PortalState = {
    id: portalId,
    domain,
    timeZone: options.timeZone ?? 'Europe/Paris',
    uiDomain: options.uiDomain ?? 'app.hubspot.com',
    users: people.map((user) => ({
      userId: takeId(state, 'users', random),
      ownerId: takeId(state, 'owners', random),
      ...user,
    })),
    inboxes,
    channelAccounts: accounts.map((account) => ({
      id: takeId(state, 'channelAccounts', random),
      channelId: '1002',
      inboxId: inboxes[0]?.id ?? '',
      name: account.address,
      ...account,
    })),
    pipelines: options.pipelines ?? defaultPipelines(),
    ticketDelayMs: readTicketDelay(options.ticketsForNewConversations),
    automaticAssociation: options.automaticAssociation ?? false,
    twins: options.twins ?? false,
    requiredForStage: options.requiredForStage ?? {},
    objects: { tickets: {}, emails: {}, contacts: {}, notes: {}, tasks: {} },
    links: {},
    threads: {},
    install: null,
  };
  state.portals[portalId] = portal;
  return portal;
}
