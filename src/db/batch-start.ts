// What every batch begins with, in one write: the portal, its settings in force, its pipelines, and what is decided already.
import type { QueryResult } from 'pg';
import type { Portal } from '../crm.ts';
import type { Settings } from '../rules/settings.ts';
import type { PortalSql } from './access.ts';
import { findPipelines, type PipelinesRow, readPipelines, type StoredPipelines } from './pipelines.ts';
import { reach } from './pool.ts';
import { findPortal, type PortalRow, readPortal } from './portals.ts';
import { findSettings, readSettings, type VersionRow } from './settings.ts';
import { type DecidedRow, type DecidedSubject, findDecided, readDecided } from './ticket-memory.ts';

export type BatchStart = {
  portal: Portal | undefined;
  version: number;
  settings: Settings;
  pipelines: StoredPipelines | undefined;
  /** By subject. */
  decided: Map<string, DecidedSubject>;
};

/** Four statements that each cost a round trip where a batch of one message has some twelve of them. */
export function createBatchStart(portal: PortalSql) {
  return async function readBatchStart(portalId: string, subjects: string[]): Promise<BatchStart> {
    const values = [portalId];
    const statements = [
      { ...findPortal, values },
      { ...findSettings, values },
      { ...findPipelines, values },
      { text: findDecided, values: [portalId, subjects] },
    ];
    const [portals, versions, pipelines, decided] = await reach(() => portal.queryTogether(portalId, statements));
    const row = portals?.rows[0] as PortalRow | undefined;
    return {
      portal: row && readPortal(row),
      ...readSettings(versions?.rows[0] as VersionRow | undefined),
      pipelines: readPipelines(pipelines?.rows[0] as PipelinesRow | undefined),
      decided: readDecided((decided as QueryResult<DecidedRow>).rows),
    };
  };
}
