// What the pages are made of: the parts main hands to createPageRoutes.
import type { Config } from '../../config.ts';
import type { Db } from '../../db/open-db.ts';
import type { HubSpot } from '../../hubspot/hubspot.ts';
import type { PipelineCache } from '../../hubspot/pipeline-cache.ts';
import type { ReferenceCache } from '../../hubspot/reference-cache.ts';
import type { Log } from '../../log.ts';

export type PageParts = {
  config: Pick<Config, 'publicUrl' | 'production' | 'hubspot'>;
  db: Pick<
    Db,
    'settings' | 'sweeps' | 'records' | 'deadEvents' | 'webhookSecrets' | 'rivals' | 'mailbox' | 'mailboxChecks'
  >;
  hubspot: Pick<HubSpot, 'portal'>;
  pipelines: PipelineCache;
  references: ReferenceCache;
  log: Log;
};
