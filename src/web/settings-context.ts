// What settings are checked against beside the pipelines, as far as HubSpot tells it.
import type { Config } from '../config.ts';
import type { Db } from '../db/open-db.ts';
import { BatonError } from '../errors.ts';
import type { ReferenceCache } from '../hubspot/reference-cache.ts';
import { describeError, type Log } from '../log.ts';
import type { SettingsContext } from '../rules/settings-issues.ts';

export type ContextParts = {
  config: Pick<Config, 'production'>;
  db: Pick<Db, 'mailboxChecks'>;
  references: ReferenceCache;
  log: Log;
};

/** Channel accounts at most a minute old; when HubSpot cannot be reached they are not checked. Never throws for HubSpot's sake. */
export async function readSettingsContext(parts: ContextParts, portalId: string): Promise<SettingsContext> {
  const { config, db, references, log } = parts;
  const check = await db.mailboxChecks.findFinding(portalId);
  const context = { production: config.production, fingerprintFound: Boolean(check?.fingerprint) };
  try {
    return { ...context, channelAccounts: await references.get(portalId, 'channelAccounts') };
  } catch (error) {
    if (!(error instanceof BatonError) || !error.code.startsWith('hubspot-')) throw error;
    log.warn({ portalId, ...describeError(error) }, 'channel accounts unreadable, settings checked without them');
    return context;
  }
}
