// The pipelines table: the last pipelines read from HubSpot, so that no event costs a call for them.

import type { Pipeline } from '../crm.ts';
import type { PortalSql } from './access.ts';
import { reach } from './pool.ts';

export type StoredPipelines = { pipelines: Pipeline[]; readAt: Date };
export type PipelinesRow = { pipelines: Pipeline[]; read_at: Date };

export const findPipelines = {
  name: 'find-pipelines',
  text: 'select pipelines, read_at from pipelines where portal_id = $1::bigint',
};

export function readPipelines(row: PipelinesRow | undefined): StoredPipelines | undefined {
  return row && { pipelines: row.pipelines, readAt: row.read_at };
}

export function createPipelines(portal: PortalSql) {
  return {
    async findPipelines(portalId: string): Promise<StoredPipelines | undefined> {
      const { rows } = await reach(() => portal.query<PipelinesRow>(findPipelines, [portalId]));
      return readPipelines(rows[0]);
    },

    async savePipelines(portalId: string, pipelines: Pipeline[]): Promise<void> {
      await reach(() =>
        portal.query(
          `insert into pipelines (portal_id, pipelines) values ($1::bigint, $2::jsonb)
           on conflict (portal_id) do update set pipelines = excluded.pipelines, read_at = now()`,
          [portalId, JSON.stringify(pipelines)],
        ),
      );
    },
  };
}
