// A seeded portal with its pages: what the page tests read and press.
import { seedPortal } from '../../src/emulator/seed.ts';
import { postForm, startEmulator } from './rig.ts';

export async function createSeeded(t: Parameters<typeof startEmulator>[0]) {
  const emulator = await startEmulator(t);
  const seeded = seedPortal(emulator);
  const portal = emulator.portal(seeded.portalId);
  const pageUrl = `${emulator.url}/portals/${seeded.portalId}`;
  const html = async (path = '') => (await fetch(pageUrl + path)).text();
  const press = (action: string, fields: Record<string, string>) => postForm(`${pageUrl}/${action}`, fields);
  return { emulator, portal, seeded, html, press };
}
