// The settings_versions table: every save is a new version, made only on top of the one in force.

import { defaultSettings, type Settings, settingsSchema } from '../rules/settings.ts';
import type { PortalSql } from './access.ts';
import type { SettingsVersion } from './db.ts';
import { reach } from './pool.ts';

export type VersionRow = { version: number; settings: unknown; author: string; saved_at: Date };

/** Parsed again so that a key added since that version was saved has its default. */
function readVersion({ version, settings, author, saved_at }: VersionRow): SettingsVersion {
  return { version, settings: settingsSchema.parse(settings), author, at: saved_at };
}

export const findSettings = {
  name: 'find-settings',
  text: `select version, settings, author, saved_at from settings_versions
         where portal_id = $1::bigint order by version desc limit 1`,
};

/** The settings of a row of findSettings; version 0 and the defaults before the first save. */
export function readSettings(row: VersionRow | undefined): { version: number; settings: Settings } {
  if (!row) return { version: 0, settings: defaultSettings };
  const { version, settings } = readVersion(row);
  return { version, settings };
}

export function createSettings(portal: PortalSql) {
  async function findCurrent(portalId: string): Promise<VersionRow | undefined> {
    const { rows } = await reach(() => portal.query<VersionRow>(findSettings, [portalId]));
    return rows[0];
  }

  return {
    /** Version 0 and the defaults before the first save. */
    async getSettings(portalId: string): Promise<{ version: number; settings: Settings }> {
      return readSettings(await findCurrent(portalId));
    },

    /** A new version, or the version in force when that is not `basedOn`. */
    async saveSettings(
      portalId: string,
      save: { basedOn: number; settings: Settings; author: string },
    ): Promise<{ saved: boolean; version: number }> {
      const { rows } = await reach(() =>
        portal.query<{ version: number }>(
          `insert into settings_versions (portal_id, version, settings, author)
           select $1::bigint, $2::integer + 1, $3::jsonb, $4
           where $2::integer = (
             select coalesce(max(version), 0) from settings_versions where portal_id = $1::bigint
           )
           on conflict (portal_id, version) do nothing
           returning version`,
          [portalId, save.basedOn, JSON.stringify(save.settings), save.author],
        ),
      );
      if (rows[0]) return { saved: true, version: rows[0].version };
      const current = await findCurrent(portalId);
      return { saved: false, version: current?.version ?? 0 };
    },

    /** Newest first; with `before`, only versions lower than that. */
    async listVersions(portalId: string, limit: number, before?: number): Promise<SettingsVersion[]> {
      const { rows } = await reach(() =>
        portal.query<VersionRow>(
          `select * from settings_versions where portal_id = $1::bigint and version < coalesce($3::integer, 2147483647)
           order by version desc limit $2`,
          [portalId, limit, before ?? null],
        ),
      );
      return rows.map(readVersion);
    },

    /** The version in force at `since` and every later one, newest first; of more than `limit` the newest. */
    async listVersionsSince(portalId: string, since: Date, limit: number): Promise<SettingsVersion[]> {
      const { rows } = await reach(() =>
        portal.query<VersionRow>(
          `select * from settings_versions
           where portal_id = $1::bigint and version >= coalesce((
             select max(version) from settings_versions where portal_id = $1::bigint and saved_at <= $2
           ), 0)
           order by version desc limit $3`,
          [portalId, since, limit],
        ),
      );
      return rows.map(readVersion);
    },

    /** Who saved which version when, newest first, without the documents: cheap however long they are. */
    async listSaves(portalId: string, limit: number): Promise<Omit<SettingsVersion, 'settings'>[]> {
      const { rows } = await reach(() =>
        portal.query<Omit<VersionRow, 'settings'>>(
          `select version, author, saved_at from settings_versions where portal_id = $1::bigint
           order by version desc limit $2`,
          [portalId, limit],
        ),
      );
      return rows.map(({ version, author, saved_at }) => ({ version, author, at: saved_at }));
    },

    async findVersion(portalId: string, version: number): Promise<SettingsVersion | undefined> {
      const { rows } = await reach(() =>
        portal.query<VersionRow>(
          'select * from settings_versions where portal_id = $1::bigint and version = $2::integer',
          [portalId, version],
        ),
      );
      return rows[0] && readVersion(rows[0]);
    },
  };
}
