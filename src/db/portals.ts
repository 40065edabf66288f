// The portals table: who installed Baton, and whether the grant still holds.

import type { Portal, PortalStatus } from '../crm.ts';
import type { Access } from './access.ts';
import type { Install } from './db.ts';
import { reach } from './pool.ts';
import type { Vault } from './vault.ts';

export type PortalRow = {
  portal_id: string;
  status: PortalStatus;
  domain: string | null;
  ui_domain: string;
  time_zone: string;
  scopes: string[];
  installed_at: Date;
  retention_days: number;
};

export function readPortal(row: PortalRow): Portal {
  return {
    id: row.portal_id,
    status: row.status,
    domain: row.domain,
    uiDomain: row.ui_domain,
    timeZone: row.time_zone,
    scopes: row.scopes,
    installedAt: row.installed_at,
    retentionDays: row.retention_days,
  };
}

const columns = 'portal_id, status, domain, ui_domain, time_zone, scopes, installed_at, retention_days';
export const findPortal = { name: 'find-portal', text: `select ${columns} from portals where portal_id = $1::bigint` };

export function createPortals({ portal, allPortals }: Access, vault: Vault) {
  return {
    async findPortal(portalId: string): Promise<Portal | undefined> {
      const { rows } = await reach(() => portal.query<PortalRow>(findPortal, [portalId]));
      return rows[0] && readPortal(rows[0]);
    },

    /** The HubSpot user of the last stored install: who proved then that they may install apps. */
    async findInstaller(portalId: string): Promise<string | undefined> {
      const { rows } = await reach(() =>
        portal.query<{ installed_by: string }>('select installed_by from portals where portal_id = $1::bigint', [
          portalId,
        ]),
      );
      return rows[0]?.installed_by;
    },

    async listInstalled(): Promise<Portal[]> {
      const { rows } = await reach(() =>
        allPortals.query<PortalRow>(`select ${columns} from portals where status = 'installed' order by portal_id`),
      );
      return rows.map(readPortal);
    },

    /** Portal and tokens in one transaction; a reinstall makes it `installed` again and keeps its settings. */
    async install(install: Install): Promise<void> {
      await reach(() =>
        portal.transaction(install.portalId, async (client) => {
          await client.query(
            `insert into portals (portal_id, status, domain, ui_domain, time_zone, scopes, installed_by)
             values ($1::bigint, 'installed', $2, $3, $4, $5, $6)
             on conflict (portal_id) do update
             set status = 'installed', domain = excluded.domain, ui_domain = excluded.ui_domain,
                 time_zone = excluded.time_zone, scopes = excluded.scopes, installed_by = excluded.installed_by,
                 installed_at = case when portals.status = 'installed' then portals.installed_at else now() end,
                 ended_at = null`,
            [install.portalId, install.domain, install.uiDomain, install.timeZone, install.scopes, install.userId],
          );
          await client.query(
            `insert into tokens (portal_id, key_id, access_token, refresh_token, expires_at)
             values ($1::bigint, $2, $3, $4, $5)
             on conflict (portal_id) do update
             set key_id = excluded.key_id, access_token = excluded.access_token,
                 refresh_token = excluded.refresh_token, expires_at = excluded.expires_at,
                 generation = default, refresh_claimed_until = null`,
            [
              install.portalId,
              vault.keyId,
              vault.encrypt(install.portalId, install.accessToken),
              vault.encrypt(install.portalId, install.refreshToken),
              install.expiresAt,
            ],
          );
        }),
      );
    },

    /** Erases the grant; the erasure clock of everything else starts. Does nothing for a portal that never installed. */
    async markUninstalled(portalId: string): Promise<void> {
      await reach(() =>
        portal.transaction(portalId, async (client) => {
          // Two statements, the portal's row first: one alone would not see the grant of an install that it had to wait for.
          await client.query(
            `update portals set status = 'uninstalled', ended_at = coalesce(ended_at, now()) where portal_id = $1::bigint`,
            [portalId],
          );
          await client.query('delete from tokens where portal_id = $1::bigint', [portalId]);
        }),
      );
    },
  };
}
