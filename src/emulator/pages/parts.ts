// What the pages are given of the emulator they show.
import type { Changes } from '../changes.ts';
import type { Clock } from '../clock.ts';
import type { Faults } from '../faults.ts';
import type { Limits } from '../limits.ts';
import type { PortalControl } from '../portal-control.ts';
import type { LoggedRequest, RequestLog } from '../request-log.ts';
import type { Webhooks } from '../webhooks.ts';
import type { Quirks, World } from '../world.ts';

/** What the pages need of an emulator. */
export type Watched = {
  listPortalIds(): string[];
  portal(portalId: string): PortalControl;
  readonly requests: LoggedRequest[];
  readonly quirks: Quirks;
  readonly limits: Limits;
  readonly faults: Faults;
  readonly clock: Clock;
  webhooks: Pick<Webhooks, 'deliveries' | 'counts' | 'settings'>;
  saved(): Promise<void>;
};

export type PageParts = { world: World; emulator: Watched; log: RequestLog; changes: Changes };
