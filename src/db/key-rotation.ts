// Encrypting anew, with the first key of TOKEN_KEYS, what an older one encrypted: a portal's row at a time, so that nobody waits.
import { BatonError } from '../errors.ts';

export type Rotation = {
  count: number;
  /** Portals whose row no key of TOKEN_KEYS opens; it stays as it is. */
  unreadable: string[];
};

/** Throws what `rotateOne` throws, but for the `wrong-configuration` of a row that no key opens: one portal's trouble is not all portals'. */
export async function rotateEach(
  portalIds: string[],
  rotateOne: (portalId: string) => Promise<void>,
): Promise<Rotation> {
  const rotation: Rotation = { count: 0, unreadable: [] };
  for (const portalId of portalIds) {
    try {
      await rotateOne(portalId);
      rotation.count += 1;
    } catch (error) {
      if (!(error instanceof BatonError) || error.code !== 'wrong-configuration') throw error;
      rotation.unreadable.push(portalId);
    }
  }
  return rotation;
}
