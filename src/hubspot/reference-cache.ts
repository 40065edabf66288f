// What the settings offer for choosing (owners, channel accounts, ticket properties), kept for a minute per portal.
import type { ChannelAccount, Owner } from '../crm.ts';
import type { PortalGateway, TicketProperty } from './gateway.ts';
import type { HubSpot } from './hubspot.ts';
import { createPace } from './pace.ts';

export type References = {
  owners: Owner[];
  channelAccounts: ChannelAccount[];
  ticketProperties: TicketProperty[];
};

export type ReferenceCache = {
  /** At most a minute old. Throws the gateway's BatonError when HubSpot fails; nothing older is answered then. */
  get<Name extends keyof References>(portalId: string, name: Name): Promise<References[Name]>;
};

const readers: { [Name in keyof References]: (gateway: PortalGateway) => Promise<References[Name]> } = {
  owners: (gateway) => gateway.listOwners(),
  channelAccounts: (gateway) => gateway.listChannelAccounts(),
  ticketProperties: (gateway) => gateway.listTicketProperties(),
};

const maxAgeMs = 60_000;
/** A portal's properties are up to some 300 KB: 200 lists stay far below the memory of one dyno. */
const maxLists = 200;

/** One reading at a time per portal and list, however many ask. */
export function createReferenceCache(parts: { hubspot: Pick<HubSpot, 'portal'>; now?: () => Date }): ReferenceCache {
  const { hubspot, now = () => new Date() } = parts;
  // In order of reading: the first is the oldest.
  const kept = new Map<string, { readAt: number; list: Promise<unknown> }>();

  return {
    get<Name extends keyof References>(portalId: string, name: Name) {
      const key = `${portalId} ${name}`;
      const found = kept.get(key);
      if (found && now().getTime() - found.readAt <= maxAgeMs) return found.list as Promise<References[Name]>;
      const list = readers[name](hubspot.portal(portalId, createPace())) as Promise<References[Name]>;
      const entry = { readAt: now().getTime(), list };
      kept.delete(key);
      kept.set(key, entry);
      const [oldest] = kept.keys();
      if (kept.size > maxLists && oldest !== undefined) kept.delete(oldest);
      // A failure is for those who asked, not for the next one.
      list.catch(() => {
        if (kept.get(key) === entry) kept.delete(key);
      });
      return list;
    },
  };
}
