// What HubSpot's authorization page has proved of the person it sent back, and for how long that counts.
import type { Install } from '../db/db.ts';
import type { Db } from '../db/open-db.ts';
import type { OAuth } from '../hubspot/oauth.ts';

/** A working day: who may change settings in the morning need not ask HubSpot again before the evening. */
export const proofMs = 8 * 60 * 60 * 1000;

/**
 * Whether HubSpot has asked this person for the right to install apps. It asks at an app's first install, after an uninstall, and when
 * scopes are new; whoever else authorizes an installed app is let through without it (developers.hubspot.com/changelog,
 * new-permission-requirements-for-installing-public-apps; PLATFORM.md 4.1). The person of the standing install has been asked then.
 * Call it before the install is stored. Throws as `introspect` and the database do.
 */
export async function isProof(
  { db, oauth }: { db: Pick<Db, 'portals' | 'tokens'>; oauth: Pick<OAuth, 'introspect'> },
  install: Install,
): Promise<boolean> {
  const portal = await db.portals.findPortal(install.portalId);
  if (portal?.status !== 'installed') return true;
  if (install.scopes.some((scope) => !portal.scopes.includes(scope))) return true;
  if ((await db.portals.findInstaller(portal.id)) === install.userId) return true;
  const token = await db.tokens.findToken(portal.id);
  // Removed in HubSpot, which tells nobody (PLATFORM.md 2.8): the grant is dead, so this was an app's first install again. Should HubSpot
  // end the old refresh token at every authorization, which nothing says, this takes a return for an install: SECURITY.md says so.
  return !token || !(await oauth.introspect(token.refreshToken, 'refresh_token')).active;
}
