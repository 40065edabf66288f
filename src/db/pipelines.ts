// The pipelines table: the last pipelines read from HubSpot, so that no event costs a call for them.

import type { Pipeline } from '../crm.ts';
import type { PortalSql } from './access.ts';
import { reach } from './pool.ts';

export function createPipelines(portal: PortalSql) {
  return {
    async findPipelines(portalId: string): Promise<{ pipelines: Pipeline[]; readAt: Date } | undefined> {
      const { rows } = await reach(() =>
        portal.query<{ pipelines: Pipeline[]; read_at: Date }>(
          {
            name: 'find-pipelines',
            text: 'select pipelines, read_at from pipelines where portal_id = $1::bigint',
          },
          [portalId],
        ),
      );
      return rows[0] && { pipelines: rows[0].pipelines, readAt: rows[0].read_at };
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
