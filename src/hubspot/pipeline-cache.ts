// Pipelines and stages, read through the portal's stored copy: no webhook tells when a pipeline changes (DATA.md 1.4).
import type { Pipeline } from '../crm.ts';
import { BatonError } from '../errors.ts';
import { describeError, type Log } from '../log.ts';
import type { HubSpot } from './hubspot.ts';
import { createPace } from './pace.ts';

/** `old` = HubSpot could not be read, this is the stored copy of `readAt`. */
export type PipelineCopy = { pipelines: Pipeline[]; readAt: Date; old: boolean };

export type PipelineCache = {
  /** `stored`: the portal's copy, for who has it at hand. Throws the gateway's BatonError when HubSpot fails and no copy is stored, and what the store throws when it is read. */
  get(
    portalId: string,
    options: { maxAgeMs: number; stored?: { pipelines: Pipeline[]; readAt: Date } | undefined },
  ): Promise<PipelineCopy>;
};

/** One reading at a time per portal, however many ask. */
export function createPipelineCache(parts: {
  hubspot: Pick<HubSpot, 'portal'>;
  store: {
    findPipelines(portalId: string): Promise<{ pipelines: Pipeline[]; readAt: Date } | undefined>;
    savePipelines(portalId: string, pipelines: Pipeline[]): Promise<void>;
  };
  log: Log;
  now?: () => Date;
}): PipelineCache {
  const { hubspot, store, log, now = () => new Date() } = parts;
  const reading = new Map<string, Promise<PipelineCopy>>();

  async function read(portalId: string): Promise<PipelineCopy> {
    const readAt = now();
    const pipelines = await hubspot.portal(portalId, createPace()).listPipelines();
    // What was read is good without its copy too: with a full or read-only database the pages can still be read.
    await store.savePipelines(portalId, pipelines).catch((error: unknown) => {
      if (!(error instanceof BatonError) || error.code !== 'database-unavailable') throw error;
      log.warn({ portalId, ...describeError(error) }, 'the copy of the pipelines was not stored');
    });
    return { pipelines, readAt, old: false };
  }

  function readOnce(portalId: string): Promise<PipelineCopy> {
    const running = reading.get(portalId) ?? read(portalId).finally(() => reading.delete(portalId));
    reading.set(portalId, running);
    return running;
  }

  return {
    async get(portalId, { maxAgeMs, ...known }) {
      const stored = known.stored ?? (await store.findPipelines(portalId));
      if (stored && now().getTime() - stored.readAt.getTime() <= maxAgeMs) return { ...stored, old: false };
      try {
        return await readOnce(portalId);
      } catch (error) {
        if (!stored || !(error instanceof BatonError) || !error.code.startsWith('hubspot-')) throw error;
        log.warn({ portalId, ...describeError(error) }, 'pipelines not read, using the stored copy');
        return { ...stored, old: true };
      }
    },
  };
}
