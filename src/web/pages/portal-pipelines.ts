// A portal's pipelines for the pages: read through the cache, and a page opens even when HubSpot does not answer.
import type { Pipeline } from '../../crm.ts';
import { BatonError } from '../../errors.ts';
import type { PipelineCache } from '../../hubspot/pipeline-cache.ts';
import { describeError, type Log } from '../../log.ts';
import type { Words } from '../words/en.ts';

export type PortalPipelines = {
  /** Empty when they are unreadable. */
  pipelines: Pipeline[];
  /** Set when HubSpot did not answer and these are an older copy. */
  oldSince: Date | undefined;
  readable: boolean;
};

/** Never throws for HubSpot's sake; a database that is gone still throws. */
export async function readPipelines(
  source: PipelineCache,
  log: Log,
  portalId: string,
  maxAgeMs: number,
): Promise<PortalPipelines> {
  try {
    const { pipelines, readAt, old } = await source.get(portalId, { maxAgeMs });
    return { pipelines, oldSince: old ? readAt : undefined, readable: true };
  } catch (error) {
    if (!(error instanceof BatonError) || !error.code.startsWith('hubspot-')) throw error;
    log.warn({ portalId, ...describeError(error) }, 'pipelines unreadable, page shown without them');
    return { pipelines: [], oldSince: undefined, readable: false };
  }
}

export type StageNames = {
  /** The label, or the id in a sentence of its own for a stage HubSpot no longer has. */
  nameStage(stageId: string): string;
  /** The label when `seen` is the id of a stage, else `seen` itself. */
  nameIfStage(seen: string): string;
};

/** Names stages by their labels, across all pipelines of a portal. */
export function nameStages(known: PortalPipelines, words: Words): StageNames {
  const labels = new Map(known.pipelines.flatMap(({ stages }) => stages.map(({ id, label }) => [id, label])));
  const nameUnknown = known.readable ? words.record.goneStage : words.record.unknownStage;
  return {
    nameStage: (stageId) => labels.get(stageId) ?? nameUnknown(stageId),
    nameIfStage: (seen) => labels.get(seen) ?? seen,
  };
}
