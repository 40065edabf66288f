// What the pages are made of: the parts main hands to createPageRoutes.
import type { Config } from '../../config.ts';
import type { Db } from '../../db/open-db.ts';
import type { PipelineCache } from '../../hubspot/pipeline-cache.ts';
import type { Log } from '../../log.ts';

export type PageParts = {
  config: Pick<Config, 'publicUrl'>;
  db: Pick<Db, 'settings' | 'records'>;
  pipelines: PipelineCache;
  log: Log;
};
