// Addresses of a portal's records in HubSpot, or in the emulator where that stands in for it.
import type { Config } from '../../config.ts';
import type { Portal } from '../../crm.ts';

export type LinkedPortal = { portal: Portal; config: { hubspot: Pick<Config['hubspot'], 'appUrl'> } };
/** Object types of the CRM (DATA.md): contact, ticket. */
type RecordType = '0-1' | '0-5';

/**
 * The address of a record's page (PLATFORM.md 4.6). HubSpot keeps a portal's pages on its own domain (app-eu1.hubspot.com), whichever of them
 * HUBSPOT_APP_URL names; an origin that is none of HubSpot's is an emulator, which has these pages itself.
 */
export function linkToRecord({ portal, config }: LinkedPortal, type: RecordType, id: string): string {
  const { origin, hostname } = new URL(config.hubspot.appUrl);
  const pages = /(^|\.)hubspot\.com$/.test(hostname) ? `https://${portal.uiDomain}` : origin;
  return `${pages}/contacts/${portal.id}/record/${type}/${encodeURIComponent(id)}`;
}
