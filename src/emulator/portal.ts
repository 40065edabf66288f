// Makes a portal: its team, inboxes, channel accounts and pipelines, with HubSpot's own defaults.
import type {
  ChannelAccount,
  Inbox,
  MarketingEmail,
  OwnStatusAutomation,
  Pipeline,
  PortalState,
  State,
  User,
} from './state.ts';
import { takeId } from './state.ts';
import type { Quirks } from './world.ts';

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
  /** Whether contact-record mail lands on the contact's open tickets; `some` = only where there is exactly one. */
  automaticAssociation?: boolean | 'some';
  fingerprints?: PortalState['fingerprints'];
  ownStatusAutomation?: Record<string, OwnStatusAutomation>;
  twins?: boolean;
  requiredForStage?: Record<string, string[]>;
  /** Default true. */
  transactionalAddOn?: boolean;
  marketingEmails?: NewMarketingEmail[];
  /** Where this portal answers otherwise than the emulator's own `quirks` say. */
  quirks?: Partial<Quirks>;
};

/** Published for single send unless it says otherwise. */
export type NewMarketingEmail = Partial<MarketingEmail> & { name: string };

export function makeMarketingEmail(state: State, made: NewMarketingEmail, random: () => number): MarketingEmail {
  const id = made.id ?? takeId(state, 'marketingEmails', random);
  return { publishedForSingleSend: true, requiredCustomProperties: [], ...made, id };
}

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

type Automated = Pick<PortalState, 'pipelines' | 'ownStatusAutomation'>;

/** Throws for a toggle of HubSpot's own that names a stage its pipeline does not have. */
export function checkOwnAutomation({ pipelines, ownStatusAutomation }: Automated): void {
  for (const [pipelineId, { outgoing, incoming }] of Object.entries(ownStatusAutomation))
    for (const stageId of [outgoing, incoming].filter((id) => id !== undefined)) {
      const stages = pipelines.find((pipeline) => pipeline.id === pipelineId)?.stages ?? [];
      if (!stages.some((stage) => stage.id === stageId))
        throw new Error(`emulator: ownStatusAutomation: pipeline ${pipelineId} has no stage ${stageId}`);
    }
}

/** Throws when the portal exists, its id is no decimal number, or its own automation names no stage of its pipeline. */
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
      mayManageApps: true,
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
    fingerprints: options.fingerprints ?? 'none',
    ownStatusAutomation: options.ownStatusAutomation ?? {},
    twins: options.twins ?? false,
    requiredForStage: options.requiredForStage ?? {},
    transactionalAddOn: options.transactionalAddOn ?? true,
    marketingEmails: (options.marketingEmails ?? []).map((made) => makeMarketingEmail(state, made, random)),
    sends: [],
    nextSendResults: [],
    nextMessageStatuses: [],
    objects: { tickets: {}, emails: {}, contacts: {}, notes: {}, tasks: {} },
    links: {},
    threads: {},
    install: null,
    ...(options.quirks ? { quirks: options.quirks } : {}),
  };
  checkOwnAutomation(portal);
  state.portals[portalId] = portal;
  return portal;
}
