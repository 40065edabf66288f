// What HubSpot offers for choosing, as the pages need it: a list it does not tell is absent, and the page opens all the same.
import type { ChannelAccount, Owner } from '../../crm.ts';
import { BatonError } from '../../errors.ts';
import type { References } from '../../hubspot/reference-cache.ts';
import { describeError } from '../../log.ts';
import type { Settings } from '../../rules/settings.ts';
import type { StageAction } from '../../rules/stage-actions.ts';
import type { Words } from '../words/en.ts';
import { emailChannelId } from './channel-claims.ts';
import type { PageParts } from './page-parts.ts';

/** Undefined = HubSpot does not tell at the moment, or Baton lacks the permission. */
export type PortalReferences = { [Name in keyof References]?: References[Name] };

/** Reads only the lists named. Never throws for HubSpot's sake. */
export async function readReferences(
  { references, log }: Pick<PageParts, 'references' | 'log'>,
  portalId: string,
  names: (keyof References)[],
): Promise<PortalReferences> {
  const read = async (name: keyof References): Promise<PortalReferences> => {
    try {
      return { [name]: await references.get(portalId, name) };
    } catch (error) {
      if (!(error instanceof BatonError) || !error.code.startsWith('hubspot-')) throw error;
      log.warn({ portalId, list: name, ...describeError(error) }, 'a list for the settings page is unreadable');
      return {};
    }
  };
  return Object.assign({}, ...(await Promise.all(names.map(read))));
}

/** The lists that the sentences about these actions name something of; HubSpot is not asked for the others. */
export function referencesOfActions(actions: StageAction[]): (keyof References)[] {
  const owners = actions.some(
    (action) =>
      action.kind === 'assign-owner' ||
      (action.kind === 'create-task' && /^\d/.test(action.owner)) ||
      (action.kind === 'send-notification' && action.via === 'thread'),
  );
  const properties = actions.some(({ kind }) => kind === 'set-property');
  return [...(owners ? (['owners'] as const) : []), ...(properties ? (['ticketProperties'] as const) : [])];
}

export function listActions(settings: Settings): StageAction[] {
  return Object.values(settings.pipelines).flatMap(({ stageActions }) => Object.values(stageActions).flat());
}

/** `Ada Byron`, else the address, else the number. */
export function nameOwner(owner: Owner): string {
  return [owner.firstName, owner.lastName].filter(Boolean).join(' ') || owner.email || owner.id;
}

export type ReferenceNames = {
  owner(ownerId: string): string;
  user(userId: string): string;
  account(accountId: string): string;
  property(name: string): string;
  propertyValue(name: string, value: string): string;
};

/** Names what settings hold by id; an id HubSpot does not tell the name of is shown as a number. */
export function nameReferences(known: PortalReferences, words: Words): ReferenceNames {
  const { owners = [], channelAccounts = [], ticketProperties = [] } = known;
  const ownersById = new Map(owners.map((owner) => [owner.id, owner]));
  const ownersByUser = new Map(owners.map((owner) => [owner.userId, owner]));
  const accounts = new Map(channelAccounts.map((account) => [account.id, account]));
  const properties = new Map(ticketProperties.map((property) => [property.name, property]));
  const text = words.settings;
  const name = (owner: Owner | undefined, id: string): string => (owner ? nameOwner(owner) : text.unnamedUser(id));
  return {
    owner: (ownerId) => name(ownersById.get(ownerId), ownerId),
    user: (userId) => name(ownersByUser.get(userId), userId),
    account: (accountId) => nameAccount(accounts.get(accountId), accountId, words),
    property: (property) => properties.get(property)?.label ?? property,
    propertyValue: (property, value) =>
      properties.get(property)?.options.find((option) => option.value === value)?.label ?? value,
  };
}

/** A channel account's own name, with its channel where that is not email. */
export function nameAccount(account: ChannelAccount | undefined, accountId: string, words: Words): string {
  if (!account) return words.settings.unnamedAccount(accountId);
  const name = account.name || words.settings.unnamedAccount(accountId);
  return account.channelId === emailChannelId ? name : `${name} (${nameChannel(account.channelId, words)})`;
}

export function nameChannel(channelId: string, words: Words): string {
  const names: Record<string, string> = words.settings.channelNames;
  return Object.hasOwn(names, channelId) ? (names[channelId] as string) : words.settings.unnamedChannel(channelId);
}
